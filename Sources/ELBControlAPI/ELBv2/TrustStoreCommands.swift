package import ELBModel

extension ELBv2 {
    /// An object of S3; the lab's buckets are folders.
    package struct ObjectLocation: Hashable, Sendable, CustomStringConvertible {
        package var bucket: String
        package var key: String

        package var description: String { "s3://\(self.bucket.prefix(80))/\(self.key.prefix(160))" }
    }

    package struct CreateTrustStore: ELBv2Command {
        package var name: String
        package var location: ObjectLocation
        package var tags: [ResourceTag]
        /// What the object holds; `nil` before it was read.
        package var bundle: String?

        package init(_ input: inout CommandInput) throws(APIError) {
            self.name = try input.required("Name")
            self.location = try ObjectLocation(bundle: &input)
            self.tags = try input.tags("Tags")
        }
    }

    package struct ModifyTrustStore: ELBv2Command {
        package var arn: String
        package var location: ObjectLocation
        /// What the object holds; `nil` before it was read.
        package var bundle: String?

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("TrustStoreArn")
            self.location = try ObjectLocation(bundle: &input)
        }
    }

    package struct DeleteTrustStore: ELBv2Command {
        package var arn: String

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("TrustStoreArn")
        }
    }

    package struct DescribeTrustStores: ELBv2Command {
        package var arns: [String]?
        package var names: [String]?
        package var page: Page

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arns = input.texts("TrustStoreArns")
            self.names = input.texts("Names")
            self.page = try Page(&input)
        }
    }

    package struct DescribeTrustStoreAssociations: ELBv2Command {
        package var arn: String
        package var page: Page

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("TrustStoreArn")
            self.page = try Page(&input)
        }
    }

    package struct GetTrustStoreCaCertificatesBundle: ELBv2Command {
        package var arn: String

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("TrustStoreArn")
        }
    }

    package struct AddTrustStoreRevocations: ELBv2Command {
        package var arn: String
        package var locations: [ObjectLocation]
        /// What the objects hold, in their order; empty before they were read.
        package var lists: [(text: String, entries: Int)] = []

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("TrustStoreArn")
            self.locations = []
            for var content in input.structures("RevocationContents") ?? [] {
                let bucket = try content.required("S3Bucket")
                self.locations.append(ObjectLocation(bucket: bucket, key: try content.required("S3Key")))
                // CRL is the only one that the model has.
                content.accepts("RevocationType")
                try content.finish()
            }
            guard !self.locations.isEmpty else { throw .validation("Revocation contents must be specified") }
        }
    }

    package struct RemoveTrustStoreRevocations: ELBv2Command {
        package var arn: String
        package var ids: [Int]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("TrustStoreArn")
            self.ids = input.integers("RevocationIds") ?? []
        }
    }

    package struct DescribeTrustStoreRevocations: ELBv2Command {
        package var arn: String
        package var ids: [Int]?
        package var page: Page

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("TrustStoreArn")
            self.ids = input.integers("RevocationIds")
            self.page = try Page(&input)
        }
    }

    package struct GetTrustStoreRevocationContent: ELBv2Command {
        package var arn: String
        package var id: Int

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("TrustStoreArn")
            self.id = input.integer("RevocationId") ?? 0
        }
    }
}

extension ELBv2.ObjectLocation {
    /// Versions are not kept here: `CaCertificatesBundleS3ObjectVersion` is refused.
    fileprivate init(bundle input: inout CommandInput) throws(APIError) {
        let bucket = try input.required("CaCertificatesBundleS3Bucket")
        self.init(bucket: bucket, key: try input.required("CaCertificatesBundleS3Key"))
    }
}

extension WireValue {
    package static func trustStore(_ record: TrustStoreRecord) -> Self {
        let count: Int? =
            switch record.store.caCertificates {
            case .text(let text): PEMText.blocks(of: "CERTIFICATE", in: text)
            case .file: nil
            }
        return [
            "Name": .text(record.store.name),
            "TrustStoreArn": .text(record.id),
            "Status": "ACTIVE",
            "NumberOfCaCertificates": count.map { .integer($0) },
            "TotalRevokedEntries": .integer(record.revocations.reduce(0) { $0 + $1.entries }),
        ]
    }

    package static func revocation(_ revocation: TrustStoreRecord.Revocation, of store: String) -> Self {
        [
            "TrustStoreArn": .text(store),
            "RevocationId": .integer(revocation.id),
            "RevocationType": "CRL",
            "NumberOfRevokedEntries": .integer(revocation.entries),
        ]
    }
}
