internal import ELBFleet
internal import ELBModel

/// Changes of the configuration while requests are under way.
enum ChangeChecks {
    static let all = [Self.deregistered, Self.inFlight, Self.delayOver, Self.noLoss, Self.newRule]

    private static let feature = "alb.changes"
    private static let reloading = Setting(reloads: true)

    private static let deregistered = Check(
        "changes.deregistered",
        "A deregistered target gets no new request.",
        rows: ["ALB-DRG-002"],
        feature: Self.feature,
        reference: .targetGroupAttributes,
        kills: [.deregisteredKeepsTraffic],
        lookAt: "which targets are chosen from after a change",
        setting: Self.reloading
    ) { scene in
        let web = try await scene.group("web", backends: 3)
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        try scene.expectAllAnswered(await scene.sendMany(30, "/", to: listener), status: 200)
        let leaving = web.backends[1]
        let before = await leaving.status().requests
        try await scene.reload { part in part.groups[0].targets.removeAll { leaving.targets.contains($0) } }
        try scene.expectAllAnswered(await scene.sendMany(60, "/", to: listener), status: 200)
        let after = await leaving.status().requests
        try scene.expect(
            after == before && before > 0,
            tried: "60 requests after a target was deregistered",
            expected: "none at that target, after some of 30 before",
            actual: "\(after - before), after \(before) before"
        )
    }

    private static let inFlight = Check(
        "changes.deregistered-in-flight",
        "A request in flight at a deregistered target may finish within the deregistration delay.",
        rows: ["ALB-DRG-003"],
        feature: Self.feature,
        reference: .targetGroupAttributes,
        kills: [.deregisterDelayIgnored],
        lookAt: "what becomes of a draining target's requests",
        setting: Self.reloading
    ) { scene in
        let web = try await scene.group("web", backends: 2)
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        async let slow = scene.send("GET", "/slow?elb-delay=1200", to: listener)
        let busy = try await scene.busyBackend(of: web)
        try await scene.reload { part in part.groups[0].targets.removeAll { busy.targets.contains($0) } }
        let response = try await scene.expect(slow, reached: web).response
        try scene.expect(
            response.status == 200,
            tried: "a request in flight while its target is deregistered",
            expected: "200",
            actual: "\(response.status)"
        )
    }

    private static let delayOver = Check(
        "changes.deregistration-delay-over",
        "When the deregistration delay ends with a request still running, the client gets 502.",
        rows: ["ALB-DRG-004", "ALB-ERR-032"],
        feature: Self.feature,
        reference: .targetGroupAttributes,
        kills: [.deregisterDelayEndless],
        lookAt: "when a draining target is let go",
        setting: Self.reloading
    ) { scene in
        let web = try await scene.group("web", backends: 2) { $0.attributes.deregistrationDelaySeconds = 20 }
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        async let slow = scene.send("GET", "/slow?elb-delay=3500", to: listener)
        let busy = try await scene.busyBackend(of: web)
        try await scene.reload { part in part.groups[0].targets.removeAll { busy.targets.contains($0) } }
        let exchange = await slow
        let response = try scene.answer(exchange, expected: "502 when the delay is over")
        try scene.expect("status", of: exchange, response.status, is: 502)
    }

    private static let noLoss = Check(
        "changes.nothing-lost",
        "No request fails because the configuration changes.",
        rows: ["ALB-LSN-010", "ALB-DRG-003"],
        feature: Self.feature,
        reference: .rules,
        kills: [.deregisterDelayIgnored],
        lookAt: "what happens to requests between the old configuration and the new",
        setting: Self.reloading
    ) { scene in
        let web = try await scene.group("web", backends: 6)
        let spare = try await scene.group("spare")
        let listener = try scene.listener(
            rules: [.when(.path("/spare"), priority: 1, then: spare.forward)],
            default: web.forward
        )
        try await scene.start()

        async let outcomes = scene.sendMany(1200, "/?elb-delay=10", to: listener, atOnce: 6)
        // Each leaves once: one that returns while it drains would have to wait (ALB-TG-021).
        for round in 0..<5 {
            try await scene.reload { part in
                part.groups[0].targets = web.backends[(round + 1)...].flatMap(\.targets)
                part.listeners[0].rules[0].priority = round + 1
            }
        }
        try scene.expectAllAnswered(await outcomes, status: 200)
    }

    private static let newRule = Check(
        "changes.new-rule",
        "A new rule is in force for the next request, also on connections that stand.",
        rows: ["ALB-LSN-010"],
        feature: Self.feature,
        reference: .rules,
        kills: [.rulesDefaultFirst],
        lookAt: "which rules a connection uses that was opened before the change",
        setting: Self.reloading
    ) { scene in
        let first = try await scene.group("first")
        let second = try await scene.group("second")
        let listener = try scene.listener(
            rules: [.when(.path("/never"), priority: 5, then: second.forward)],
            default: first.forward
        )
        try await scene.start()

        try await scene.expect("GET", "/word", at: listener, reaches: first)
        try await scene.reload { part in
            part.listeners[0].rules.append(.when(.path("/word"), priority: 1, then: second.forward))
        }
        try await scene.expect("GET", "/word", at: listener, reaches: second)
        try await scene.expect("GET", "/else", at: listener, reaches: first)
    }
}

extension Scene {
    /// The backend that is working on the group's first request.
    func busyBackend(of group: SceneGroup) async throws -> Backend {
        let deadline = ContinuousClock.now + .seconds(5)
        while ContinuousClock.now < deadline {
            for backend in group.backends where await backend.status().requests > 0 { return backend }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw Problem.timedOut("no target read the request")
    }
}
