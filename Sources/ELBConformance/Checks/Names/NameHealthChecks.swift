internal import ELBFleet
internal import ELBModel

/// How a load balancer's name follows its targets' health.
enum NameHealthChecks {
    static let all = [
        Self.failover, Self.failOpen, Self.shift, Self.networkFailover, Self.networkFailOpen, Self.networkShift,
    ]

    private static let feature = "alb.names"
    private static let timed = Setting(zones: [.a, .b], names: Naming(), isTimed: true)
    private static let timedNetwork = Setting(kind: .network, zones: [.a, .b], names: Naming(), isTimed: true)

    private static let failover = Check(
        "names.failover",
        "With cross-zone off, a zone whose targets are all unhealthy leaves the name, and returns with the first healthy one.",
        rows: ["ALB-DNS-009", "ALB-TGH-011", "ALB-XZ-009"],
        feature: Self.feature,
        reference: .targetGroups,
        kills: [.dnsUnhealthyZoneKept],
        lookAt: "which zones' nodes the name stands for when health changes",
        setting: Self.timed
    ) { scene in
        try await Self.expectFailover(scene, .http)
    }

    private static let failOpen = Check(
        "names.fail-open",
        "When no zone is healthy, the name stands for the nodes of all.",
        rows: ["ALB-TGH-012"],
        feature: Self.feature,
        reference: .targetGroups,
        kills: [.dnsFailOpenNever],
        lookAt: "what is published when nothing is healthy",
        setting: Self.timed
    ) { scene in
        try await Self.expectFailOpen(scene, .http)
    }

    private static let shift = Check(
        "zonal-shift.names",
        "While traffic is shifted away from a zone, the name does not stand for its node; the zone's own name does.",
        rows: ["ALB-ZS-004"],
        feature: Self.feature,
        with: ["alb.zonal-shift"],
        reference: .zonalShift,
        kills: [.dnsUnhealthyZoneKept],
        lookAt: "which zones' nodes the name stands for",
        setting: Setting(zones: [.a, .b], shiftedZone: .b, names: Naming())
    ) { scene in
        try await Self.expectShift(scene, .http)
    }

    private static let networkFailover = Check(
        "network.names.failover",
        "A zone leaves the name when any target group is unhealthy there, and returns when all are healthy.",
        rows: ["NLB-FO-007", "NLB-FO-011", "NLB-FO-017"],
        feature: "nlb.names",
        reference: .networkHealthChecks,
        kills: [.dnsUnhealthyZoneKept],
        lookAt: "which zones' nodes the name stands for when health changes",
        setting: Self.timedNetwork
    ) { scene in
        // Another group, which stays healthy everywhere.
        _ = try scene.listener(.tcp, default: try await scene.zonedGroup(.tcp, "other", health: Self.health).forward)
        try await Self.expectFailover(scene, .tcp)
    }

    private static let networkFailOpen = Check(
        "network.names.fail-open",
        "When no zone is healthy, a Network Load Balancer's name stands for the addresses of all.",
        rows: ["NLB-FO-012"],
        feature: "nlb.names",
        reference: .networkHealthChecks,
        kills: [.dnsFailOpenNever],
        lookAt: "what is published when nothing is healthy",
        setting: Self.timedNetwork
    ) { scene in
        try await Self.expectFailOpen(scene, .tcp)
    }

    private static let networkShift = Check(
        "network.zonal-shift.names",
        "While traffic is shifted away from a zone, a Network Load Balancer's name does not stand for its address.",
        rows: ["NLB-AZ-013"],
        feature: "nlb.names",
        with: ["nlb.zonal-shift"],
        reference: .networkLoadBalancers,
        kills: [.dnsUnhealthyZoneKept],
        lookAt: "which zones' addresses the name stands for",
        setting: Setting(kind: .network, zones: [.a, .b], shiftedZone: .b, names: Naming())
    ) { scene in
        try await Self.expectShift(scene, .tcp)
    }

    // MARK: Scripts

    /// Quick: the checks wait for what they expect, so a probe that the machine is late with delays them and no more.
    static let health = HealthCheckSettings.probing(every: 10, within: 5, healthy: 2, unhealthy: 2)

    private static func listen(_ scene: Scene, _ protocol: TargetGroup.Proto) async throws -> SceneGroup {
        let web = try await scene.zonedGroup(`protocol`, health: Self.health)
        _ = try scene.listener(`protocol` == .tcp ? .tcp : .http, default: web.forward)
        return web
    }

    private static func expectFailover(_ scene: Scene, _ protocol: TargetGroup.Proto) async throws {
        let web = try await Self.listen(scene, `protocol`)
        try await scene.start()

        let (name, all) = (scene.dnsName, scene.addresses(of: .a, .b))
        try await scene.waitForAddresses(name, all, after: "all targets are healthy")
        try await web.backends[1].set(.fail(status: 500), scope: .health)
        try await scene.waitForAddresses(name, scene.addresses(of: .a), after: "zone b's only target fails its probes")
        // Whoever knows the node may still use it.
        try await NameChecks.expectAddresses(
            scene,
            of: "\(AvailabilityZone.b.name).\(name)",
            scene.addresses(of: .b)
        )
        try await web.backends[1].heal()
        try await scene.waitForAddresses(name, all, after: "zone b's target is healthy again")
    }

    private static func expectFailOpen(_ scene: Scene, _ protocol: TargetGroup.Proto) async throws {
        let web = try await Self.listen(scene, `protocol`)
        for backend in web.backends { try await backend.set(.fail(status: 500), scope: .health) }
        try await scene.start()

        for backend in web.backends { _ = try await backend.waitForRecords(count: 4, kind: .probe) }
        try await scene.waitForAddresses(
            scene.dnsName,
            scene.addresses(of: .a, .b),
            after: "four failed probes of every target",
            within: .seconds(5)
        )
    }

    private static func expectShift(_ scene: Scene, _ protocol: TargetGroup.Proto) async throws {
        let web = try await scene.zonedGroup(`protocol`)
        _ = try scene.listener(`protocol` == .tcp ? .tcp : .http, default: web.forward)
        try await scene.start()

        let name = scene.dnsName
        try await scene.waitForAddresses(
            name,
            scene.addresses(of: .a),
            after: "traffic is shifted away from zone b",
            within: .seconds(5)
        )
        try await NameChecks.expectAddresses(
            scene,
            of: "\(AvailabilityZone.b.name).\(name)",
            scene.addresses(of: .b)
        )
    }
}

extension Scene {
    /// A group with one target in zone a and one in zone b, each of which counts in its zone alone.
    func zonedGroup(
        _ protocol: TargetGroup.Proto,
        _ name: String = "web",
        health: HealthCheckSettings = .calm
    ) async throws -> SceneGroup {
        var behaviour = BackendBehaviour()
        behaviour.healthPaths = [health.path]
        let near = try await self.backend("\(name)-a", behaviour: behaviour)
        let far = try await self.backend("\(name)-b", zone: .b, behaviour: behaviour)
        return self.group(name, of: [near, far], health: health) {
            $0.protocol = `protocol`
            $0.attributes.crossZone = .off
        }
    }
}
