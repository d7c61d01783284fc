internal import ELBFleet
internal import ELBModel

/// When a target leaves service and when it comes back, counted in probes.
enum ThresholdChecks {
    static let all = [
        Self.firstPass, Self.removedByStatus, Self.removedByTimeout, Self.removedByReset, Self.oneFailure, Self.blips,
        Self.returns,
    ]

    private static let feature = "alb.health.thresholds"
    private static let timed = Setting(isTimed: true)

    private static let firstPass = Check(
        "health.first-pass",
        "A newly registered target gets requests after its first good probe, whatever HealthyThresholdCount is.",
        rows: ["ALB-TG-015"],
        feature: Self.feature,
        reference: .healthChecks,
        kills: [.healthFirstPassNeedsThreshold],
        lookAt: "what HealthyThresholdCount counts for a target that was never in service",
        setting: Setting(reloads: true, isTimed: true)
    ) { scene in
        let settings = HealthCheckSettings.probing(every: 30, within: 20, healthy: 4, unhealthy: 2)
        var behaviour = BackendBehaviour()
        behaviour.healthPaths = [settings.path]
        let old = try await scene.backend("old", behaviour: behaviour)
        let new = try await scene.backend("new", behaviour: behaviour)
        let group = scene.group("web", of: [old, new], health: settings) { $0.targets = old.targets }
        let listener = try scene.listener(default: group.forward)
        try await scene.start()

        // The old target has passed often enough under any reading, so that the group never fails open.
        _ = try await old.waitForRecords(count: 5, kind: .probe, timeout: scene.patience(probes: 5, settings))
        try await scene.reload { part in part.groups[0].targets += new.targets }
        let watch = try await HealthWatch.watch(
            new,
            of: group,
            at: listener,
            probes: 3,
            settings: settings,
            in: scene
        )
        try watch.expect(
            inService: true,
            after: 1,
            because: "a target registered beside a healthy one passes one probe"
        )
    }

    private static let removedByStatus = Check(
        "health.removed-by-status",
        "A target leaves service after UnhealthyThresholdCount wrong statuses in a row, not before.",
        rows: ["ALB-HC-022", "ALB-HC-010"],
        feature: Self.feature,
        reference: .healthChecks,
        kills: [.healthThresholdMinusOne, .healthThresholdPlusOne, .healthMatcherAnyResponse],
        lookAt: "how failures in a row are counted",
        setting: Self.timed
    ) { scene in
        let status = scene.random { [404, 500, 503].randomElement(using: &$0) ?? 500 }
        let settings = HealthCheckSettings.probing(every: 30, within: 20, healthy: 3, unhealthy: 3)
        try await scene.expectRemoval(by: .status(status), settings: settings)
    }

    private static let removedByTimeout = Check(
        "health.removed-by-timeout",
        "A probe without an answer within HealthCheckTimeoutSeconds counts as a failure.",
        rows: ["ALB-HC-022", "ALB-HC-007"],
        feature: Self.feature,
        reference: .healthChecks,
        kills: [.healthTimeoutNotCounted, .healthThresholdMinusOne, .healthThresholdPlusOne],
        lookAt: "how a probe that times out is counted",
        setting: Self.timed
    ) { scene in
        let settings = HealthCheckSettings.probing(every: 50, within: 20, healthy: 3, unhealthy: 3)
        try await scene.expectRemoval(by: .timeout, settings: settings)
    }

    private static let removedByReset = Check(
        "health.removed-by-reset",
        "A probe whose connection is reset counts as a failure.",
        rows: ["ALB-HC-022", "ALB-HC-028"],
        feature: Self.feature,
        reference: .healthChecks,
        kills: [.healthThresholdMinusOne, .healthThresholdPlusOne],
        lookAt: "how a probe that loses its connection is counted",
        setting: Self.timed
    ) { scene in
        let answer = scene.random { [ProbeAnswer.reset, .close].randomElement(using: &$0) ?? .reset }
        let settings = HealthCheckSettings.probing(every: 30, within: 20, healthy: 3, unhealthy: 3)
        try await scene.expectRemoval(by: answer, settings: settings)
    }

    private static let oneFailure = Check(
        "health.one-failure",
        "One failed probe changes nothing when UnhealthyThresholdCount is 2.",
        rows: ["ALB-HC-022", "ALB-HC-009"],
        feature: Self.feature,
        reference: .healthChecks,
        kills: [.healthThresholdMinusOne],
        lookAt: "how many failures it takes",
        setting: Self.timed
    ) { scene in
        let settings = HealthCheckSettings.brisk
        let (group, target, listener) = try await scene.scripted(
            [.status(200), .status(200), .status(500), .status(200)],
            settings: settings
        )
        try await scene.start()

        let watch = try await HealthWatch.watch(
            target,
            of: group,
            at: listener,
            probes: 5,
            settings: settings,
            in: scene
        )
        // The first probe may be long ago when all checks that share the load balancer are ready.
        for number in 2...4 {
            try watch.expect(inService: true, after: number, because: "one failed probe between good ones")
        }
    }

    private static let blips = Check(
        "health.blips",
        "A good probe starts the count of failures again.",
        rows: ["ALB-HC-023"],
        level: .provisional,
        feature: Self.feature,
        reference: .healthChecks,
        kills: [.healthConsecutiveNotReset],
        needs: ["health.one-failure"],
        lookAt: "when the count of failures returns to zero",
        setting: Self.timed
    ) { scene in
        let settings = HealthCheckSettings.brisk
        let (group, target, listener) = try await scene.scripted(
            [.status(200)] + (0..<3).flatMap { _ in [.status(200), .status(500)] } + [.status(200)],
            settings: settings
        )
        try await scene.start()

        let watch = try await HealthWatch.watch(
            target,
            of: group,
            at: listener,
            probes: 9,
            settings: settings,
            in: scene
        )
        for number in 2...8 {
            try watch.expect(inService: true, after: number, because: "failed and good probes by turns")
        }
    }

    private static let returns = Check(
        "health.returns",
        "A target comes back after HealthyThresholdCount good probes in a row, not before.",
        rows: ["ALB-HC-022", "ALB-HC-008"],
        feature: Self.feature,
        reference: .healthChecks,
        kills: [.healthThresholdMinusOne, .healthThresholdPlusOne],
        needs: ["health.removed-by-status"],
        lookAt: "how good probes in a row are counted",
        setting: Self.timed
    ) { scene in
        let settings = HealthCheckSettings.brisk
        let (group, target, listener) = try await scene.scripted(
            [.status(200), .status(500), .status(500)],
            settings: settings
        )
        try await scene.start()

        let watch = try await HealthWatch.watch(
            target,
            of: group,
            at: listener,
            probes: 7,
            settings: settings,
            in: scene
        )
        let reason = "two failed probes, then good ones; HealthyThresholdCount is 3"
        try watch.expect(inService: false, after: 3, because: reason)
        try watch.expect(inService: false, after: 5, because: reason)
        try watch.expect(inService: true, after: 6, because: reason)
    }
}

extension Scene {
    /// Two good probes, then failures of one kind; the threshold is 3.
    fileprivate func expectRemoval(by answer: ProbeAnswer, settings: HealthCheckSettings) async throws {
        let script = [.status(200), .status(200)] + Array(repeating: answer, count: 5)
        let (group, target, listener) = try await self.scripted(script, settings: settings)
        try await self.start()

        let watch = try await HealthWatch.watch(
            target,
            of: group,
            at: listener,
            probes: 6,
            settings: settings,
            in: self
        )
        let reason = "two good probes, then \(answer) again and again; UnhealthyThresholdCount is 3"
        try watch.expect(inService: true, after: 2, because: reason)
        try watch.expect(inService: true, after: 4, because: reason)
        try watch.expect(inService: false, after: 5, because: reason)
    }
}
