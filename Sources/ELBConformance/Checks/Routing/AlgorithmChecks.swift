internal import ELBFleet
internal import ELBModel

/// Algorithms with chance or time in them.
enum AlgorithmChecks {
    static let all = [Self.random, Self.slowStart, Self.mitigation]

    private static let random = Check(
        "selection.weighted-random",
        "weighted_random spreads evenly, and in no order.",
        rows: ["ALB-ALG-008", "ALB-ALG-001"],
        feature: "alb.targets.weighted-random",
        reference: .targetGroupAttributes,
        kills: [.weightedRandomIsRoundRobin],
        lookAt: "whether each choice is a new draw"
    ) { scene in
        let web = try await scene.group("web", backends: 4) { $0.attributes.algorithm = .weightedRandom }
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let exchanges = await scene.sendInOrder(Array(repeating: "/", count: 200), to: listener)
        let order = try exchanges.map { try scene.expect($0, reached: web).record.localPort }
        // In no order: a target is drawn twice in a row every fourth time; 199 chances that are missed altogether come
        // once in 10^24 runs.
        let repeats = zip(order, order.dropFirst()).count { $0 == $1 }
        try scene.expect(
            (10...100).contains(repeats),
            tried: "200 requests one after another to four targets",
            expected: "some 50 that go where the one before went",
            actual: "\(repeats)"
        )
        // Evenly: a share of a quarter, within 5 points of 2,000 draws, is missed once in a million runs.
        try scene.expectAllAnswered(await scene.sendMany(1800, "/", to: listener), status: 200)
        let counts = await scene.trafficCounts(web)
        let range = Binomial.range(requests: 2000, share: 0.25, points: 5)
        try scene.expect(
            counts.allSatisfy(range.contains),
            tried: "2000 requests to four targets",
            expected: "\(range.lowerBound) to \(range.upperBound) at each",
            actual: counts.map(String.init).joined(separator: ", ")
        )
    }

    private static let slowStart = Check(
        "selection.slow-start",
        "A target that joins healthy ones gets a share that grows over the slow start period.",
        rows: ["ALB-SLOW-002", "ALB-SLOW-003"],
        feature: "alb.targets.slow-start",
        reference: .targetGroupAttributes,
        kills: [.slowStartIgnored],
        lookAt: "what a new target's share depends on",
        setting: Setting(reloads: true, isTimed: true)
    ) { scene in
        var behaviour = BackendBehaviour()
        behaviour.healthPaths = [HealthCheckSettings.calm.path]
        let newcomer = try await scene.backend("newcomer", behaviour: behaviour)
        let web = try await scene.group("web", backends: 2) { $0.attributes.slowStartSeconds = 100 }
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        try scene.expectAllAnswered(await scene.sendMany(20, "/", to: listener), status: 200)
        try await scene.reload { part in part.groups[0].targets += newcomer.targets }
        guard let probe = try? await newcomer.waitForRecords(count: 1, kind: .probe, timeout: .seconds(5)).first else {
            throw Problem.timedOut("the new target was not probed")
        }
        let period = UInt64(100_000_000_000 / scene.timeScale)
        let end = ContinuousClock.now + scene.scaled(seconds: 130)
        while ContinuousClock.now < end {
            try scene.expectAllAnswered(await scene.sendMany(6, "/", to: listener, atOnce: 1), status: 200)
            try await Task.sleep(for: .milliseconds(3))
        }
        // The newcomer's requests for one of a neighbour's, in a part of the period that began with its first probe.
        let mine = await newcomer.records().filter { $0.kind == .traffic }
        let theirs = await web.backends[0].records().filter { $0.kind == .traffic }
        let began = probe.monotonicNanoseconds
        let share = { (from: UInt64, to: UInt64) throws -> Double in
            let window = (began + period * from / 100)..<(began + period * to / 100)
            let own = mine.count { window.contains($0.monotonicNanoseconds) }
            let neighbour = theirs.count { window.contains($0.monotonicNanoseconds) }
            guard neighbour >= 10 else { throw Problem.uncertain("the machine stalled: too few requests to tell") }
            return Double(own) / Double(neighbour)
        }
        let (early, late) = (try share(0, 30), try share(60, 95))
        let afterwards = try share(105, 125)
        let percent = { (share: Double) in "\(Int(share * 100)) %" }
        try scene.expect(
            early < 0.5 && late > early + 0.2 && afterwards > 0.8,
            tried: "requests to two targets and one that joins them; slow start takes 100 s",
            expected: "less than half of a neighbour's share in the first 30 s, more later, all of it afterwards",
            actual: "\(percent(early)), then \(percent(late)), then \(percent(afterwards))"
        )
    }

    private static let mitigation = Check(
        "selection.anomaly-mitigation",
        "With anomaly mitigation a target that fails more than its peers gets hardly anything, until it recovers.",
        rows: ["ALB-ALG-011", "ALB-ALG-014"],
        level: .provisional,
        feature: "alb.targets.anomaly-mitigation",
        reference: .targetGroupAttributes,
        kills: [.anomalyIgnored],
        lookAt: "what becomes of a target's 5xx answers"
    ) { scene in
        let web = try await scene.group("web", backends: 4) {
            $0.attributes.algorithm = .weightedRandom
            $0.attributes.anomalyMitigation = true
        }
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let sick = web.backends[1]
        try await sick.set(.fail(status: 500), scope: .traffic)
        // Weights are adjusted every 5 s; three rounds are enough to notice and to act.
        try await Self.send(for: scene.scaled(seconds: 16), to: listener, in: scene)
        let cut = try await Self.share(of: sick, at: listener, in: scene)
        try scene.expect(
            cut < 60,
            tried: "400 requests after one of four targets has answered 500 for 16 s",
            expected: "fewer than 60 there, where a fair share is 100",
            actual: "\(cut)"
        )
        try await sick.heal()
        try await Self.send(for: scene.scaled(seconds: 75), to: listener, in: scene)
        let restored = try await Self.share(of: sick, at: listener, in: scene)
        // 100 of 400: fewer than 60 come once in two million runs.
        try scene.expect(
            restored >= 60,
            tried: "400 requests when it has answered well for 75 s",
            expected: "its share again, at least 60",
            actual: "\(restored)"
        )
    }

    private static func send(for time: Duration, to listener: Endpoint, in scene: Scene) async throws {
        let end = ContinuousClock.now + time
        while ContinuousClock.now < end {
            _ = await scene.sendMany(20, "/", to: listener)
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// How many of 400 requests come to the backend.
    private static func share(of backend: Backend, at listener: Endpoint, in scene: Scene) async throws -> Int {
        let before = await backend.status().requests
        _ = try scene.statuses(await scene.sendMany(400, "/", to: listener))
        return await backend.status().requests - before
    }
}
