import ELBConformance
import ELBModel

/// One answer on the bench: runs it as often as its judges need, each time fresh.
actor AnswerBench {
    /// What the answer comes to.
    struct Material: Sendable {
        var topology: Topology
        /// The template as it was written; `nil` when the answer is none.
        var text: String?
        /// What the learner has filled in, by question.
        var predictions: [String: String] = [:]
        /// The balancer that the learner has written.
        var subject: SubjectCommand?

        init(topology: Topology) {
            self.topology = topology
        }
    }

    let material: Material
    nonisolated var topology: Topology { self.material.topology }
    let exercise: Exercise
    let seed: UInt64
    let grader: Grader
    /// Questions about health share one long run; its answers are kept.
    private var healthTrial: HealthTrial.Result?
    /// The suite's checks of an exercise are run together; their reports by id.
    private var reports: [String: CheckReport]?

    /// Judges that look at places and counts, not at time, run on a slower clock: on a busy machine, a probe that times
    /// out by accident would look like the answer's fault. First probes go out at once whatever the clock, so this costs nothing.
    static let calmTimeScale = 5
    /// A busy machine's threads wait for tens of milliseconds. One that stands still for longer makes probes fail that nobody let fail,
    /// and balancers learn late who is healthy.
    static let longestStall = Duration.milliseconds(150)
    /// How often a trial is made until the machine lets it be told.
    static let attempts = 4

    /// As fast as the answer's own settings allow: an interval lasts at least 200 ms, a timeout 80 ms, or a busy machine
    /// would make probes fail that nobody let fail. Never slower than the exercise says.
    func scale(for settings: HealthCheckSettings) -> Int {
        let fastest = min(settings.intervalSeconds * 5, settings.timeoutSeconds * 1000 / 80)
        return min(100, max(self.exercise.manifest.timeScale, fastest))
    }

    init(_ material: Material, exercise: Exercise, seed: UInt64, grader: Grader) {
        self.material = material
        self.exercise = exercise
        self.seed = seed
        self.grader = grader
    }

    /// A failure that the machine may have made by standing still says nothing of the answer. It is looked at again, `attempts` times at
    /// most; a failure on a machine that went on is never repeated.
    func judge(_ judge: Judge) async throws -> Judgement {
        guard judge.trustsTheMachine else { return try await self.look(judge) }
        return try await self.repeating {
            let (judgement, jitter) = try await HostJitter.during { try await self.look(judge) }
            guard case .fail = judgement, jitter.worst > Self.longestStall else { return judgement }
            return .uncertain(Message("grade.stalled", ["ms": "\(jitter.worst.milliseconds)"]))
        }
    }

    private func look(_ judge: Judge) async throws -> Judgement {
        switch judge {
        case .reachable(let zones): return try await self.calmly { try await ReachJudge.reachable($0, zones: zones) }
        case .registeredOnce: return RegistrationJudge.judge(self.topology, fleet: self.exercise.manifest.fleet)
        case .evenSpread(let rounds, let request, let servers):
            return try await self.calmly { lab in
                try await SpreadJudge.even(lab, request, servers: servers ?? lab.serverNames, rounds: rounds)
            }
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
        case .responses(let cases): return try await self.calmly { try await ResponseJudge.judge($0, cases) }
        case .sticky(let judge): return try await judge.judge(self)
        case .webSocket(let judge): return try await judge.judge(self)
        case .draining(let judge): return try await judge.judge(self)
        case .slowStart(let judge): return try await judge.judge(self)
        case .zoneShares(let judge): return try await self.calmly { try await judge.judge($0) }
        case .survivesZone(let judge): return try await judge.judge(self)
        case .flows(let judge): return try await self.calmly { try await judge.judge($0) }
        case .template(let rules):
            guard let text = self.material.text else { return .uncertain(Message("grade.no-template")) }
            return try TemplateJudge.judge(text, file: self.exercise.manifest.answer, rules)
        case .attributes(let rules): return AttributeRule.judge(self.topology, rules)
        case .capacity(let judge): return judge.judge(self.topology)
        case .prediction(let judge):
            let value = self.material.predictions[judge.question]
            guard case .attribute(let kind, let name, let key) = judge.measure else {
                return try await self.calmly { try await judge.judge($0, value) }
            }
            return judge.judge(measured: AttributeRule.value(self.topology, kind, name, key), value)
        case .conformance(let id): return await self.conformance(id)
        }
    }

    private func run<Value: Sendable>(
        timeScale: Int,
        firstNodeOnly: Bool = false,
        failingProbes: [String: Int] = [:],
        reloads: Bool = false,
        _ body: @Sendable @escaping (TopologyLab) async throws -> Value
    ) async throws -> Value {
        let settings = TopologyLab.Settings(
            timeScale: timeScale,
            seed: self.seed,
            firstNodeOnly: firstNodeOnly,
            failingProbes: failingProbes,
            reloads: reloads
        )
        // A port that was free a moment ago may be somebody else's by now; the next lab has others.
        for _ in 1..<Self.attempts {
            do {
                return try await self.runOnce(settings, body)
            } catch SubjectFailure.exited(_, let output) where output.contains("Address already in use") {
                continue
            }
        }
        return try await self.runOnce(settings, body)
    }

    private func runOnce<Value: Sendable>(
        _ settings: TopologyLab.Settings,
        _ body: @Sendable @escaping (TopologyLab) async throws -> Value
    ) async throws -> Value {
        try await TopologyLab.withRunning(
            self.topology,
            subject: self.grader.subject,
            settings: settings,
            curl: self.grader.curl,
            threads: self.grader.threads,
            body: body
        )
    }

    /// On a slow clock, when every registered server has been probed by every node.
    ///
    /// - Parameter failingProbes: fails every probe of these servers with this status from the start.
    func calmly(
        timeScale: Int = AnswerBench.calmTimeScale,
        reloads: Bool = false,
        failingProbes: [String: Int] = [:],
        _ body: @Sendable @escaping (TopologyLab) async throws -> Judgement
    ) async throws -> Judgement {
        let probed = ProbedServers(self.topology)
        // Nothing of a check by connection is seen at a server; such checks are given time.
        let scale = probed.isComplete ? timeScale : max(timeScale, Self.quickTimeScale)
        return try await self.run(timeScale: scale, failingProbes: failingProbes, reloads: reloads) { lab in
            for (server, count) in probed.probes.sorted(by: { $0.key < $1.key }) {
                guard await lab.waitForProbes(at: server, count: count, within: .seconds(10)) else {
                    return .uncertain(Message("grade.never-probed", ["server": server]))
                }
            }
            // The balancer reads the last answers while we look away; a busy machine takes its time over that.
            try await Task.sleep(for: .milliseconds(probed.isComplete ? 300 : 800))
            return try await body(lab)
        }
    }

    /// For answers whose checks by connection cannot be seen.
    static let quickTimeScale = 50

    /// A check of the suite, on the balancer that the learner has written.
    private func conformance(_ id: String) async -> Judgement {
        guard let subject = self.material.subject else { return .uncertain(Message("grade.no-subject")) }
        if self.reports == nil {
            let checks = self.exercise.checks.compactMap { check -> Check? in
                guard case .conformance(let id) = check.judge else { return nil }
                return CheckLibrary.check(id)
            }
            let runner = Runner(subject: subject, seed: self.seed, timeScale: self.exercise.manifest.timeScale)
            var reports = await runner.run(checks).checks
            // What the machine blurred is looked at once more; what failed is not. A machine blurs some, a balancer that does not do
            // its work blurs most.
            let blurred = Set(reports.filter { $0.verdict == .error }.map(\.id))
            if !blurred.isEmpty, blurred.count * 2 <= checks.count {
                let again = await runner.run(checks.filter { blurred.contains($0.id) }).checks
                reports = reports.filter { !blurred.contains($0.id) } + again
            }
            self.reports = Dictionary(reports.map { ($0.id, $0) }) { first, _ in first }
        }
        guard let report = self.reports?[id] else { return .uncertain(Message("grade.error", ["error": id])) }
        return ConformanceJudge.judgement(of: report)
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
            try Task.checkCancellation()
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
    func repeating(_ trial: @Sendable () async throws -> Judgement) async throws -> Judgement {
        var last: Judgement = .uncertain(Message("grade.not-reached"))
        for _ in 0..<Self.attempts {
            try Task.checkCancellation()
            last = try await trial()
            if !last.isUncertain { return last }
        }
        return last
    }
}
