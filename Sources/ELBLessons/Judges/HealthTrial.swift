import ELBConformance
import ELBModel

/// One long run that answers all questions about health checks: a server is scripted to fail in every way while clients keep
/// asking, and what each server saw is cut at its probes (`ProbeTimeline`).
///
///     victim's probes   500 500 …   ok ok ok   302 302 …   ok ok ok   f ok ok f f ok ok ok …
///     asked             first-pass  (return)   maintenance (return)   one-blip, two-failures, recovery
struct HealthTrial {
    private let lab: TopologyLab
    private let victim: String
    private let settings: HealthCheckSettings
    private(set) var judgements: [Judge.HealthQuestion: Judgement] = [:]
    private var servers: Int { self.lab.serverNames.count }

    /// Every way a probe can fail; each is tried in every run.
    static let failures = ["500", "timeout", "reset"]
    /// What the exercise wants, in probes.
    static let wantedFailures = 2
    static let wantedPasses = 3
    /// Whether the machine stood still long enough to make a probe time out by accident; then a failure proves nothing.
    /// Requests and probes share the node's loop, so while requests flow, probes are answered.
    private func isBlurred(_ timeline: ProbeTimeline) -> Bool {
        let timeout = Double(self.settings.timeoutSeconds) / Double(self.lab.timeScale) * 1e9
        return Double(timeline.longestSilenceNanoseconds) > timeout * 0.75
    }

    /// AWS's longest thresholds are 10; whoever has not come back or gone after these many probes will not.
    static let patienceInProbes = 12

    init(_ lab: TopologyLab, victim: String, settings: HealthCheckSettings) {
        self.lab = lab
        self.victim = victim
        self.settings = settings
    }

    /// What can leave the run: the answers without the lab.
    struct Result: Sendable {
        let judgements: [Judge.HealthQuestion: Judgement]
    }

    var result: Result { Result(judgements: self.judgements) }

    private var patience: Duration {
        self.lab.scaled(seconds: Double(self.settings.intervalSeconds * (Self.patienceInProbes + 2))) + .seconds(2)
    }

    mutating func run() async throws {
        let (lab, victim, patience) = (self.lab, self.victim, self.patience)
        let begun = try await TrafficPump.during(lab) {
            await lab.waitForProbes(at: victim, count: 3, within: patience)
        }
        guard begun else {
            for question in Judge.HealthQuestion.allCases {
                self.judgements[question] = .uncertain(Message("grade.never-probed", ["server": victim]))
            }
            return
        }
        self.judgements[.probeShape] = await self.probeShape()
        self.judgements[.firstPass] = await self.firstPass()
        guard self.judgements[.probeShape] == .pass, self.judgements[.firstPass] == .pass else { return }
        try await lab.heal(victim)
        guard try await self.returnsToService() else { return }
        self.judgements[.maintenance] = try await self.maintenance()
        try await lab.heal(victim)
        guard try await self.returnsToService() else { return }
        try await self.thresholds()
        self.judgements[.failOpen] = try await self.failOpen()
    }

    // MARK: The questions

    private func probeShape() async -> Judgement {
        guard let probe = await self.lab.sightings(at: self.victim).first(where: \.isProbe) else {
            return .uncertain(Message("grade.never-probed", ["server": self.victim]))
        }
        let agent = probe.values(of: "User-Agent").joined(separator: " | ")
        let seen = "\(probe.method) \(probe.target), User-Agent: \(agent.isEmpty ? "–" : agent)"
        if probe.method == "GET", probe.target == "/healthz", agent == "ELB-HealthChecker/2.0" { return .pass }
        return .fail(
            LessonFinding(
                tried: Message("health.tried-probe", ["server": self.victim]),
                expected: Message("health.expected-probe"),
                actual: Message("health.actual-probe", ["probe": seen])
            )
        )
    }

    /// The victim fails from the start. Between the first and the second good probe of another server, that server must
    /// have traffic and the victim none: while nobody is healthy, traffic goes to all.
    private func firstPass() async -> Judgement {
        let sightings = await self.lab.sightings()
        // Nodes spread their first probes over an interval; whoever passes first is alone in service until the next does.
        guard let other = sightings.first(where: { $0.isProbe && $0.server != self.victim })?.server else {
            return .uncertain(Message("grade.never-probed", ["server": self.victim]))
        }
        let windows = ProbeTimeline(sightings, of: other, servers: self.servers).windows
        guard let first = windows.first, first.service != .unknown,
            let settled = first.probe.settledNanoseconds,
            let next = sightings.first(where: {
                $0.server == other && $0.isProbe && $0.sequence > first.probe.sequence
            })
        else { return .uncertain(Message("grade.too-quiet")) }
        let atVictim = sightings.count {
            $0.server == self.victim && !$0.isProbe
                && $0.arrivedNanoseconds > settled + ProbeTimeline.graceNanoseconds
                && $0.arrivedNanoseconds < next.arrivedNanoseconds
        }
        if first.service == .inService, atVictim <= 1 { return .pass }
        if self.isBlurred(ProbeTimeline(sightings, of: other, servers: self.servers)) {
            return .uncertain(Message("grade.too-quiet"))
        }
        return .fail(
            LessonFinding(
                tried: Message("health.tried-first", ["good": other, "bad": self.victim]),
                expected: Message("health.expected-first", ["good": other, "bad": self.victim]),
                actual: Message(
                    "health.actual-first",
                    ["good": other, "bad": self.victim, "here": "\(first.requestsHere)", "there": "\(atVictim)"]
                ),
                evidence: [.init(other, ProbeTimeline(sightings, of: other, servers: self.servers).text)]
            )
        )
    }

    private func maintenance() async throws -> Judgement {
        let before = await self.lab.sightings(at: self.victim).last?.sequence ?? 0
        try await self.lab.failProbes(of: self.victim, status: 302)
        let timeline = try await self.timeline(after: before, probes: self.settings.unhealthyThresholdCount + 2)
        guard let last = timeline.windows.last, last.service != .unknown else {
            return .uncertain(Message("grade.too-quiet"))
        }
        if last.service == .out { return .pass }
        if self.isBlurred(timeline) { return .uncertain(Message("grade.too-quiet")) }
        return .fail(
            LessonFinding(
                tried: Message("health.tried-maintenance", ["server": self.victim]),
                expected: Message("health.expected-maintenance"),
                actual: Message(
                    "health.actual-maintenance",
                    ["requests": "\(last.requestsHere)", "probes": "\(timeline.windows.count)"]
                ),
                evidence: [.init(self.victim, timeline.text)]
            )
        )
    }

    /// One blip, then two failures in a row, then good probes only; once for every way to fail.
    private mutating func thresholds() async throws {
        for question in [Judge.HealthQuestion.oneBlip, .twoFailures, .recovery, .keepsProbing] {
            self.judgements[question] = .pass
        }
        for kind in Self.failures {
            let before = await self.lab.sightings(at: self.victim).last?.sequence ?? 0
            try await self.lab.scriptProbes(of: self.victim, [kind, "204", "204", kind, kind])
            let probes = 5 + Self.patienceInProbes
            let timeline = try await self.timeline(after: before, probes: probes) { windows in
                // Back in service after the two failures: all is known.
                windows.count >= 6 && windows.dropFirst(5).contains { $0.service == .inService }
            }
            let verdicts = ThresholdReading(timeline, kind: kind, victim: self.victim)
            let blurred = self.isBlurred(timeline)
            for (question, judgement) in verdicts.judgements where judgement != .pass {
                // One clear failure outweighs what could not be told.
                if case .fail? = self.judgements[question] { continue }
                self.judgements[question] = blurred ? .uncertain(Message("grade.too-quiet")) : judgement
            }
            if timeline.windows.last?.service == .inService { continue }
            guard try await self.returnsToService() else { return }
        }
    }

    private func failOpen() async throws -> Judgement {
        for server in self.lab.serverNames { try await self.lab.failProbes(of: server, status: 500) }
        let (lab, patience, count) = (self.lab, self.patience, self.settings.unhealthyThresholdCount + 1)
        var seen: [String: Int] = [:]
        for server in lab.serverNames { seen[server] = await lab.sightings(at: server).last?.sequence ?? 0 }
        for server in lab.serverNames {
            let before = seen[server, default: 0]
            guard await lab.waitForProbes(at: server, count: count, after: before, within: patience) else {
                return .uncertain(Message("grade.never-probed", ["server": server]))
            }
        }
        let before = await lab.trafficCounts()
        let requests = Array(repeating: CurlRequest("GET", "http://\(lab.endpoint)/"), count: 10 * self.servers)
        let outcomes = await lab.curl.performInOrder(requests)
        let after = await lab.trafficCounts()
        for server in lab.serverNames { try await lab.heal(server) }
        let answered = outcomes.count { (try? $0.get().status) == 200 }
        let counts = lab.serverNames.map { after[$0, default: 0] - before[$0, default: 0] }
        if answered == requests.count, counts.allSatisfy({ $0 > 0 }) { return .pass }
        let histogram = zip(lab.serverNames, counts).map { "\($0) \($1)" }.joined(separator: ", ")
        return .fail(
            LessonFinding(
                tried: Message("health.tried-open"),
                expected: Message("health.expected-open"),
                actual: Message(
                    "health.actual-open",
                    ["answered": "\(answered)", "requests": "\(requests.count)", "histogram": histogram]
                )
            )
        )
    }

    // MARK: Watching

    /// Waits, under traffic, until the victim is in service.
    private func returnsToService() async throws -> Bool {
        let before = await self.lab.sightings(at: self.victim).last?.sequence ?? 0
        let timeline = try await self.timeline(after: before, probes: Self.patienceInProbes) { windows in
            windows.last?.service == .inService
        }
        return timeline.windows.last?.service == .inService
    }

    /// Watches the victim under traffic until it has seen so many probes after that number, or `isEnough`.
    private func timeline(
        after sequence: Int,
        probes: Int,
        isEnough: @escaping @Sendable ([ProbeTimeline.Window]) -> Bool = { _ in false }
    ) async throws -> ProbeTimeline {
        let (lab, victim, servers) = (self.lab, self.victim, self.servers)
        let deadline =
            ContinuousClock.now + self.lab.scaled(seconds: Double(self.settings.intervalSeconds * (probes + 2)))
            + .seconds(2)
        return try await TrafficPump.during(lab) {
            while true {
                let all = await lab.sightings().filter { $0.server != victim || $0.sequence > sequence }
                let timeline = ProbeTimeline(all, of: victim, servers: servers)
                let done = timeline.windows.count >= probes || isEnough(timeline.windows)
                if done { return timeline }
                if ContinuousClock.now > deadline {
                    return ProbeTimeline(all, of: victim, servers: servers, isOver: true)
                }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }
}

/// Reads one script of the thresholds: failure, two good probes, two failures, then good probes.
struct ThresholdReading {
    private(set) var judgements: [Judge.HealthQuestion: Judgement] = [:]

    init(_ timeline: ProbeTimeline, kind: String, victim: String) {
        // A probe under way when the script was set may come first; the script's own first probe is the first that failed.
        let windows = Array(timeline.windows.drop { $0.probe.fault == nil })
        guard windows.count >= 5 else {
            let uncertain = Judgement.uncertain(Message("grade.too-quiet"))
            for question in [Judge.HealthQuestion.oneBlip, .twoFailures, .recovery, .keepsProbing] {
                self.judgements[question] = uncertain
            }
            return
        }
        let evidence = [Finding.Evidence(victim, timeline.text)]
        let names = ["server": victim, "kind": kind]
        self.judgements[.oneBlip] = Self.judge(
            windows[0...3].map(\.service),
            must: .inService,
            LessonFinding(
                tried: Message("health.tried-blip", names),
                expected: Message("health.expected-blip"),
                actual: Message("health.actual-blip", names),
                evidence: evidence
            )
        )
        self.judgements[.twoFailures] = Self.judge(
            [windows[4].service],
            must: .out,
            LessonFinding(
                tried: Message("health.tried-two", names),
                expected: Message("health.expected-two"),
                actual: Message("health.actual-two", ["requests": "\(windows[4].requestsHere)"]),
                evidence: evidence
            )
        )
        // windows[5] follows the first good probe.
        let passes = windows.dropFirst(5).firstIndex { $0.service == .inService }.map { $0 - 4 }
        let wanted = HealthTrial.wantedPasses
        let seen = passes.map { Message("health.actual-recovery", ["passes": "\($0)"]) }
        let recovery = LessonFinding(
            tried: Message("health.tried-recovery", names),
            expected: Message("health.expected-recovery", ["passes": "\(wanted)"]),
            actual: seen ?? Message("health.never-recovered", ["probes": "\(windows.count - 5)"]),
            evidence: evidence
        )
        let blurred = windows.dropFirst(5).prefix(passes ?? 0).contains { $0.service == .unknown }
        self.judgements[.recovery] =
            passes == wanted ? .pass : blurred ? .uncertain(Message("grade.too-quiet")) : .fail(recovery)
        // The sixth probe came while the target was out.
        self.judgements[.keepsProbing] =
            windows.count > 5
            ? .pass
            : .fail(
                LessonFinding(
                    tried: Message("health.tried-probing", names),
                    expected: Message("health.expected-probing"),
                    actual: Message("health.actual-probing"),
                    evidence: evidence
                )
            )
    }

    private static func judge(
        _ services: [ProbeTimeline.Service],
        must wanted: ProbeTimeline.Service,
        _ finding: LessonFinding
    ) -> Judgement {
        if services.contains(where: { $0 != wanted && $0 != .unknown }) { return .fail(finding) }
        return services.contains(.unknown) ? .uncertain(Message("grade.too-quiet")) : .pass
    }
}
