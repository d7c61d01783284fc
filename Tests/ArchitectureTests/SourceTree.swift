import FoundationEssentials
import Testing

/// The project's files as the tests of its architecture see them.
struct SourceTree {
    /// One text file, by its path from the project's folder.
    struct File: Sendable, CustomTestStringConvertible {
        let path: String
        let text: String

        /// The module or test target that the file belongs to: the second part of its path.
        var module: String {
            let parts = self.path.split(separator: "/")
            return parts.count > 2 ? String(parts[1]) : ""
        }

        var lines: [Substring] { self.text.split(separator: "\n", omittingEmptySubsequences: false) }

        /// The lines that are neither empty nor comments, with their numbers from 1.
        var code: [(number: Int, text: Substring)] {
            self.lines.enumerated().compactMap { index, line in
                let text = line.trimmingPrefix(while: \.isWhitespace)
                return text.isEmpty || text.hasPrefix("//") ? nil : (index + 1, text)
            }
        }

        /// The modules that the file imports.
        var imports: [String] {
            let pattern =
                /^(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|private|fileprivate)\s+)?import\s+(?:(?:struct|class|enum|protocol|func|let|var|typealias)\s+)?(\w+)/
            return self.code.compactMap { line in line.text.firstMatch(of: pattern).map { String($0.output.1) } }
        }

        var testDescription: String { self.path }
    }

    /// The project's folder: three levels above this file.
    static let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/\($1)" }

    /// Every file below `folder` whose name ends in one of `suffixes`; what is built or fetched is left out.
    static func files(in folder: String, endingIn suffixes: [String]) throws -> [File] {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: "\(Self.root)/\(folder)").sorted()
        return try paths.compactMap { path in
            guard suffixes.contains(where: path.hasSuffix), !path.contains("/workspace/") else { return nil }
            // Some answers of fixtures/class are no text, on purpose.
            let text = String(
                decoding: try Data(contentsOf: URL(filePath: "\(Self.root)/\(folder)/\(path)")),
                as: UTF8.self
            )
            return File(path: "\(folder)/\(path)", text: text)
        }
    }

    /// Names in the project's own folder.
    static func topLevel() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: Self.root).sorted()
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(Self.root)/\(path)")
    }
}
