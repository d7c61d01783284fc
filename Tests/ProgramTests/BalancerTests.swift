import ELBTestSupport
import FoundationEssentials
import Glibc
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A balancer of one file` {
    /// Runs `elblab balancer` with a file of this text.
    private func run(_ text: String) async throws -> Program.Outcome {
        let file = FileManager.default.temporaryDirectory.path + "/elblab-test-\(UUID().uuidString).json"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        return try await Program.run("balancer", "--config", file)
    }

    private func configuration(port: UInt16) -> String {
        """
        {
          "Schema": "elblab/lb-config/v1", "Type": "application", "Name": "web", "Scheme": "internet-facing",
          "DNSName": "web-1.ap-northeast-2.elb.aws.test", "TimeScale": 50, "Seed": 1,
          "LoadBalancerAttributes": [],
          "Nodes": [{ "AvailabilityZone": "ap-northeast-2a", "Address": "127.50.1.62" }],
          "Listeners": [
            {
              "Port": \(port), "Protocol": "HTTP", "Rules": [],
              "DefaultActions": [{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "404" } }]
            }
          ],
          "TargetGroups": []
        }
        """
    }

    @Test func `says that its file is not there, and ends with 2`() async throws {
        let outcome = try await Program.run("balancer", "--config", "no-such-file.json")
        #expect(outcome.code == 2)
        #expect(outcome.error.contains("no-such-file.json"))
        #expect(outcome.error.split(separator: "\n").count == 1)
    }

    @Test func `points into a file that is wrong, and ends with 2`() async throws {
        let wrong = self.configuration(port: 8080).replacing("fixed-response\"", with: "forwards\"")
        let outcome = try await self.run(wrong)
        #expect(outcome.code == 2)
        #expect(outcome.error.contains(/\.json:\d+:\d+: error:/))
    }

    @Test func `says which port is taken, and ends with 4`() async throws {
        let holder = try #require(PortHolder())
        let outcome = try await self.run(self.configuration(port: holder.port))
        #expect(outcome.code == 4)
        #expect(outcome.error.contains("127.50.1.62:\(holder.port)"))
        #expect(outcome.error.split(separator: "\n").count == 1)
    }

    /// Runs `elblab balancer` beside a file on a free port, and `body` once it accepts connections.
    private func running(
        _ arguments: [String] = [],
        body: @Sendable @escaping (RunningProgram, UInt16) async throws -> Void
    ) async throws -> Int32 {
        let folder = try LabFolder()
        let port = folder.ports.listener
        try self.configuration(port: port).write(toFile: folder.configuration, atomically: true, encoding: .utf8)
        return try await RunningProgram.with(["balancer", "--config", folder.configuration] + arguments) { program in
            try await RunningProgram.waits("an answer; it said '\(program.text)'") {
                (try? await RawHTTP.send("/", to: "127.50.1.62", port: Int(port)).status) == 404
            }
            try await body(program, port)
        }.code
    }

    @Test(arguments: [SIGTERM, SIGINT]) func `ends with 0 when it is told to stop`(signal: Int32) async throws {
        let code = try await self.running { program, port in
            program.signal(signal)
            try await RunningProgram.waits("its end") { program.hasEnded }
            #expect(PortHolder(port: port) != nil)
        }
        #expect(code == 0)
    }

    @Test func `stops when its input ends, if it was told so`() async throws {
        let folder = try LabFolder()
        try self.configuration(port: folder.ports.listener)
            .write(toFile: folder.configuration, atomically: true, encoding: .utf8)
        // Its input is empty, so that it ends at once.
        let outcome = try await Program.run("balancer", "--config", folder.configuration, "--until-input-ends")
        #expect(outcome.code == 0)
        #expect(outcome.error.isEmpty)
    }

    @Test func `keeps running while its input does not end`() async throws {
        let code = try await self.running(["--until-input-ends"]) { program, port in
            let answer = try await RawHTTP.send("/", to: "127.50.1.62", port: Int(port))
            #expect(answer.status == 404)
            #expect(!program.hasEnded)
        }
        #expect(code == 0)
    }

    @Test func `does not outlive the run that judges it, not even one that is killed`() async throws {
        let arguments = ["conformance", "run", "--only", "health.*", "--jobs", "1"]
        let outcome = try await RunningProgram.with(arguments) { program in
            try await RunningProgram.waits("a subject; it said '\(program.text)'") { !program.children.isEmpty }
            let subjects = program.children
            program.signal(SIGKILL)
            try await RunningProgram.waits("the subject's end") {
                subjects.allSatisfy { RunningProgram.hasEnded($0) }
            }
        }
        #expect(outcome.code == -SIGKILL)
    }
}
