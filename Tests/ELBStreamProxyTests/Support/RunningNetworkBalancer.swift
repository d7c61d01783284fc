import ELBConformance
import ELBFleet
import ELBModel
import ELBNet
import ELBStreamProxy
import Glibc
import NIOPosix
import Synchronization

/// A Network Load Balancer on a free port of 127.0.0.1 in front of echoing backends. Time runs fast: `timeScale` AWS seconds per
/// second.
struct RunningNetworkBalancer {
    let balancer: NetworkLoadBalancer
    let backends: [Backend]
    var loadBalancer: LoadBalancer
    var group: TargetGroup
    let port: Port
    let raw = RawClient()

    static let node = IPAddress.v4(IPv4Address(127, 0, 0, 1))

    var endpoint: Endpoint { Endpoint(address: Self.node, port: self.port) }

    static func start(
        _ listener: Listener.Proto = .tcp,
        to proto: TargetGroup.Proto = .tcp,
        backends count: Int = 1,
        timeScale: Double = 50,
        limits: NetworkLoadBalancer.Limits = .init(),
        logStore: (any LogStore)? = nil,
        behaviour: BackendBehaviour? = nil,
        configure: (inout LoadBalancer, inout TargetGroup) -> Void = { _, _ in }
    ) async throws -> Self {
        var usual = BackendBehaviour()
        usual.speaks = .udp
        usual.body = ""
        var backends: [Backend] = []
        for number in 0..<count {
            let description = BackendDescription(
                name: "b\(number)",
                address: .v4(IPv4Address(127, 10, 1, UInt8(64 + number))),
                behaviour: behaviour ?? usual
            )
            backends.append(try await Backend.start(description))
        }
        var group = TargetGroup(
            id: TargetGroupID(rawValue: "g"),
            name: TargetGroupName(rawValue: "g"),
            protocol: proto,
            port: 80,
            targetType: .ip,
            healthCheck: .network(),
            targets: backends.flatMap(\.targets)
        )
        group.healthCheck.intervalSeconds = 10
        group.healthCheck.timeoutSeconds = 5
        var loadBalancer = LoadBalancer(
            name: LoadBalancerName(rawValue: "net"),
            kind: .network,
            nodes: [.init(zone: .a, address: Self.node)],
            listeners: [
                Listener(port: try Self.freePort(), protocol: listener, defaultActions: [.forward(.init(to: group.id))])
            ],
            dnsName: "net.example"
        )
        configure(&loadBalancer, &group)
        let balancer = NetworkLoadBalancer(
            group: MultiThreadedEventLoopGroup.singleton,
            timeScale: TimeScale(factor: timeScale) ?? .realTime,
            logStore: logStore,
            limits: limits,
            seed: 1
        )
        try await balancer.apply(loadBalancer, targetGroups: [group])
        let running = Self(
            balancer: balancer,
            backends: backends,
            loadBalancer: loadBalancer,
            group: group,
            port: loadBalancer.listeners[0].port
        )
        if count > 0 { await running.waitForHealth(.healthy) }
        return running
    }

    /// What a TLS listener needs.
    static func tls(_ alpn: ALPNPolicy = .none) -> ListenerTLS {
        ListenerTLS(
            sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
            defaultCertificate: Certificate(
                arn: CertificateARN(rawValue: "arn:aws:acm:\(AvailabilityZone.region):123456789012:certificate/1"),
                source: .issued(names: ["www.example.com"], keyAlgorithm: .ecdsaP256)
            ),
            alpnPolicy: alpn
        )
    }

    private static let nextPort = Mutex(33_000 - Int(getpid()) % 300 * 3)

    /// A port that can be had, outside the range that the system hands out.
    static func freePort() throws -> Port {
        for _ in 0..<2000 {
            let number = Self.nextPort.withLock { next in
                defer { next = next > 25_000 ? next - 1 : 32_700 }
                return next
            }
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(number).bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            let code = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            if code == 0, let port = Port(number) { return port }
        }
        throw BackendError(.cannotListen, "no free port")
    }

    func waitForHealth(_ state: TargetHealth.State, of number: Int? = nil) async {
        while true {
            let health = await self.balancer.targetHealth().filter { description in
                number.map { description.target.endpoint == self.backends[$0].endpoints[0] } ?? true
            }
            if !health.isEmpty, health.allSatisfy({ $0.health.state == state }) { return }
            try? await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Applies what the closure makes of the configuration.
    mutating func change(_ change: (inout LoadBalancer, inout TargetGroup) -> Void) async throws {
        change(&self.loadBalancer, &self.group)
        try await self.balancer.apply(self.loadBalancer, targetGroups: [self.group])
    }

    func onConnection<Value: Sendable>(
        from source: IPAddress? = nil,
        _ script: @escaping @Sendable (RawConnection) -> Value
    ) async throws -> Value {
        try await self.raw.onConnection(to: self.endpoint, from: source, script: script).get()
    }

    func onDatagrams<Value: Sendable>(
        from source: IPAddress? = nil,
        _ script: @escaping @Sendable (RawDatagrams) -> Value
    ) async throws -> Value {
        try await self.raw.onDatagrams(to: self.endpoint, from: source, script: script).get()
    }

    func stop() async {
        await self.balancer.stop(gracePeriod: .zero)
        for backend in self.backends { await backend.stop() }
    }
}

extension RawConnection {
    /// What comes back of a text, as far as it is as long.
    func echo(_ text: String) -> String {
        let before = self.received.count
        self.send(text)
        let wanted = before + text.utf8.count
        self.receive(within: .seconds(5)) { $0.count >= wanted }
        return String(decoding: self.received.dropFirst(before), as: UTF8.self)
    }
}
