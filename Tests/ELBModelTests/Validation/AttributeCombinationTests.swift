import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Attributes that AWS refuses together` {
    private static func codes(
        _ type: TargetGroup.TargetType = .ip,
        _ change: (inout TargetGroupAttributes) -> Void
    ) -> [ModelError.Code] {
        var group = TargetGroup(
            id: TargetGroupID(rawValue: "g"),
            name: TargetGroupName(rawValue: "g"),
            port: 80,
            targetType: type
        )
        change(&group.attributes)
        // What is wrong with the type itself is another test's subject.
        return group.validate().filter { $0.property == "TargetGroupAttributes" }.map(\.code)
    }

    @Test(.covers("ALB-SLOW-007", "ALB-ALG-008")) func `slow start and another algorithm than round robin`() {
        for algorithm in TargetGroupAttributes.Algorithm.allCases {
            let codes = Self.codes {
                $0.slowStartSeconds = 30
                $0.algorithm = algorithm
            }
            #expect(codes == (algorithm == .roundRobin ? [] : [.invalidConfigurationRequest]))
        }
    }

    @Test(.covers("ALB-ALG-013")) func `anomaly mitigation and another algorithm than weighted random`() {
        for algorithm in TargetGroupAttributes.Algorithm.allCases {
            let codes = Self.codes {
                $0.anomalyMitigation = true
                $0.algorithm = algorithm
            }
            #expect(codes == (algorithm == .weightedRandom ? [] : [.invalidConfigurationRequest]))
        }
    }

    @Test(.covers("ALB-STK-023", "ALB-XZ-007", "ALB-ALG-008"))
    func `stickiness and what cannot keep a client's target`() {
        #expect(Self.codes { $0.stickiness.isEnabled = true } == [])
        let zoned = Self.codes {
            $0.stickiness.isEnabled = true
            $0.crossZone = .off
        }
        #expect(zoned == [.invalidConfigurationRequest])
        let random = Self.codes {
            $0.stickiness.isEnabled = true
            $0.algorithm = .weightedRandom
        }
        #expect(random == [.invalidConfigurationRequest])
    }

    @Test(.covers("ALB-STK-003")) func `an application cookie without a name`() {
        let codes = Self.codes {
            $0.stickiness.isEnabled = true
            $0.stickiness.type = .applicationCookie
        }
        #expect(codes == [.invalidConfigurationRequest])
    }

    @Test(
        .covers("ALB-TGH-006"),
        arguments: [
            (1, nil, 1, nil, true), (1, nil, 3, nil, false), (3, nil, 3, nil, true), (nil, nil, 3, nil, true),
            (1, 50, 1, 50, true), (1, 49, 1, 50, false), (1, nil, 1, 50, true), (nil, 100, 1, 50, true),
        ] as [(Int?, Int?, Int, Int?, Bool)]
    )
    func `a DNS threshold below the routing threshold`(
        dnsCount: Int?,
        dnsPercentage: Int?,
        routingCount: Int,
        routingPercentage: Int?,
        isAllowed: Bool
    ) {
        let codes = Self.codes {
            $0.dnsMinimumHealthyCount = dnsCount
            $0.dnsMinimumHealthyPercentage = dnsPercentage
            $0.routingMinimumHealthyCount = routingCount
            $0.routingMinimumHealthyPercentage = routingPercentage
        }
        #expect(codes == (isAllowed ? [] : [.invalidConfigurationRequest]))
    }

    @Test(.covers("ALB-SLOW-008", "ALB-DRG-001", "ALB-ALG-001", "ALB-ALG-016", "ALB-TGH-018", "ALB-XZ-007"))
    func `functions and what concerns machines`() {
        let changes: [(inout TargetGroupAttributes) -> Void] = [
            { $0.slowStartSeconds = 30 }, { $0.deregistrationDelaySeconds = 0 },
            { $0.algorithm = .leastOutstandingRequests }, { $0.anomalyMitigation = true }, { $0.crossZone = .off },
            { $0.routingMinimumHealthyCount = 2 }, { $0.dnsMinimumHealthyPercentage = 50 },
        ]
        for change in changes { #expect(Self.codes(.lambda, change).first == .invalidConfigurationRequest) }
        #expect(Self.codes(.lambda) { _ in } == [])
    }

    // Between groups of one action.

    private static func codes(
        _ stickiness: ForwardAction.Stickiness,
        groups count: Int = 2,
        type: TargetGroupAttributes.Stickiness.Kind = .loadBalancerCookie,
        targetsAreSticky: Bool = true
    ) -> [ModelError.Code] {
        let groups = (0..<count).map { number in
            var group = TargetGroup(
                id: TargetGroupID(rawValue: "g\(number)"),
                name: TargetGroupName(rawValue: "g\(number)"),
                port: 80,
                targetType: .ip
            )
            group.attributes.stickiness.isEnabled = targetsAreSticky && number == 0
            group.attributes.stickiness.type = type
            group.attributes.stickiness.applicationCookieName = "session"
            return group
        }
        let forward = ForwardAction(targetGroups: groups.map { .init($0.id, weight: 1) }, stickiness: stickiness)
        let balancer = LoadBalancer(
            name: LoadBalancerName(rawValue: "lb"),
            nodes: [.init(zone: .a, address: .loopback)],
            listeners: [Listener(port: 80, defaultActions: [.forward(forward)])],
            dnsName: "lb"
        )
        return Topology(loadBalancers: [balancer], targetGroups: groups).validate().map(\.code)
    }

    @Test(.covers("ALB-FWD-009")) func `sticky targets in several groups without sticky groups`() {
        #expect(Self.codes(.off) == [.invalidConfigurationRequest])
        #expect(Self.codes(.off, groups: 1) == [])
        #expect(Self.codes(.off, targetsAreSticky: false) == [])
        #expect(Self.codes(.init(isEnabled: true, durationSeconds: 60)) == [])
    }

    @Test(.covers("ALB-FWD-015", "ALB-STK-023")) func `an application's cookie in several groups`() {
        let sticky = ForwardAction.Stickiness(isEnabled: true, durationSeconds: 60)
        #expect(Self.codes(sticky, type: .applicationCookie) == [.invalidConfigurationRequest])
        #expect(Self.codes(sticky, groups: 1, type: .applicationCookie) == [])
    }

    @Test(
        .covers("ALB-FWD-010"),
        arguments: [(nil, false), (0, false), (1, true), (604_800, true), (604_801, false)] as [(Int?, Bool)]
    )
    func `sticky groups without a duration that counts`(seconds: Int?, isAllowed: Bool) {
        let codes = Self.codes(.init(isEnabled: true, durationSeconds: seconds))
        #expect(codes == (isAllowed ? [] : [.validationError]))
    }
}
