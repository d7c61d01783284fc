package import ELBControlAPI
import ELBModel

extension ELBv2 {
    static let revocationOperations: [any AccountCommand.Type] = [
        AddTrustStoreRevocations.self, RemoveTrustStoreRevocations.self, DescribeTrustStoreRevocations.self,
        GetTrustStoreRevocationContent.self,
    ]
}

extension ELBv2.AddTrustStoreRevocations: AccountCommand {
    package mutating func prepare(_ materials: any LabMaterials) throws(APIError) {
        for location in self.locations {
            guard let text = materials.object(bucket: location.bucket, key: location.key) else {
                throw APIError(
                    "RevocationContentNotFound",
                    "There is no object \(location); \(ELBv2.ObjectLocation.where)"
                )
            }
            do throws(MaterialError) {
                self.lists.append((text, try materials.countEntries(ofRevocationLists: text)))
            } catch {
                if case .tooManyEntries = error {
                    throw APIError("TooManyTrustStoreRevocationEntries", error.description)
                }
                throw APIError("InvalidRevocationContent", error.description)
            }
        }
    }

    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.trustStoreRecord(self.arn)
        try record.requireText()
        var added: [TrustStoreRecord.Revocation] = []
        for list in self.lists { added.append(record.revoke(list.text, entries: list.entries)) }
        guard record.revocations.count <= TrustStore.mostRevocationLists,
            record.revocations.reduce(0, { $0 + $1.entries }) <= TrustStore.mostRevocationEntries
        else {
            throw APIError(
                "TooManyTrustStoreRevocationEntries",
                "A trust store can have at most \(TrustStore.mostRevocationLists) revocation lists "
                    + "with \(TrustStore.mostRevocationEntries) entries"
            )
        }
        try transaction.replace(record)
        return ["TrustStoreRevocations": .list(added.map { .revocation($0, of: self.arn) })]
    }
}

extension ELBv2.RemoveTrustStoreRevocations: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.trustStoreRecord(self.arn)
        for id in self.ids { _ = try record.revocation(id) }
        record.remove(revocations: Set(self.ids))
        try transaction.replace(record)
        return [:]
    }
}

extension ELBv2.DescribeTrustStoreRevocations: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let record = try transaction.trustStoreRecord(self.arn)
        var found = record.revocations
        if let ids, !ids.isEmpty {
            found = []
            for id in ids { found.append(try record.revocation(id)) }
        }
        let (page, next) = try self.page.cut(found) { "\($0.id)" }
        return [
            "TrustStoreRevocations": .list(page.map { .revocation($0, of: self.arn) }),
            "NextMarker": next.map { .text($0) },
        ]
    }
}

extension ELBv2.GetTrustStoreRevocationContent: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let record = try transaction.trustStoreRecord(self.arn)
        _ = try record.revocation(self.id)
        return ["Location": .text(transaction.location(of: record, "revocations/\(self.id).pem"))]
    }
}

extension TrustStoreRecord {
    fileprivate func revocation(_ id: Int) throws(APIError) -> Revocation {
        guard let revocation = self.revocations.first(where: { $0.id == id }) else {
            throw APIError("RevocationIdNotFound", "The trust store has no revocation \(id)")
        }
        return revocation
    }
}
