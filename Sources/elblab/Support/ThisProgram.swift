import FoundationEssentials

/// The program's own file, which it starts again for children.
enum ThisProgram {
    /// The absolute path of the running executable.
    static let path: String = {
        // Not argv[0]: that is whatever the caller said.
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }()
}
