import ELBFleet
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A fleet` {
    /// Runs `body` with two backends in process, one in each of zones a and b.
    private func withFleet(_ body: (Fleet, [BackendStatus]) async throws -> Void) async throws {
        let fleet = Fleet()
        let statuses = try await fleet.launch([
            BackendDescription(name: "WebA", id: "i-1", zone: .a),
            BackendDescription(name: "WebB", id: "i-2", zone: .b),
        ])
        do {
            try await body(fleet, statuses)
        } catch {
            await fleet.shutDown()
            throw error
        }
        await fleet.shutDown()
    }

    @Test func `is commanded by name, id and zone`() async throws {
        try await self.withFleet { fleet, _ in
            let rule = FaultRule(.fail(status: 503))
            let inB = FleetSelection(zones: ["b"])
            #expect(await fleet.perform(.fault(inB, rule)) == .done(["WebB"]))
            #expect(await fleet.perform(.machine(FleetSelection(instances: ["i-1"]), .cut)) == .done(["WebA"]))
            guard case .status(let statuses) = await fleet.perform(.status(.all)) else {
                Issue.record("no status")
                return
            }
            #expect(statuses.map(\.state) == [.cut, .running])
            #expect(statuses.map(\.faults) == [[], ["fail 503"]])
            #expect(await fleet.perform(.heal(.all)) == .done(["WebA", "WebB"]))
        }
    }

    @Test func `refuses what it cannot do, and says why`() async throws {
        try await self.withFleet { fleet, statuses in
            let unknown = FleetSelection(instances: ["WebX"])
            #expect(
                await fleet.perform(.kill(unknown))
                    == .refused(FleetRefusal(.notFound, "no backend 'WebX'; there are WebA, WebB"))
            )
            for command: FleetCommand in [
                .launch([BackendDescription(name: "WebA")]),
                .launch([BackendDescription(name: "New", address: .v4(IPv4Address(8, 8, 8, 8)))]),
                .fault(.all, FaultRule(.fail(status: 42))),
                .resize(.all, "t9.huge"),
                .status(FleetSelection(zones: ["z"])),
                .script(.all, [.status(1)]),
            ] {
                guard case .refused(let refusal) = await fleet.perform(command) else {
                    Issue.record("\(command) was not refused")
                    continue
                }
                #expect(refusal.code == .invalid)
            }
            let taken = BackendDescription(name: "New", ports: [0] + (statuses.first?.ports ?? []))
            guard case .refused(let refusal) = await fleet.perform(.launch([taken])) else {
                Issue.record("a taken port was not refused")
                return
            }
            #expect(refusal.code == .cannotListen)
            #expect(refusal.message.contains("another program has the port"))
        }
    }

    @Test func `heals a killed backend on its old port`() async throws {
        try await self.withFleet { fleet, statuses in
            let port = Int(try #require(statuses.first?.ports.first))
            #expect(await fleet.perform(.kill(FleetSelection(instances: ["WebA"]))) == .done(["WebA"]))
            await #expect(throws: (any Error).self) { try await RawClient.connect(port) }
            #expect(await fleet.perform(.heal(.all)) == .done(["WebA", "WebB"]))
            let client = try await RawClient.connect(port)
            try await client.send("GET / HTTP/1.1\r\nX-Request: abc\r\n\r\n")
            _ = try await client.received(endingWith: "WebA zone a\n")
            guard case .log(let logs) = await fleet.perform(.log(.all, LogQuery(containing: "abc"))) else {
                Issue.record("no log")
                return
            }
            #expect(logs.map(\.page.records.count) == [1, 0])
        }
    }
}

@Suite struct `The fleet's control lines` {
    private static let chosen = FleetSelection(instances: ["WebA"], zones: ["a"])

    @Test(arguments: [
        FleetCommand.status(.all),
        .launch([BackendDescription(name: "WebA", zone: .c, address: .v6(.loopback), type: .t3Large)]),
        .fault(chosen, FaultRule(.slow(milliseconds: 5), scope: .health, after: 2, count: 3)),
        .script(chosen, [.status(200), .timeout, .reset, .close, .late(milliseconds: 9)]),
        .machine(chosen, .cut),
        .heal(chosen),
        .kill(chosen),
        .resize(chosen, "t3.nano"),
        .down(.all),
        .log(.all, LogQuery(after: 3, limit: 4, containing: "x")),
        .clearLog(chosen),
    ])
    func `carry every command unchanged`(command: FleetCommand) throws {
        let line = try ControlLines.encode(command)
        #expect(line.last == 0x0A && line.dropLast().allSatisfy { $0 != 0x0A })
        #expect(try ControlLines.decode(FleetCommand.self, from: line) == command)
    }

    @Test func `may leave out what is usual`() throws {
        let status = try ControlLines.decode(FleetCommand.self, from: Array(#"{"status":{}}"#.utf8))
        #expect(status == .status(.all))
        let launch = #"{"launch":{"backends":[{"name":"a"}]}}"#
        #expect(
            try ControlLines.decode(FleetCommand.self, from: Array(launch.utf8))
                == .launch([BackendDescription(name: "a", type: .t3Micro)])
        )
    }

    @Test(arguments: [
        "", "{}", "[]", #"{"explode":{}}"#, #"{"status":{},"kill":{}}"#,
        #"{"launch":{"backends":[{"name":"a","zone":"q"}]}}"#,
    ])
    func `name what is wrong`(text: String) {
        #expect(throws: BackendError.self) { try ControlLines.decode(FleetCommand.self, from: Array(text.utf8)) }
    }
}
