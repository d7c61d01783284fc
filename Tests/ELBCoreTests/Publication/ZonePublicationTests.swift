import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Zones in DNS` {
    private static let web = TargetGroupID(rawValue: "web")
    private static let api = TargetGroupID(rawValue: "api")

    private static func publication(
        _ a: [TargetGroupID: ZonePublication.GroupHealth],
        _ b: [TargetGroupID: ZonePublication.GroupHealth]
    ) -> ZonePublication {
        ZonePublication([.a: a, .b: b])
    }

    @Test(
        .covers("ALB-TGH-011", "ALB-TGH-012", "ALB-XZ-010"),
        arguments: [
            (.healthy, .healthy, [.a, .b]), (.healthy, .unhealthy, [.a]), (.unhealthy, .healthy, [.b]),
            // Better anybody than nobody.
            (.unhealthy, .unhealthy, [.a, .b]),
            // An empty zone is not an unhealthy one.
            (.healthy, .empty, [.a, .b]), (.unhealthy, .empty, [.b]), (.empty, .empty, [.a, .b]),
        ] as [(ZonePublication.GroupHealth, ZonePublication.GroupHealth, Set<AvailabilityZone>)]
    )
    func `are the healthy ones, and all when none is`(
        a: ZonePublication.GroupHealth,
        b: ZonePublication.GroupHealth,
        expected: Set<AvailabilityZone>
    ) {
        #expect(Self.publication([Self.web: a], [Self.web: b]).published == expected)
    }

    @Test(.covers("ALB-TGH-013", "ALB-TGH-014"))
    func `leave for all groups at once, when no group is healthy there`() {
        let mixed = Self.publication(
            [Self.web: .healthy, Self.api: .healthy],
            [Self.web: .healthy, Self.api: .unhealthy]
        )
        #expect(mixed.published == [.a, .b])
        let failed = Self.publication(
            [Self.web: .healthy, Self.api: .unhealthy],
            [Self.web: .unhealthy, Self.api: .empty]
        )
        // api has targets nowhere else, and loses zone b with web.
        #expect(failed.published == [.a])
    }

    @Test(
        .covers("ALB-TGH-017"),
        arguments: [
            (.healthy, .healthy, true), (.healthy, .unhealthy, false), (.healthy, .empty, true),
            (.empty, .empty, false),
            (.unhealthy, .empty, false),
        ] as [(ZonePublication.GroupHealth, ZonePublication.GroupHealth, Bool)]
    )
    func `make a healthy alias when every group with targets is healthy`(
        web: ZonePublication.GroupHealth,
        api: ZonePublication.GroupHealth,
        expected: Bool
    ) {
        #expect(Self.publication([Self.web: web, Self.api: api], [:]).isAliasHealthy == expected)
    }

    @Test(.covers("ALB-TGH-017")) func `make a healthy alias though a group has failed in one of them`() {
        #expect(Self.publication([Self.web: .healthy], [Self.web: .unhealthy]).isAliasHealthy)
    }

    /// Two targets in zone a, two in zone b, seen from each zone's node.
    private static func zones(_ crossZone: TargetGroupAttributes.CrossZone) -> [AvailabilityZone: SampleGroup] {
        var zones: [AvailabilityZone: SampleGroup] = [:]
        for node in [AvailabilityZone.a, .b] {
            zones[node] = SampleGroup([.a, .a, .b, .b], node: node) { $0.attributes.crossZone = crossZone }
            zones[node]?.probe(0..<4)
        }
        return zones
    }

    private static func published(_ zones: [AvailabilityZone: SampleGroup]) -> Set<AvailabilityZone> {
        ZonePublication(zones.mapValues { [Self.web: $0.state.publicationHealth] }).published
    }

    @Test(.covers("ALB-XZ-009", "ALB-TGH-011"))
    func `lose one whose targets have all failed, and regain it with the first that recovers`() {
        var zones = Self.zones(.off)
        #expect(Self.published(zones) == [.a, .b])
        for node in [AvailabilityZone.a, .b] { zones[node]?.probe(2..<4, .failed, times: 2) }
        #expect(Self.published(zones) == [.a])
        for node in [AvailabilityZone.a, .b] { zones[node]?.probe([3], times: 5) }
        #expect(Self.published(zones) == [.a, .b])
    }

    @Test(.covers("ALB-XZ-008")) func `stay with cross-zone on while any target is healthy`() {
        var zones = Self.zones(.on)
        for node in [AvailabilityZone.a, .b] { zones[node]?.probe(1..<4, .failed, times: 2) }
        #expect(Self.published(zones) == [.a, .b])
    }

    @Test(.covers("ALB-XZ-010")) func `stay without targets`() {
        let far = SampleGroup([.a, .a], node: .b) { $0.attributes.crossZone = .off }
        #expect(far.state.publicationHealth == .empty)
    }
}
