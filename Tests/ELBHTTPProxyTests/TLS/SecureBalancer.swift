import ELBConformance
import ELBCore
import ELBFleet
import ELBHTTPProxy
import ELBModel
import ELBNet
import NIOPosix

/// A balancer with one HTTPS listener on two nodes, and a client that trusts it.
struct SecureBalancer {
    let balancer: ApplicationLoadBalancer
    let port: Port
    let accessLog: CollectingLog
    let connectionLog: CollectingLog
    let authority: CertificateAuthority
    var loadBalancer: LoadBalancer
    var targetGroups: [TargetGroup]

    static let name = "shop.example.com"
    static let addresses = ["127.0.0.1", "127.0.0.2"]
    static let arn = CertificateARN(rawValue: "arn:aws:acm:ap-northeast-2:123456789012:certificate/default")
    private static let curl = CurlClient(parallelism: 4)

    /// - Parameters:
    ///   - targets: ports of targets of an HTTPS group; without any the listener answers by itself.
    ///   - configure: changes the listener's settings; gets the authority of its clients.
    static func start(
        targets: [UInt16] = [],
        policy: String = "ELBSecurityPolicy-TLS13-1-2-2021-06",
        timeScale: Double = 1,
        quirks: Set<Quirk> = [],
        configure: (inout ListenerTLS, CertificateAuthority) throws -> Void = { _, _ in }
    ) async throws -> SecureBalancer {
        let authority = try CertificateAuthority()
        var tls = ListenerTLS(sslPolicy: policy, defaultCertificate: try Self.certificate(authority))
        try configure(&tls, authority)
        let port = try RunningBalancer.freePort()
        var group = RunningBalancer.group(targets)
        group.protocol = .https
        group.healthCheck.protocol = .https
        let action: RuleAction =
            targets.isEmpty
            ? .fixedResponse(FixedResponseAction(statusCode: 200, contentType: "text/plain", messageBody: "own"))
            : .forward(ForwardAction(to: group.id))
        let loadBalancer = LoadBalancer(
            name: LoadBalancerName(rawValue: "secure"),
            nodes: zip([AvailabilityZone.a, .b], Self.addresses).compactMap { zone, text in
                IPAddress(text).map { LoadBalancer.Node(zone: zone, address: $0) }
            },
            listeners: [Listener(port: port, protocol: .https, defaultActions: [action], tls: tls)],
            dnsName: "secure-1.ap-northeast-2.elb.aws.test",
            quirks: quirks
        )
        let (accessLog, connectionLog) = (CollectingLog(), CollectingLog())
        let balancer = ApplicationLoadBalancer(
            group: MultiThreadedEventLoopGroup.singleton,
            timeScale: TimeScale(factor: timeScale) ?? .realTime,
            accessLog: accessLog,
            connectionLog: connectionLog,
            seed: 1
        )
        let groups = targets.isEmpty ? [] : [group]
        try await balancer.apply(loadBalancer, targetGroups: groups)
        return SecureBalancer(
            balancer: balancer,
            port: port,
            accessLog: accessLog,
            connectionLog: connectionLog,
            authority: authority,
            loadBalancer: loadBalancer,
            targetGroups: groups
        )
    }

    static func certificate(_ authority: CertificateAuthority, _ name: String = Self.name) throws -> Certificate {
        let issued = try authority.issue(name)
        return Certificate(
            arn: Self.arn,
            source: .imported(certificate: .text(issued.certificate), privateKey: .text(issued.privateKey))
        )
    }

    /// A request on a connection of its own.
    func request(at address: String = "127.0.0.1", tls change: (inout CurlTLS) -> Void = { _ in }) -> CurlRequest {
        var request = CurlRequest(
            "GET",
            "https://\(Self.name):\(self.port)/",
            connection: .fresh,
            resolve: ["\(Self.name):\(self.port):\(address)"],
            timeout: .seconds(15)
        )
        var tls = CurlTLS(authorities: self.authority.certificate)
        change(&tls)
        request.tls = tls
        return request
    }

    func get(tls change: (inout CurlTLS) -> Void = { _ in }) async -> CurlOutcome {
        await Self.curl.perform(self.request(tls: change))
    }

    /// One after the other, each on a connection of its own, by a client that remembers sessions.
    func getInOrder(_ requests: [CurlRequest]) async -> [CurlOutcome] {
        await Self.curl.performInOrder(requests)
    }

    func stop() async {
        await self.balancer.stop(gracePeriod: .seconds(1))
    }
}

extension CollectingLog: ConnectionLogSink {}
