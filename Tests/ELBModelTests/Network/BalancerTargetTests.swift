import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Application Load Balancers as targets` {
    private static func target(_ name: String = "app", port: Port = 80, node: AvailabilityZone? = nil) -> Target {
        Target(
            id: TargetID(rawValue: ResourceARN.loadBalancer(name: LoadBalancerName(rawValue: name), id: "1")),
            endpoint: Endpoint(address: .v4(IPv4Address(127, 10, 1, 4)), port: port),
            zone: node,
            node: node
        )
    }

    private static func network(
        _ listener: Listener.Proto = .tcp,
        to proto: TargetGroup.Proto = .tcp,
        _ change: (inout TargetGroup) -> Void = { _ in }
    ) -> SampleNetwork {
        var network = SampleNetwork(listener, to: [proto], targetType: .alb)
        network.groups[0].targets = [Self.target()]
        change(&network.groups[0])
        return network
    }

    @Test(.covers("NLB-AL-001", "NLB-LS-005")) func `are behind TCP alone`() {
        #expect(Self.network().codes == [])
        for proto in TargetGroup.Proto.allCases where proto != .tcp {
            #expect(Self.network(to: proto).groups[0].validate().map(\.code) == [.validationError], "\(proto)")
        }
        #expect(Self.network(.tls).codes == [.incompatibleProtocols])
        #expect(Self.network(.udp).codes == [.incompatibleProtocols])
    }

    @Test(.covers("NLB-AL-001", "NLB-QT-003")) func `are alone in their group, on as many nodes as they have`() {
        let nodes = Self.network { $0.targets = [Self.target(node: .a), Self.target(node: .b)] }
        #expect(nodes.codes == [])
        let others = Self.network { $0.targets.append(Self.target("other")) }
        #expect(others.codes == [.tooManyTargets])
        let ports = Self.network { $0.targets.append(Self.target(port: 81)) }
        #expect(ports.codes == [.tooManyTargets])
    }

    @Test(.covers("NLB-AL-003", "NLB-HC-001", "NLB-HC-015"), arguments: TargetGroup.Proto.allCases)
    func `are checked by HTTP or HTTPS, always`(proto: TargetGroup.Proto) {
        let checked = Self.network { $0.healthCheck.protocol = proto }
        #expect(checked.codes == (proto == .http || proto == .https ? [] : [.validationError]))
        #expect(Self.network { $0.healthCheck.isEnabled = false }.codes == [.validationError])
    }

    @Test(
        .covers("NLB-AL-005", "NLB-AZ-009"),
        arguments: [
            ("preserve_client_ip.enabled", "false"), ("proxy_protocol_v2.enabled", "true"),
            ("load_balancing.cross_zone.enabled", "true"), ("deregistration_delay.timeout_seconds", "10"),
            ("stickiness.enabled", "true"),
        ]
    )
    func `leave their group's attributes as they are`(key: String, value: String) throws {
        var network = Self.network()
        #expect(network.groups[0].preservesClientIP)
        try network.groups[0].attributes.set(key, to: value, of: .network)
        #expect(network.codes == [.invalidConfigurationRequest])
    }

    @Test(.covers("NLB-AL-004")) func `are in two groups at most`() {
        let group = Self.network().groups[0]
        let groups = (0..<3).map { number in
            var copy = group
            copy.id = TargetGroupID(rawValue: "\(number)")
            copy.name = TargetGroupName(rawValue: "\(number)")
            return copy
        }
        #expect(Topology(targetGroups: Array(groups.prefix(2))).validate() == [])
        #expect(Topology(targetGroups: groups).validate().map(\.code) == [.tooManyRegistrationsForTargetID])
    }

    @Test(.covers("NLB-AL-007", "NLB-QT-002"), arguments: [(false, 59), (true, 4)])
    func `count as fifty targets, across zones as a hundred`(crossZone: Bool, others: Int) {
        func network(_ more: Int) -> [ModelError.Code] {
            var network = SampleNetwork(.tcp, to: Array(repeating: .tcp, count: others + more), targetType: .alb)
            network.balancer.attributes.crossZoneEnabled = crossZone
            for index in network.groups.indices { network.groups[index].targets = [Self.target("app\(index)")] }
            // An action takes five groups.
            network.balancer.listeners = stride(from: 0, to: network.groups.count, by: 5).map { first in
                let groups = network.groups[first..<min(first + 5, network.groups.count)]
                var listener = network.balancer.listeners[0]
                listener.port = Port(first + 1) ?? 1
                listener.defaultActions = [
                    .forward(ForwardAction(targetGroups: groups.map { .init($0.id, weight: 1) }))
                ]
                return listener
            }
            return network.codes
        }
        // 60 × 50 are 3000; 5 × 100 are 500.
        #expect(network(1) == [])
        #expect(network(2) == [.tooManyTargets])
    }

    @Test(.covers("NLB-AL-001", "NLB-AL-002")) func `listen on the target's port`() throws {
        let forward = RuleAction.fixedResponse(FixedResponseAction(statusCode: 404))
        var balancer = LoadBalancer(
            name: LoadBalancerName(rawValue: "app"),
            nodes: [],
            listeners: [Listener(port: 80, protocol: .http, defaultActions: [forward])],
            dnsName: "app"
        )
        #expect(balancer.objection(asTargetOn: 80) == nil)
        #expect(balancer.objection(asTargetOn: 81)?.code == .invalidTarget)
        balancer.kind = .network
        #expect(balancer.objection(asTargetOn: 80)?.code == .invalidTarget)
    }

    @Test(.covers("NLB-IP-007")) func `hear clients of the internet though they are internal`() throws {
        var balancer = LoadBalancer(
            name: LoadBalancerName(rawValue: "app"),
            scheme: .internal,
            nodes: [],
            dnsName: "app"
        )
        let client = try #require(IPAddress("127.200.0.9"))
        #expect(balancer.reach?.admits(client, port: 80) == false)
        balancer.isTarget = true
        #expect(balancer.reach?.admits(client, port: 80) ?? true)
    }
}
