internal import ELBFleet
internal import ELBModel

/// What nodes do while traffic is shifted away from a zone.
enum ZonalShiftChecks {
    static let all = [Self.application, Self.noEffect, Self.network]

    private static let feature = "alb.zonal-shift"

    /// Two targets, one in each zone.
    private static func group(
        _ protocol: TargetGroup.Proto,
        health: HealthCheckSettings = .calm,
        in scene: Scene
    ) async throws -> SceneGroup {
        var behaviour = BackendBehaviour()
        behaviour.healthPaths = [health.path]
        let near = try await scene.backend("a", behaviour: behaviour)
        let far = try await scene.backend("b", zone: .b, behaviour: behaviour)
        return scene.group("web", of: [near, far], health: health) {
            $0.protocol = `protocol`
            $0.attributes.crossZone = .on
        }
    }

    private static let application = Check(
        "zonal-shift.targets",
        "While traffic is shifted away from a zone, no node sends requests to the targets there, and they stay healthy.",
        rows: ["ALB-ZS-004", "ALB-ZS-010"],
        feature: Self.feature,
        reference: .zonalShift,
        kills: [.zonalShiftIgnored],
        lookAt: "which targets a node may choose",
        setting: Setting(zones: [.a, .b], shiftedZone: .b)
    ) { scene in
        let web = try await Self.group(.http, in: scene)
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        for zone in [AvailabilityZone.a, .b] {
            try scene.expectAllAnswered(
                await scene.sendMany(20, "/", to: scene.node(zone, of: listener)),
                status: 200
            )
        }
        try await scene.expectSpread(
            of: web,
            is: [40, 0],
            tried:
                "20 requests to each of two nodes; a healthy target in zone a and one in zone b, which is shifted away from",
            expected: "all 40 at the one in zone a"
        )
    }

    private static let noEffect = Check(
        "zonal-shift.no-effect",
        "A shift has no effect when no target elsewhere is healthy.",
        rows: ["ALB-ZS-008"],
        feature: Self.feature,
        reference: .zonalShift,
        kills: [.healthMatcherAnyResponse],
        lookAt: "what is left when the zone's targets are taken away",
        setting: Setting(zones: [.a, .b], shiftedZone: .b, isTimed: true)
    ) { scene in
        let web = try await Self.group(.http, health: .brisk, in: scene)
        let listener = try scene.listener(default: web.forward)
        try await web.backends[0].set(.fail(status: 500), scope: .health)
        try await scene.start()

        for backend in web.backends { _ = try await backend.waitForRecords(count: 6, kind: .probe) }
        try await scene.expectSpread(
            of: web,
            is: [0, 20],
            after: (20, listener),
            atOnce: 1,
            tried: "20 requests; the only target outside the zone that is shifted away from fails all probes",
            expected: "all 20 at the healthy one"
        )
    }

    private static let network = Check(
        "network.zonal-shift",
        "While traffic is shifted away from a zone, no new connection goes to the targets there.",
        rows: ["NLB-AZ-013"],
        feature: "nlb.zonal-shift",
        reference: .networkLoadBalancers,
        kills: [.zonalShiftIgnored],
        lookAt: "which targets a node may choose",
        setting: Setting(kind: .network, zones: [.a, .b], shiftedZone: .b)
    ) { scene in
        let web = try await Self.group(.tcp, in: scene)
        let listener = try scene.listener(.tcp, default: web.forward)
        try await scene.start()

        for zone in [AvailabilityZone.a, .b] {
            try scene.expectAllAnswered(
                await scene.sendMany(20, "/", to: scene.node(zone, of: listener)) { $0.connection = .fresh },
                status: 200
            )
        }
        try await scene.expectSpread(
            of: web,
            is: [40, 0],
            tried:
                "20 connections to each of two nodes; a healthy target in zone a and one in zone b, which is shifted away from",
            expected: "all 40 at the one in zone a"
        )
    }
}
