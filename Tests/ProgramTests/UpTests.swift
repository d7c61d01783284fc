import ELBTestSupport
import Glibc
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)), .serialized) struct `A running lab` {
    private static let node = "127.50.1.4"

    /// Runs a lab and `body` once both its backends are healthy.
    private func running(
        _ body: @Sendable @escaping (RunningProgram, LabFolder) async throws -> Void
    ) async throws -> Program.Outcome {
        let folder = try LabFolder()
        return try await RunningProgram.with(folder.arguments) { program in
            try await program.waits(for: "Ctrl-C stops")
            try await RunningProgram.waits("both backends; it said '\(program.text)'") {
                let state = try await RawHTTP.send("/_lab/state", port: Int(folder.endpoint)).body
                return state.count(of: "\"state\" : \"healthy\"") == 4
            }
            try await body(program, folder)
        }
    }

    private static func get(_ path: String, _ folder: LabFolder) async throws -> RawHTTP.Answer {
        try await RawHTTP.send(path, to: Self.node, port: Int(folder.ports.listener))
    }

    private static func expect(
        _ status: Int,
        _ path: String,
        _ folder: LabFolder,
        at place: SourceLocation = #_sourceLocation
    ) async throws {
        let answer = try await Self.get(path, folder)
        #expect(answer.status == status, sourceLocation: place)
    }

    @Test func `answers from its backends in turn`() async throws {
        let outcome = try await self.running { _, folder in
            var names: [String: Int] = [:]
            for _ in 0..<10 {
                let answer = try await Self.get("/", folder)
                #expect(answer.status == 200)
                names[String(answer.body.prefix { $0 != " " }), default: 0] += 1
            }
            #expect(names == ["One": 5, "Two": 5])
        }
        #expect(outcome.code == 0)
    }

    @Test func `takes over an edit and loses no request`() async throws {
        _ = try await self.running { program, folder in
            let isOver = Flag()
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        var count = 0
                        while !isOver.value.withLock({ $0 }) {
                            try await Self.expect(200, "/", folder)
                            count += 1
                        }
                        return count
                    }
                }
                for round in 1...3 {
                    try folder.write { $0 + (round % 2 == 1 ? LabFolder.rule : "") }
                    let expected = round % 2 == 1 ? 410 : 200
                    try await RunningProgram.waits("status \(expected); it said '\(program.text)'") {
                        try await Self.get("/gone", folder).status == expected
                    }
                }
                isOver.value.withLock { $0 = true }
                for try await count in group { #expect(count > 0) }
            }
            #expect(program.text.contains("applied: load balancers web"))
        }
    }

    @Test func `points into an edit that is wrong and goes on as it was`() async throws {
        _ = try await self.running { program, folder in
            try folder.write { $0.replacing("Type: forward", with: "Type: forwrd") }
            try await program.waits(for: "nothing changed")
            #expect(program.text.contains(/lab\.yaml:\d+:\d+: error: .*forwrd/))
            try await Self.expect(200, "/", folder)
        }
    }

    @Test func `reads its template again on SIGHUP`() async throws {
        _ = try await self.running { program, _ in
            program.signal(SIGHUP)
            try await program.waits(for: "applied: nothing to do")
        }
    }

    @Test func `rolls back an edit for which a port is taken`() async throws {
        _ = try await self.running { program, folder in
            let holder = try #require(PortHolder(address: Self.node))
            let more = """
                  More:
                    Type: AWS::ElasticLoadBalancingV2::Listener
                    Properties:
                      LoadBalancerArn: !Ref Balancer
                      Port: \(holder.port)
                      Protocol: HTTP
                      DefaultActions: [{ Type: forward, TargetGroupArn: !Ref Group }]
                  Three:
                    Type: AWS::EC2::Instance
                    Metadata: { elblab: { Ports: [\(folder.ports.backend)] } }
                    Properties: { SubnetId: !Ref SubnetA }

                """
            try folder.write { $0 + LabFolder.rule + more }
            try await program.waits(for: "nothing changed")
            #expect(program.text.contains("\(Self.node):\(holder.port)"))
            try await Self.expect(200, "/gone", folder)
            #expect(program.children.count == 2)
        }
    }

    @Test(arguments: [SIGTERM, SIGINT]) func `leaves neither process nor port behind`(signal: Int32) async throws {
        let outcome = try await self.running { program, folder in
            let children = program.children
            #expect(children.count == 2)
            program.signal(signal)
            try await RunningProgram.waits("its end") { program.hasEnded }
            #expect(children.allSatisfy { RunningProgram.hasEnded($0) })
            #expect(PortHolder(address: "0.0.0.0", port: folder.ports.listener) != nil)
            #expect(PortHolder(address: "0.0.0.0", port: folder.ports.backend) != nil)
            #expect(PortHolder(address: "0.0.0.0", port: folder.endpoint) != nil)
        }
        #expect(outcome.code == 0)
    }

    @Test func `shows a backend that is killed and serves from the other`() async throws {
        _ = try await self.running { program, folder in
            kill(try #require(program.children.first), SIGKILL)
            try await program.waits(for: " is unhealthy")
            for _ in 0..<4 { try await Self.expect(200, "/", folder) }
        }
    }

    @Test func `takes its backends along when it is killed`() async throws {
        let outcome = try await self.running { program, _ in
            let children = program.children
            #expect(children.count == 2)
            program.signal(SIGKILL)
            try await RunningProgram.waits("the backends' end") {
                children.allSatisfy { RunningProgram.hasEnded($0) }
            }
        }
        #expect(outcome.code == -SIGKILL)
    }

    @Test func `says in one line what keeps it from starting`() async throws {
        let folder = try LabFolder()
        let missing = try await Program.run("up", "no-such-template.yaml")
        #expect(missing.code == 2)
        #expect(missing.error == "elblab: cannot read 'no-such-template.yaml': No such file or directory\n")

        let open = try await Program.run("up", folder.template, "--endpoint", "0.0.0.0:\(folder.endpoint)")
        #expect(open.code == 2)
        #expect(open.error.hasPrefix("elblab: the lab's endpoint must be on loopback"))

        let endpoint = try #require(PortHolder(address: "127.0.0.1"))
        let noEndpoint = try await Program.run("up", folder.template, "--endpoint", "127.0.0.1:\(endpoint.port)")
        #expect(noEndpoint.code == 4)
        #expect(
            noEndpoint.error.hasPrefix("elblab: cannot listen on 127.0.0.1:\(endpoint.port): Address already in use")
        )
        #expect(noEndpoint.error.count(of: "\n") == 1)

        let taken = try #require(PortHolder(address: Self.node, port: folder.ports.listener))
        let noPort = try await Program.run("up", folder.template, "--endpoint", "127.0.0.1:\(folder.endpoint)")
        #expect(noPort.code == 4)
        #expect(noPort.error.contains("\(Self.node):\(taken.port)"))
        #expect(noPort.error.count(of: "\n") == 1)
    }
}

/// What one task tells others.
private final class Flag: Sendable {
    let value = Mutex(false)
}

extension String {
    /// How often the text occurs.
    fileprivate func count(of text: String) -> Int { self.ranges(of: text).count }
}
