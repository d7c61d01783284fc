import ELBConformance
package import ELBModel

/// Each server's share of the whole when clients spread evenly over the nodes of all zones, as DNS makes them.
package struct ZoneSharesJudge: Hashable, Sendable {
    package var request: RouteCase.Request
    /// Percent of all requests, by server; servers that are not named must get none.
    package var shares: [String: Double]
    package var tolerance: Double
    /// At each node.
    package var requests: Int

    init(_ reader: YAMLReader) throws {
        try reader.allow(keys: ["request", "shares", "tolerance", "requests"])
        self.request = try reader.optional("request").map { try RouteCase.Request($0) } ?? .init()
        self.shares = [:]
        for (server, share) in try reader.required("shares").entries() { self.shares[server] = try share.double() }
        self.tolerance = try reader.optional("tolerance")?.double() ?? 0.5
        self.requests = try reader.optional("requests")?.int() ?? 400
        guard (1...5000).contains(self.requests) else { throw reader.error("'requests' must be 1 to 5000") }
    }

    func judge(_ lab: TopologyLab) async throws -> Judgement {
        let (found, failed) = try await Self.percentages(lab, self.request, requests: self.requests)
        let servers = lab.serverNames
        let fits = servers.allSatisfy { abs(found[$0, default: 0] - self.shares[$0, default: 0]) <= self.tolerance }
        if fits, failed == 0 { return .pass }
        let text = { (shares: [String: Double]) in
            servers.map { "\($0) \(SpreadJudge.oneDigit(shares[$0, default: 0])) %" }.joined(separator: ", ")
        }
        return .fail(
            LessonFinding(
                tried: Message("zones.tried", ["count": "\(self.requests)"]),
                expected: Message("zones.shares", ["shares": text(self.shares)]),
                actual: Message("zones.actual", ["shares": text(found), "failed": "\(failed)"])
            )
        )
    }

    /// Each server's share in percent of what was sent, and how many requests failed.
    static func percentages(
        _ lab: TopologyLab,
        _ request: RouteCase.Request,
        requests: Int
    ) async throws -> (shares: [String: Double], failed: Int) {
        let balancer = lab.balancers.first { $0.name == request.balancer } ?? lab.loadBalancer
        let before = await lab.trafficCounts()
        var failed = 0
        for node in balancer.nodes {
            var one = request
            one.zone = node.zone
            let curl = try RouteJudge.curl(one, lab, id: nil)
            let outcomes = await lab.curl.performInOrder(Array(repeating: curl, count: requests))
            failed += outcomes.count { (try? $0.get().status) != 200 }
        }
        let after = await lab.trafficCounts()
        let all = Double(requests * balancer.nodes.count)
        var shares: [String: Double] = [:]
        for server in lab.serverNames {
            shares[server] = Double(after[server, default: 0] - before[server, default: 0]) / all * 100
        }
        return (shares, failed)
    }
}

/// A zone loses its power: its servers fall silent and its node is gone. Once the others have found out, their clients notice
/// nothing.
package struct SurvivesZoneJudge: Hashable, Sendable {
    package var request: RouteCase.Request
    package var zone: AvailabilityZone
    /// How long finding out may take by the answer's settings, in AWS seconds.
    package var seconds: Int
    package var requests: Int

    init(_ reader: YAMLReader) throws {
        try reader.allow(keys: ["request", "zone", "within-seconds", "requests"])
        self.request = try reader.optional("request").map { try RouteCase.Request($0) } ?? .init()
        self.zone = try reader.required("zone").zone()
        self.seconds = try reader.required("within-seconds").int()
        self.requests = try reader.optional("requests")?.int() ?? 60
    }

    func judge(_ bench: AnswerBench) async throws -> Judgement {
        if case .fail(let finding) = DetectionJudge.judge(bench.topology, limit: self.seconds) { return .fail(finding) }
        guard let settings = DetectionJudge.healthCheck(of: bench.topology) else {
            return .uncertain(Message("grade.no-group"))
        }
        return try await bench.repeating {
            try await bench.calmly(timeScale: bench.scale(for: settings)) { try await self.cut($0, settings) }
        }
    }

    private func cut(_ lab: TopologyLab, _ settings: HealthCheckSettings) async throws -> Judgement {
        let balancer = lab.balancers.first { $0.name == self.request.balancer } ?? lab.loadBalancer
        let others = balancer.nodes.filter { $0.zone != self.zone }
        guard !others.isEmpty else { return self.fail("–", "–") }
        try await lab.cut(self.zone)
        // Whoever is cut off records nothing, so this is told by the clock: the worst case, and as much again.
        let worst = settings.intervalSeconds * settings.unhealthyThresholdCount + settings.timeoutSeconds
        try await Task.sleep(for: lab.scaled(seconds: Double(worst * 2)) + .milliseconds(500))
        let dark = Set(lab.serverNames(in: self.zone))
        for node in others {
            var request = self.request
            request.zone = node.zone
            let before = await lab.trafficCounts()
            let one = try RouteJudge.curl(request, lab, id: nil)
            let outcomes = await lab.curl.performInOrder(Array(repeating: one, count: self.requests))
            let after = await lab.trafficCounts()
            let failed = outcomes.count { (try? $0.get().status) != 200 }
            let lost = dark.reduce(0) { $0 + after[$1, default: 0] - before[$1, default: 0] }
            if failed > 0 || lost > 0 { return self.fail(node.zone.letter, "\(failed)") }
        }
        return .pass
    }

    private func fail(_ node: String, _ failed: String) -> Judgement {
        let names = ["zone": self.zone.letter, "node": node, "failed": failed, "requests": "\(self.requests)"]
        return .fail(
            LessonFinding(
                tried: Message("zones.tried-cut", names),
                expected: Message("zones.want-survival", names),
                actual: Message("zones.actual-cut", names)
            )
        )
    }
}
