package import ELBModel

/// The commands of Identity and Access Management that a load balancer's user needs: server certificates.
package enum IAM {}

package protocol IAMCommand: Command {}

extension IAMCommand {
    package static var service: Service { .iam }
}

extension IAM {
    package struct UploadServerCertificate: IAMCommand {
        package var name: String
        package var path: String
        package var certificate: String
        package var privateKey: String
        package var chain: String?
        package var tags: [ResourceTag]
        /// What was read; before that `nil`.
        package var document: CertificateDocument?

        package init(_ input: inout CommandInput) throws(APIError) {
            self.name = try input.required("ServerCertificateName")
            self.path = input.text("Path") ?? "/"
            self.certificate = try input.required("CertificateBody")
            self.privateKey = try input.required("PrivateKey")
            self.chain = input.text("CertificateChain")
            self.tags = try input.tags("Tags")
        }
    }

    package struct GetServerCertificate: IAMCommand {
        package var name: String

        package init(_ input: inout CommandInput) throws(APIError) {
            self.name = try input.required("ServerCertificateName")
        }
    }

    package struct ListServerCertificates: IAMCommand {
        package var pathPrefix: String
        package var page: Page

        package init(_ input: inout CommandInput) throws(APIError) {
            self.pathPrefix = input.text("PathPrefix") ?? "/"
            self.page = try Page(&input, size: "MaxItems", marker: "Marker", sizes: 1...1000)
        }
    }

    package struct UpdateServerCertificate: IAMCommand {
        package var name: String
        package var newName: String?
        package var newPath: String?

        package init(_ input: inout CommandInput) throws(APIError) {
            self.name = try input.required("ServerCertificateName")
            self.newName = input.text("NewServerCertificateName")
            self.newPath = input.text("NewPath")
        }
    }

    package struct TagServerCertificate: IAMCommand {
        package var name: String
        package var tags: [ResourceTag]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.name = try input.required("ServerCertificateName")
            self.tags = try input.tags("Tags")
        }
    }

    package struct UntagServerCertificate: IAMCommand {
        package var name: String
        package var keys: [String]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.name = try input.required("ServerCertificateName")
            self.keys = input.texts("TagKeys") ?? []
        }
    }

    package struct ListServerCertificateTags: IAMCommand {
        package var name: String
        package var page: Page

        package init(_ input: inout CommandInput) throws(APIError) {
            self.name = try input.required("ServerCertificateName")
            self.page = try Page(&input, size: "MaxItems", marker: "Marker", sizes: 1...1000)
        }
    }

    package struct DeleteServerCertificate: IAMCommand {
        package var name: String

        package init(_ input: inout CommandInput) throws(APIError) {
            self.name = try input.required("ServerCertificateName")
        }
    }
}

extension WireValue {
    package static func serverCertificateMetadata(
        _ record: CertificateRecord,
        _ server: CertificateRecord.ServerCertificate
    ) -> Self {
        [
            "Path": .text(server.path),
            "ServerCertificateName": .text(server.name),
            "ServerCertificateId": .text(server.id),
            "Arn": .text(record.id),
            "UploadDate": .timestamp(record.created),
            "Expiration": record.document.map { .timestamp($0.facts.notAfter) },
        ]
    }

    package static func serverCertificate(
        _ record: CertificateRecord,
        _ server: CertificateRecord.ServerCertificate
    ) -> Self {
        [
            "ServerCertificateMetadata": .serverCertificateMetadata(record, server),
            "CertificateBody": record.document.map { .text($0.body) },
            "CertificateChain": record.document?.chain.map { .text($0) },
            "Tags": .tags(record.tags),
        ]
    }
}
