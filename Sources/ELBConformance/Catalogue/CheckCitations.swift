/// Which checks judge which rows. Only a check that names a deviation it must notice counts: one that has never been seen to
/// fail proves nothing.
package struct CheckCitations: Sendable {
    /// For each row, the ids of its checks, in the order of the library.
    package private(set) var checks: [BehaviourID: [String]] = [:]

    /// - Throws: `CatalogueError` when a check names something that is no id.
    package init(_ library: [Check] = CheckLibrary.all) throws {
        for check in library where !check.kills.isEmpty {
            for row in check.rows {
                guard let id = BehaviourID(row) else {
                    throw CatalogueError("check \(check.id)", "`\(row)` is not an id of the catalogue")
                }
                self.checks[id, default: []].append(check.id)
            }
        }
    }
}
