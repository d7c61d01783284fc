import ELBConformance
import ELBModel

/// What becomes of requests when a server is deregistered.
package struct DrainingJudge: Hashable, Sendable {
    package var request: RouteCase.Request
    /// The one that leaves.
    package var server: String
    package var question: Question
    /// How long the request takes that is under way, in AWS seconds.
    package var seconds: Int

    package enum Question: String, Hashable, Sendable, CaseIterable {
        /// A request of so many seconds that is under way is answered.
        case finishes
        /// One of so many seconds is ended with 502, because the delay is over before.
        case cutOff = "cut-off"
        /// No request comes to the server from then on.
        case noNew = "no-new"
    }

    init(_ reader: YAMLReader) throws {
        try reader.allow(keys: ["request", "server", "question", "seconds"])
        self.request = try reader.optional("request").map { try RouteCase.Request($0) } ?? .init()
        self.server = try reader.required("server").string()
        self.question = try reader.required("question").choice(of: Question.self)
        self.seconds = try reader.optional("seconds")?.int() ?? 0
        switch self.question {
        case .finishes, .cutOff:
            guard (1...600).contains(self.seconds) else { throw reader.error("'seconds' must be 1 to 600") }
        case .noNew: break
        }
    }

    func judge(_ bench: AnswerBench) async throws -> Judgement {
        switch self.question {
        case .finishes, .cutOff:
            // Two seconds and a half of real time at least, so that the change comes while the request is under way.
            let scale = max(1, min(100, self.seconds * 2 / 5))
            return try await bench.repeating {
                try await bench.calmly(timeScale: scale, reloads: true) { try await self.inFlight($0) }
            }
        case .noNew: return try await bench.calmly(reloads: true) { try await self.afterwards($0) }
        }
    }

    private func inFlight(_ lab: TopologyLab) async throws -> Judgement {
        let milliseconds = self.seconds * 1000 / lab.timeScale
        var slow = self.request
        slow.target += (slow.target.contains("?") ? "&" : "?") + "elb-delay=\(milliseconds)"
        let request = slow
        // One for every server; round robin brings one to the server that leaves.
        let count = lab.serverNames.count * 2
        return try await withThrowingTaskGroup(of: (id: String, outcome: CurlOutcome).self) { group in
            for number in 0..<count {
                group.addTask {
                    let id = "slow-\(number)"
                    return (id, try await RouteJudge.send(request, to: lab, id: id).outcome)
                }
            }
            let deadline = ContinuousClock.now + .seconds(2)
            while await Self.underWay(at: self.server, lab).isEmpty, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(5))
            }
            guard !(await Self.underWay(at: self.server, lab).isEmpty) else {
                return self.fail("draining.want-traffic", "–", nil)
            }
            try await lab.deregister(self.server)
            let waiting = Set(await Self.underWay(at: self.server, lab).flatMap { $0.values(of: RouteJudge.idHeader) })
            var outcomes: [String: CurlOutcome] = [:]
            for try await (id, outcome) in group { outcomes[id] = outcome }
            return self.judge(outcomes, waiting, lab)
        }
    }

    private func judge(_ outcomes: [String: CurlOutcome], _ waiting: Set<String>, _ lab: TopologyLab) -> Judgement {
        // A delay of 0 ends the request before we can look; then it is not among those that wait, and has failed.
        let atServer = outcomes.filter { id, outcome in
            waiting.contains(id) || (try? outcome.get().status) != 200
        }
        guard !atServer.isEmpty else { return .uncertain(Message("grade.too-quiet")) }
        let wanted = self.question == .finishes ? 200 : 502
        for (_, outcome) in atServer.sorted(by: { $0.key < $1.key }) {
            let status = try? outcome.get().status
            guard status != wanted else { continue }
            let found =
                switch outcome {
                case .success(let response): "\(response.status)"
                case .failure(let failure): "\(failure)"
                }
            let message = self.question == .finishes ? "draining.want-finish" : "draining.want-cut"
            return self.fail(message, found, RouteJudge.transcript(self.request, outcome))
        }
        return .pass
    }

    private func afterwards(_ lab: TopologyLab) async throws -> Judgement {
        let count = lab.serverNames.count * 4
        func send() async throws -> Int {
            let before = await lab.trafficCounts()[self.server] ?? 0
            let one = try RouteJudge.curl(self.request, lab, id: nil)
            _ = await lab.curl.performInOrder(Array(repeating: one, count: count))
            return (await lab.trafficCounts()[self.server] ?? 0) - before
        }
        guard try await send() > 0 else { return self.fail("draining.want-traffic", "0", nil) }
        try await lab.deregister(self.server)
        let whileGone = try await send()
        return whileGone == 0 ? .pass : self.fail("draining.want-none", "\(whileGone)", nil)
    }

    private static func underWay(at server: String, _ lab: TopologyLab) async -> [Sighting] {
        await lab.sightings(at: server).filter { !$0.isProbe && $0.settledNanoseconds == nil }
    }

    private func fail(_ wanted: String, _ found: String, _ evidence: String?) -> Judgement {
        let names = ["server": self.server, "seconds": "\(self.seconds)"]
        return .fail(
            LessonFinding(
                tried: Message("draining.tried", names),
                expected: Message(wanted, names),
                actual: Message("draining.actual", ["value": found]),
                evidence: evidence.map { [.init("client", $0)] } ?? []
            )
        )
    }
}
