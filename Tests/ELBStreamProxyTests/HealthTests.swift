import ELBConformance
import ELBCore
import ELBFleet
import ELBModel
import ELBNet
import ELBStreamProxy
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Health checks of a Network Load Balancer` {
    @Test(.covers("NLB-HC-010", "NLB-HC-002")) func `of TCP connect and say nothing`() async throws {
        let running = try await RunningNetworkBalancer.start()
        let records = try await running.backends[0].waitForRecords(count: 2, kind: .probe)
        #expect(records.allSatisfy { $0.bodyLength == 0 && $0.proxy == nil && $0.ending == "closed" })
        #expect(records.allSatisfy { $0.peerAddress == "127.0.0.1" })
        await running.stop()
    }

    @Test(.covers("NLB-HC-011", "NLB-HC-006"))
    func `of HTTP ask for the path at the node's address and the listener's port`() async throws {
        let running = try await RunningNetworkBalancer.start(behaviour: BackendBehaviour()) { _, group in
            group.healthCheck = .network(.http)
            group.healthCheck.path = "/health?deep=1"
            group.healthCheck.intervalSeconds = 10
        }
        let records = try await running.backends[0].waitForRecords(count: 1, kind: .probe)
        #expect(records[0].method == "GET")
        #expect(records[0].target == "/health?deep=1")
        #expect(records[0].values(of: "host") == ["\(running.endpoint)"])
        await running.stop()
    }

    @Test(.covers("NLB-HC-006"), arguments: [(399, true), (400, false), (302, true)])
    func `of HTTP take success and redirects`(status: Int, isGood: Bool) async throws {
        var behaviour = BackendBehaviour()
        behaviour.status = status
        let running = try await RunningNetworkBalancer.start(backends: 0)
        var target = BackendDescription(name: "one", address: .v4(IPv4Address(127, 10, 1, 99)))
        target.behaviour = behaviour
        let backend = try await Backend.start(target)
        var changed = running
        try await changed.change { _, group in
            group.healthCheck = .network(.http)
            group.healthCheck.intervalSeconds = 10
            group.targets = backend.targets
        }
        await changed.waitForHealth(isGood ? .healthy : .unhealthy)
        await backend.stop()
        await changed.stop()
    }

    @Test(.covers("NLB-HC-012")) func `of HTTPS do not know TLS 1.3, nor look at certificates`() async throws {
        for (version, state) in [(BackendTLS.Version.v1_3, TargetHealth.State.unhealthy), (.v1_2, .healthy)] {
            var behaviour = BackendBehaviour()
            behaviour.tls = BackendTLS()
            behaviour.tls?.certificate = .expired
            behaviour.tls?.minimumVersion = version
            behaviour.tls?.maximumVersion = version
            var description = BackendDescription(name: "one", address: .v4(IPv4Address(127, 10, 1, 98)))
            description.behaviour = behaviour
            let backend = try await Backend.start(description)
            var running = try await RunningNetworkBalancer.start(backends: 0)
            try await running.change { _, group in
                group.healthCheck = .network(.https)
                group.healthCheck.intervalSeconds = 20
                group.targets = backend.targets
            }
            await running.waitForHealth(state)
            await running.stop()
            await backend.stop()
        }
    }

    @Test(.covers("NLB-PP-010", "NLB-PP-011", "NLB-HC-017")) func `begin with a header where connections do`()
        async throws
    {
        let running = try await RunningNetworkBalancer.start { _, group in
            group.attributes.proxyProtocolV2Enabled = true
        }
        let records = try await running.backends[0].waitForRecords(count: 1, kind: .probe) { $0.proxy != nil }
        #expect(records[0].proxy?.isProxied == false)
        await running.stop()
        // A server that knows nothing of it answers 400.
        var changed = try await RunningNetworkBalancer.start(backends: 0)
        let web = try await Backend.start(BackendDescription(name: "web", address: .v4(IPv4Address(127, 10, 1, 97))))
        try await changed.change { _, group in
            group.attributes.proxyProtocolV2Enabled = true
            group.healthCheck = .network(.http)
            group.healthCheck.intervalSeconds = 10
            group.targets = web.targets
        }
        await changed.waitForHealth(.unhealthy)
        #expect(await changed.balancer.targetHealth().first?.health.reason == .failedHealthChecks)
        await changed.stop()
        await web.stop()
    }

    @Test(.covers("NLB-HC-018")) func `obey what security groups let out, not what they let in`() async throws {
        var running = try await RunningNetworkBalancer.start { balancer, _ in balancer.ingress = TrafficFilter() }
        await running.waitForHealth(.healthy)
        try await running.change { balancer, _ in balancer.egress = TrafficFilter() }
        await running.waitForHealth(.unhealthy)
        await running.stop()
    }

    @Test(.covers("NLB-HC-013", "NLB-FO-010", "NLB-FO-012", "NLB-FO-013"))
    func `come from every node, and decide about its zone's address`() async throws {
        var running = try await RunningNetworkBalancer.start { balancer, group in
            balancer.nodes.append(.init(zone: .b, address: .v4(IPv4Address(127, 0, 0, 2))))
        }
        await running.waitForHealth(.healthy)
        let records = try await running.backends[0].waitForRecords(count: 6, kind: .probe)
        #expect(Set(records.map(\.peerAddress)) == ["127.0.0.1", "127.0.0.2"])
        // The only target is in zone a, and the load balancer does not cross zones.
        #expect(await running.balancer.publishedZones() == [.a])
        try await running.change { balancer, _ in balancer.attributes.crossZoneEnabled = true }
        await running.waitForHealth(.healthy)
        #expect(await running.balancer.publishedZones() == [.a, .b])
        try await running.change { _, group in group.targets = [] }
        #expect(await running.balancer.publishedZones() == [.a, .b])
        await running.stop()
    }

    @Test func `and connections stop while the node has no power`() async throws {
        let running = try await RunningNetworkBalancer.start()
        let connection = try RawConnection(to: running.endpoint, within: .seconds(5))
        #expect(connection.echo("a") == "a")
        await running.balancer.cut([.a])
        await running.backends[0].clearRecords()
        let newcomer = try RawConnection(to: running.endpoint, within: .seconds(5))
        for client in [connection, newcomer] {
            let before = client.received.count
            client.send(Array("b".utf8))
            client.receive(within: .milliseconds(50))
            #expect(client.end == nil && client.received.count == before)
        }
        #expect(await running.balancer.targetHealth().isEmpty)
        await running.balancer.cut([])
        connection.receive(within: .seconds(5))
        #expect(connection.end != nil)
        _ = try await running.backends[0].waitForRecords(count: 1, kind: .probe)
        let again = try RawConnection(to: running.endpoint, within: .seconds(5))
        #expect(again.echo("c") == "c")
        await running.stop()
    }

    @Test(.covers("NLB-AZ-004")) func `and connections end with their zone`() async throws {
        var running = try await RunningNetworkBalancer.start { balancer, _ in
            balancer.nodes.append(.init(zone: .b, address: .v4(IPv4Address(127, 0, 0, 2))))
        }
        let connection = try RawConnection(to: running.endpoint, within: .seconds(5))
        #expect(connection.echo("a") == "a")
        try await running.change { balancer, _ in balancer.nodes.removeFirst() }
        connection.receive(within: .seconds(5))
        #expect(connection.end != nil)
        await running.waitForHealth(.unused)
        await running.stop()
    }
}

@Suite(.timeLimit(.minutes(1))) struct `Metrics of a Network Load Balancer` {
    @Test(.covers("NLB-MT-001", "NLB-MT-003", "NLB-MT-004", "NLB-MT-005", "NLB-MT-006", "NLB-FO-016"))
    func `have CloudWatch's names`() async throws {
        let running = try await RunningNetworkBalancer.start()
        let connection = try RawConnection(to: running.endpoint, within: .seconds(5))
        #expect(connection.echo("hello") == "hello")
        let series = await running.balancer.metrics().series()
        #expect(series.allSatisfy { $0.namespace == "AWS/NetworkELB" })
        func value(_ metric: Metric, zone: Bool = false) -> Double? {
            series.first { $0.metric == metric && ($0.dimensions.zone != nil) == zone }?.total?.sum
        }
        #expect(value(.newFlowCount) == 1)
        #expect(value(.newFlowCountTCP) == 1)
        #expect(value(.newFlowCountUDP) == nil)
        #expect(value(.activeFlowCount, zone: true) == 1)
        // Two reads of five bytes, each with 40 of IP and TCP before them.
        #expect(value(.processedBytes) == 90)
        #expect(value(.tcpClientResetCount) == 0)
        #expect(value(.healthyHostCount) == 1)
        #expect(value(.zonalHealthStatus, zone: true) == 1)
        #expect(series.allSatisfy { $0.dimensions.loadBalancer == running.loadBalancer.fullName })
        #expect(!series.contains { $0.metric == .requestCount })
        connection.close()
        await running.stop()
    }
}
