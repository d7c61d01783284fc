/// A trust store of Elastic Load Balancing.
package struct TrustStoreRecord: AccountRecord {
    package var owner: RecordOwner
    package var tags: [ResourceTag] = []
    package var store: TrustStore
    /// What the API has added; a template's lists stand in files and have no numbers.
    package private(set) var revocations: [Revocation] = []
    /// Numbers are not given twice.
    package private(set) var lastRevocation = 0

    package init(owner: RecordOwner, store: TrustStore) {
        self.owner = owner
        self.store = store
    }

    package var id: String { self.store.arn.rawValue }

    /// One file of revocation lists.
    package struct Revocation: Hashable, Codable, Sendable {
        package var id: Int
        package var text: String
        package var entries: Int

        package init(id: Int, text: String, entries: Int) {
            self.id = id
            self.text = text
            self.entries = entries
        }
    }

    /// Adds a list under the next number.
    package mutating func revoke(_ text: String, entries: Int) -> Revocation {
        self.lastRevocation += 1
        let revocation = Revocation(id: self.lastRevocation, text: text, entries: entries)
        self.revocations.append(revocation)
        self.store.revocations.append(.text(text))
        return revocation
    }

    package mutating func remove(revocations ids: Set<Int>) {
        self.revocations.removeAll { ids.contains($0.id) }
        self.store.revocations = self.revocations.map { .text($0.text) }
    }
}
