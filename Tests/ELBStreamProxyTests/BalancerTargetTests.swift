import ELBConformance
import ELBCore
import ELBFleet
import ELBHTTPProxy
import ELBModel
import ELBNet
import ELBStreamProxy
import ELBTestSupport
import NIOPosix
import Testing

@Suite(.timeLimit(.minutes(1))) struct `An Application Load Balancer behind a Network Load Balancer` {
    /// An Application Load Balancer with a node in each of two zones, behind a Network Load Balancer with one.
    private struct Chain {
        let application: ApplicationLoadBalancer
        var balancer: LoadBalancer
        var web: TargetGroup
        let backend: Backend
        var front: RunningNetworkBalancer

        /// - Parameter crossZone: of the Network Load Balancer.
        static func start(
            crossZone: Bool = false,
            configure: (inout TargetGroup) -> Void = { _ in }
        ) async throws -> Self {
            let backend = try await Backend.start(
                BackendDescription(name: "web", address: .v4(IPv4Address(127, 10, 1, 90)))
            )
            var web = TargetGroup(
                id: TargetGroupID(rawValue: "web"),
                name: TargetGroupName(rawValue: "web"),
                port: 80,
                targetType: .ip,
                targets: backend.targets
            )
            web.healthCheck.intervalSeconds = 10
            configure(&web)
            let fixed = RuleAction.fixedResponse(
                FixedResponseAction(statusCode: 404, contentType: "text/plain", messageBody: "no such page")
            )
            let forward = ListenerRule(
                priority: 1,
                conditions: [.pathPattern(.patterns(["/web*"]))],
                actions: [.forward(ForwardAction(to: web.id))]
            )
            let port = try RunningNetworkBalancer.freePort()
            let balancer = LoadBalancer(
                name: LoadBalancerName(rawValue: "app"),
                nodes: [
                    .init(zone: .a, address: .v4(IPv4Address(127, 10, 1, 30))),
                    .init(zone: .b, address: .v4(IPv4Address(127, 10, 2, 30))),
                ],
                listeners: [Listener(port: port, protocol: .http, rules: [forward], defaultActions: [fixed])],
                dnsName: "app.example"
            )
            let application = ApplicationLoadBalancer(
                group: MultiThreadedEventLoopGroup.singleton,
                timeScale: TimeScale(factor: 50) ?? .realTime,
                seed: 1
            )
            try await application.apply(balancer, targetGroups: [web])
            let front = try await RunningNetworkBalancer.start(backends: 0) { network, group in
                network.attributes.crossZoneEnabled = crossZone
                // The zone of the second node is enabled; that the node is this machine's, too, hurts nobody.
                network.nodes.append(.init(zone: .b, address: .v4(IPv4Address(127, 0, 0, 2))))
                group.targetType = .alb
                group.healthCheck = .network(.http)
                group.healthCheck.path = crossZone ? "/health" : "/web/check"
                group.healthCheck.intervalSeconds = 10
                group.healthCheck.healthyThresholdCount = 2
                // Whatever the load balancer says by itself: one node has no targets.
                group.healthCheck.matcher = StatusMatcher(ranges: [crossZone ? 404...404 : 200...399])
                group.targets = balancer.nodes.map { node in
                    Target(
                        id: TargetID(rawValue: "arn:aws:elasticloadbalancing:app"),
                        endpoint: Endpoint(address: node.address, port: port),
                        zone: node.zone,
                        node: node.zone
                    )
                }
            }
            await front.waitForHealth(.healthy)
            return Self(application: application, balancer: balancer, web: web, backend: backend, front: front)
        }

        /// Applies what the closure makes of the Application Load Balancer.
        mutating func change(_ change: (inout LoadBalancer) -> Void) async throws {
            change(&self.balancer)
            try await self.application.apply(self.balancer, targetGroups: [self.web])
        }

        func get(_ path: String, from source: IPAddress? = nil) async throws -> RawAnswer? {
            let request = "GET \(path) HTTP/1.1\r\nHost: app.example\r\nConnection: close\r\n\r\n"
            return try await self.front.onConnection(from: source) { connection in
                connection.send(request)
                connection.receive(within: .seconds(10))
                return RawAnswer.all(in: connection.received, methods: ["GET"], isAtEnd: true).last
            }
        }

        func stop() async {
            await self.front.stop()
            await self.application.stop(gracePeriod: .zero)
            await self.backend.stop()
        }
    }

    @Test(.covers("NLB-AL-003", "NLB-AL-010", "NLB-IP-007"))
    func `answers at the other's address, is checked through, and tells who the client is`() async throws {
        let chain = try await Chain.start()
        let own = try await chain.get("/")
        #expect(own?.status == 404)
        #expect(own?.header("server") == "awselb/2.0")
        let client = IPAddress.v4(IPv4Address(127, 200, 0, 7))
        #expect(try await chain.get("/web/1", from: client)?.status == 200)
        let records = try await chain.backend.waitForRecords(count: 1, kind: .traffic) { $0.target == "/web/1" }
        #expect(records[0].values(of: "x-forwarded-for") == ["\(client)"])
        #expect(records[0].values(of: "x-forwarded-port") == ["\(chain.balancer.listeners[0].port)"])
        // The check goes on to the target, as a request of the Application Load Balancer's.
        let check = try await chain.backend.waitForRecords(count: 1) { $0.target == "/web/check" }
        #expect(check[0].values(of: "user-agent") == ["ELB-HealthChecker/2.0"])
        await chain.stop()
    }

    @Test(.covers("NLB-AL-002", "NLB-AL-003")) func `is unhealthy without its listener, and healthy with it again`()
        async throws
    {
        var chain = try await Chain.start()
        let listeners = chain.balancer.listeners
        try await chain.change { $0.listeners = [] }
        await chain.front.waitForHealth(.unhealthy)
        try await chain.change { $0.listeners = listeners }
        await chain.front.waitForHealth(.healthy)
        #expect(try await chain.get("/web/2")?.status == 200)
        await chain.stop()
    }

    @Test(.covers("NLB-AL-009")) func `answers 503 at times when it keeps to its zones and the other does not`()
        async throws
    {
        let chain = try await Chain.start(crossZone: true) { $0.attributes.crossZone = .off }
        var statuses: [Int: Int] = [:]
        // Of one of two nodes sixty connections without a bad one come once in 10 ^ 18 runs.
        for _ in 0..<60 { statuses[try await chain.get("/web/3")?.status ?? 0, default: 0] += 1 }
        #expect(Set(statuses.keys) == [200, 503], "\(statuses)")
        await chain.stop()
    }

    @Test(.covers("NLB-AL-007")) func `is no host in the metrics`() async throws {
        let chain = try await Chain.start()
        let metrics = await chain.front.balancer.metrics()
        let gauges = metrics.nodes.flatMap(\.current.groups).compactMap(\.gauges)
        #expect(!gauges.isEmpty)
        #expect(
            gauges.allSatisfy { $0.healthyHostCount == 0 && $0.unHealthyHostCount == 0 && $0.registeredHostCount == 0 }
        )
        await chain.stop()
    }
}
