import ELBConformance
import ELBModel

/// One answer on the bench: runs it as often as its judges need, each time fresh.
actor AnswerBench {
    let topology: Topology
    let exercise: Exercise
    let seed: UInt64
    private let grader: Grader
    /// Questions about health share one long run; its answers are kept.
    private var healthTrial: HealthTrial.Result?

    /// Judges that look at places and counts, not at time, run on a slower clock: on a busy machine, a probe that times
    /// out by accident would look like the answer's fault.
    static let calmTimeScale = 10
    /// How often a trial is made until the machine lets it be told.
    static let attempts = 4

    /// As fast as the answer's own settings allow: an interval lasts at least 200 ms, a timeout 80 ms, or a busy machine
    /// would make probes fail that nobody let fail. Never slower than the exercise says.
    private func scale(for settings: HealthCheckSettings) -> Int {
        let fastest = min(settings.intervalSeconds * 5, settings.timeoutSeconds * 1000 / 80)
        return min(100, max(self.exercise.manifest.timeScale, fastest))
    }

    init(topology: Topology, exercise: Exercise, seed: UInt64, grader: Grader) {
        self.topology = topology
        self.exercise = exercise
        self.seed = seed
        self.grader = grader
    }

    func judge(_ judge: Judge) async throws -> Judgement {
        switch judge {
        case .reachable(let zones): return try await self.calmly { try await ReachJudge.reachable($0, zones: zones) }
        case .registeredOnce: return RegistrationJudge.judge(self.topology, fleet: self.exercise.manifest.fleet)
        case .evenSpread(let rounds): return try await self.calmly { try await SpreadJudge.even($0, rounds: rounds) }
        case .clientAddress: return try await self.calmly { try await ReachJudge.clientAddress($0) }
        case .survivesDeath(let server, let limit): return try await self.survives(server, within: limit)
        case .routes(let cases):
            var generator = SeededGenerator(seed: self.seed, for: "routes")
            let shuffled = cases.shuffled(using: &generator)
            return try await self.calmly { try await RouteJudge.judge($0, shuffled) }
        case .share(let request, let servers, let percent, let tolerance, let requests):
            return try await self.calmly {
                try await SpreadJudge.share(
                    $0,
                    request,
                    servers: servers,
                    percent: percent,
                    tolerance: tolerance,
                    requests: requests
                )
            }
        case .detectsWithin(let seconds): return DetectionJudge.judge(self.topology, limit: seconds)
        case .health(let question): return try await self.health(question)
        }
    }

    private func run<Value: Sendable>(
        timeScale: Int,
        firstNodeOnly: Bool = false,
        failingProbes: [String: Int] = [:],
        _ body: @Sendable @escaping (TopologyLab) async throws -> Value
    ) async throws -> Value {
        try await TopologyLab.withRunning(
            self.topology,
            subject: self.grader.subject,
            settings: .init(
                timeScale: timeScale,
                seed: self.seed,
                firstNodeOnly: firstNodeOnly,
                failingProbes: failingProbes
            ),
            curl: self.grader.curl,
            threads: self.grader.threads,
            body: body
        )
    }

    /// On a slow clock, when every registered server has been probed by every node.
    private func calmly(
        _ body: @Sendable @escaping (TopologyLab) async throws -> Judgement
    ) async throws -> Judgement {
        let registered = self.registeredServers
        return try await self.run(timeScale: Self.calmTimeScale) { lab in
            for server in registered {
                let nodes = lab.loadBalancer.nodes.count
                guard await lab.waitForProbes(at: server, count: nodes, within: .seconds(10)) else {
                    return .uncertain(Message("grade.never-probed", ["server": server]))
                }
            }
            // The balancer reads the last answers while we look away.
            try await Task.sleep(for: .milliseconds(50))
            return try await body(lab)
        }
    }

    /// Servers that a group used by the listener holds; nothing probes the others (ALB-HC-029).
    private var registeredServers: [String] {
        let listeners = self.topology.loadBalancers.flatMap(\.listeners)
        let actions = listeners.flatMap { $0.defaultActions + $0.rules.flatMap(\.actions) }
        let groups = Set(
            actions.flatMap { action -> [TargetGroupID] in
                guard case .forward(let forward) = action else { return [] }
                return forward.targetGroups.map(\.targetGroup)
            }
        )
        let targets = self.topology.targetGroups.filter { groups.contains($0.id) }.flatMap(\.targets)
        let ids = Set(targets.map(\.id.rawValue))
        let used = self.topology.instances.filter { ids.contains($0.id.rawValue) || ids.contains("\($0.address)") }
        return used.map(\.name)
    }

    private func survives(_ server: String, within limit: Int) async throws -> Judgement {
        if case .fail(let finding) = DetectionJudge.judge(self.topology, limit: limit) { return .fail(finding) }
        guard let settings = DetectionJudge.healthCheck(of: self.topology) else {
            return .uncertain(Message("grade.no-group"))
        }
        return try await self.repeating {
            try await self.run(timeScale: self.scale(for: settings), firstNodeOnly: true) { lab in
                try await DeathTrial.judge(lab, server: server, failures: settings.unhealthyThresholdCount)
            }
        }
    }

    private func health(_ question: Judge.HealthQuestion) async throws -> Judgement {
        if let known = self.healthTrial?.judgements[question], !known.isUncertain { return known }
        guard let settings = DetectionJudge.healthCheck(of: self.topology),
            let victim = self.exercise.manifest.fleet.first
        else { return .uncertain(Message("grade.no-group")) }
        var last: Judgement = .uncertain(Message("grade.not-reached"))
        let scale = self.scale(for: settings)
        for _ in 0..<Self.attempts {
            let trial = try await self.run(timeScale: scale, firstNodeOnly: true, failingProbes: [victim: 500]) { lab in
                var trial = HealthTrial(lab, victim: victim, settings: settings)
                try await trial.run()
                return trial.result
            }
            self.healthTrial = trial
            last = trial.judgements[question] ?? last
            if !last.isUncertain { return last }
        }
        return last
    }

    /// A machine that stalls can blur a trial; the trial says so and is made again, at most `attempts` times. A failure is never
    /// repeated.
    private func repeating(_ trial: () async throws -> Judgement) async throws -> Judgement {
        var last: Judgement = .uncertain(Message("grade.not-reached"))
        for _ in 0..<Self.attempts {
            last = try await trial()
            if !last.isUncertain { return last }
        }
        return last
    }
}
