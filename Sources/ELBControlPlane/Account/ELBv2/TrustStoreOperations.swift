package import ELBControlAPI
import ELBModel

extension ELBv2 {
    static let trustStoreOperations: [any AccountCommand.Type] = [
        CreateTrustStore.self, ModifyTrustStore.self, DeleteTrustStore.self, DescribeTrustStores.self,
        DescribeTrustStoreAssociations.self, GetTrustStoreCaCertificatesBundle.self,
    ]
}

extension ELBv2.CreateTrustStore: AccountCommand {
    package mutating func prepare(_ materials: any LabMaterials) throws(APIError) {
        self.bundle = try self.location.bundle(from: materials)
    }

    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let stores = transaction.account.trustStores
        guard !stores.contains(where: { $0.store.name == self.name }) else {
            throw APIError("DuplicateTrustStoreName", "A trust store with the name '\(self.name)' already exists")
        }
        guard stores.count < TrustStore.mostStores else {
            throw APIError("TooManyTrustStores", "There can be at most \(TrustStore.mostStores) trust stores")
        }
        let store = TrustStore(
            arn: TrustStoreARN(rawValue: ResourceARN.trustStore(name: self.name, id: transaction.makeID())),
            name: self.name,
            caCertificates: .text(self.bundle ?? "")
        )
        var record = TrustStoreRecord(owner: .api, store: store)
        record.tags = self.tags
        transaction.save(.trustStore(record))
        return ["TrustStores": [.trustStore(record)]]
    }
}

extension ELBv2.ModifyTrustStore: AccountCommand {
    package mutating func prepare(_ materials: any LabMaterials) throws(APIError) {
        self.bundle = try self.location.bundle(from: materials)
    }

    /// Listeners trust the new authorities at once; what was revoked stays revoked.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.trustStoreRecord(self.arn)
        record.store.caCertificates = .text(self.bundle ?? "")
        try transaction.replace(record)
        return ["TrustStores": [.trustStore(record)]]
    }
}

extension ELBv2.DeleteTrustStore: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        _ = try transaction.trustStoreRecord(self.arn)
        guard transaction.account.listeners(ofTrustStore: self.arn).isEmpty else {
            throw APIError("TrustStoreInUse", "Trust store '\(self.arn)' is currently in use by a listener")
        }
        transaction.remove(.trustStore, self.arn)
        return [:]
    }
}

extension ELBv2.DescribeTrustStores: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let all = Array(transaction.account.trustStores)
        let found = try all.chosen(self.arns, names: self.names, name: \.store.name) {
            APIError("TrustStoreNotFound", "One or more trust stores not found")
        }
        let (page, next) = try self.page.cut(found, id: \.id)
        return ["TrustStores": .list(page.map(WireValue.trustStore)), "NextMarker": next.map { .text($0) }]
    }
}

extension ELBv2.DescribeTrustStoreAssociations: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        _ = try transaction.trustStoreRecord(self.arn)
        let users = transaction.account.listeners(ofTrustStore: self.arn).map(\.arn)
        let (page, next) = try self.page.cut(users) { $0 }
        return [
            "TrustStoreAssociations": .list(page.map { ["ResourceArn": .text($0)] }),
            "NextMarker": next.map { .text($0) },
        ]
    }
}

extension ELBv2.GetTrustStoreCaCertificatesBundle: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let record = try transaction.trustStoreRecord(self.arn)
        try record.requireText()
        return ["Location": .text(transaction.location(of: record, "bundle.pem"))]
    }
}

extension ELBv2.ObjectLocation {
    fileprivate func bundle(from materials: any LabMaterials) throws(APIError) -> String {
        guard let bundle = materials.object(bucket: self.bucket, key: self.key) else {
            throw APIError("CaCertificatesBundleNotFound", "There is no object \(self); \(Self.where)")
        }
        do throws(MaterialError) {
            try materials.judge(bundle: bundle)
        } catch {
            throw APIError("InvalidCaCertificatesBundle", error.description)
        }
        return bundle
    }

    static let `where` = "the lab's objects are files below the folder s3 of elblab up --state FOLDER"
}

extension Transaction {
    /// The trust store, or AWS's error.
    func trustStoreRecord(_ arn: String) throws(APIError) -> TrustStoreRecord {
        guard let record = self.account.trustStores[arn] else {
            throw APIError("TrustStoreNotFound", "Trust store '\(arn.prefix(160))' not found")
        }
        return record
    }

    /// Saves a trust store and takes over what it is now in every listener that uses it.
    mutating func replace(_ record: TrustStoreRecord) throws(APIError) {
        self.save(.trustStore(record))
        for var listener in self.account.listeners(ofTrustStore: record.id) {
            listener.listener.tls?.mutualAuthentication.trustStore = record.store
            self.save(.listener(listener))
            try self.validate(loadBalancer: listener.loadBalancer)
        }
    }

    /// Where the lab hands out a part of a trust store, in place of S3.
    func location(of record: TrustStoreRecord, _ part: String) -> String {
        let path = record.id.split(separator: "/").dropFirst().joined(separator: "/")
        return "http://\(self.host)/_lab/trust-stores/\(path)/\(part)"
    }
}

extension TrustStoreRecord {
    /// A template's store stands in files.
    func requireText() throws(APIError) {
        guard self.owner == .api else { throw .notInLab("The contents of a trust store that a template describes") }
    }
}

extension Account {
    /// The listeners that verify their clients by the trust store.
    func listeners(ofTrustStore arn: String) -> [ListenerRecord] {
        self.listeners.filter { $0.listener.tls?.mutualAuthentication.trustStore?.arn.rawValue == arn }
    }

    /// A part of a trust store as text: `bundle.pem`, or `revocations/1.pem`.
    ///
    /// - Parameter path: `NAME/ID/PART`.
    package func trustStoreText(_ path: String) -> String? {
        let parts = path.split(separator: "/", maxSplits: 2).map(String.init)
        guard parts.count == 3,
            let record = self.trustStores[ResourceARN.trustStore(name: parts[0], id: parts[1])]
        else { return nil }
        if parts[2] == "bundle.pem" {
            guard case .text(let text) = record.store.caCertificates else { return nil }
            return text
        }
        return record.revocations.first { "revocations/\($0.id).pem" == parts[2] }?.text
    }
}
