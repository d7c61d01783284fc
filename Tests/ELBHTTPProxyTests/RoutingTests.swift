import ELBCore
import ELBHTTPProxy
import ELBModel
import ELBNet
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Routing through a running balancer` {
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test(.covers("ALB-COND-014")) func `leaves the path as it was, whatever pattern it met`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let rule = ListenerRule(
            priority: 1,
            conditions: [.pathPattern(.patterns(["/img/*"]))],
            actions: [.forward(ForwardAction(to: RunningBalancer.groupID))]
        )
        let running = try await RunningBalancer.start(
            backends: [backend.port],
            rules: [rule],
            defaultActions: [.fixedResponse(FixedResponseAction(statusCode: 404))]
        )
        #expect(try await running.exchange("GET /img/picture.jpg HTTP/1.1\r\nHost: a\r\n\r\n").text.hasSuffix("hello"))
        #expect(try await running.exchange(Self.get).text.hasPrefix("HTTP/1.1 404 "))
        #expect(backend.requests.map { $0.text.hasPrefix("GET /img/picture.jpg HTTP/1.1\r\n") } == [true])
        await running.stop()
        await backend.stop()
    }

    // SetRulePriorities in the lab's form: a configuration in which two rules have changed places.
    @Test(.covers("ALB-RULE-019")) func `lets rules change places at once`() async throws {
        func rule(_ priority: Int, _ path: String, _ status: Int) -> ListenerRule {
            let answer = FixedResponseAction(statusCode: status)
            let condition = RuleCondition.pathPattern(.patterns([path]))
            return ListenerRule(priority: priority, conditions: [condition], actions: [.fixedResponse(answer)])
        }
        var running = try await RunningBalancer.start(
            backends: [],
            rules: [rule(10, "/*", 401), rule(20, "/*", 402), rule(5, "/first", 404)]
        )
        #expect(try await running.exchange(Self.get).text.hasPrefix("HTTP/1.1 401 "))
        running.loadBalancer.listeners[0].rules[0].priority = 20
        running.loadBalancer.listeners[0].rules[1].priority = 10
        #expect(running.loadBalancer.validate().isEmpty)
        try await running.balancer.apply(running.loadBalancer, targetGroups: running.targetGroups)
        #expect(try await running.exchange(Self.get).text.hasPrefix("HTTP/1.1 402 "))
        #expect(try await running.exchange("GET /first HTTP/1.1\r\nHost: a\r\n\r\n").text.hasPrefix("HTTP/1.1 404 "))
        running.loadBalancer.listeners[0].rules[1].priority = 20
        #expect(running.loadBalancer.validate().map(\.code) == [.priorityInUse])
        await running.stop()
    }

    @Test(.covers("ALB-LSN-006")) func `takes every routing action for its default`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        for (action, status) in [
            (.forward(ForwardAction(to: RunningBalancer.groupID)), 200),
            (.redirect(RedirectAction(path: "/x", statusCode: .found)), 302),
            (.fixedResponse(FixedResponseAction(statusCode: 404)), 404),
        ] as [(RuleAction, Int)] {
            let running = try await RunningBalancer.start(backends: [backend.port], defaultActions: [action])
            #expect(try await running.exchange(Self.get).text.hasPrefix("HTTP/1.1 \(status) "))
            await running.stop()
        }
        await backend.stop()
    }

    @Test(.covers("ALB-FWD-006")) func `answers 503 where all weights are 0`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let nowhere = ForwardAction(targetGroups: [.init(RunningBalancer.groupID, weight: 0)])
        let running = try await RunningBalancer.start(backends: [backend.port], defaultActions: [.forward(nowhere)])
        #expect(try await running.exchange(Self.get).text.hasPrefix("HTTP/1.1 503 "))
        #expect(backend.requests.isEmpty)
        await running.stop()
        await backend.stop()
    }

    @Test(.covers("ALB-LSN-003")) func `has no door without a listener`() async throws {
        var running = try await RunningBalancer.start(backends: [])
        (try await running.connect()).close()
        running.loadBalancer.listeners = []
        try await running.balancer.apply(running.loadBalancer, targetGroups: running.targetGroups)
        await #expect(throws: RawClient.Failure.self) { try await running.connect() }
        await running.stop()
    }

    @Test(.covers("ALB-TG-006")) func `judges a target of two groups twice`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        var running = try await RunningBalancer.start(backends: [backend.port], timeScale: 30)
        var other = running.targetGroups[0]
        other.id = TargetGroupID(rawValue: "other")
        other.name = TargetGroupName(rawValue: "other")
        other.healthCheck.matcher = StatusMatcher(ranges: [201...201])
        running.targetGroups.append(other)
        running.loadBalancer.listeners[0].rules = [
            ListenerRule(
                priority: 1,
                conditions: [.pathPattern(.patterns(["/other"]))],
                actions: [.forward(ForwardAction(to: other.id))]
            )
        ]
        try await running.balancer.apply(running.loadBalancer, targetGroups: running.targetGroups)
        await running.waitForHealth(.healthy)
        await running.waitForHealth(.unhealthy, of: other.id)
        #expect(try await running.exchange(Self.get).text.hasSuffix("hello"))
        #expect(try await running.exchange("GET /other HTTP/1.1\r\nHost: a\r\n\r\n").text.hasSuffix("hello"))
        let counts = await running.balancer.metrics().targetGroups.map {
            [$0.group.gauges?.healthyHostCount, $0.group.gauges?.unHealthyHostCount, $0.group.counters.requestCount]
        }
        #expect(counts == [[1, 0, 1], [0, 1, 1]])
        await running.stop()
        await backend.stop()
    }

    /// A balancer with a node in zone a on 127.0.0.1 and one in zone b on 127.0.0.2.
    private static func startTwoNodes(_ ports: [UInt16], zone: AvailabilityZone?) async throws -> RunningBalancer {
        var running = try await RunningBalancer.start(backends: ports) { _, group in
            for index in group.targets.indices { group.targets[index].zone = zone }
        }
        running.loadBalancer.nodes.append(.init(zone: .b, address: .v4(IPv4Address(127, 0, 0, 2))))
        try await running.balancer.apply(running.loadBalancer, targetGroups: running.targetGroups)
        return running
    }

    private static func status(_ running: RunningBalancer, node: UInt8) async throws -> String {
        let client = try await RawClient.connect(port: running.port, of: IPv4Address(127, 0, 0, node))
        defer { client.close() }
        await client.send(Self.get)
        return String(await client.receiveResponse().text.prefix(12))
    }

    @Test(.covers("ALB-ERR-036")) func `answers 503 at a node whose zone has no target of its own`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        var running = try await Self.startTwoNodes([backend.port], zone: .b)
        #expect(try await Self.status(running, node: 1) == "HTTP/1.1 200")
        #expect(try await Self.status(running, node: 2) == "HTTP/1.1 200")
        running.targetGroups[0].attributes.crossZone = .off
        try await running.balancer.apply(running.loadBalancer, targetGroups: running.targetGroups)
        #expect(try await Self.status(running, node: 1) == "HTTP/1.1 503")
        #expect(try await Self.status(running, node: 2) == "HTTP/1.1 200")
        await running.stop()
        await backend.stop()
    }

    @Test(.covers("ALB-DNS-020")) func `serves at the other nodes while one has no power`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let running = try await Self.startTwoNodes([backend.port], zone: .b)
        await running.waitForHealth(.healthy)
        let standing = try await RawClient.connect(port: running.port, of: IPv4Address(127, 0, 0, 2))
        await standing.send(Self.get)
        #expect(await standing.receiveResponse().text.hasPrefix("HTTP/1.1 200"))
        await running.balancer.cut([.b])
        let newcomer = try await RawClient.connect(port: running.port, of: IPv4Address(127, 0, 0, 2))
        for client in [standing, newcomer] { await client.send(Self.get) }
        // The other node uses the target of the zone all the same.
        for _ in 0..<4 { #expect(try await Self.status(running, node: 1) == "HTTP/1.1 200") }
        for client in [standing, newcomer] {
            #expect(await client.receive(milliseconds: 50) { !$0.isEmpty }.ending == .timedOut)
        }
        #expect(await running.balancer.targetHealth().map(\.node) == [.a])
        // A changed configuration brings no power.
        try await running.balancer.apply(running.loadBalancer, targetGroups: running.targetGroups)
        await standing.send(Self.get)
        #expect(await standing.receive(milliseconds: 50) { !$0.isEmpty }.ending == .timedOut)
        await running.balancer.cut([])
        for client in [standing, newcomer] {
            #expect(await client.receive { !$0.isEmpty }.ending == .reset)
            client.close()
        }
        #expect(try await Self.status(running, node: 2) == "HTTP/1.1 200")
        #expect(await running.balancer.targetHealth().map(\.node) == [.a, .b])
        await running.stop()
        await backend.stop()
    }

    @Test(.covers("ALB-ALG-004")) func `goes round at each node by itself`() async throws {
        let first = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let second = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let running = try await Self.startTwoNodes([first.port, second.port], zone: nil)
        while await running.balancer.targetHealth().contains(where: { $0.health.state != .healthy }) {
            await Task.yield()
        }
        // One order for both nodes would give each node the same target every time.
        var counts: [Int] = []
        for _ in 0..<4 {
            let before = first.requests.count
            #expect(try await Self.status(running, node: 1) == "HTTP/1.1 200")
            counts.append(first.requests.count - before)
            #expect(try await Self.status(running, node: 2) == "HTTP/1.1 200")
        }
        #expect(counts == [1, 0, 1, 0] || counts == [0, 1, 0, 1])
        await running.stop()
        await first.stop()
        await second.stop()
    }
}
