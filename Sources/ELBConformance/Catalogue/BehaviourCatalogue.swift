/// Every row of the behaviour catalogue, and the open points beside them.
package struct BehaviourCatalogue: Sendable {
    /// In the order of their files' paths.
    package let groups: [BehaviourGroup]
    package let openPoints: [OpenPoint]
    private let rows: [BehaviourID: Behaviour]

    /// - Throws: `CatalogueError` when an id stands twice or in the wrong group, or a row names an open point that is not
    ///   there.
    package init(groups: [BehaviourGroup], openPoints: [OpenPoint]) throws {
        let known = Set(openPoints.map(\.id))
        var rows: [BehaviourID: Behaviour] = [:]
        for group in groups {
            for behaviour in group.behaviours {
                guard behaviour.id.group == group.id else {
                    throw CatalogueError(group.file, "\(behaviour.id) stands in group \(group.id)")
                }
                guard rows.updateValue(behaviour, forKey: behaviour.id) == nil else {
                    throw CatalogueError(group.file, "\(behaviour.id) stands twice")
                }
                if let missing = behaviour.openPoints.first(where: { !known.contains($0) }) {
                    throw CatalogueError(group.file, "\(behaviour.id) points to \(missing), which does not exist")
                }
            }
        }
        self.groups = groups
        self.openPoints = openPoints
        self.rows = rows
    }

    /// The row of that name, or nil.
    package subscript(id: BehaviourID) -> Behaviour? { self.rows[id] }

    /// How many rows there are.
    package var count: Int { self.rows.count }

    /// All rows, group by group.
    package var behaviours: some Sequence<Behaviour> { self.groups.lazy.flatMap(\.behaviours) }
}

/// Something in the catalogue's files that cannot be right.
package struct CatalogueError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file, relative to the project or to the catalogue.
    package let file: String
    package let reason: String

    package init(_ file: String, _ reason: String) {
        self.file = file
        self.reason = reason
    }

    package var description: String { "\(self.file): \(self.reason)" }
}
