package import ELBControlAPI
import ELBModel

extension IAM {
    static let operations: [any AccountCommand.Type] = [
        UploadServerCertificate.self, GetServerCertificate.self, ListServerCertificates.self,
        UpdateServerCertificate.self, DeleteServerCertificate.self, TagServerCertificate.self,
        UntagServerCertificate.self, ListServerCertificateTags.self,
    ]
}

extension IAM.UploadServerCertificate: AccountCommand {
    package mutating func prepare(_ materials: any LabMaterials) throws(APIError) {
        do throws(MaterialError) {
            self.document = try materials.read(
                certificate: self.certificate,
                privateKey: self.privateKey,
                chain: self.chain
            )
        } catch {
            let code = error == .mismatch ? "KeyPairMismatch" : "MalformedCertificate"
            throw APIError(code, error.description)
        }
    }

    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        guard let document else { throw .validation("The certificate has not been read") }
        guard transaction.account.serverCertificate(self.name) == nil else {
            throw APIError(
                "EntityAlreadyExists",
                "The Server Certificate with name \(self.name) already exists."
            )
        }
        let server = CertificateRecord.ServerCertificate(
            name: self.name,
            path: self.path,
            id: "ASCA\(transaction.makeID().uppercased())"
        )
        var record = CertificateRecord(
            owner: .api,
            created: transaction.now,
            certificate: Certificate(
                arn: CertificateARN(rawValue: server.arn),
                source: .imported(certificate: .text(document.fullChain), privateKey: .text(self.privateKey))
            ),
            kind: .server(server),
            document: document
        )
        record.tags = self.tags
        try transaction.add(record)
        return ["ServerCertificateMetadata": .serverCertificateMetadata(record, server), "Tags": .tags(self.tags)]
    }
}

extension IAM.GetServerCertificate: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let (record, server) = try transaction.serverCertificate(self.name)
        return ["ServerCertificate": .serverCertificate(record, server)]
    }
}

extension IAM.ListServerCertificates: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let found = transaction.account.serverCertificates.filter { $0.server.path.hasPrefix(self.pathPrefix) }
        let (page, next) = try self.page.cut(found, id: \.record.id)
        return [
            "ServerCertificateMetadataList": .list(page.map { .serverCertificateMetadata($0.record, $0.server) }),
            "IsTruncated": .boolean(next != nil),
            "Marker": next.map { .text($0) },
        ]
    }
}

extension IAM.UpdateServerCertificate: AccountCommand {
    /// A name and a path are parts of the ARN, which listeners know: one that is in use keeps both.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var (record, server) = try transaction.serverCertificate(self.name)
        let old = record.id
        if let name = self.newName, name.lowercased() != self.name.lowercased(),
            transaction.account.serverCertificate(name) != nil
        {
            throw APIError("EntityAlreadyExists", "The Server Certificate with name \(name) already exists.")
        }
        server.name = self.newName ?? server.name
        server.path = self.newPath ?? server.path
        guard server.arn != old else { return [:] }
        if let user = transaction.account.users(ofCertificate: old).first {
            throw APIError(
                "InvalidInput",
                "In the lab a certificate keeps its name while a load balancer uses it: \(user) uses \(old)"
            )
        }
        record.kind = .server(server)
        record.certificate.arn = CertificateARN(rawValue: server.arn)
        transaction.remove(.certificate, old)
        transaction.save(.certificate(record))
        return [:]
    }
}

extension IAM.TagServerCertificate: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.serverCertificate(self.name).record
        record.tags.removeAll { old in self.tags.contains { $0.key == old.key } }
        record.tags += self.tags
        guard record.tags.count <= 50 else {
            throw APIError("LimitExceeded", "Cannot exceed quota for TagsPerServerCertificate: 50", status: 409)
        }
        transaction.save(.certificate(record))
        return [:]
    }
}

extension IAM.UntagServerCertificate: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.serverCertificate(self.name).record
        record.tags.removeAll { self.keys.contains($0.key) }
        transaction.save(.certificate(record))
        return [:]
    }
}

extension IAM.ListServerCertificateTags: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let tags = try transaction.serverCertificate(self.name).record.tags
        let (page, next) = try self.page.cut(tags, id: \.key)
        return [
            "Tags": .tags(page), "IsTruncated": .boolean(next != nil), "Marker": next.map { .text($0) },
        ]
    }
}

extension IAM.DeleteServerCertificate: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let record = try transaction.serverCertificate(self.name).record
        if let user = transaction.account.users(ofCertificate: record.id).first {
            throw APIError(
                "DeleteConflict",
                "Certificate: \(record.id) is currently in use by \(user). Please remove it first before deleting it."
            )
        }
        transaction.remove(.certificate, record.id)
        return [:]
    }
}

extension Account {
    fileprivate typealias Server = (record: CertificateRecord, server: CertificateRecord.ServerCertificate)

    fileprivate var serverCertificates: [Server] {
        self.certificates.compactMap { record in
            if case .server(let server) = record.kind { (record, server) } else { nil }
        }
    }

    /// Names are unique whatever the path is, and IAM compares them without their case.
    fileprivate func serverCertificate(_ name: String) -> Server? {
        self.serverCertificates.first { $0.server.name.lowercased() == name.lowercased() }
    }
}

extension Transaction {
    fileprivate func serverCertificate(_ name: String) throws(APIError) -> Account.Server {
        guard let found = self.account.serverCertificate(name) else {
            throw APIError(
                "NoSuchEntity",
                "The Server Certificate with name \(name.prefix(128)) cannot be found.",
                status: 404
            )
        }
        return found
    }
}
