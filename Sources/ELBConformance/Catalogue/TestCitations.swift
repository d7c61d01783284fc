import FoundationEssentials

/// Which tests name which rows, read out of the sources: `@Test(.covers("ALB-RULE-003"))`.
package struct TestCitations: Sendable {
    /// For each row, the suites that name it: the target's folder and the file, `ELBCoreTests/ConditionTests`.
    package private(set) var suites: [BehaviourID: [String]] = [:]

    /// Reads every Swift file below `directory`.
    ///
    /// - Throws: `CatalogueError` when a file cannot be read or a trait names something that is no id.
    package init(directory: String) throws {
        guard let files = try? FileManager.default.subpathsOfDirectory(atPath: directory) else {
            throw CatalogueError(directory, "there are no tests here")
        }
        for file in files.sorted() where file.hasSuffix(".swift") {
            guard let text = try? String(contentsOfFile: "\(directory)/\(file)", encoding: .utf8) else {
                throw CatalogueError(file, "cannot be read")
            }
            try self.read(text, file: file)
        }
    }

    /// Reads one file's text; `file` is its path below the folder of all tests.
    package init(text: String, file: String) throws {
        try self.read(text, file: file)
    }

    private mutating func read(_ text: String, file: String) throws {
        let parts = file.split(separator: "/")
        guard let target = parts.first, let name = parts.last?.split(separator: ".").first else { return }
        // The trait's own file and examples in comments name rows without covering them.
        guard target != "ELBTestSupport" else { return }
        let code = text.split(separator: "\n").filter { !$0.trimmingPrefix(while: \.isWhitespace).hasPrefix("//") }
        for trait in code.joined(separator: "\n").matches(of: /\.covers\(([^)]*)\)/) {
            for string in trait.output.1.matches(of: /"([^"]*)"/) {
                guard let id = BehaviourID(string.output.1) else {
                    throw CatalogueError("Tests/\(file)", "`\(string.output.1)` is not an id of the catalogue")
                }
                let suite = "\(target)/\(name)"
                if self.suites[id]?.contains(suite) != true { self.suites[id, default: []].append(suite) }
            }
        }
    }
}
