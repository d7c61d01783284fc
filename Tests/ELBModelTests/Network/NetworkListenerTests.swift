import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Listeners of a Network Load Balancer` {
    @Test(.covers("NLB-LS-001", "ALB-LSN-001"), arguments: Listener.Proto.allCases)
    func `speak what their kind of load balancer speaks`(proto: Listener.Proto) {
        var network = SampleNetwork(proto)
        let isStream = proto != .http && proto != .https
        let codes = network.balancer.validate().map(\.code)
        #expect(codes == (isStream ? [] : [.unsupportedProtocol]))
        network.balancer.kind = .application
        network.balancer.nodes.append(.init(zone: .b, address: .v4(IPv4Address(127, 0, 0, 2))))
        let errors = network.balancer.validate()
        #expect(errors.map(\.code) == (isStream ? [.validationError] : []))
        if isStream {
            #expect(errors.first?.message == "Listener protocol '\(proto.rawValue)' must be one of 'HTTP, HTTPS'")
        }
    }

    @Test(.covers("NLB-LS-001")) func `know QUIC by name only`() {
        #expect(Listener.Proto(rawValue: "QUIC") == nil)
        #expect(Listener.Proto(rawValue: "TCP_QUIC") == nil)
        #expect(Listener.Proto.notInLab.contains("QUIC"))
    }

    @Test(.covers("NLB-LS-002")) func `have a port for themselves, whatever they speak`() {
        var network = SampleNetwork(.tcp, to: [.tcp, .udp])
        network.balancer.listeners[0].defaultActions = [.forward(ForwardAction(to: network.groups[0].id))]
        var second = network.balancer.listeners[0]
        second.protocol = .udp
        second.defaultActions = [.forward(ForwardAction(to: network.groups[1].id))]
        network.balancer.listeners.append(second)
        #expect(network.codes == [.duplicateListener])
        network.balancer.listeners[1].port = 81
        #expect(network.codes == [])
    }

    private static let pairs: [Listener.Proto: Set<TargetGroup.Proto>] = [
        .tcp: [.tcp, .tcpUDP], .tls: [.tcp, .tls], .udp: [.udp, .tcpUDP], .tcpUDP: [.tcpUDP],
    ]

    @Test(.covers("NLB-LS-004"), arguments: [.tcp, .tls, .udp, .tcpUDP] as [Listener.Proto])
    func `forward to groups of fitting protocols only`(listener: Listener.Proto) {
        for group in TargetGroup.Proto.allCases {
            let codes = SampleNetwork(listener, to: [group]).codes
            let fits = Self.pairs[listener]?.contains(group) == true
            #expect(codes.contains(.incompatibleProtocols) != fits, "\(listener) to \(group)")
            if fits { #expect(codes == []) }
        }
    }

    @Test(.covers("NLB-DR-010")) func `do not forward to functions`() {
        var network = SampleNetwork()
        network.groups[0].targetType = .lambda
        network.groups[0].healthCheck = .lambda
        #expect(network.codes == [.incompatibleProtocols])
    }

    @Test(.covers("NLB-LS-006", "NLB-RU-005")) func `do nothing but forward`() {
        var network = SampleNetwork()
        network.balancer.listeners[0].defaultActions = []
        #expect(network.codes == [.validationError])
        network.balancer.listeners[0].defaultActions = [.fixedResponse(.init(statusCode: 200))]
        #expect(network.codes == [.invalidLoadBalancerAction])
        network.balancer.listeners[0].defaultActions = [
            .redirect(RedirectAction(protocol: "HTTPS", statusCode: .found))
        ]
        #expect(network.codes.contains(.invalidLoadBalancerAction))
    }

    @Test(.covers("NLB-RU-001")) func `have no rules, which are for dualstack`() {
        var network = SampleNetwork()
        network.balancer.listeners[0].rules = [
            ListenerRule(
                priority: 1,
                conditions: [.sourceIP([LabAddresses.vpc])],
                actions: [.forward(ForwardAction(to: network.groups[0].id))]
            )
        ]
        #expect(network.codes == [.invalidConfigurationRequest])
    }

    @Test(.covers("NLB-WT-001", "NLB-WT-006")) func `weigh their groups`() {
        var network = SampleNetwork(.tcp, to: [.tcp, .tcp])
        var forward = ForwardAction(
            targetGroups: [.init(network.groups[0].id, weight: 999), .init(network.groups[1].id, weight: 0)],
            stickiness: .init(isEnabled: true)
        )
        network.balancer.listeners[0].defaultActions = [.forward(forward)]
        #expect(network.codes == [])
        forward.stickiness.durationSeconds = 60
        network.balancer.listeners[0].defaultActions = [.forward(forward)]
        #expect(network.codes == [.validationError])
        forward.stickiness = .off
        forward.targetGroups[0].weight = 1000
        network.balancer.listeners[0].defaultActions = [.forward(forward)]
        #expect(network.codes == [.validationError])
    }

    @Test(.covers("NLB-WT-006")) func `have no group stickiness when they speak TLS`() {
        var network = SampleNetwork(.tls, to: [.tcp, .tcp])
        let groups = network.groups.map { ForwardAction.WeightedTargetGroup($0.id, weight: 1) }
        network.balancer.listeners[0].defaultActions = [
            .forward(ForwardAction(targetGroups: groups, stickiness: .init(isEnabled: true)))
        ]
        #expect(network.codes == [.invalidConfigurationRequest])
    }

    @Test(.covers("NLB-WT-005")) func `forward to groups of one protocol when they speak TLS`() {
        #expect(SampleNetwork(.tls, to: [.tcp, .tls]).codes == [.invalidConfigurationRequest])
        #expect(SampleNetwork(.tls, to: [.tls, .tls]).codes == [])
        #expect(SampleNetwork(.tcp, to: [.tcp, .tcpUDP]).codes == [])
    }

    @Test(.covers("NLB-WT-007")) func `need group stickiness when one of several groups is sticky`() {
        var network = SampleNetwork(.tcp, to: [.tcp, .tcp])
        network.groups[0].attributes.stickiness.isEnabled = true
        #expect(network.codes == [.invalidConfigurationRequest])
    }

    @Test(.covers("NLB-SK-004")) func `do not stick when they speak TLS`() {
        var network = SampleNetwork(.tls)
        network.groups[0].attributes.stickiness.isEnabled = true
        #expect(network.codes == [.invalidConfigurationRequest])
    }

    @Test(
        .covers("NLB-TO-001", "NLB-TO-005"),
        arguments: [
            (.tcp, "60", nil), (.tcp, "6000", nil), (.tcp, "59", .invalidConfigurationRequest),
            (.tcp, "6001", .invalidConfigurationRequest), (.tls, "350", .invalidConfigurationRequest),
            (.udp, "350", .invalidConfigurationRequest), (.tcpUDP, "60", .invalidConfigurationRequest),
            (.http, "60", .invalidConfigurationRequest),
        ] as [(Listener.Proto, String, ModelError.Code?)]
    )
    func `have an idle timeout when they speak TCP`(proto: Listener.Proto, value: String, code: ModelError.Code?) {
        var attributes = ListenerAttributes()
        #expect(attributes.tcpIdleTimeoutSeconds == 350)
        var thrown: ModelError.Code?
        do throws(ModelError) {
            try attributes.set("tcp.idle_timeout.seconds", to: value, for: proto)
        } catch {
            thrown = error.code
        }
        #expect(thrown == code)
        #expect(attributes.tcpIdleTimeoutSeconds == (code == nil ? Int(value) : 350))
        let keys = attributes.values(for: proto).map(\.key)
        #expect(keys.contains("tcp.idle_timeout.seconds") == (proto == .tcp))
    }

    @Test(.covers("NLB-TO-005")) func `cannot keep an idle timeout when they no longer speak TCP`() {
        var network = SampleNetwork(.udp, to: [.udp])
        network.balancer.listeners[0].attributes.tcpIdleTimeoutSeconds = 60
        #expect(network.codes == [.invalidConfigurationRequest])
    }

    @Test(.covers("NLB-TL-001", "NLB-LS-015")) func `need a certificate for TLS and drop it without`() throws {
        var network = SampleNetwork(.tls)
        network.balancer.listeners[0].tls = nil
        #expect(network.codes == [.validationError])
        var listener = SampleNetwork().balancer.listeners[0]
        #expect(throws: ModelError.self) { try listener.modify(protocol: .tls) }
        try listener.modify(protocol: .tls, tls: SampleNetwork.tls)
        #expect(listener.tls?.certificates == [])
        #expect(throws: ModelError.self) { try listener.modify(protocol: .udp, tls: SampleNetwork.tls) }
        try listener.modify(protocol: .tcp)
        #expect(listener.tls == nil)
    }

    @Test(.covers("NLB-TL-008")) func `have AWS's old policy unless told otherwise`() {
        #expect(SampleNetwork.tls.sslPolicy == "ELBSecurityPolicy-2016-08")
    }

    @Test(.covers("NLB-TL-014")) func `ask no client for a certificate`() {
        var network = SampleNetwork(.tls)
        network.balancer.listeners[0].tls?.mutualAuthentication.mode = .passthrough
        #expect(network.codes == [.validationError])
    }

    @Test(.covers("NLB-TL-017", "NLB-TL-018", "NLB-TL-020")) func `negotiate by policies of AWS's`() throws {
        #expect(SampleNetwork.tls.alpnPolicy == .none)
        #expect(try ALPNPolicy(named: "None").protocols == [])
        #expect(try ALPNPolicy(named: "HTTP1Only").protocols == ["http/1.1", "http/1.0"])
        #expect(try ALPNPolicy(named: "HTTP2Only").protocols == ["h2"])
        #expect(try ALPNPolicy(named: "HTTP2Optional").protocols == ["http/1.1", "http/1.0", "h2"])
        #expect(try ALPNPolicy(named: "HTTP2Preferred").protocols == ["h2", "http/1.1", "http/1.0"])
        do throws(ModelError) {
            _ = try ALPNPolicy(named: "HTTP3Only")
            Issue.record("HTTP3Only is no policy")
        } catch {
            #expect(error.code.rawValue == "ALPNPolicyNotFound")
        }
    }
}
