import ELBControlPlane
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `A trace` {
    private static func targets(_ port: Port) -> [Target] {
        [AvailabilityZone.a, .b].map { zone in
            let address = LabAddresses.privateAddress(zone, host: 64)
            return Target(
                id: TargetID(rawValue: "\(address)"),
                endpoint: Endpoint(address: address, port: port),
                zone: zone
            )
        }
    }

    private static func group(
        _ name: String,
        _ protocol: TargetGroup.Proto,
        configure: (inout TargetGroupAttributes) -> Void = { _ in }
    ) -> TargetGroup {
        var group = TargetGroup(
            id: TargetGroupID(rawValue: name),
            name: TargetGroupName(rawValue: name),
            protocol: `protocol`,
            port: 80,
            targetType: .ip,
            targets: Self.targets(80)
        )
        configure(&group.attributes)
        return group
    }

    private static func balancer(
        _ name: String,
        _ kind: LoadBalancer.Kind,
        host: UInt8,
        _ listeners: [(Port, Listener.Proto, String)]
    ) -> LoadBalancer {
        LoadBalancer(
            name: LoadBalancerName(rawValue: name),
            kind: kind,
            nodes: [AvailabilityZone.a, .b].map {
                .init(zone: $0, address: LabAddresses.publicAddress($0, host: host))
            },
            listeners: listeners.map { port, proto, group in
                Listener(
                    port: port,
                    protocol: proto,
                    defaultActions: [.forward(ForwardAction(to: TargetGroupID(rawValue: group)))]
                )
            },
            dnsName: "\(name)-1.aws.test"
        )
    }

    private static let topology: Topology = {
        var topology = Topology(
            loadBalancers: [
                Self.balancer("web", .application, host: 4, [(8080, .http, "near"), (8081, .http, "all")]),
                Self.balancer(
                    "net",
                    .network,
                    host: 5,
                    [(90, .tcp, "flows"), (91, .udp, "datagrams"), (92, .tcp, "bound")]
                ),
            ],
            classicLoadBalancers: [
                ClassicLoadBalancer(
                    name: LoadBalancerName(rawValue: "old"),
                    nodes: [AvailabilityZone.a, .b].map {
                        .init(zone: $0, address: LabAddresses.publicAddress($0, host: 6))
                    },
                    listeners: [
                        ClassicListener(port: 70, protocol: .http, instancePort: 7000, policies: ["hour"]),
                        ClassicListener(port: 71, protocol: .tcp, instancePort: 7001),
                    ],
                    instances: [AvailabilityZone.a, .b].map {
                        .init(
                            id: InstanceID(rawValue: "i-\($0.letter)"),
                            address: LabAddresses.privateAddress($0, host: 64),
                            zone: $0
                        )
                    },
                    policies: [ClassicPolicy(name: "hour", kind: .durationStickiness(seconds: 3600))],
                    dnsName: "old-1.aws.test"
                )
            ],
            targetGroups: [
                Self.group("near", .http) { $0.crossZone = .off }, Self.group("all", .http), Self.group("flows", .tcp),
                Self.group("datagrams", .udp) { $0.crossZone = .on },
                Self.group("bound", .tcp) { $0.stickiness.isEnabled = true },
            ]
        )
        topology.recordSets = [
            RecordSet(name: "shop.example", zone: "shop.example", value: .alias("web-1.aws.test")),
            RecordSet(
                name: "www.shop.example",
                zone: "shop.example",
                value: .canonicalName("shop.example", timeToLive: 60)
            ),
        ]
        return topology
    }()

    private static func trace(_ url: String, from: String? = nil) throws -> TraceReport {
        try TraceReport(TraceRequest(url: url, from: from), in: Self.topology)
    }

    private static func targets(_ report: TraceReport) -> [String] {
        report.action.groups.flatMap(\.targets).map(\.id)
    }

    @Test(.covers("ALB-XZ-004")) func `lists the node's own targets where cross-zone load balancing is off`() throws {
        let name = try Self.trace("http://web:8080/")
        #expect(name.node == "ap-northeast-2a" && name.nodes == 2)
        #expect(Self.targets(name) == ["127.10.1.64"])
        for host in ["127.50.2.4", "ap-northeast-2b.web-1.aws.test"] {
            let node = try Self.trace("http://\(host):8080/")
            #expect(node.node == "ap-northeast-2b" && node.nodes == 1)
            #expect(Self.targets(node) == ["127.10.2.64"])
        }
        #expect(name.isZonal)
        let all = try Self.trace("http://web:8081/")
        #expect(Self.targets(all).count == 2 && !all.isZonal)
    }

    @Test(.covers("NLB-FH-001")) func `names the numbers that decide about a connection`() throws {
        let report = try Self.trace("tcp://net:90", from: "127.200.0.9:40000")
        let flow = try #require(report.flow)
        #expect(flow.transport == "TCP" && flow.source == "127.200.0.9:40000" && flow.destination == "127.50.1.5:90")
        #expect(flow.decidedBy.count == 6 && flow.decidedBy.last?.hasPrefix("sequence number") == true)
        #expect(report.action.groups.map(\.algorithm) == ["flow hash"])
        // Off unless somebody turns it on (NLB-AZ-009).
        #expect(Self.targets(report) == ["127.10.1.64"])
        // Requests are not looked into, so a URL of HTTP means the connection.
        #expect(try Self.trace("http://net:90/x").flow?.source == "127.200.0.1:*")
    }

    @Test(.covers("NLB-FH-002", "NLB-SK-002"))
    func `names those of datagrams, and the address alone for bound clients`() throws {
        let datagrams = try Self.trace("udp://net:91")
        #expect(datagrams.flow?.decidedBy.count == 5)
        #expect(Self.targets(datagrams).count == 2)
        let bound = try Self.trace("tcp://net:92")
        #expect(bound.flow?.decidedBy == ["source address (source_ip stickiness)"])
        #expect(bound.action.groups.map(\.algorithm) == ["source address hash"])
    }

    @Test(.covers("CLB-RT-001", "CLB-RT-002")) func `tells how a Classic Load Balancer chooses`() throws {
        let http = try Self.trace("http://old-1.aws.test:70/")
        #expect(http.action.groups.map(\.algorithm) == ["least_outstanding_requests"])
        #expect(http.action.groups.map(\.name) == ["HTTP:7000"])
        #expect(http.cookies == ["AWSELB binds a client to its instance for 3600 s"])
        #expect(Self.targets(http) == ["i-a"])
        let tcp = try Self.trace("tcp://127.50.2.6:71")
        #expect(tcp.action.groups.map(\.algorithm) == ["round_robin"])
        #expect(Self.targets(tcp) == ["i-b"] && tcp.cookies == nil)
    }

    @Test(.covers("INT-R5-001")) func `follows names of hosted zones`() throws {
        #expect(try Self.trace("http://shop.example:8081/").loadBalancer == "web")
        #expect(try Self.trace("http://WWW.shop.example:8081/").loadBalancer == "web")
    }

    @Test(
        arguments: [
            ("udp://net:90", "write tcp://"), ("tcp://net:91", "write udp://"), ("tcp://web:8080", "takes requests"),
            ("tcp://net", "has no host, or a port"), ("udp://old:70", "no datagrams"),
            ("tcp://old:9", "listens on 70, 71"),
            ("http://nobody:80/", "no load balancer is called"), ("ftp://net:90", "is not a URL"),
        ]
    )
    func `says what cannot be traced`(url: String, message: String) {
        do {
            _ = try Self.trace(url)
            Issue.record("it could")
        } catch {
            #expect("\(error)".contains(message))
        }
    }

    @Test(arguments: ["somewhere", "127.0.0.1:", "127.0.0.1:70000", "1:2:3"]) func `knows clients by their addresses`(
        from: String
    ) {
        #expect(throws: TraceError.self) { try Self.trace("tcp://net:90", from: from) }
    }
}
