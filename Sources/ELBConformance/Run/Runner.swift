internal import ELBModel
internal import Synchronization

/// Runs checks against a subject. Checks with equal settings share a subject process; several processes run side by side.
package struct Runner: Sendable {
    package var subject: SubjectCommand
    package var seed: UInt64
    /// One second of a setting lasts 1/timeScale of a second.
    package var timeScale: Int
    /// Subjects side by side.
    package var jobs: Int
    /// Start nothing new after the first failure that counts.
    package var failsFast: Bool
    /// Our limit for one check, in real time.
    package var checkLimit: Duration
    /// How late timers fire, if that is not to be measured.
    package var jitter: HostJitter?
    /// Whether a check says nothing when one that it needs did not pass.
    package var honoursNeeds = true

    /// For checks that wait for no probe: fixed limits of the balancer, such as 10 s for a connection to a target, last
    /// long enough that a stalled machine does not reach them.
    package static let calmTimeScale = 10

    private let curl: CurlClient
    private let raw: RawClient
    private let threads: ThreadPool

    package init(
        subject: SubjectCommand,
        seed: UInt64,
        timeScale: Int = 50,
        jobs: Int = 2,
        failsFast: Bool = false,
        checkLimit: Duration = .seconds(30)
    ) {
        self.subject = subject
        self.seed = seed
        self.timeScale = timeScale
        self.jobs = max(1, jobs)
        self.failsFast = failsFast
        self.checkLimit = checkLimit
        // Threads mostly wait; a request that a target holds keeps one for a second or more.
        self.curl = CurlClient(parallelism: 32)
        self.raw = RawClient(parallelism: 16)
        self.threads = ThreadPool(threads: 2)
    }

    /// Runs the checks and reports them in their order. `progress` hears of each as soon as it is known.
    package func run(
        _ checks: [Check],
        progress: @Sendable @escaping (CheckReport) -> Void = { _ in }
    ) async -> RunReport {
        let begin = ContinuousClock.now
        let claimed = checks.filter { $0.objection(by: self.subject.claims) == nil }
        let jitter = claimed.contains(where: \.setting.isTimed) ? await self.measured() : nil
        var reports = checks.compactMap { check in
            check.objection(by: self.subject.claims).map { check.report(.unsupported, reason: $0) }
        }
        reports.forEach(progress)
        var neverStarted: String?
        var started = false
        for outcome in await self.run(Self.packs(claimed), jitter, progress: progress) {
            reports.append(contentsOf: outcome.reports)
            if let failure = outcome.neverStarted { neverStarted = neverStarted ?? failure } else { started = true }
        }
        let order = Dictionary(uniqueKeysWithValues: checks.enumerated().map { ($1.id, $0) })
        reports.sort { order[$0.id, default: 0] < order[$1.id, default: 0] }
        if let engine = self.subject.engine {
            // What an engine does may be so different that a check cannot tell what it sees.
            for index in reports.indices where [.fail, .error].contains(reports[index].verdict) {
                reports[index].note = engine.difference(reports[index].id)
            }
        }
        var report = RunReport(
            subject: self.subject.name,
            kind: self.subject.kind,
            version: self.subject.version,
            claims: self.subject.claims,
            seed: self.seed,
            timeScale: self.timeScale,
            checks: self.honoursNeeds ? Self.blocking(reports, checks) : reports,
            notGradable: started ? nil : neverStarted,
            duration: ContinuousClock.now - begin,
            replay: "elblab conformance run --seed \(self.seed)"
        )
        report.jitter = jitter
        return report
    }

    private func measured() async -> HostJitter {
        if let jitter { return jitter }
        return await HostJitter.ofThisMachine()
    }

    private func run(
        _ packs: [[Check]],
        _ jitter: HostJitter?,
        progress: @Sendable @escaping (CheckReport) -> Void
    ) async -> [PackOutcome] {
        let hasFailed = Atomic<Bool>(false)
        let flag = FailFastFlag(hasFailed)
        let reach = Reach()
        return await withTaskGroup(of: PackOutcome.self) { group in
            var rest = self.subject.endpoint == nil ? packs[...] : Self.applicationFirst(packs)[...]
            var outcomes: [PackOutcome] = []
            var running = 0
            let startNext = { (group: inout TaskGroup<PackOutcome>) in
                guard let pack = rest.popFirst() else { return }
                running += 1
                group.addTask {
                    if self.failsFast && flag.isSet || Task.isCancelled {
                        let reason = Task.isCancelled ? "interrupted" : "left out after the first failure"
                        return PackOutcome(reports: pack.map { $0.report(.skipped, reason: reason) })
                    }
                    if let reason = reach.objection {
                        let reports = pack.map { $0.report(.error, reason: reason) }
                        reports.forEach(progress)
                        return PackOutcome(reports: reports, neverStarted: reason)
                    }
                    let outcome = await self.run(pack: pack, jitter, progress: progress)
                    reach.learn(from: outcome)
                    if outcome.reports.contains(where: { $0.verdict == .fail && $0.level != .provisional }) {
                        flag.set()
                    }
                    return outcome
                }
            }
            // At an endpoint the first one shows whether any is reached.
            for _ in 0..<(self.subject.endpoint == nil ? self.jobs : 1) { startNext(&group) }
            while let outcome = await group.next() {
                outcomes.append(outcome)
                running -= 1
                while running < self.jobs, !rest.isEmpty { startNext(&group) }
            }
            return outcomes
        }
    }

    private func run(
        pack: [Check],
        _ jitter: HostJitter?,
        progress: @Sendable @escaping (CheckReport) -> Void
    ) async -> PackOutcome {
        var runner = self
        if let jitter, pack[0].setting.isTimed {
            // At an endpoint the clock is not ours.
            guard let scale = jitter.timeScale(self.timeScale),
                self.subject.endpoint == nil || jitter.pace == .usual
            else {
                let outcome = PackOutcome(reports: pack.map { $0.report(.error, reason: jitter.text) })
                outcome.reports.forEach(progress)
                return outcome
            }
            runner.checkLimit = self.checkLimit * max(1, self.timeScale / scale)
            runner.timeScale = scale
        }
        return await runner.playApart(pack, progress: progress)
    }

    private func playApart(_ pack: [Check], progress: @Sendable @escaping (CheckReport) -> Void) async -> PackOutcome {
        var outcome = await self.play(pack)
        let isRefused = self.subject.endpoint != nil && outcome.neverStarted != nil && !outcome.isUnreachable
        if outcome.subjectDied != nil || isRefused, pack.count > 1 {
            // One of them killed it or was refused, and the others only saw that. Alone, each shows its own face.
            let passed = outcome.reports.filter { $0.verdict == .pass }
            var reports = passed
            for check in pack where !passed.contains(where: { $0.id == check.id }) {
                let alone = await self.play([check])
                reports.append(contentsOf: alone.reports)
                if alone.neverStarted == nil { outcome.neverStarted = nil }
            }
            outcome.reports = reports
        }
        outcome.reports.forEach(progress)
        return outcome
    }

    private func play(_ checks: [Check]) async -> PackOutcome {
        if let endpoint = self.subject.endpoint { return await self.play(checks, at: endpoint) }
        let stage = Stage(
            setting: checks[0].setting,
            scenes: checks.count,
            timeScale: checks[0].setting.isTimed ? self.timeScale : min(self.timeScale, Self.calmTimeScale),
            curl: self.curl,
            raw: self.raw
        )
        return await Performance(
            checks: checks,
            stage: stage,
            subject: self.subject,
            seed: self.seed,
            checkLimit: self.checkLimit,
            threads: self.threads
        ).play()
    }

    /// The same with a load balancer that the API makes, which must stand before anybody knows where its listeners will be.
    private func play(_ checks: [Check], at place: EndpointPlace) async -> PackOutcome {
        let play: @Sendable (EndpointLoadBalancer?) -> Performance = { balancer in
            let stage = Stage(
                setting: checks[0].setting,
                scenes: checks.count,
                timeScale: place.timeScale,
                curl: self.curl,
                raw: self.raw,
                balancer: balancer
            )
            return Performance(
                checks: checks,
                stage: stage,
                subject: self.subject,
                seed: self.seed,
                checkLimit: self.checkLimit,
                threads: self.threads,
                balancer: balancer
            )
        }
        do {
            return try await EndpointLoadBalancer.withOne(
                at: place,
                for: checks[0].setting,
                curl: self.curl,
                threads: self.threads
            ) { balancer in await play(balancer).play() }
        } catch {
            let reports = checks.map { play(nil).report($0, error, after: .zero) }
            var outcome = PackOutcome(reports: reports, neverStarted: "\(error)")
            if case SubjectFailure.unreachable = error { outcome.isUnreachable = true }
            return outcome
        }
    }

    /// Checks that can share a subject. What takes longest comes first, so that nobody waits for it alone in the end: the timeouts of
    /// Network Load Balancers, of which some are fixed, and then the checks that watch probes.
    static func packs(_ checks: [Check]) -> [[Check]] {
        var packs: [(setting: Setting, checks: [Check])] = []
        for check in checks {
            let limit = check.setting.checksPerSubject
            let index = packs.firstIndex { $0.setting == check.setting && $0.checks.count < limit }
            if let index {
                packs[index].checks.append(check)
            } else {
                packs.append((check.setting, [check]))
            }
        }
        let rank = { (setting: Setting) in setting.isTimed ? 1 : setting.kind == .network ? 0 : 2 }
        return (0...2).flatMap { number in packs.filter { rank($0.setting) == number }.map(\.checks) }
    }

    /// The same, with one in front that has listeners of TCP, and so shows whether a connection comes about.
    private static func applicationFirst(_ packs: [[Check]]) -> [[Check]] {
        guard
            let index = packs.firstIndex(where: { $0[0].setting.kind == .application && !$0[0].setting.isTimed })
        else { return packs }
        return [packs[index]] + packs[..<index] + packs[(index + 1)...]
    }

    /// A check that needs another one which did not pass says nothing about the subject unless it passed.
    static func blocking(_ reports: [CheckReport], _ checks: [Check]) -> [CheckReport] {
        let verdicts = Dictionary(uniqueKeysWithValues: reports.map { ($0.id, $0.verdict) })
        let needs = Dictionary(uniqueKeysWithValues: checks.map { ($0.id, $0.needs) })
        return reports.map { report in
            // What was not run needs nothing.
            guard ![.pass, .unsupported, .skipped].contains(report.verdict),
                let missing = needs[report.id]?.first(where: { verdicts[$0].map { $0 != .pass } ?? false })
            else { return report }
            var blocked = report
            blocked.verdict = .blocked
            blocked.finding = nil
            blocked.reason = "needs \(missing)"
            return blocked
        }
    }
}

extension RunReport {
    /// The report on a balancer that is not installed: every check is left out.
    package static func absent(_ subject: String, _ checks: [Check], seed: UInt64) -> Self {
        Self(
            subject: subject,
            kind: .engine,
            claims: Engines.engine(subject)?.claims ?? .everything,
            seed: seed,
            timeScale: 1,
            checks: checks.map { $0.report(.skipped, reason: "\(subject) is absent") },
            notGradable: "\(subject) is absent: it is not installed",
            duration: .zero,
            replay: ""
        )
    }
}

/// What became of the checks that shared a subject.
struct PackOutcome: Sendable {
    var reports: [CheckReport]
    /// Why the subject did not come to the start.
    var neverStarted: String?
    /// Whether that is because no request gets to what an API has made.
    var isUnreachable = false
    /// How the subject ended by itself.
    var subjectDied: String?
}

/// Whether requests get to what an API makes. Where none ever did, waiting for the next load balancer is of no use.
private final class Reach: Sendable {
    private let state = Mutex<(hasServed: Bool, objection: String?)>((false, nil))

    var objection: String? { self.state.withLock { $0.hasServed ? nil : $0.objection } }

    func learn(from outcome: PackOutcome) {
        self.state.withLock { state in
            let wasAsked = outcome.reports.contains { $0.verdict != .unsupported }
            if outcome.neverStarted == nil, wasAsked { state.hasServed = true }
            if outcome.isUnreachable { state.objection = state.objection ?? outcome.neverStarted }
        }
    }
}

private final class FailFastFlag: Sendable {
    private let flag: Atomic<Bool>

    init(_ flag: consuming Atomic<Bool>) {
        self.flag = flag
    }

    var isSet: Bool { self.flag.load(ordering: .relaxed) }

    func set() { self.flag.store(true, ordering: .relaxed) }
}

extension Check {
    func report(
        _ verdict: Verdict,
        finding: Finding? = nil,
        reason: String? = nil,
        duration: Duration = .zero
    ) -> CheckReport {
        CheckReport(
            id: self.id,
            title: self.rule,
            feature: self.feature,
            level: self.level,
            rows: self.rows,
            reference: self.reference,
            verdict: verdict,
            finding: finding,
            reason: reason,
            duration: duration
        )
    }
}
