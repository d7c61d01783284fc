import ELBCore
import ELBHTTPProxy
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Metrics of a balancer` {
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    private static func rule(_ priority: Int, _ path: String, status: Int = 200) -> ListenerRule {
        ListenerRule(
            priority: priority,
            conditions: [.pathPattern(.patterns([path]))],
            actions: [.fixedResponse(FixedResponseAction(statusCode: status))]
        )
    }

    @Test(.covers("ALB-MET-003")) func `count requests only if a target could be chosen`() async throws {
        let running = try await RunningBalancer.start(backends: [], rules: [Self.rule(1, "/fixed")])
        for request in [Self.get, "garbage\r\n\r\n", "GET /fixed HTTP/1.1\r\nHost: a\r\n\r\n"] {
            _ = try await running.exchange(request)
        }
        let metrics = await running.balancer.metrics()
        #expect(metrics.requestCount == 0)
        #expect(
            metrics.httpCodeELB503Count == 1 && metrics.httpCodeELB4XXCount == 1 && metrics.httpFixedResponseCount == 1
        )
        await running.stop()
    }

    @Test(
        .covers("ALB-MET-014"),
        arguments: [("/1", 1), ("/3", 3), ("/12", 12), ("/other", 12)]
    )
    func `count rules up to the one that matches, the default not`(path: String, evaluations: Int) async throws {
        let running = try await RunningBalancer.start(
            backends: [],
            rules: (1...12).map { Self.rule($0, "/\($0)") },
            defaultActions: [.fixedResponse(FixedResponseAction(statusCode: 200))]
        )
        _ = try await running.exchange("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
        let metrics = await running.balancer.metrics()
        #expect(metrics.ruleEvaluations == evaluations)
        #expect(metrics.paidRuleEvaluations == max(0, evaluations - 10))
        await running.stop()
    }

    @Test(.covers("ALB-MET-006", "ALB-MET-009", "ALB-MET-011"))
    func `tell targets' answers from connections that never came up`() async throws {
        let backend = try await TestBackend.start { request, _ in
            .bytes("HTTP/1.1 \(request.dropFirst(5).prefix(3)) X\r\nContent-Length: 0\r\n\r\n")
        }
        let running = try await RunningBalancer.start(backends: [backend.port])
        for status in [200, 204, 302, 404, 503] {
            _ = try await running.exchange("GET /\(status) HTTP/1.1\r\nHost: a\r\n\r\n")
        }
        await backend.stop()
        var metrics = await running.balancer.metrics()
        #expect(metrics.httpCodeTarget2XXCount == 2)
        #expect(metrics.httpCodeTarget3XXCount == 1)
        #expect(metrics.httpCodeTarget4XXCount == 1)
        #expect(metrics.httpCodeTarget5XXCount == 1)
        #expect(metrics.targetConnectionErrorCount == 0)
        #expect(metrics.httpCodeELB5XXCount == 0)
        #expect(metrics.ipv6ProcessedBytes == 0 && metrics.ipv6RequestCount == 0)
        await running.stop()

        let dead = try await RunningBalancer.start(backends: [RunningBalancer.freePort().rawValue])
        #expect(try await dead.exchange(Self.get).text.hasPrefix("HTTP/1.1 502 "))
        metrics = await dead.balancer.metrics()
        #expect(metrics.targetConnectionErrorCount == 1)
        #expect(metrics.requestCount == 1)
        #expect(metrics.httpCodeTarget5XXCount == 0 && metrics.httpCodeELB502Count == 1)
        await dead.stop()
    }

    @Test(.covers("ALB-MET-001")) func `close a period every 60 AWS seconds`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        // A minute lasts 20 ms.
        let running = try await RunningBalancer.start(backends: [backend.port], timeScale: 3000)
        for _ in 0..<3 { _ = try await running.exchange(Self.get) }
        var closed: [Double] = []
        while closed.reduce(0, +) < 3 {
            await Task.yield()
            let series = await running.balancer.metrics().series()
            closed = series.first { $0.metric == .requestCount }?.points.map(\.value.sum) ?? []
        }
        let series = await running.balancer.metrics().series()
        let requests = series.filter { $0.metric == .requestCount }
        #expect(requests.map(\.total?.sum) == [3, 3, 3, 3])
        let starts = requests.first?.points.map(\.start) ?? []
        #expect(starts == starts.sorted() && Set(starts).count == starts.count)
        #expect(starts.allSatisfy { $0 % 20_000 == 0 })
        #expect(await running.balancer.metrics().requestCount == 3)
        await running.stop()
        await backend.stop()
    }

    @Test(.covers("ALB-CONN-014", "ALB-MET-010")) func `count connections that there was no room for`() async throws {
        let running = try await RunningBalancer.start(
            backends: [],
            defaultActions: [.fixedResponse(FixedResponseAction(statusCode: 200))],
            connectionLimit: 2
        )
        let (one, two) = (try await running.connect(), try await running.connect())
        for client in [one, two] {
            await client.send(Self.get)
            #expect(await client.receiveResponse().text.hasPrefix("HTTP/1.1 200 "))
        }
        let third = try await running.connect()
        await third.send(Self.get)
        #expect(await third.receiveAll().text.isEmpty)
        third.close()
        var metrics = await running.balancer.metrics()
        #expect(metrics.rejectedConnectionCount == 1)
        #expect(metrics.newConnectionCount == 2)
        one.close()
        while metrics.activeConnectionCount > 1 {
            await Task.yield()
            metrics = await running.balancer.metrics()
        }
        #expect(try await running.exchange(Self.get).text.hasPrefix("HTTP/1.1 200 "))
        two.close()
        await running.stop()
    }

    @Test func `keep what a node counted that is gone`() async throws {
        var running = try await RunningBalancer.start(
            backends: [],
            defaultActions: [.fixedResponse(FixedResponseAction(statusCode: 200))]
        )
        _ = try await running.exchange(Self.get)
        let node = LoadBalancer.Node(zone: .b, address: .v4(IPv4Address(127, 0, 0, 2)))
        running.loadBalancer.nodes = [node]
        try await running.balancer.apply(running.loadBalancer, targetGroups: running.targetGroups)
        let metrics = await running.balancer.metrics()
        #expect(metrics.httpFixedResponseCount == 1)
        let zones = metrics.series().filter { $0.metric == .httpFixedResponseCount }.map(\.dimensions.zone)
        #expect(zones == [nil, .a])
        await running.stop()
    }
}
