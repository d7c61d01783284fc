import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Target group health thresholds` {
    @Test(
        .covers("ALB-TGH-001", "ALB-TGH-002", "ALB-TGH-005", "ALB-TGH-007"),
        arguments: [
            (1, nil, 0, false), (1, nil, 1, true), (nil, nil, 0, true), (3, nil, 2, false), (3, nil, 3, true),
            (1, 50, 4, false), (1, 50, 5, true), (nil, 100, 9, false), (nil, 100, 10, true),
        ] as [(Int?, Int?, Int, Bool)]
    )
    func `of DNS, with ten targets`(count: Int?, percentage: Int?, healthy: Int, isKept: Bool) {
        var attributes = TargetGroupAttributes()
        attributes.dnsMinimumHealthyCount = count
        attributes.dnsMinimumHealthyPercentage = percentage
        #expect(ThresholdStates(attributes, healthy: healthy, registered: 10).isDNSHealthy == isKept)
    }

    @Test(.covers("ALB-XZ-010")) func `are kept by a group without targets`() {
        let states = ThresholdStates(TargetGroupAttributes(), healthy: 0, registered: 0)
        #expect(states.isDNSHealthy && states.isRoutingHealthy)
    }

    @Test(.covers("ALB-DNS-016")) func `leave the targets of a zone without a node idle, and registered`() {
        var group = SampleGroup([.a, .b])
        group.probe(0..<2)
        #expect(Set(group.next(4)) == [0, 1])
        group.context.enabledZones = [.a]
        group.reconcile { _ in }
        #expect(Set(group.next(4)) == [0])
        #expect(group.health(1)?.state == .unused)
        #expect(group.state.probeAssignments.count == 1)
    }

    @Test(.covers("ALB-TG-012")) func `count addresses outside the VPC everywhere, unless cross-zone is off`() {
        let outside = { (zone: AvailabilityZone) in
            Target(id: TargetID(rawValue: "out"), endpoint: Endpoint(address: .loopback, port: 80), zone: zone)
        }
        for (crossZone, zone, isUsed) in [(.on, .c, true), (.off, .b, false), (.off, .a, true)]
            as [(TargetGroupAttributes.CrossZone, AvailabilityZone, Bool)]
        {
            var group = SampleGroup([]) {
                $0.targetType = .ip
                $0.attributes.crossZone = crossZone
                $0.targets = [outside(zone)]
            }
            #expect((group.select() != nil) == isUsed)
        }
        var instance = SampleGroup([]) { $0.targets = [outside(.c)] }
        #expect(instance.select() == nil)
    }

    /// Ten targets in each of two zones, six of zone b's have failed, both thresholds are 50 %.
    private static func example(node: AvailabilityZone, crossZone: TargetGroupAttributes.CrossZone) -> SampleGroup {
        let zones = Array(repeating: AvailabilityZone.a, count: 10) + Array(repeating: .b, count: 10)
        var group = SampleGroup(zones, node: node) {
            $0.attributes.crossZone = crossZone
            $0.attributes.dnsMinimumHealthyPercentage = 50
            $0.attributes.routingMinimumHealthyPercentage = 50
        }
        group.probe(0..<20)
        group.probe(10..<16, .failed, times: 2)
        return group
    }

    @Test(.covers("ALB-TGH-016", "ALB-XZ-008", "ALB-TGH-008", "ALB-TGH-019"))
    func `count one zone's targets with cross-zone off`() {
        var near = Self.example(node: .a, crossZone: .off)
        #expect(near.state.thresholds.isDNSHealthy && near.state.thresholds.isRoutingHealthy)
        #expect(Set(near.next(20)) == Set(0..<10))
        var far = Self.example(node: .b, crossZone: .off)
        #expect(!far.state.thresholds.isDNSHealthy && !far.state.thresholds.isRoutingHealthy)
        // 40 % of its zone: the node uses all ten.
        #expect(Set(far.next(20)) == Set(10..<20))
        #expect(far.select()?.isFailOpen == true)
    }

    @Test(.covers("ALB-TGH-016", "ALB-XZ-008")) func `count all zones' targets with cross-zone on`() {
        for node in [AvailabilityZone.a, .b] {
            var group = Self.example(node: node, crossZone: .on)
            #expect(group.state.thresholds.isDNSHealthy && group.state.thresholds.isRoutingHealthy)
            #expect(Set(group.next(28)) == Set(0..<10).union(16..<20))
        }
    }

    @Test(.covers("ALB-TGH-007")) func `follow the number of registered targets`() {
        var group = SampleGroup([.a, .a]) { $0.attributes.routingMinimumHealthyPercentage = 50 }
        group.probe([0])
        #expect(!group.state.isFailingOpen)
        group.reconcile { $0.targets.append(SampleGroup.target(2, .a)) }
        #expect(group.state.isFailingOpen)
    }
}
