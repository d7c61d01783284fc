import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `A zonal shift` {
    /// Two targets in zone a, two in zone b, all healthy.
    private static func group(
        node: AvailabilityZone = .a,
        _ crossZone: TargetGroupAttributes.CrossZone = .on,
        quirks: Set<Quirk> = []
    ) -> SampleGroup {
        var group = SampleGroup([.a, .a, .b, .b], node: node, quirks: quirks) { $0.attributes.crossZone = crossZone }
        group.probe(0..<4)
        return group
    }

    @Test(.covers("ALB-ZS-004", "ALB-ZS-010", "NLB-AZ-013"))
    func `takes a zone's targets from every node, and gives them back`() {
        for node in [AvailabilityZone.a, .b] {
            var group = Self.group(node: node)
            #expect(Set(group.next(4)) == [0, 1, 2, 3])
            group.shift(awayFrom: .b)
            #expect(Set(group.next(8)) == [0, 1])
            group.shift(awayFrom: nil)
            #expect(Set(group.next(4)) == [0, 1, 2, 3])
        }
    }

    @Test(.covers("ALB-ZS-006", "ALB-ZS-012"))
    func `says nothing of a target's health, and counts it`() {
        var group = Self.group()
        #expect(group.state.gauges.activeZonalShiftHostCount == 0)
        group.shift(awayFrom: .b)
        #expect(group.health(2)?.state == .healthy)
        #expect(group.state.gauges.healthyHostCount == 4)
        #expect(group.state.gauges.activeZonalShiftHostCount == 2)
        // They are checked all the same.
        group.probe([2], .failed, times: 2)
        #expect(group.health(2)?.state == .unhealthy)
    }

    @Test(.covers("ALB-ZS-009"))
    func `leaves a node its own zone where cross-zone is off`() {
        var near = Self.group(.off)
        near.shift(awayFrom: .b)
        #expect(Set(near.next(8)) == [0, 1])
        // Nobody else sends there, so that the zone's targets are lost as capacity; who comes all the same is served.
        var far = Self.group(node: .b, .off)
        far.shift(awayFrom: .b)
        #expect(Set(far.next(8)) == [2, 3])
        #expect(far.state.gauges.activeZonalShiftHostCount == 0)
    }

    @Test(.covers("ALB-ZS-008"))
    func `has no effect where nothing healthy would be left`() {
        var group = Self.group()
        group.shift(awayFrom: .b)
        group.probe([0, 1], .failed, times: 2)
        #expect(Set(group.next(8)) == [2, 3])
        // All are unhealthy: the node fails open, to all of them.
        group.probe([2, 3], .failed, times: 2)
        #expect(Set(group.next(8)) == [0, 1, 2, 3])
        group.probe([0], times: 5)
        #expect(Set(group.next(8)) == [0])
    }

    @Test(.covers("ALB-ZS-004")) func `is ignored by a quirk`() {
        var group = Self.group(quirks: [.zonalShiftIgnored])
        group.shift(awayFrom: .b)
        #expect(Set(group.next(4)) == [0, 1, 2, 3])
    }

    @Test(
        .covers("ALB-ZS-004", "ALB-ZS-008", "NLB-AZ-013"),
        arguments: [
            (.healthy, .healthy, [.a]),
            // Zone a has nobody to shift to, or is no better.
            (.unhealthy, .healthy, [.b]), (.empty, .healthy, [.a, .b]), (.empty, .empty, [.a, .b]),
            (.unhealthy, .unhealthy, [.a, .b]),
            (.healthy, .unhealthy, [.a]), (.healthy, .empty, [.a]),
        ] as [(ZonePublication.GroupHealth, ZonePublication.GroupHealth, Set<AvailabilityZone>)]
    )
    func `takes the zone's address from the name`(
        a: ZonePublication.GroupHealth,
        b: ZonePublication.GroupHealth,
        expected: Set<AvailabilityZone>
    ) {
        let web = TargetGroupID(rawValue: "web")
        #expect(ZonePublication([.a: [web: a], .b: [web: b]], shifted: .b).published == expected)
    }

    @Test(.covers("ALB-ZS-004")) func `takes the address also where there are no groups at all`() {
        #expect(ZonePublication([.a: [:], .b: [:]], shifted: .b).published == [.a])
        #expect(ZonePublication([.b: [:]], shifted: .b).published == [.b])
    }
}
