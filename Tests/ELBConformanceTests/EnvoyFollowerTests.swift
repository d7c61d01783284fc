import ELBConformance
import ELBModel
import Testing

@Suite struct `An Envoy that follows a lab` {
    private static func id(_ name: String) -> TargetGroupID {
        TargetGroupID(rawValue: "arn:aws:elasticloadbalancing:x:1:targetgroup/\(name)/1")
    }

    private static func group(_ name: String, _ configure: (inout TargetGroup) -> Void = { _ in }) -> TargetGroup {
        let endpoint = Endpoint(address: LabAddresses.privateAddress(.a, host: 64), port: 9001)
        var group = TargetGroup(
            id: Self.id(name),
            name: TargetGroupName(rawValue: name),
            port: 80,
            targetType: .ip,
            targets: [Target(id: TargetID(rawValue: "\(endpoint.address)"), endpoint: endpoint, zone: .a)]
        )
        configure(&group)
        return group
    }

    private static func configuration(_ group: TargetGroup) -> SubjectConfiguration {
        SubjectConfiguration(
            loadBalancer: LoadBalancer(
                name: LoadBalancerName(rawValue: "shop"),
                nodes: [.init(zone: .a, address: LabAddresses.publicAddress(.a, host: 4))],
                listeners: [
                    Listener(port: 8080, defaultActions: [.forward(ForwardAction(to: group.id))])
                ],
                dnsName: "shop-1.ap-northeast-2.elb.aws.test"
            ),
            targetGroups: [group],
            timeScale: 10
        )
    }

    private static func follower(
        _ group: TargetGroup = Self.group("web"),
        spare: [TargetGroup] = []
    ) throws
        -> EnvoyFollower
    {
        EnvoyFollower(Self.configuration(group), spareGroups: spare, address: try #require(IPAddress("127.60.0.1")))
    }

    @Test func `listens where it is told to, and asks for the rest`() throws {
        let listeners = try Self.follower().listeners()
        #expect(listeners.map(\.name) == ["port-8080"])
        #expect(listeners[0].text.contains("\"address\": \"127.60.0.1\"") && !listeners[0].text.contains("127.50.1.4"))
        #expect(
            listeners[0].text.contains("\"api_type\": \"REST\"") && !listeners[0].text.contains("path_config_source")
        )
    }

    @Test func `has the routes of an exported file, to the letter`() throws {
        let group = Self.group("web")
        var configuration = Self.configuration(group)
        let rule = ListenerRule.when(.path("/img/*"), priority: 1, then: .answer(404, "no"))
        configuration.loadBalancer.listeners[0].rules = [rule]
        let follower = EnvoyFollower(configuration, spareGroups: [], address: .loopback)
        let files = try EnvoyEngine().files(for: configuration, folder: "/f")
        let file = try #require(files.first { $0.name == "routes-8080.json" })
        func bare(_ text: String) -> String { text.filter { !$0.isWhitespace } }
        #expect(bare(file.text) == "{\"resources\":[\(bare(try follower.routes()[0].text))]}")
    }

    @Test func `leaves health to the lab`() throws {
        let clusters = try Self.follower().clusters()
        #expect(!clusters[0].text.contains("health_checks"))
        #expect(clusters[0].text.contains("\"healthy_panic_threshold\": {\n      \"value\": 0"))
        let target = Self.group("web").targets[0]
        for status in [EnvoyTarget.Status.healthy, .unhealthy, .draining] {
            let endpoints = try Self.follower().endpoints { _ in [EnvoyTarget(target, status)] }
            #expect(endpoints[0].text.contains("\"health_status\": \"\(status.rawValue)\""))
        }
    }

    @Test func `knows groups that no rule names yet, but for those that there are no words for`() throws {
        let spare = [Self.group("next"), Self.group("calls") { $0.protocolVersion = .grpc }]
        let clusters = try Self.follower(spare: spare).clusters()
        #expect(clusters.map(\.name) == ["web", "next"])
    }

    @Test func `goes on hearing of targets when there are no words for the rest`() throws {
        let sticky = Self.group("web") { $0.attributes.stickiness.isEnabled = true }
        let follower = try Self.follower(sticky)
        #expect(throws: Inexpressible.self) { try follower.listeners() }
        #expect(throws: Inexpressible.self) { try follower.routes() }
        #expect(throws: Inexpressible.self) { try follower.clusters() }
        #expect(follower.endpoints { _ in [EnvoyTarget(sticky.targets[0], .healthy)] }.map(\.name) == ["web"])
    }

    @Test(arguments: [
        ("127.0.0.1:4566", "127.0.0.1", "STATIC"), ("[::1]:4566", "::1", "STATIC"),
        ("lab.example:4566", "lab.example", "STRICT_DNS"),
    ])
    func `is started with the lab's place and its own`(_ sample: (String, String, String)) throws {
        let server = try #require(EnvoyBootstrap.Server(sample.0))
        let text = EnvoyBootstrap(
            server: server,
            loadBalancer: LoadBalancerName(rawValue: "shop"),
            address: .loopback
        ).text
        #expect(text.contains("\"address\": \"\(sample.1)\"") && text.contains("\"port_value\": 4566"))
        #expect(text.contains("\"type\": \"\(sample.2)\"") && text.contains("\"cluster\": \"shop\""))
        #expect(text.contains("\"listen\": \"127.0.0.1\""))
    }

    @Test(arguments: ["", "lab", "lab:", ":4566", "lab:0", "lab:65536", "a b:1", "http://lab:4566", "lab:4566/"])
    func `is not started with a place that is none`(text: String) {
        #expect(EnvoyBootstrap.Server(text) == nil)
    }
}
