internal import ELBFleet
internal import ELBModel

/// Groups without a healthy target, and groups that lose one.
enum FailOpenChecks {
    static let all = [Self.failOpen, Self.killed]

    private static let failOpen = Check(
        "health.fail-open",
        "When no target of a group is healthy, requests go to all of them.",
        rows: ["ALB-TGH-009", "ALB-ERR-038"],
        feature: "alb.health.fail-open",
        reference: .healthChecks,
        kills: [.healthFailOpenNever],
        lookAt: "what is chosen when nothing healthy is left",
        setting: Setting(isTimed: true)
    ) { scene in
        var behaviour = BackendBehaviour()
        behaviour.healthStatus = 500
        let web = try await scene.group("web", backends: 3, health: .brisk, behaviour: behaviour)
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        // Three failures each: beyond the threshold of two, whatever the first state was.
        for backend in web.backends { _ = try await backend.waitForRecords(count: 4, kind: .probe) }
        try await scene.expectSpread(
            of: web,
            is: [10, 10, 10],
            after: (30, listener),
            atOnce: 1,
            tried: "30 requests to three targets that fail all probes",
            expected: "10 at each"
        )
    }

    private static let killed = Check(
        "health.killed-target",
        "After a dead target is detected, no request fails because of it.",
        rows: ["ALB-HC-022", "ALB-HC-028"],
        feature: "alb.health.failover",
        reference: .healthChecks,
        kills: [.healthConnectFailureNotCounted],
        lookAt: "how a refused connection of a probe is counted",
        setting: Setting(isTimed: true)
    ) { scene in
        let web = try await scene.group("web", backends: 3, health: .brisk)
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        try scene.expectAllAnswered(await scene.sendMany(30, "/", to: listener), status: 200)
        await web.backends[0].stop()
        // A neighbour's probes tell the time: the dead target has been tried as often, less one.
        let neighbour = web.backends[1]
        let before = await neighbour.status().probes
        while await neighbour.status().probes < before + 4 {
            _ = await scene.sendMany(3, "/", to: listener)
            try await Task.sleep(for: .milliseconds(8))
        }
        let statuses = try scene.statuses(await scene.sendMany(200, "/", to: listener))
        try scene.expect(
            statuses == [200: 200],
            tried: "200 requests after a target has died and four rounds of probes; UnhealthyThresholdCount is 2",
            expected: "200 answers of 200",
            actual: statuses.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }.joined(separator: ", ")
        )
    }
}
