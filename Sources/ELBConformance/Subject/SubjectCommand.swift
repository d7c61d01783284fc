package import ELBModel
internal import FoundationEssentials
internal import Yams

/// How a subject is started, and what it claims to do.
package struct SubjectCommand: Sendable {
    /// What reports call it.
    package var name: String
    package var executable: String
    /// Before `--config FILE`.
    package var arguments: [String]
    package var workingDirectory: String?
    /// Set in addition to the environment that every subject gets: PATH, HOME, LANG and a temporary folder.
    package var environment: [String: String]
    /// What sort of subject it is, for reports.
    package var kind: Kind
    /// Its own version, if known.
    package var version: String?
    package var claims: SubjectClaims
    /// What writes its configuration, if it is one that does not speak the contract; `arguments` come before the engine's.
    package var engine: (any Engine)?

    package init(
        name: String,
        executable: String,
        arguments: [String] = [],
        workingDirectory: String? = nil,
        environment: [String: String] = [:],
        kind: Kind = .command,
        version: String? = nil,
        claims: SubjectClaims = .everything,
        engine: (any Engine)? = nil
    ) {
        self.name = name
        self.executable = executable
        self.arguments = arguments
        self.workingDirectory = workingDirectory
        self.environment = environment
        self.kind = kind
        self.version = version
        self.claims = claims
        self.engine = engine
    }

    /// Where a subject comes from.
    package enum Kind: String, Hashable, Sendable {
        /// This program.
        case embedded
        /// Anybody's program that speaks the subject contract.
        case command
        /// A balancer of another make, with a configuration of its own.
        case engine
    }

    /// The reference balancer: this program run as `balancer`, with deviations if quirks are named.
    package static func embedded(quirks: [Quirk] = []) throws(SubjectFailure) -> Self {
        // The link is resolved now, because /proc/self would mean the child in the child.
        guard let executable = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            throw .notStarted("this program cannot find its own file; /proc is not there")
        }
        return Self(
            name: "embedded",
            executable: executable,
            arguments: ["balancer", "--until-input-ends"] + quirks.flatMap { ["--quirk", $0.rawValue] },
            kind: .embedded
        )
    }

    /// Reads a file in YAML or JSON that names the command:
    ///
    ///     Name: my-balancer
    ///     Command: [./my-balancer, --verbose]
    ///     Version: "1.2"
    ///     Environment: { LEVEL: debug }
    ///     Claims: [alb]
    ///     LeavesOut: { alb.rules.source-ip: There are proxies in front of it. }
    ///
    /// Without `Claims` it claims everything, of every kind of load balancer. `LeavesOut` may be a list, without reasons.
    /// A command with a slash is relative to the file, and so is `WorkingDirectory` (default: the file's folder).
    package init(file path: String) throws(SubjectFailure) {
        let url = URL(filePath: path)
        guard let data = try? Data(contentsOf: url) else { throw .badFile("\(path): cannot be read") }
        let content: Content
        do {
            content = try YAMLDecoder().decode(Content.self, from: data)
        } catch {
            throw .badFile("\(path): \(Self.describe(error)) (expected: Command: [program, argument …])")
        }
        guard let program = content.command.first else { throw .badFile("\(path): Command is empty") }
        let folder = url.deletingLastPathComponent()
        self.init(
            name: content.name ?? program,
            executable: program.contains("/") ? URL(filePath: program, relativeTo: folder).path : program,
            arguments: Array(content.command.dropFirst()),
            workingDirectory: URL(filePath: content.workingDirectory ?? ".", relativeTo: folder).path,
            environment: content.environment ?? [:],
            version: content.version,
            claims: SubjectClaims(
                content.claims ?? SubjectClaims.everything.features,
                except: content.leavesOut?.omissions ?? []
            )
        )
    }

    private static func describe(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "\(key.stringValue) is missing"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "\(context.codingPath.map(\.stringValue).joined(separator: ".")) has the wrong type"
        default: "not a YAML mapping"
        }
    }

    private struct Content: Decodable {
        var name: String?
        var command: [String]
        var workingDirectory: String?
        var environment: [String: String]?
        var version: String?
        var claims: [String]?
        var leavesOut: Omissions?

        enum CodingKeys: String, CodingKey {
            case name = "Name"
            case command = "Command"
            case workingDirectory = "WorkingDirectory"
            case environment = "Environment"
            case version = "Version"
            case claims = "Claims"
            case leavesOut = "LeavesOut"
        }
    }

    /// Features with reasons, or only features.
    private struct Omissions: Decodable {
        var omissions: [SubjectClaims.Omission]

        init(from decoder: any Decoder) throws {
            if let reasons = try? [String: String](from: decoder) {
                self.omissions = reasons.sorted { $0.key < $1.key }.map { .init($0, $1) }
            } else {
                self.omissions = try [String](from: decoder).map { .init($0) }
            }
        }
    }
}

/// Why a subject could not be judged.
package enum SubjectFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case badFile(String)
    case notStarted(String)
    /// It ended by itself; the output's end is kept.
    case exited(status: String, output: String)
    /// It runs, but a listener accepts no connection within the limit.
    case neverListened(String, output: String)
    /// No free port, no temporary folder: ours.
    case ours(String)

    package var description: String {
        switch self {
        case .badFile(let text), .notStarted(let text), .ours(let text): text
        case .exited(let status, let output): "the subject ended by itself: \(status)" + Self.tail(output)
        case .neverListened(let endpoint, let output):
            "the subject accepts no connection on \(endpoint) within 10 s" + Self.tail(output)
        }
    }

    private static func tail(_ output: String) -> String {
        let lines = output.split(separator: "\n").suffix(3)
        return lines.isEmpty ? "" : "; its last words: " + lines.joined(separator: " | ")
    }
}
