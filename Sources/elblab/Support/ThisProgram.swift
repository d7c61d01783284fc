import FoundationEssentials

/// The program's own file, which it starts again for children.
enum ThisProgram {
    /// The absolute path of the running executable.
    static let path: String = {
        // Not argv[0]: that is whatever the caller said.
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }()

    /// A `FilePath`, whose module belongs to Subprocess and is not one of ours to import.
    static func filePath<Path: ExpressibleByStringLiteral>(_ text: String) -> Path
    where Path.StringLiteralType == String {
        Path(stringLiteral: text)
    }
}
