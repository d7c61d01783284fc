import ELBHTTPProxy
import ELBModel
import ELBNet
import Glibc
import NIOPosix
import Synchronization

/// A balancer on a free port of 127.0.0.1, in front of given backends. Time runs fast: `timeScale` AWS seconds per second.
struct RunningBalancer {
    let balancer: ApplicationLoadBalancer
    let port: UInt16
    let log: CollectingLog
    var loadBalancer: LoadBalancer
    var targetGroups: [TargetGroup]

    static let groupID = TargetGroupID(rawValue: "web")

    static func start(
        backends ports: [UInt16],
        timeScale: Double = 1,
        rules: [ListenerRule] = [],
        defaultActions: [RuleAction]? = nil,
        quirks: Set<Quirk> = [],
        logStore: (any LogStore)? = nil,
        connectionLimit: Int? = nil,
        configure: (inout LoadBalancerAttributes, inout TargetGroup) -> Void = { _, _ in }
    ) async throws -> RunningBalancer {
        let port = try Self.freePort()
        var group = Self.group(ports)
        var attributes = LoadBalancerAttributes()
        configure(&attributes, &group)
        let loadBalancer = LoadBalancer(
            name: LoadBalancerName(rawValue: "test"),
            nodes: [LoadBalancer.Node(zone: .a, address: .v4(IPv4Address(127, 0, 0, 1)))],
            listeners: [
                Listener(
                    port: port,
                    rules: rules,
                    defaultActions: defaultActions ?? [.forward(ForwardAction(to: Self.groupID))]
                )
            ],
            attributes: attributes,
            dnsName: "test-1.ap-northeast-2.elb.aws.test",
            quirks: quirks
        )
        let log = CollectingLog()
        let balancer = ApplicationLoadBalancer(
            group: MultiThreadedEventLoopGroup.singleton,
            timeScale: TimeScale(factor: timeScale) ?? .realTime,
            accessLog: log,
            logStore: logStore,
            connectionLimit: connectionLimit,
            seed: 1
        )
        try await balancer.apply(loadBalancer, targetGroups: [group])
        return RunningBalancer(
            balancer: balancer,
            port: port.rawValue,
            log: log,
            loadBalancer: loadBalancer,
            targetGroups: [group]
        )
    }

    static func group(_ ports: [UInt16]) -> TargetGroup {
        TargetGroup(
            id: Self.groupID,
            name: TargetGroupName(rawValue: "web"),
            port: 80,
            targetType: .ip,
            targets: ports.compactMap { Port(rawValue: $0) }.map { port in
                Target(
                    id: TargetID(rawValue: "127.0.0.1"),
                    endpoint: Endpoint(address: .v4(IPv4Address(127, 0, 0, 1)), port: port),
                    zone: nil
                )
            }
        )
    }

    private static let nextPort = Mutex(20_000 + Int(getpid()) % 1000 * 12)

    /// A port that nobody listens on, outside the range that the system hands out, where another test's connection could take it
    /// between now and its use.
    static func freePort() throws -> Port {
        for _ in 0..<1000 {
            let number = Self.nextPort.withLock { next in
                defer { next = next < 32_000 ? next + 1 : 20_000 }
                return next
            }
            if let port = Port(number), Self.canBind(port) { return port }
        }
        throw RawClient.Failure(text: "no free port")
    }

    private static func canBind(_ port: Port) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var reuse: CInt = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<CInt>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.rawValue.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    func connect() async throws -> RawClient {
        try await RawClient.connect(port: self.port)
    }

    /// Sends the bytes on a new connection and returns the first response.
    func exchange(_ request: String) async throws -> RawClient.Received {
        let client = try await self.connect()
        defer { client.close() }
        await client.send(request)
        return await client.receiveResponse()
    }

    /// Waits until the node in zone a finds every target of the group in the state, or a target on this port if one is given.
    func waitForHealth(_ state: TargetHealth.State, port: UInt16? = nil, of group: TargetGroupID = Self.groupID) async {
        while true {
            let health = await self.balancer.targetHealth().filter {
                $0.node == .a && $0.targetGroup == group && (port == nil || $0.target.endpoint.port.rawValue == port)
            }
            if !health.isEmpty, health.allSatisfy({ $0.health.state == state }) { return }
            await Task.yield()
        }
    }

    func stop() async {
        await self.balancer.stop(gracePeriod: .seconds(1))
    }
}

/// Keeps access log lines.
final class CollectingLog: AccessLogSink {
    private let bytes = Mutex([UInt8]())

    func write(_ lines: [UInt8]) {
        self.bytes.withLock { $0 += lines }
    }

    func flush() async {}

    var lines: [String] {
        self.bytes.withLock { String(decoding: $0, as: UTF8.self) }.split(separator: "\n").map(String.init)
    }
}
