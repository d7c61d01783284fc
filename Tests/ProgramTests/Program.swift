import FoundationEssentials
import Subprocess

/// The built program, run as a person runs it.
enum Program {
    /// What one run printed, and how it ended.
    struct Outcome: Sendable {
        /// The exit code, or minus the signal that ended it.
        let code: Int32
        let output: String
        let error: String
    }

    /// The program stands beside the bundle of the tests.
    static let path: String = {
        let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return bundle.split(separator: "/").dropLast().reduce(into: "") { $0 += "/\($1)" } + "/elblab"
    }()

    /// A file of the project by its path from there; this source stands three levels below it.
    static func projectFile(_ path: String) -> String {
        #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/\($1)" } + "/" + path
    }

    /// Runs to the end. Standard input is empty; no stream is a terminal.
    static func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> Outcome {
        try await Self.run(arguments, environment: environment)
    }

    /// The same with a list of arguments.
    static func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(Self.filePath(Self.path)),
            arguments: Arguments(arguments),
            environment: Self.environment(environment),
            input: .none,
            output: .string(limit: 4 << 20),
            error: .string(limit: 4 << 20)
        )
        return Outcome(
            code: Self.code(result.terminationStatus),
            output: result.standardOutput,
            error: result.standardError
        )
    }

    static func code(_ status: TerminationStatus) -> Int32 {
        switch status {
        case .exited(let code): code
        case .signaled(let signal): -signal
        }
    }

    static func environment(_ changes: [String: String]) -> Environment {
        .inherit.updating(Dictionary(uniqueKeysWithValues: changes.map { (Environment.Key(stringLiteral: $0), $1) }))
    }

    /// A `FilePath`, whose module belongs to Subprocess and is not one of ours to import.
    static func filePath<Path: ExpressibleByStringLiteral>(_ text: String) -> Path
    where Path.StringLiteralType == String {
        Path(stringLiteral: text)
    }
}
