import ArgumentParser
import CSockets
import ELBConformance
import ELBLessons
import Glibc

/// `--sandbox`: how far programs that nobody vouches for are kept from this machine.
struct SandboxOption: ParsableArguments {
    @Option(
        name: .long,
        help: """
            What a submission's programs may reach: none (no sandbox, the default for one's own), limits or netns; of a class the most that \
            this machine offers. See docs/threat-model.md.
            """
    )
    var sandbox: SandboxLevel?

    /// For one's own work.
    var level: SandboxLevel { self.sandbox ?? .none }

    @Option(
        name: .customLong("sandbox-read"),
        help: ArgumentHelp("A folder that these programs may read too. May be repeated.", valueName: "folder")
    )
    var readable: [String] = []

    @Option(
        name: .customLong("sandbox-memory"),
        help: ArgumentHelp("Most private memory of these programs together, in MiB.", valueName: "MiB")
    )
    var memory = SandboxLimits().memoryBytes >> 20

    func validate() throws {
        if self.memory < 16 { throw ValidationError("--sandbox-memory is 16 or more") }
    }

    /// For the work of others: what was asked for, or else the most that this machine offers. Nothing is done without a sandbox that
    /// nobody has asked to do without.
    func levelOfClass() async throws -> SandboxLevel {
        if let sandbox {
            guard let reason = await SandboxProbe.refusal(of: sandbox) else { return sandbox }
            throw Self.refusal(of: sandbox, reason)
        }
        if await SandboxProbe.refusal(of: .netns) == nil { return .netns }
        guard let reason = await SandboxProbe.refusal(of: .limits) else { return .limits }
        throw CommandFailure(
            "no sandbox for the students' programs is possible here: \(reason)",
            fix: "--sandbox none, if you trust them; 'elblab doctor' tells what is missing",
            status: .usage
        )
    }

    private static func refusal(of level: SandboxLevel, _ reason: String) -> CommandFailure {
        CommandFailure(
            "--sandbox \(level.rawValue) is not possible here: \(reason)",
            fix: "another level; 'elblab doctor' tells which ones this machine offers",
            status: .usage
        )
    }

    /// The same options for a process that grades in our place.
    func arguments(_ level: SandboxLevel) -> [String] {
        ["--sandbox", level.rawValue, "--sandbox-memory", "\(self.memory)"]
            + self.readable.flatMap { ["--sandbox-read", AWSCallRecord.absolute($0)] }
    }

    /// Refuses a level that this machine lacks and, for `netns`, starts the same command once more where the network is its own.
    ///
    /// - Parameters:
    ///   - hidden: what no submission may read, wherever it lies.
    ///   - runsPrograms: without any, nothing is tried and nothing started.
    /// - Returns: nil for `none`.
    func prepare(hidden: [String], runsPrograms: Bool = true) async throws -> Sandbox? {
        var sandbox = try await Self.prepare(
            self.level,
            readable: self.readable,
            hidden: hidden,
            runsPrograms: runsPrograms
        )
        sandbox?.limits.memoryBytes = self.memory << 20
        return sandbox
    }

    /// Balancers of others that are installed here: nobody's answer.
    private static var proxies: [String] {
        let known =
            Engines.all.map(\.name) + ["traefik", "varnishd", "squid", "lighttpd", "apache2", "httpd", "pound", "pen"]
        return known.compactMap { MachineProbe.find($0) }
    }

    static func prepare(
        _ level: SandboxLevel,
        readable: [String],
        hidden: [String],
        runsPrograms: Bool
    ) async throws -> Sandbox? {
        guard level != .none else { return nil }
        // Who is there already has been asked.
        if runsPrograms, !SandboxScene.isEntered, let reason = await SandboxProbe.refusal(of: level) {
            throw Self.refusal(of: level, reason)
        }
        if runsPrograms, level == .netns { try SandboxScene.enter() }
        let program = ThisProgram.path
        return Sandbox(
            level: level,
            launcher: program,
            readable: readable,
            hidden: hidden + [LabFiles.folder(of: program)] + Self.proxies
        )
    }
}

extension SandboxLevel: ExpressibleByArgument {}

/// A place where the network is nobody else's: what stands there are our backends, our balancer and the submission. At the level `netns`
/// all of a grading happens there, so that clients and backends keep their addresses and the submission finds nothing else.
enum SandboxScene {
    private static let mark = "ELBLAB_ALONE"

    static var isEntered: Bool { Environment.value(Self.mark) != nil }

    /// Runs this command again in such a place, unless this is one. Returns only there.
    static func enter() throws {
        guard !Self.isEntered else {
            if elblab_is_alone() { return }
            throw CommandFailure(
                "the network namespace has other interfaces than a loopback",
                fix: "unset \(Self.mark)"
            )
        }
        setenv(Self.mark, "1", 1)
        let words =
            [ThisProgram.path, "confine", "--alone", "--", ThisProgram.path] + CommandLine.arguments.dropFirst()
        _ = CStrings.with(words) { execv(ThisProgram.path, $0) }
        throw CommandFailure("\(ThisProgram.path) cannot be started again: \(String(cString: strerror(errno)))")
    }
}
