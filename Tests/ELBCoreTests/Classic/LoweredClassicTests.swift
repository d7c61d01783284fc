import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `A Classic Load Balancer as the data path takes it` {
    @Test(.covers("CLB-HC-001", "CLB-RT-004", "CLB-RT-011"))
    func `has one group of instances to check, and one per protocol and port to send requests to`() throws {
        let lowered = try LoweredClassic(
            SampleClassic.make([
                ClassicListener(port: 80, protocol: .http, instancePort: 8080),
                ClassicListener(port: 81, protocol: .http, instancePort: 8080),
                ClassicListener(port: 82, protocol: .http, instancePort: 8081),
                ClassicListener(port: 83, protocol: .http, instancePort: 8443, instanceProtocol: .https),
            ]) {
                $0.healthCheck.target = .init(protocol: .http, port: 9000, path: "/health")
            }
        )
        #expect(lowered.targetGroups.map(\.name.rawValue) == ["instances", "HTTP:8080", "HTTP:8081", "HTTPS:8443"])
        #expect(lowered.targetGroups.allSatisfy { $0.targets.map(\.id.rawValue) == ["i-0", "i-1"] })
        #expect(
            lowered.loadBalancer.listeners.map { $0.targetGroups.map(\.rawValue) } == [
                ["shop:HTTP:8080"], ["shop:HTTP:8080"], ["shop:HTTP:8081"], ["shop:HTTPS:8443"],
            ]
        )
        #expect(lowered.loadBalancer.listeners.allSatisfy { $0.rules.isEmpty })
        #expect(lowered.targetGroups[0].healthCheck.port == .fixed(9000))
        #expect(lowered.targetGroups[0].healthCheck.path == "/health")
    }

    @Test(.covers("CLB-RT-002", "CLB-DR-001", "CLB-RT-006", "CLB-LS-008", "CLB-HD-005"))
    func `says by settings what settings can say`() throws {
        let lowered = try LoweredClassic(SampleClassic.make())
        #expect(lowered.targetGroups[1].attributes.algorithm == .leastOutstandingRequests)
        // By itself each node uses its own zone's instances, and nobody waits for whoever leaves.
        #expect(lowered.targetGroups.allSatisfy { $0.attributes.crossZone == .off })
        #expect(lowered.targetGroups.allSatisfy { $0.attributes.deregistrationDelaySeconds == 0 })
        #expect(lowered.settings.cutsUnhealthy)
        #expect(!lowered.loadBalancer.attributes.http2Enabled)
        #expect(lowered.loadBalancer.attributes.preserveHostHeaderEnabled)

        let changed = try LoweredClassic(
            SampleClassic.make {
                $0.attributes.crossZoneEnabled = true
                $0.attributes.connectionDrainingSeconds = 20
            }
        )
        #expect(changed.targetGroups.allSatisfy { $0.attributes.crossZone == .on })
        #expect(changed.targetGroups.allSatisfy { $0.attributes.deregistrationDelaySeconds == 20 })
        #expect(!changed.settings.cutsUnhealthy)
    }

    @Test
    func `gives listeners that bind clients in different ways groups of their own`() throws {
        let lowered = try LoweredClassic(
            SampleClassic.make(
                [
                    ClassicListener(port: 80, protocol: .http, instancePort: 8080, policies: ["hour"]),
                    ClassicListener(port: 81, protocol: .http, instancePort: 8080, policies: ["session"]),
                    ClassicListener(port: 82, protocol: .http, instancePort: 8080),
                ],
                policies: [
                    ClassicPolicy(name: "hour", kind: .durationStickiness(seconds: 3600)),
                    ClassicPolicy(name: "session", kind: .applicationStickiness(cookie: "JSESSIONID")),
                ]
            )
        )
        #expect(
            lowered.targetGroups.dropFirst().map(\.attributes.stickiness.isEnabled) == [true, true, false]
        )
        #expect(lowered.targetGroups[1].attributes.stickiness.loadBalancerCookieSeconds == 3600)
        #expect(lowered.targetGroups[2].attributes.stickiness.applicationCookieName == "JSESSIONID")
    }

    @Test
    func `is known by its name alone`() throws {
        #expect(try Snapshot(compiling: LoweredClassic(SampleClassic.make())).fullName == "shop")
    }
}

@Suite struct `Instances of a Classic Load Balancer` {
    @Test(.covers("CLB-RT-009", "CLB-HC-009", "CLB-ST-003", "CLB-ST-004"))
    func `get requests after the first passed check and not before, and none do when all fail`() throws {
        var node = try ClassicNode(SampleClassic.make { $0.attributes.crossZoneEnabled = true })
        #expect(node.next() == nil)
        #expect(node.health("i-0") == ClassicInstanceHealth(.outOfService, .elb, .registrationInProgress))
        node.probe("i-0")
        #expect(node.next() == "i-0")
        #expect(node.health("i-0") == .inService)
        node.probe("i-0", .failed, times: 2)
        #expect(node.next() == nil)
        #expect(node.health("i-0") == ClassicInstanceHealth(.outOfService, .instance, .failedChecks))
    }

    @Test(.covers("CLB-HC-010", "CLB-HC-003", "CLB-ST-002"))
    func `come back after HealthyThreshold passes in a row, which are ten unless told otherwise`() throws {
        var node = try ClassicNode(SampleClassic.make { $0.attributes.crossZoneEnabled = true })
        node.probe("i-0", .failed, times: 2)
        node.probe("i-0", times: 9)
        #expect(node.health("i-0") == ClassicInstanceHealth(.outOfService, .instance, .notYetRecovered))
        #expect(node.next() == nil)
        node.probe("i-0")
        #expect(node.health("i-0") == .inService)
        #expect(node.next() == "i-0")
    }

    @Test(.covers("CLB-HC-001"))
    func `are asked once per node, whatever the listeners`() throws {
        let node = try ClassicNode(
            SampleClassic.make([
                ClassicListener(port: 80, protocol: .http, instancePort: 8080),
                ClassicListener(port: 81, protocol: .http, instancePort: 8081),
            ]) {
                $0.attributes.crossZoneEnabled = true
                $0.healthCheck.target = .init(protocol: .ssl, port: 9443, path: nil)
            }
        )
        let probes = node.groups.flatMap(\.probeAssignments)
        #expect(probes.map(\.target.id.rawValue) == ["i-0", "i-1"])
        #expect(probes.allSatisfy { $0.endpoint.port == 9443 && $0.classic == .ssl })
    }

    @Test(.covers("CLB-RT-005", "CLB-RT-007", "CLB-ER-008", "CLB-ST-007"))
    func `belong to the node of their zone unless cross-zone load balancing is on`() throws {
        let elsewhere = SampleClassic.instance(2, .c)
        var balancer = SampleClassic.make { $0.instances.append(elsewhere) }
        var node = try ClassicNode(balancer)
        #expect(node.groups[0].probeAssignments.map(\.target.id.rawValue) == ["i-0"])
        node.probe("i-0")
        #expect((0..<3).map { _ in node.next() } == ["i-0", "i-0", "i-0"])
        #expect(node.health("i-1") == nil)
        #expect(node.health("i-2") == ClassicInstanceHealth(.outOfService, .elb, .zoneNotEnabled))

        balancer.attributes.crossZoneEnabled = true
        try node.apply(balancer)
        #expect(node.groups[0].probeAssignments.map(\.target.id.rawValue) == ["i-0", "i-1"])
        node.probe("i-1")
        #expect(Set((0..<2).map { _ in node.next() }) == ["i-0", "i-1"])
    }

    @Test(.covers("CLB-ST-005", "CLB-DR-002"))
    func `that leave are in service until they have drained`() throws {
        var balancer = SampleClassic.make {
            $0.attributes.crossZoneEnabled = true
            $0.attributes.connectionDrainingSeconds = 20
        }
        var node = try ClassicNode(balancer)
        for instance in ["i-0", "i-1"] { node.probe(instance) }
        balancer.instances.removeFirst()
        try node.apply(balancer, now: 100)
        #expect(node.health("i-0") == ClassicInstanceHealth(.inService, .elb, .deregistrationInProgress))
        #expect((0..<3).map { _ in node.next() } == ["i-1", "i-1", "i-1"])
        #expect(node.groups[0].nextDeadline == 120)
        _ = node.groups[0].deadlinePassed(now: 120)
        #expect(node.health("i-0") == nil)
    }

    @Test
    func `keep their health when the health check asks at another port`() throws {
        var balancer = SampleClassic.make { $0.attributes.crossZoneEnabled = true }
        var node = try ClassicNode(balancer)
        node.probe("i-0")
        balancer.healthCheck.target = .init(protocol: .tcp, port: 9999, path: nil)
        try node.apply(balancer)
        #expect(node.health("i-0") == .inService)
        #expect(node.next() == "i-0")
    }

    @Test(.covers("CLB-RT-010"))
    func `are tried one after the other by a request that reaches none`() throws {
        var node = try ClassicNode(SampleClassic.make { $0.attributes.crossZoneEnabled = true })
        for instance in ["i-0", "i-1"] { node.probe(instance) }
        let first = try #require(node.groups[1].handle(of: TargetID(rawValue: "i-1")))
        let next = try #require(node.groups[1].anotherTarget(after: first))
        #expect(node.groups[1].target(of: next.handle)?.id.rawValue == "i-0")
        #expect(node.groups[1].anotherTarget(after: next.handle)?.handle == first)
    }
}
