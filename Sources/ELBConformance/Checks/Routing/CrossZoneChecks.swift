internal import ELBFleet
internal import ELBModel

/// Which zones' targets a node uses.
enum CrossZoneChecks {
    static let all = [Self.on, Self.off, Self.emptyZone, Self.zonalFailOpen, Self.threshold]

    private static let feature = "alb.targets.cross-zone"
    private static let zones = Setting(zones: [.a, .b])

    /// A group with targets in two zones.
    private static func group(
        _ counts: (Int, Int),
        _ crossZone: TargetGroupAttributes.CrossZone,
        health: HealthCheckSettings = .calm,
        in scene: Scene
    ) async throws -> SceneGroup {
        var behaviour = BackendBehaviour()
        behaviour.healthPaths = [health.path]
        var backends: [Backend] = []
        for number in 0..<counts.0 { backends.append(try await scene.backend("a\(number + 1)", behaviour: behaviour)) }
        for number in 0..<counts.1 {
            backends.append(try await scene.backend("b\(number + 1)", zone: .b, behaviour: behaviour))
        }
        return scene.group("web", of: backends, health: health) { $0.attributes.crossZone = crossZone }
    }

    private static let on = Check(
        "cross-zone.on",
        "By default every node spreads over the targets of all zones.",
        rows: ["ALB-XZ-001", "ALB-XZ-003"],
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.roundRobinAlwaysFirst],
        lookAt: "which targets a node knows",
        setting: Self.zones
    ) { scene in
        let web = try await Self.group((2, 8), .useLoadBalancerConfiguration, in: scene)
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        for zone in [AvailabilityZone.a, .b] {
            try scene.expectAllAnswered(
                await scene.sendMany(100, "/", to: scene.node(zone, of: listener)),
                status: 200
            )
        }
        try await scene.expectSpread(
            of: web,
            is: Array(repeating: 20, count: 10),
            tried: "100 requests to each of two nodes; two targets in zone a, eight in zone b",
            expected: "20 at each target"
        )
    }

    private static let off = Check(
        "cross-zone.off",
        "With cross-zone off each node spreads over its own zone's targets.",
        rows: ["ALB-XZ-004"],
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.crossZoneIgnored],
        lookAt: "which targets a node knows",
        setting: Self.zones
    ) { scene in
        let web = try await Self.group((2, 8), .off, in: scene)
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        for zone in [AvailabilityZone.a, .b] {
            try scene.expectAllAnswered(
                await scene.sendMany(80, "/", to: scene.node(zone, of: listener)),
                status: 200
            )
        }
        try await scene.expectSpread(
            of: web,
            is: [40, 40] + Array(repeating: 10, count: 8),
            tried: "80 requests to each of two nodes; two targets in zone a, eight in zone b",
            expected: "40 at each in zone a, 10 at each in zone b"
        )
    }

    private static let emptyZone = Check(
        "cross-zone.empty-zone",
        "With cross-zone off a node without targets in its zone answers 503.",
        rows: ["ALB-XZ-005"],
        feature: Self.feature,
        reference: .targetGroupAttributes,
        kills: [.crossZoneIgnored, .errorNoTargetsAs502],
        lookAt: "what a node does when its own zone has nothing",
        setting: Self.zones
    ) { scene in
        let web = try await Self.group((2, 0), .off, in: scene)
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        try await scene.expect("GET", "/", at: scene.node(.b, of: listener), answers: 503)
        try await scene.expect("GET", "/", at: scene.node(.a, of: listener), reaches: web)
    }

    private static let zonalFailOpen = Check(
        "cross-zone.off-fail-open",
        "With cross-zone off health is counted per zone: a node whose targets are all ill uses them, not other zones'.",
        rows: ["ALB-XZ-008", "ALB-TGH-008", "ALB-TGH-015"],
        feature: Self.feature,
        reference: .targetGroups,
        kills: [.crossZoneIgnored, .healthFailOpenNever],
        lookAt: "which targets are counted",
        setting: Setting(zones: [.a, .b], isTimed: true)
    ) { scene in
        let web = try await Self.group((1, 2), .off, health: .brisk, in: scene)
        let listener = try scene.listener(default: web.forward)
        for backend in web.backends.dropFirst() { try await backend.set(.fail(status: 500), scope: .health) }
        try await scene.start()

        for backend in web.backends.dropFirst() { _ = try await backend.waitForRecords(count: 8, kind: .probe) }
        let far = scene.node(.b, of: listener)
        try await scene.expectSpread(
            of: web,
            is: [0, 10, 10],
            after: (20, far),
            atOnce: 1,
            tried: "20 requests to the node of zone b, whose two targets fail all probes; zone a's is healthy",
            expected: "10 at each in zone b"
        )
    }

    private static let threshold = Check(
        "health.routing-threshold",
        "When fewer targets are healthy than the routing threshold asks for, requests go to all of them.",
        rows: ["ALB-TGH-003", "ALB-TGH-005", "ALB-TGH-008"],
        feature: "alb.health.routing-threshold",
        reference: .targetGroups,
        kills: [.healthFailOpenNever],
        lookAt: "how many healthy targets are enough",
        setting: Setting(isTimed: true)
    ) { scene in
        let web = try await scene.group("web", backends: 3, health: .brisk) {
            $0.attributes.routingMinimumHealthyCount = 2
            $0.attributes.dnsMinimumHealthyCount = 2
        }
        let listener = try scene.listener(default: web.forward)
        for backend in web.backends.dropFirst() { try await backend.set(.fail(status: 500), scope: .health) }
        try await scene.start()

        for backend in web.backends.dropFirst() { _ = try await backend.waitForRecords(count: 4, kind: .probe) }
        try await scene.expectSpread(
            of: web,
            is: [10, 10, 10],
            after: (30, listener),
            atOnce: 1,
            tried: "30 requests while one of three targets is healthy and two must be",
            expected: "10 at each"
        )
    }
}
