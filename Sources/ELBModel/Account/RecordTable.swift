/// Records by their id, in the order in which they were made; describing goes in that order, and so pages do not move.
package struct RecordTable<Record: AccountRecord>: Sendable {
    private var rows: [String: Record] = [:]
    private var order: [String] = []

    package init() {}

    package subscript(id: String) -> Record? { self.rows[id] }

    package var count: Int { self.rows.count }

    package mutating func save(_ record: Record) {
        if self.rows.updateValue(record, forKey: record.id) == nil { self.order.append(record.id) }
    }

    package mutating func remove(_ id: String) {
        guard self.rows.removeValue(forKey: id) != nil else { return }
        self.order.removeAll { $0 == id }
    }
}

extension RecordTable: Sequence {
    package struct Iterator: IteratorProtocol {
        fileprivate var ids: IndexingIterator<[String]>
        fileprivate let rows: [String: Record]

        package mutating func next() -> Record? { self.ids.next().flatMap { self.rows[$0] } }
    }

    package func makeIterator() -> Iterator { Iterator(ids: self.order.makeIterator(), rows: self.rows) }
}

extension RecordTable: Equatable {
    package static func == (left: Self, right: Self) -> Bool { left.order == right.order && left.rows == right.rows }
}

/// Something that an account has and the API shows: the model's value, and what AWS keeps beside it.
package protocol AccountRecord: Hashable, Sendable {
    /// The ARN, or EC2's id.
    var id: String { get }
}

/// Who made a record, which decides what a template that is read again may take back.
package enum RecordOwner: Hashable, Sendable {
    case api
    case template
}

/// A tag, in the order in which it was given.
package struct ResourceTag: Hashable, Sendable {
    package var key: String
    package var value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}
