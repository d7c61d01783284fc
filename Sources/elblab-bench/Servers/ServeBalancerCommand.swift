import ArgumentParser
import ELBHTTPProxy
import ELBModel
import ELBNet
import ELBStreamProxy
import Logging
import NIOPosix

/// Our side of the measurements: one node on one event loop, with rules that all have to be looked at, health checks, metrics and
/// access log on.
struct ServeBalancerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve-balancer",
        abstract: "Run the balancer as the measurements need it.",
        shouldDisplay: false
    )

    @Option(help: "Port on 127.0.0.1.")
    var port: Int

    @Option(help: "Port of the backend on 127.0.0.1.")
    var backend: Int

    @Option(help: "File that gets the access log; none is written without it.")
    var accessLog: String?

    @Option(help: "Certificate in PEM form; with it the listener is HTTPS.")
    var certificate: String?

    @Option(help: "The certificate's private key in PEM form.")
    var key: String?

    @Flag(help: "The target speaks gRPC.")
    var grpc = false

    @Flag(help: "A Network Load Balancer in place of an Application Load Balancer.")
    var tcp = false

    @Flag(help: "The same, for datagrams.")
    var udp = false

    @Option(help: "Number of rules, none of which matches.")
    var rules = 100

    func run() async throws {
        guard !self.tcp, !self.udp else { return try await self.runNetwork() }
        let sink = try self.accessLog.map { try FileAccessLogSink(path: $0, logger: Logger(label: "elblab-bench")) }
        let balancer = ApplicationLoadBalancer(
            group: MultiThreadedEventLoopGroup(numberOfThreads: 1),
            timeScale: .realTime,
            accessLog: sink
        )
        var (loadBalancer, group) = try BenchTopology.make(port: self.port, backend: self.backend, rules: self.rules)
        if let certificate = self.certificate, let key = self.key {
            loadBalancer.listeners[0].protocol = .https
            loadBalancer.listeners[0].tls = BenchTopology.tls(certificate: certificate, key: key)
        }
        if self.grpc {
            group.protocolVersion = .grpc
            group.healthCheck.path = StatusMatcher.grpcPath
            group.healthCheck.grpcMatcher = StatusMatcher(ranges: [0...0])
        }
        try await balancer.apply(loadBalancer, targetGroups: [group])
        while true { try await Task.sleep(for: .seconds(3600)) }
    }

    private func runNetwork() async throws {
        var (loadBalancer, group) = try BenchTopology.make(port: self.port, backend: self.backend, rules: 0)
        loadBalancer.kind = .network
        loadBalancer.listeners[0].protocol = self.udp ? .udp : .tcp
        group.protocol = self.udp ? .udp : .tcp
        group.healthCheck = .network()
        let balancer = NetworkLoadBalancer(
            group: MultiThreadedEventLoopGroup(numberOfThreads: 1),
            timeScale: .realTime
        )
        try await balancer.apply(loadBalancer, targetGroups: [group])
        while true { try await Task.sleep(for: .seconds(3600)) }
    }
}

/// The configuration that is measured.
enum BenchTopology {
    static func make(port: Int, backend: Int, rules: Int) throws -> (LoadBalancer, TargetGroup) {
        guard let port = Port(port), let backend = Port(backend) else { throw ValidationError("ports are 1 to 65535") }
        let id = TargetGroupID(rawValue: "bench")
        let loopback = IPAddress.v4(IPv4Address(127, 0, 0, 1))
        let group = TargetGroup(
            id: id,
            name: TargetGroupName(rawValue: "bench"),
            port: backend,
            targetType: .ip,
            targets: [
                Target(
                    id: TargetID(rawValue: "127.0.0.1"),
                    endpoint: Endpoint(address: loopback, port: backend),
                    zone: nil
                )
            ]
        )
        let loadBalancer = LoadBalancer(
            name: LoadBalancerName(rawValue: "bench"),
            nodes: [LoadBalancer.Node(zone: .a, address: loopback)],
            listeners: [
                Listener(
                    port: port,
                    rules: Self.rules(rules, to: id),
                    defaultActions: [.forward(ForwardAction(to: id))]
                )
            ],
            dnsName: "bench-1.ap-northeast-2.elb.aws.test"
        )
        return (loadBalancer, group)
    }

    /// A certificate from files, and a policy that has TLS 1.3.
    static func tls(certificate: String, key: String) -> ListenerTLS {
        ListenerTLS(
            sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
            defaultCertificate: Certificate(
                arn: CertificateARN(rawValue: "arn:aws:acm:ap-northeast-2:123456789012:certificate/bench"),
                source: .imported(certificate: .file(certificate), privateKey: .file(key))
            )
        )
    }

    /// Half by path, half by host, as people write them; none matches a request for `/`.
    static func rules(_ count: Int, to id: TargetGroupID) -> [ListenerRule] {
        (1...max(1, count)).prefix(count).map { number in
            let condition: RuleCondition =
                number % 2 == 0
                ? .pathPattern(.patterns(["/service-\(number)/*"]))
                : .hostHeader(.patterns(["service-\(number).example.com"]))
            return ListenerRule(priority: number, conditions: [condition], actions: [.forward(ForwardAction(to: id))])
        }
    }
}
