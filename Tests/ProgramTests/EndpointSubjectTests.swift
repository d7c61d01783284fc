import ELBTestSupport
import FoundationEssentials
import Glibc
import Testing

/// The kit in one process, a lab in another, and nothing between them but AWS's API and the name server.
@Suite(.timeLimit(.minutes(3)), .serialized) struct `A lab that is judged through its endpoint` {
    private struct Place: Sendable {
        let endpoint = LabFolder.freePort()
        let resolver = LabFolder.freePort()
        let folder = FileManager.default.temporaryDirectory.path + "/elblab-endpoint-\(UUID().uuidString)"

        var file: String { self.folder + "/subject.yaml" }

        /// - Parameter address: where load balancers are reached; by the names that the lab's server knows, if `nil`.
        func write(address: String? = nil) throws {
            let place = address.map { "Address: \($0)" } ?? "Resolver: 127.0.0.1:\(self.resolver)"
            try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
            let text = """
                Name: lab
                Endpoint:
                  Url: http://127.0.0.1:\(self.endpoint)
                  TimeScale: 10
                  \(place)

                """
            try text.write(toFile: self.file, atomically: true, encoding: .utf8)
        }

        /// How many load balancers and target groups the lab has.
        func balancers() async throws -> Int {
            let state = try await RawHTTP.send("/_lab/state", port: Int(self.endpoint)).body
            return state.ranges(of: "elblab-").count
        }
    }

    private func running(
        _ options: [String] = [],
        _ body: @Sendable @escaping (Place) async throws -> Void
    ) async throws {
        let place = Place()
        try place.write()
        defer { try? FileManager.default.removeItem(atPath: place.folder) }
        let arguments = [
            "up", "--endpoint", "127.0.0.1:\(place.endpoint)", "--name-server", "127.0.0.1:\(place.resolver)",
            "--time-scale", "10", "--auth", "check",
        ]
        _ = try await RunningProgram.with(arguments + options) { program in
            try await program.waits(for: "signatures are checked")
            try await body(place)
        }
    }

    private func run(_ place: Place, _ checks: [String]) async throws -> Program.Outcome {
        let only = checks.flatMap { ["--only", $0] }
        return try await Program.run(["conformance", "run", "--subject", place.file, "--plain"] + only)
    }

    @Test func `passes, by rules, certificates, changes and connections, and nothing stays behind`() async throws {
        try await self.running { place in
            let checks = [
                "routing.path.star", "tls.certificates.by-name", "changes.deregistered", "network.flow.spread",
                "cross-zone.*",
            ]
            let outcome = try await self.run(place, checks)
            #expect(outcome.code == 0, "\(outcome.output)\(outcome.error)")
            #expect(outcome.output.contains("pass        changes.deregistered"), "\(outcome.output)")
            #expect(try await place.balancers() == 0)
        }
    }

    @Test func `is told what it does wrong`() async throws {
        try await self.running(["--quirk", "rules.path-prefix"]) { place in
            let outcome = try await self.run(place, ["routing.path.whole", "routing.path.case-sensitive"])
            #expect(outcome.output.contains("FAIL        routing.path.whole"), "\(outcome.output)")
        }
    }

    @Test func `is not asked for what its API has no call for`() async throws {
        try await self.running { place in
            let outcome = try await self.run(place, ["lambda.*", "classic.*", "jwt.signature", "health.returns"])
            #expect(outcome.code == 3, "\(outcome.output)\(outcome.error)")
            #expect(outcome.output.contains("unsupported jwt.signature"), "\(outcome.output)")
        }
    }

    @Test func `has nothing left of a run that was interrupted`() async throws {
        try await self.running { place in
            // Waits for a timeout.
            let arguments = ["conformance", "run", "--subject", place.file, "--plain", "--only", "errors.408"]
            _ = try await RunningProgram.with(arguments) { program in
                try await RunningProgram.waits("a load balancer") { try await place.balancers() > 0 }
                program.signal(SIGINT)
                try await RunningProgram.waits("its end; it said '\(program.text)'") { program.hasEnded }
            }
            #expect(try await place.balancers() == 0)
        }
    }

    @Test func `whose load balancers nobody reaches is no failure of theirs, and that is found out once`() async throws
    {
        try await self.running { place in
            // Where nobody listens.
            try place.write(address: "127.77.0.1")
            let outcome = try await self.run(
                place,
                ["routing.path.star", "changes.new-rule", "tls.certificates.by-name"]
            )
            #expect(outcome.code == 3, "\(outcome.output)\(outcome.error)")
            for check in ["routing.path.star", "changes.new-rule", "tls.certificates.by-name"] {
                let line = outcome.output.split(separator: "\n").first { $0.contains(" \(check) ") } ?? ""
                #expect(line.contains("error") && line.contains("nothing answers at 127.77.0.1:"), "\(outcome.output)")
            }
            #expect(try await place.balancers() == 0)
        }
    }

    @Test func `that is not there cannot be judged`() async throws {
        let place = Place()
        try place.write()
        defer { try? FileManager.default.removeItem(atPath: place.folder) }
        let outcome = try await self.run(place, ["routing.path.star"])
        #expect(outcome.code == 3, "\(outcome.output)\(outcome.error)")
    }
}
