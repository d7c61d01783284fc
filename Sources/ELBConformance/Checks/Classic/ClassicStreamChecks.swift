internal import ELBFleet
internal import ELBModel

/// Classic Load Balancers that carry bytes.
enum ClassicStreamChecks {
    static let all = [Self.bytes, Self.proxyLine]

    private static let feature = "clb.tcp"

    private static let bytes = Check(
        "classic.tcp.bytes",
        "A TCP listener carries bytes as they are, each connection to the next instance.",
        rows: ["CLB-LS-014", "CLB-RT-001", "CLB-HD-004"],
        feature: Self.feature,
        reference: .classicListeners,
        kills: [.roundRobinAlwaysFirst],
        lookAt: "who gets the next connection",
        setting: .classic()
    ) { scene in
        let web = try await scene.classic(backends: 2) { $0.listenToStreams() }
        try await scene.start()

        for _ in 0..<6 {
            let exchange = await scene.send("GET", "/", to: web.endpoint) { $0.connection = .fresh }
            let (_, record) = try scene.expect(exchange, reached: web.group)
            for name in ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Port"] {
                try scene.expect(name, of: exchange, record.values(of: name), is: [])
            }
        }
        let counts = await scene.trafficCounts(web.group)
        try scene.expect(
            counts == [3, 3],
            tried: "six connections, one after the other",
            expected: "three at each of two instances",
            actual: "\(counts)"
        )
    }

    private static let proxyLine = Check(
        "classic.tcp.proxy-line",
        "With a policy for PROXY protocol an instance is told first who speaks, in one line.",
        rows: ["CLB-PP-001", "CLB-PP-002"],
        feature: Self.feature,
        reference: .classicProxyProtocol,
        kills: [.classicProxyLineMissing],
        lookAt: "what a connection to an instance begins with",
        setting: .classic()
    ) { scene in
        let web = try await scene.classic(behaviour: .speaking(.tcp)) {
            $0.listenToStreams()
            $0.healthCheck.target = .init(protocol: .tcp, port: $0.listeners[0].instancePort, path: nil)
            $0.policies = [ClassicPolicy(name: "proxy", kind: .proxyProtocol(isEnabled: true))]
            $0.backendPolicies[$0.listeners[0].instancePort] = ["proxy"]
        }
        try await scene.start()

        let outcome = await scene.onRawConnection(to: web.endpoint) { connection in
            _ = connection.send("hello\n")
            _ = connection.receive(within: .seconds(5)) { String(decoding: $0, as: UTF8.self).contains("hello\n") }
        }
        let answer = String(decoding: outcome.received, as: UTF8.self)
        try scene.expect(
            answer.contains("PROXY TCP4 127."),
            tried: "hello to an instance that echoes what it gets",
            expected: "an echo of a line PROXY TCP4, and hello behind it",
            actual: answer
        )
    }
}

extension ClassicLoadBalancer {
    fileprivate mutating func listenToStreams() {
        self.listeners[0].protocol = .tcp
        self.listeners[0].instanceProtocol = .tcp
    }
}

extension BackendBehaviour {
    fileprivate static func speaking(_ speaks: BackendProtocol) -> Self {
        var behaviour = Self()
        behaviour.speaks = speaks
        return behaviour
    }
}
