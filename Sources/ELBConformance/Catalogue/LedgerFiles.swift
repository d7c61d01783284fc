import FoundationEssentials
import Yams

/// The ledger's files in the project: the catalogue, its exceptions, the page of coverage.
package struct LedgerFiles: Sendable {
    private let root: String
    package let ledger: Ledger

    private var catalogueFolder: String { "\(self.root)/fixtures/behaviour" }
    private var page: String { "\(self.root)/docs/coverage.md" }
    private static let table = "docs/coverage.json"

    /// - Parameters:
    ///   - root: the project's folder.
    ///   - checks: for each row, the conformance checks that prove it.
    package init(root: String, checks: [BehaviourID: [String]]) throws {
        self.root = root
        let folder = "\(root)/fixtures/behaviour"
        self.ledger = try Ledger(
            catalogue: BehaviourCatalogue(directory: folder),
            checks: checks,
            tests: TestCitations(directory: "\(root)/Tests").suites,
            exceptions: Self.exceptions(file: "\(folder)/exceptions.yaml")
        )
    }

    /// Writes every row's status, the page of coverage, and its table for programs.
    ///
    /// - Returns: the files that changed, relative to the project.
    package func update() throws -> [String] {
        var changed: [String] = []
        for (file, text) in try self.outdated() {
            try text.write(toFile: "\(self.root)/\(file)", atomically: true, encoding: .utf8)
            changed.append(file)
        }
        return changed
    }

    /// What is wrong with the committed ledger, one line each; empty when it is true and up to date.
    package func problems() throws -> [String] {
        let fallen = self.ledger.fallen.map { row in
            "\(row.id) was \(row.coverage.status.rawValue) and is \(self.ledger.coverage(of: row.id).status.rawValue) now"
        }
        return try fallen + self.lost() + self.outdated().map { "\($0.file) is out of date" }
    }

    /// What the committed table has and the catalogue has no more, or less of: the files of rows could have been changed with them.
    private func lost() throws -> [String] {
        guard let data = FileManager.default.contents(atPath: "\(self.root)/\(Self.table)") else { return [] }
        let committed: CoverageTable
        do {
            committed = try JSONDecoder().decode(CoverageTable.self, from: data)
        } catch {
            throw CatalogueError(Self.table, "cannot be read: \(error)")
        }
        let fallen = Set(self.ledger.fallen.map(\.id.description))
        return committed.rows.compactMap { row in
            guard let id = BehaviourID(row.id), self.ledger.catalogue[id] != nil else {
                return "\(row.id) is gone from the catalogue"
            }
            let now = self.ledger.coverage(of: id).status
            guard now < row.status, !fallen.contains(row.id) else { return nil }
            return "\(row.id) was \(row.status.rawValue) and is \(now.rawValue) now"
        }
    }

    /// How many rows stand at each status.
    package var counts: [Coverage.Status: Int] {
        self.ledger.catalogue.behaviours.reduce(into: [:]) { counts, row in
            counts[self.ledger.coverage(of: row.id).status, default: 0] += 1
        }
    }

    private func outdated() throws -> [(file: String, text: String)] {
        let stale = Set(self.ledger.stale.map(\.id.group))
        var files: [(file: String, text: String)] = []
        for group in self.ledger.catalogue.groups where stale.contains(group.id) {
            let path = "fixtures/behaviour/\(group.file)"
            let text = try String(contentsOfFile: "\(self.root)/\(path)", encoding: .utf8)
            files.append((path, self.ledger.updating(text)))
        }
        let page = self.ledger.page
        if (try? String(contentsOfFile: self.page, encoding: .utf8)) != page {
            files.append(("docs/coverage.md", page))
        }
        let table = self.ledger.table
        if (try? String(contentsOfFile: "\(self.root)/\(Self.table)", encoding: .utf8)) != table {
            files.append((Self.table, table))
        }
        return files
    }

    private static func exceptions(file: String) throws -> [BehaviourID: String] {
        struct File: Decodable {
            let exceptions: [Row]
            struct Row: Decodable {
                let id: String
                let why: String
            }
        }
        let rows: [File.Row]
        do {
            let text = try String(contentsOfFile: file, encoding: .utf8)
            rows = try YAMLDecoder().decode(File.self, from: text).exceptions
        } catch {
            throw CatalogueError("exceptions.yaml", "cannot be read: \(error)")
        }
        var reasons: [BehaviourID: String] = [:]
        for row in rows {
            guard let id = BehaviourID(row.id) else {
                throw CatalogueError("exceptions.yaml", "`\(row.id)` is not an id")
            }
            guard !row.why.isEmpty, !row.why.contains("\n") else {
                throw CatalogueError("exceptions.yaml", "\(id) needs a reason on one line")
            }
            guard reasons.updateValue(row.why, forKey: id) == nil else {
                throw CatalogueError("exceptions.yaml", "\(id) stands twice")
            }
        }
        return reasons
    }
}
