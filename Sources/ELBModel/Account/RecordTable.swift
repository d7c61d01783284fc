/// Records by their id, in the order in which they were made; describing goes in that order, and so pages do not move.
package struct RecordTable<Record: AccountRecord>: Sendable {
    private var rows: [String: Record] = [:]
    private var order: [String] = []
    /// Ids by the parent that the records name, in their order, so that a listener's rules are found without looking at all others'.
    private var byParent: [String: [String]] = [:]

    package init() {}

    package subscript(id: String) -> Record? { self.rows[id] }

    package var count: Int { self.rows.count }

    /// The records that name this parent, in their order.
    package func children(of parent: String) -> [Record] {
        self.byParent[parent]?.compactMap { self.rows[$0] } ?? []
    }

    package mutating func save(_ record: Record) {
        let old = self.rows.updateValue(record, forKey: record.id)
        if old == nil { self.order.append(record.id) }
        guard old == nil || old?.parent != record.parent else { return }
        if let old { self.orphan(old) }
        if let parent = record.parent { self.byParent[parent, default: []].append(record.id) }
    }

    package mutating func remove(_ id: String) {
        guard let old = self.rows.removeValue(forKey: id) else { return }
        self.order.removeAll { $0 == id }
        self.orphan(old)
    }

    private mutating func orphan(_ record: Record) {
        guard let parent = record.parent else { return }
        self.byParent[parent]?.removeAll { $0 == record.id }
        if self.byParent[parent]?.isEmpty == true { self.byParent[parent] = nil }
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
package protocol AccountRecord: Hashable, Codable, Sendable {
    /// The ARN, or EC2's id.
    var id: String { get }
    /// The id of the record that this one is a part of; `nil` for most.
    var parent: String? { get }
}

extension AccountRecord {
    package var parent: String? { nil }
}

/// Who made a record, which decides what a template that is read again may take back.
package enum RecordOwner: Hashable, Codable, Sendable {
    case api
    /// The templates that the lab was started with.
    case template
    /// A stack of CloudFormation, by its id.
    case stack(String)
}

extension RecordOwner: RawRepresentable {
    private static let stackPrefix = "stack:"

    package init?(rawValue: String) {
        switch rawValue {
        case "api": self = .api
        case "template": self = .template
        default:
            guard rawValue.hasPrefix(Self.stackPrefix) else { return nil }
            self = .stack(String(rawValue.dropFirst(Self.stackPrefix.count)))
        }
    }

    /// How it is written where records outlive a run.
    package var rawValue: String {
        switch self {
        case .api: "api"
        case .template: "template"
        case .stack(let id): Self.stackPrefix + id
        }
    }
}

/// A tag, in the order in which it was given.
package struct ResourceTag: Hashable, Codable, Sendable {
    package var key: String
    package var value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}
