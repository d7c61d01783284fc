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
    /// Where it is made by calls of the API, if it is not a program that is started here.
    package var endpoint: EndpointPlace?
    /// The folder that it came in, which a sandbox copies.
    package var submission: String?
    /// What keeps it from the rest of the machine; `nil` starts it like any other program.
    package var sandbox: Sandbox?
    /// What makes it of its sources, if it has to be made.
    package var build: SubjectBuild?

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
        /// Load balancers that an AWS API makes.
        case endpoint
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
    ///     Build: [swiftc, -o, .build/balancer, main.swift]
    ///
    /// or, in place of the command, where AWS's API is answered:
    ///
    ///     Endpoint: { Url: "http://127.0.0.1:4566", TimeScale: 50, Resolver: "127.0.0.1:10053" }
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
        let claims = content.claims ?? SubjectClaims.everything.features
        let omissions = content.leavesOut?.omissions ?? []
        if let endpoint = content.endpoint {
            guard content.command == nil else { throw .badFile("\(path): Command and Endpoint exclude each other") }
            guard content.build == nil else { throw .badFile("\(path): Build and Endpoint exclude each other") }
            self.init(
                name: content.name ?? "endpoint",
                executable: "",
                kind: .endpoint,
                version: content.version,
                claims: SubjectClaims(claims, except: omissions + EndpointPlace.omissions)
            )
            self.endpoint = try endpoint.place(path)
            return
        }
        guard let command = content.command else {
            throw .badFile("\(path): Command is missing (expected: Command: [program, argument …], or Endpoint)")
        }
        guard let program = command.first else { throw .badFile("\(path): Command is empty") }
        let folder = url.deletingLastPathComponent()
        self.init(
            name: content.name ?? program,
            executable: program.contains("/") ? URL(filePath: program, relativeTo: folder).path : program,
            arguments: Array(command.dropFirst()),
            workingDirectory: URL(filePath: content.workingDirectory ?? ".", relativeTo: folder).path,
            environment: content.environment ?? [:],
            version: content.version,
            claims: SubjectClaims(claims, except: omissions)
        )
        self.submission = folder.path
        if let command = content.build {
            guard !command.isEmpty else { throw .badFile("\(path): Build is empty") }
            self.build = SubjectBuild(command: command, folder: folder.path)
        }
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
        var command: [String]?
        var endpoint: Place?
        var workingDirectory: String?
        var environment: [String: String]?
        var version: String?
        var claims: [String]?
        var leavesOut: Omissions?
        var build: [String]?

        enum CodingKeys: String, CodingKey {
            case name = "Name"
            case command = "Command"
            case endpoint = "Endpoint"
            case workingDirectory = "WorkingDirectory"
            case environment = "Environment"
            case version = "Version"
            case claims = "Claims"
            case leavesOut = "LeavesOut"
            case build = "Build"
        }
    }

    private struct Place: Decodable {
        var url: String
        var region: String?
        var timeScale: Int?
        var resolver: String?
        var address: String?
        var subnets: [String]?
        var securityGroups: [String]?

        enum CodingKeys: String, CodingKey {
            case url = "Url"
            case region = "Region"
            case timeScale = "TimeScale"
            case resolver = "Resolver"
            case address = "Address"
            case subnets = "Subnets"
            case securityGroups = "SecurityGroups"
        }

        func place(_ path: String) throws(SubjectFailure) -> EndpointPlace {
            guard self.url.hasPrefix("http://") || self.url.hasPrefix("https://") else {
                throw .badFile("\(path): Url is no URL: \(self.url)")
            }
            guard self.timeScale ?? 1 > 0 else { throw .badFile("\(path): TimeScale is a number from 1") }
            let resolver = self.resolver.map { Endpoint($0) }
            if case .some(nil) = resolver { throw .badFile("\(path): Resolver is no address with a port") }
            let address = self.address.map { IPAddress($0) }
            if case .some(nil) = address { throw .badFile("\(path): Address is no address") }
            return EndpointPlace(
                url: self.url.hasSuffix("/") ? String(self.url.dropLast()) : self.url,
                region: self.region ?? AvailabilityZone.region,
                timeScale: self.timeScale ?? 1,
                resolver: resolver ?? nil,
                address: address ?? nil,
                subnets: self.subnets ?? [],
                securityGroups: self.securityGroups ?? []
            )
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
    /// Its sources cannot be built; the compiler's last words are kept.
    case notBuilt(String, output: String)
    /// It ended by itself; the output's end is kept.
    case exited(status: String, output: String)
    /// It runs, but a listener accepts no connection within the limit.
    case neverListened(String, output: String)
    /// The API made it, and no request gets there.
    case unreachable(String)
    /// No free port, no temporary folder: ours.
    case ours(String)

    package var description: String {
        switch self {
        case .badFile(let text), .notStarted(let text), .unreachable(let text), .ours(let text): text
        case .notBuilt(let what, let output): "the build failed: \(what)\n\(output)"
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
