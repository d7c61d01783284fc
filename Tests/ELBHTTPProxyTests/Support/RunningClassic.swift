import ELBHTTPProxy
import ELBModel
import ELBNet
import ELBStreamProxy
import NIOPosix

/// A Classic Load Balancer on a free port of 127.0.0.1, and its instances: 127.0.0.2, 127.0.0.3 and so on, all on one port.
struct RunningClassic {
    let balancer: ClassicBalancer
    var configuration: ClassicLoadBalancer
    let backends: [TestBackend]
    let port: UInt16
    let log: CollectingLog

    /// - Parameters:
    ///   - script: of the instance of that number: gets each request's text and its number there.
    ///   - waits: until every instance is in service.
    static func start(
        instances: Int = 2,
        timeScale: Double = 1,
        quirks: Set<Quirk> = [],
        waits: Bool = true,
        logStore: (any LogStore)? = nil,
        surgeQueueLimit: Int = 1024,
        configure: (inout ClassicLoadBalancer) -> Void = { _ in },
        script: @Sendable @escaping (Int, String, Int) -> TestBackend.Reply
    ) async throws -> RunningClassic {
        let port = try RunningBalancer.freePort()
        let instancePort = try RunningBalancer.freePort()
        var backends: [TestBackend] = []
        for number in 0..<instances {
            backends.append(
                try await TestBackend.start(host: "127.0.0.\(number + 2)", port: instancePort.rawValue) {
                    script(number, $0, $1)
                }
            )
        }
        var configuration = ClassicLoadBalancer(
            name: LoadBalancerName(rawValue: "test"),
            nodes: [LoadBalancer.Node(zone: .a, address: .v4(IPv4Address(127, 0, 0, 1)))],
            listeners: [ClassicListener(port: port, protocol: .http, instancePort: instancePort)],
            instances: (0..<instances).map(Self.instance),
            dnsName: "test-1.ap-northeast-2.elb.aws.test",
            quirks: quirks
        )
        configuration.healthCheck.target = .init(protocol: .http, port: instancePort, path: "/health")
        configure(&configuration)
        let log = CollectingLog()
        let balancer = ClassicBalancer(
            group: MultiThreadedEventLoopGroup.singleton,
            timeScale: TimeScale(factor: timeScale) ?? .realTime,
            accessLog: log,
            logStore: logStore,
            streamRelay: ClassicStreamRelay(),
            surgeQueueLimit: surgeQueueLimit,
            seed: 1
        )
        try await balancer.apply(configuration)
        let running = RunningClassic(
            balancer: balancer,
            configuration: configuration,
            backends: backends,
            port: port.rawValue,
            log: log
        )
        if waits { await running.wait(for: .inService) }
        return running
    }

    static func instance(_ number: Int) -> ClassicLoadBalancer.RegisteredInstance {
        .init(
            id: InstanceID(rawValue: "i-\(number)"),
            address: .v4(IPv4Address(127, 0, 0, UInt8(number + 2))),
            zone: .a
        )
    }

    /// Waits until every instance, or the one of that number, is in the state.
    func wait(for state: ClassicInstanceHealth.State, of number: Int? = nil) async {
        while true {
            let health = await self.balancer.instanceHealth().filter {
                number == nil || $0.instance.rawValue == "i-\(number ?? 0)"
            }
            if !health.isEmpty, health.allSatisfy({ $0.health.state == state }) { return }
            await Task.yield()
        }
    }

    /// Sends the bytes on a new connection and returns the first response.
    func exchange(_ request: String) async throws -> RawClient.Received {
        let client = try await RawClient.connect(port: self.port)
        defer { client.close() }
        await client.send(request)
        return await client.receiveResponse()
    }

    func get(_ path: String = "/", _ fields: String...) async throws -> String {
        let lines = ["GET \(path) HTTP/1.1", "Host: a"] + fields
        return try await self.exchange(lines.joined(separator: "\r\n") + "\r\n\r\n").text
    }

    mutating func change(_ change: (inout ClassicLoadBalancer) -> Void) async throws {
        change(&self.configuration)
        try await self.balancer.apply(self.configuration)
    }

    func stop() async {
        await self.balancer.stop(gracePeriod: .seconds(1))
        for backend in self.backends { await backend.stop() }
    }
}
