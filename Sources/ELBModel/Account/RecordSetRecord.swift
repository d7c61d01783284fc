/// A record of a hosted zone as the account has it.
package struct RecordSetRecord: AccountRecord {
    package var owner: RecordOwner
    package var recordSet: RecordSet

    package init(owner: RecordOwner, recordSet: RecordSet) {
        self.owner = owner
        self.recordSet = recordSet
    }

    /// Route 53 has none of its own: name and type say which one it is.
    package var id: String { Self.id(of: self.recordSet) }

    package static func id(of recordSet: RecordSet) -> String { "\(recordSet.name) \(recordSet.type)" }
}
