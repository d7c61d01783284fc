internal import ELBFleet
internal import ELBModel

/// What a probe looks like, and which answers count as good.
enum ProbeChecks {
    static let all = [Self.form, Self.path, Self.port, Self.matcher, Self.redirect, Self.goOn]

    private static let feature = "alb.health.probes"

    private static let form = Check(
        "health.probe.form",
        "A probe is a GET with the mark ELB-HealthChecker/2.0, the target's address as Host, on a connection of its own.",
        rows: ["ALB-HC-003", "ALB-HC-015", "ALB-HC-016", "ALB-HC-018"],
        feature: Self.feature,
        reference: .healthChecks,
        kills: [.healthUserAgentMissing],
        lookAt: "the head of a probe",
        setting: Setting(isTimed: true)
    ) { scene in
        let web = try await scene.group("web", health: .brisk)
        _ = try scene.listener(default: web.forward)
        try await scene.start()

        let backend = web.backends[0]
        let probes = try await backend.waitForRecords(count: 3, kind: .probe, timeout: .seconds(8))
        for probe in probes {
            let evidence = [Finding.Evidence("probe", probe.rawHead.text)]
            try scene.expect(
                probe.method == "GET" && probe.target == "/health",
                tried: "a probe",
                expected: "GET /health",
                actual: "\(probe.method) \(probe.target)",
                evidence: evidence
            )
            try scene.expect(
                probe.values(of: "User-Agent") == ["ELB-HealthChecker/2.0"],
                tried: "a probe",
                expected: "User-Agent: ELB-HealthChecker/2.0",
                actual: "User-Agent: \(probe.values(of: "User-Agent").first ?? "none")",
                evidence: evidence
            )
            try scene.expect(
                probe.values(of: "Host") == ["\(backend.endpoints[0])"],
                tried: "a probe",
                expected: "Host: \(backend.endpoints[0])",
                actual: "Host: \(probe.values(of: "Host").first ?? "none")",
                evidence: evidence
            )
        }
        let connections = Set(probes.map(\.connection)).count
        try scene.expect(
            connections == probes.count,
            tried: "\(probes.count) probes",
            expected: "\(probes.count) connections",
            actual: "\(connections)"
        )
    }

    private static let path = Check(
        "health.probe.path",
        "Probes ask for HealthCheckPath, its query included.",
        rows: ["ALB-HC-004"],
        feature: Self.feature,
        reference: .healthChecks,
        kills: [.healthPathIgnored],
        lookAt: "which path a probe asks for"
    ) { scene in
        var settings = HealthCheckSettings.calm
        settings.path = "/ready-\(scene.random { $0.letters(5) })?deep=1"
        let web = try await scene.group("web", health: settings)
        _ = try scene.listener(default: web.forward)
        try await scene.start()

        let probes = await web.backends[0].records().filter { $0.kind == .probe }
        try scene.expect(
            !probes.isEmpty && probes.allSatisfy { $0.target == settings.path },
            tried: "a health check of \(settings.path)",
            expected: "GET \(settings.path)",
            actual: probes.first.map { "GET \($0.target)" } ?? "no probe"
        )
    }

    private static let port = Check(
        "health.probe.port",
        "Probes go to HealthCheckPort, requests to the target's own port.",
        rows: ["ALB-HC-005"],
        feature: Self.feature,
        reference: .healthChecks,
        kills: [.healthPortIgnored],
        lookAt: "which port a probe goes to"
    ) { scene in
        var behaviour = BackendBehaviour()
        behaviour.healthPaths = [HealthCheckSettings.calm.path]
        let backend = try await scene.backend("web", ports: 2, behaviour: behaviour)
        let (traffic, health) = (backend.endpoints[0].port, backend.endpoints[1].port)
        var settings = HealthCheckSettings.calm
        settings.port = .fixed(health)
        let web = scene.group("web", of: [backend], health: settings) { group in
            group.targets.removeAll { $0.endpoint.port != traffic }
        }
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let record = try await scene.expect("GET", "/", at: listener, reaches: web).record
        let probed = Set(await backend.records().filter { $0.kind == .probe }.map(\.localPort))
        try scene.expect(
            probed == [Int(health.rawValue)] && record.localPort == Int(traffic.rawValue),
            tried: "a target on port \(traffic) with HealthCheckPort \(health)",
            expected: "probes on \(health), requests on \(traffic)",
            actual: "probes on \(probed.sorted()), requests on \(record.localPort)"
        )
    }

    private static let matcher = Check(
        "health.matcher",
        "Codes and ranges of the matcher count as good, and no other.",
        rows: ["ALB-HC-010"],
        feature: Self.feature,
        reference: .healthChecks,
        kills: [.healthMatcherIgnored, .healthMatcherAnyResponse],
        lookAt: "which statuses a probe accepts"
    ) { scene in
        guard let matcher = StatusMatcher("200,204-206,301") else {
            preconditionFailure("the matcher above is AWS's form")
        }
        var settings = HealthCheckSettings.calm
        settings.matcher = matcher
        // Both ends of a range, a single code, and one step beyond each.
        let good = [200, 204, 206, 301]
        let bad = [201, 203, 207, 302, 404]
        var backends: [Backend] = []
        for status in good + bad {
            var behaviour = BackendBehaviour()
            behaviour.healthPaths = [settings.path]
            behaviour.healthStatus = status
            backends.append(try await scene.backend("health-\(status)", behaviour: behaviour))
        }
        let web = scene.group("web", of: backends, health: settings)
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        try scene.expectAllAnswered(await scene.sendMany(4 * good.count, "/", to: listener, atOnce: 1), status: 200)
        let counts = await scene.trafficCounts(web)
        try scene.expect(
            counts == good.map { _ in 4 } + bad.map { _ in 0 },
            tried: "targets whose probes answer \(good) and \(bad), matcher \(matcher)",
            expected: "4 requests at each of the first \(good.count), none at the others",
            actual: zip(good + bad, counts).map { "\($0): \($1)" }.joined(separator: ", ")
        )
    }

    private static let redirect = Check(
        "health.redirect-not-followed",
        "A redirect is compared with the matcher, not followed.",
        rows: ["ALB-HC-013"],
        level: .provisional,
        feature: Self.feature,
        reference: .healthChecks,
        kills: [.healthRedirectFollowed],
        lookAt: "what a probe does with 301 and 302"
    ) { scene in
        var backends: [Backend] = []
        for status in [200, 301, 302] {
            var behaviour = BackendBehaviour()
            behaviour.healthPaths = [HealthCheckSettings.calm.path]
            behaviour.healthStatus = status
            backends.append(try await scene.backend("health-\(status)", behaviour: behaviour))
        }
        let web = scene.group("web", of: backends)
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        try await scene.expectSpread(
            of: web,
            is: [12, 0, 0],
            after: (12, listener),
            atOnce: 1,
            tried: "targets whose probes answer 200, 301 and 302",
            expected: "all 12 requests at the first"
        )
    }

    private static let goOn = Check(
        "health.probes-go-on",
        "Probes keep arriving at a target that is out of service.",
        rows: ["ALB-HC-022", "ALB-HC-001"],
        feature: Self.feature,
        reference: .healthChecks,
        kills: [.healthStopsProbingUnhealthy],
        lookAt: "which targets are probed",
        setting: Setting(isTimed: true)
    ) { scene in
        let settings = HealthCheckSettings.brisk
        let script = Array(repeating: ProbeAnswer.status(500), count: 20)
        let (_, target, _) = try await scene.scripted(script, settings: settings)
        try await scene.start()

        do {
            _ = try await target.waitForRecords(count: 7, kind: .probe, timeout: scene.patience(probes: 7, settings))
        } catch {
            let seen = await target.status().probes
            throw Problem.broken(
                tried: "a target that fails every probe, for the time of ten",
                expected: "a probe every \(settings.intervalSeconds) s",
                actual: "\(seen) probes",
                evidence: []
            )
        }
    }
}
