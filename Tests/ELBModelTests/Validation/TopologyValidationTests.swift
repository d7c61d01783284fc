import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Validation of a topology` {
    private static func group(_ name: String = "g", _ change: (inout TargetGroup) -> Void = { _ in }) -> TargetGroup {
        var group = TargetGroup(
            id: TargetGroupID(rawValue: name),
            name: TargetGroupName(rawValue: name),
            port: 80,
            targetType: .ip
        )
        change(&group)
        return group
    }

    private static func balancer(_ name: String = "lb", _ listeners: [Listener] = []) -> LoadBalancer {
        LoadBalancer(
            name: LoadBalancerName(rawValue: name),
            nodes: [.init(zone: .a, address: .loopback)],
            listeners: listeners,
            dnsName: "lb"
        )
    }

    private static func listener(_ port: Port = 80, to group: String = "g", rules: [ListenerRule] = []) -> Listener {
        Listener(
            port: port,
            rules: rules,
            defaultActions: [.forward(ForwardAction(to: TargetGroupID(rawValue: group)))]
        )
    }

    private static func rules(_ priorities: some Sequence<Int>) -> [ListenerRule] {
        priorities.map {
            ListenerRule(
                priority: $0,
                conditions: [.httpRequestMethod(["GET"])],
                actions: [.fixedResponse(.init(statusCode: 200))]
            )
        }
    }

    /// `Code at property` of each error.
    private static func errors(_ balancers: [LoadBalancer], _ groups: [TargetGroup]) -> [String] {
        Topology(loadBalancers: balancers, targetGroups: groups).validate().map {
            "\($0.code.rawValue) at \($0.property)"
        }
    }

    @Test(.covers("ALB-TG-010")) func `judges targets that are load balancers`() {
        let node = IPAddress.v4(IPv4Address(127, 10, 1, 4))
        let balancer = LoadBalancer(
            name: LoadBalancerName(rawValue: "inner"),
            scheme: .internal,
            nodes: [.init(zone: .a, address: node)],
            dnsName: "inner"
        )
        let group = Self.group {
            $0.targets = [
                Target(id: TargetID(rawValue: "\(node)"), endpoint: Endpoint(address: node, port: 80), zone: .a)
            ]
        }
        #expect(Self.errors([balancer], [group]) == ["InvalidTarget at TargetGroups[0].Targets[0].Id"])
        #expect(Self.errors([], [group]) == [])
    }

    @Test func `accepts what is right`() {
        #expect(Self.errors([Self.balancer("lb", [Self.listener()])], [Self.group()]) == [])
    }

    @Test(
        .covers("ALB-TG-002"),
        arguments: [
            ("a", true), ("a-1", true), (String(repeating: "a", count: 32), true),
            (String(repeating: "a", count: 33), false), ("", false),
            ("-a", false), ("a-", false), ("a_b", false), ("é", false),
        ]
    )
    func `judges names`(name: String, isAllowed: Bool) {
        #expect(Self.group(name).validate().map(\.property) == (isAllowed ? [] : ["Name"]))
        #expect(Self.balancer(name).validate().map(\.property) == (isAllowed ? [] : ["Name"]))
    }

    @Test(
        .covers("ALB-HC-004", "ALB-HC-006", "ALB-HC-007", "ALB-HC-008", "ALB-HC-009", "ALB-HC-010"),
        arguments: [
            (4, 2, 5, 2, "/", "HealthCheckIntervalSeconds"), (5, 2, 2, 2, "/", nil), (300, 120, 10, 10, "/a?b", nil),
            (301, 5, 5, 2, "/", "HealthCheckIntervalSeconds"), (30, 1, 5, 2, "/", "HealthCheckTimeoutSeconds"),
            (300, 121, 5, 2, "/", "HealthCheckTimeoutSeconds"), (30, 30, 5, 2, "/", "HealthCheckTimeoutSeconds"),
            (30, 5, 1, 2, "/", "HealthyThresholdCount"), (30, 5, 11, 2, "/", "HealthyThresholdCount"),
            (30, 5, 5, 1, "/", "UnhealthyThresholdCount"), (30, 5, 5, 11, "/", "UnhealthyThresholdCount"),
            (30, 5, 5, 2, "health", "HealthCheckPath"), (30, 5, 5, 2, "/a b", "HealthCheckPath"),
            (30, 5, 5, 2, "/" + String(repeating: "a", count: 1023), nil),
            (30, 5, 5, 2, "/" + String(repeating: "a", count: 1024), "HealthCheckPath"),
        ] as [(Int, Int, Int, Int, String, String?)]
    )
    func `judges health checks`(
        interval: Int,
        timeout: Int,
        healthy: Int,
        unhealthy: Int,
        path: String,
        property: String?
    ) {
        let group = Self.group {
            $0.healthCheck.intervalSeconds = interval
            $0.healthCheck.timeoutSeconds = timeout
            $0.healthCheck.healthyThresholdCount = healthy
            $0.healthCheck.unhealthyThresholdCount = unhealthy
            $0.healthCheck.path = path
        }
        #expect(group.validate().map(\.property) == (property.map { [$0] } ?? []))
    }

    @Test(.covers("ALB-HC-010")) func `judges the codes that count as success`() {
        for (codes, isAllowed) in [(200...200, true), (200...499, true), (199...200, false), (499...500, false)] {
            let group = Self.group { $0.healthCheck.matcher = StatusMatcher(ranges: [codes]) }
            #expect(group.validate().map(\.property) == (isAllowed ? [] : ["Matcher.HttpCode"]))
        }
    }

    @Test(
        .covers("ALB-TG-009"),
        arguments: [
            ("10.1.2.3", true), ("172.31.0.1", true), ("172.32.0.1", false), ("192.168.1.1", true),
            ("100.64.0.1", true),
            ("127.0.0.1", true), ("127.10.1.64", true), ("127.50.1.4", false), ("127.200.0.1", false),
            ("8.8.8.8", false), ("::1", true),
            ("fd00::1", true), ("2001:db8::1", false),
        ]
    )
    func `takes private addresses for ip targets only`(address: String, isAllowed: Bool) throws {
        let endpoint = Endpoint(address: try #require(IPAddress(address)), port: 80)
        let group = Self.group { $0.targets = [Target(id: TargetID(rawValue: address), endpoint: endpoint, zone: nil)] }
        #expect(group.validate().map(\.code) == (isAllowed ? [] : [.invalidTarget]))
    }

    @Test(.covers("ALB-TG-005")) func `takes an address twice on different ports only`() {
        func target(_ port: Port) -> Target {
            Target(id: TargetID(rawValue: "127.0.0.1"), endpoint: Endpoint(address: .loopback, port: port), zone: nil)
        }
        #expect(Self.group { $0.targets = [target(80), target(81)] }.validate().isEmpty)
        #expect(Self.group { $0.targets = [target(80), target(80)] }.validate().map(\.property) == ["Targets[1]"])
    }

    @Test(.covers("ALB-XZ-006")) func `wants a zone for every target where cross-zone is off`() {
        let endpoint = Endpoint(address: .loopback, port: 80)
        let targets = [AvailabilityZone.a, nil].map { zone in
            Target(id: TargetID(rawValue: "127.0.0.1-\(zone?.letter ?? "all")"), endpoint: endpoint, zone: zone)
        }
        for crossZone in TargetGroupAttributes.CrossZone.allCases {
            let group = Self.group {
                $0.attributes.crossZone = crossZone
                $0.targets = targets
            }
            let expected = crossZone == .off ? ["Targets[1].AvailabilityZone"] : []
            #expect(group.validate().map(\.property) == expected)
        }
    }

    @Test(.covers("ALB-LSN-002", "ALB-RULE-002", "ALB-RULE-018")) func `judges listeners and rules together`() {
        let twice = Self.balancer("lb", [Self.listener(80), Self.listener(80)])
        #expect(Self.errors([twice], [Self.group()]) == ["DuplicateListener at LoadBalancers[0].Listeners[1].Port"])
        let same = Self.balancer("lb", [Self.listener(80, rules: Self.rules([5, 10, 5]))])
        #expect(
            Self.errors([same], [Self.group()]) == ["PriorityInUse at LoadBalancers[0].Listeners[0].Rules[2].Priority"]
        )
        let spread = [Self.listener(80, rules: Self.rules(1...50)), Self.listener(81, rules: Self.rules(1...50))]
        #expect(Self.errors([Self.balancer("lb", spread)], [Self.group()]) == [])
        let many = spread + [Self.listener(82, rules: Self.rules([1]))]
        #expect(
            Self.errors([Self.balancer("lb", many)], [Self.group()]) == ["TooManyRules at LoadBalancers[0].Listeners"]
        )
        let ports = (1...51).compactMap { Port($0) }.map { Self.listener($0) }
        #expect(
            Self.errors([Self.balancer("lb", ports)], [Self.group()]) == [
                "TooManyListeners at LoadBalancers[0].Listeners"
            ]
        )
    }

    @Test(.covers("ALB-QTA-001", "ALB-QTA-003", "ALB-QTA-010", "ALB-TG-022")) func `keeps to the quotas of a Region`() {
        func targets(_ count: Int) -> [Target] {
            (0..<count).map { number in
                Target(
                    id: TargetID(rawValue: "t\(number)"),
                    endpoint: Endpoint(
                        address: .v4(IPv4Address(10, 0, UInt8(number / 200), UInt8(number % 200))),
                        port: 80
                    ),
                    zone: nil
                )
            }
        }
        let both = ForwardAction(targetGroups: ["g", "h"].map { .init(TargetGroupID(rawValue: $0), weight: 1) })
        let balancer = Self.balancer("lb", [Listener(port: 80, defaultActions: [.forward(both)])])
        for (count, errors) in [(500, []), (501, ["TooManyTargets at LoadBalancers[0].Listeners"])] {
            let groups = [Self.group { $0.targets = targets(500) }, Self.group("h") { $0.targets = targets(count) }]
            #expect(Self.errors([balancer], groups) == errors)
        }
        let single = Self.group { $0.targets = targets(1001) }
        #expect(Self.errors([], [single]) == ["TooManyTargets at TargetGroups[0].Targets"])
        let balancers = (0...50).map { Self.balancer("lb\($0)") }
        #expect(Self.errors(balancers, []) == ["TooManyLoadBalancers at LoadBalancers[50]"])
        let groups = (0...3000).map { Self.group("g\($0)") }
        #expect(Self.errors([], groups) == ["TooManyTargetGroups at TargetGroups[3000]"])
    }

    @Test(.covers("ALB-LSN-012")) func `judges how parts refer to each other`() {
        let place = "Listeners[0].DefaultActions[0].ForwardConfig.TargetGroups[0].TargetGroupArn"
        #expect(
            Self.errors([Self.balancer("lb", [Self.listener(to: "x")])], [Self.group()])
                == ["TargetGroupNotFound at LoadBalancers[0].\(place)"]
        )
        #expect(
            Self.errors([Self.balancer("a", [Self.listener()]), Self.balancer("b", [Self.listener()])], [Self.group()])
                == ["TargetGroupAssociationLimit at LoadBalancers[1].\(place)"]
        )
        #expect(
            Self.errors([Self.balancer("a"), Self.balancer("a")], [Self.group(), Self.group()])
                == [
                    "DuplicateLoadBalancerName at LoadBalancers[1].Name",
                    "DuplicateTargetGroupName at TargetGroups[1].Name",
                ]
        )
    }
}
