package import ELBModel

extension ACM {
    package struct ImportCertificate: ACMCommand {
        /// An earlier import that this one takes the place of.
        package var arn: String?
        package var certificate: String
        package var privateKey: String
        package var chain: String?
        package var tags: [ResourceTag]
        /// What was read; before that `nil`.
        package var document: CertificateDocument?

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = input.text("CertificateArn")
            self.certificate = String(decoding: input.blob("Certificate") ?? [], as: UTF8.self)
            self.privateKey = String(decoding: input.blob("PrivateKey") ?? [], as: UTF8.self)
            self.chain = input.blob("CertificateChain").map { String(decoding: $0, as: UTF8.self) }
            self.tags = try input.certificateTags()
            guard self.arn == nil || self.tags.isEmpty else {
                throw APIError("ValidationException", "Tags cannot be specified when a certificate is reimported")
            }
        }
    }

    package struct RequestCertificate: ACMCommand {
        /// The first is the domain name.
        package var names: [String]
        package var keyAlgorithm: Certificate.KeyAlgorithm
        package var token: String?
        package var tags: [ResourceTag]
        /// What was issued, and its key; before that `nil`.
        package var issued: Issued?

        package struct Issued: Sendable {
            package var document: CertificateDocument
            package var privateKey: String

            package init(document: CertificateDocument, privateKey: String) {
                self.document = document
                self.privateKey = privateKey
            }
        }

        package init(_ input: inout CommandInput) throws(APIError) {
            let name = try input.required("DomainName")
            self.names = [name]
            for other in input.texts("SubjectAlternativeNames") ?? [] where !self.names.contains(other) {
                self.names.append(other)
            }
            let algorithm = input.text("KeyAlgorithm") ?? Certificate.KeyAlgorithm.rsa2048.rawValue
            guard let known = Certificate.KeyAlgorithm(rawValue: algorithm) else {
                throw .notInLab("The key algorithm '\(algorithm.prefix(40))'")
            }
            self.keyAlgorithm = known
            self.token = input.text("IdempotencyToken")
            self.tags = try input.certificateTags()
            // How ownership is proved has no effect here: the lab owns every name. Nobody else logs its certificates.
            input.accepts("ValidationMethod", "DomainValidationOptions", "Options")
        }
    }

    package struct DescribeCertificate: ACMCommand {
        package var arn: String

        package init(_ input: inout CommandInput) throws(APIError) { self.arn = try input.certificateARN() }
    }

    package struct GetCertificate: ACMCommand {
        package var arn: String

        package init(_ input: inout CommandInput) throws(APIError) { self.arn = try input.certificateARN() }
    }

    package struct DeleteCertificate: ACMCommand {
        package var arn: String

        package init(_ input: inout CommandInput) throws(APIError) { self.arn = try input.certificateARN() }
    }

    package struct ListCertificates: ACMCommand {
        /// `nil` is all.
        package var statuses: [String]?
        /// As at AWS, certificates with other keys are listed only when they are asked for.
        package var keyTypes: [String]
        package var isNewestFirst: Bool
        package var page: Page

        package init(_ input: inout CommandInput) throws(APIError) {
            self.statuses = input.texts("CertificateStatuses")
            self.keyTypes = ["RSA_1024", "RSA_2048"]
            if var includes = input.structure("Includes") {
                if let types = includes.texts("keyTypes"), !types.isEmpty { self.keyTypes = types }
                try includes.finish()
            }
            input.accepts("SortBy")
            self.isNewestFirst = input.text("SortOrder") == "DESCENDING"
            self.page = try Page(&input, size: "MaxItems", marker: "NextToken", sizes: 1...1000)
        }
    }

    package struct AddTagsToCertificate: ACMCommand {
        package var arn: String
        package var tags: [ResourceTag]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.certificateARN()
            self.tags = try input.certificateTags()
        }
    }

    package struct RemoveTagsFromCertificate: ACMCommand {
        package var arn: String
        /// A tag without a value goes whatever its value is.
        package var tags: [(key: String, value: String?)]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.certificateARN()
            self.tags = []
            for var tag in input.structures("Tags") ?? [] {
                self.tags.append((try tag.required("Key"), tag.text("Value")))
            }
        }
    }

    package struct ListTagsForCertificate: ACMCommand {
        package var arn: String

        package init(_ input: inout CommandInput) throws(APIError) { self.arn = try input.certificateARN() }
    }
}
