internal import ELBModel

/// forward actions with several groups: shares by weight.
enum ForwardChecks {
    static let all = [Self.weights, Self.canary, Self.zero, Self.noFailover]

    private static let feature = "alb.actions.forward-weighted"

    private static let weights = Check(
        "actions.forward.weights",
        "A group's share of the requests is its weight over the sum of the weights.",
        rows: ["ALB-FWD-004"],
        feature: Self.feature,
        reference: .ruleActions,
        kills: [.weightsEqual],
        lookAt: "how a group is drawn from the weights"
    ) { scene in
        let stable = try await scene.group("stable")
        let canary = try await scene.group("canary")
        let web = try scene.listener(default: .forward(weights: [(stable, 7), (canary, 3)]))
        try await scene.start()

        try await Self.expectShare(of: canary, against: stable, share: 0.3, requests: 6000, at: web, in: scene)
    }

    private static let canary = Check(
        "actions.forward.canary",
        "A weight of 1 beside 9 gets a tenth of the requests.",
        rows: ["ALB-FWD-004"],
        feature: Self.feature,
        reference: .ruleActions,
        kills: [.weightsEqual],
        lookAt: "how a group is drawn from the weights"
    ) { scene in
        let stable = try await scene.group("stable")
        let canary = try await scene.group("canary")
        let web = try scene.listener(default: .forward(weights: [(stable, 90), (canary, 10)]))
        try await scene.start()

        try await Self.expectShare(of: canary, against: stable, share: 0.1, requests: 3000, at: web, in: scene)
    }

    /// One attempt, within ±3 percentage points. With 6,000 requests an honest splitter of 70/30 fails 4 times in ten
    /// million runs; with 3,000 and 90/10, less often still.
    private static func expectShare(
        of group: SceneGroup,
        against other: SceneGroup,
        share: Double,
        requests: Int,
        at listener: Endpoint,
        in scene: Scene
    ) async throws {
        let outcomes = await scene.sendMany(requests, "/", to: listener)
        try scene.expectAllAnswered(outcomes, status: 200)
        let count = await scene.trafficCounts(group).reduce(0, +)
        let rest = await scene.trafficCounts(other).reduce(0, +)
        let range = Binomial.range(requests: requests, share: share, points: 3)
        try scene.expect(
            range.contains(count) && count + rest == requests,
            tried: "\(requests) requests to two weighted groups",
            expected: "\(range.lowerBound) to \(range.upperBound) at \(group.name), the others at \(other.name)",
            actual: "\(count) at \(group.name), \(rest) at \(other.name)"
        )
    }

    private static let zero = Check(
        "actions.forward.weight-zero",
        "A group of weight 0 gets nothing while another has a positive weight.",
        rows: ["ALB-FWD-005"],
        level: .provisional,
        feature: Self.feature,
        reference: .ruleActions,
        kills: [.weightsZeroCounts],
        lookAt: "how a weight of 0 is treated"
    ) { scene in
        let live = try await scene.group("live")
        let parked = try await scene.group("parked")
        let web = try scene.listener(default: .forward(weights: [(parked, 0), (live, 1)]))
        try await scene.start()

        try scene.expectAllAnswered(await scene.sendMany(200, "/", to: web), status: 200)
        let counts = (await scene.trafficCounts(live)[0], await scene.trafficCounts(parked)[0])
        try scene.expect(
            counts == (200, 0),
            tried: "200 requests to weights 1 and 0",
            expected: "200 at live, 0 at parked",
            actual: "\(counts.0) at live, \(counts.1) at parked"
        )
    }

    private static let noFailover = Check(
        "actions.forward.no-failover",
        "An empty group keeps its share: its requests are answered 503, not sent to the other group.",
        rows: ["ALB-FWD-007", "ALB-ERR-035"],
        feature: Self.feature,
        reference: .ruleActions,
        kills: [.errorNoTargetsAs502],
        lookAt: "what becomes of a request whose group has no target"
    ) { scene in
        let full = try await scene.group("full")
        let empty = try await scene.group("empty", backends: 0)
        let web = try scene.listener(default: .forward(weights: [(full, 1), (empty, 1)]))
        try await scene.start()

        let statuses = try scene.statuses(await scene.sendMany(600, "/", to: web))
        // Within 12.5 points: an honest splitter leaves this range once in a thousand million runs.
        let refused = statuses[503, default: 0]
        try scene.expect(
            (225...375).contains(refused) && statuses[200, default: 0] + refused == 600,
            tried: "600 requests to a full and an empty group of equal weight",
            expected: "225 to 375 answers of 503, all others 200",
            actual: statuses.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }.joined(separator: ", ")
        )
    }
}

extension Scene {
    /// How many answers had each status; a request without an answer ends the check.
    func statuses(_ outcomes: [CurlOutcome]) throws -> [Int: Int] {
        var statuses: [Int: Int] = [:]
        for (index, outcome) in outcomes.enumerated() {
            switch outcome {
            case .success(let response): statuses[response.status, default: 0] += 1
            case .failure(let failure) where failure.kind == .timeout:
                throw Problem.timedOut("request \(index + 1) of \(outcomes.count) got no answer within our limit")
            case .failure(let failure):
                throw Problem.broken(
                    tried: "\(outcomes.count) requests",
                    expected: "an answer to each",
                    actual: "request \(index + 1) got none: \(failure.message)",
                    evidence: []
                )
            }
        }
        return statuses
    }

    /// Expects one status for all.
    func expectAllAnswered(_ outcomes: [CurlOutcome], status: Int) throws {
        let statuses = try self.statuses(outcomes)
        try self.expect(
            statuses == [status: outcomes.count],
            tried: "\(outcomes.count) requests",
            expected: "\(outcomes.count) answers of \(status)",
            actual: statuses.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }.joined(separator: ", ")
        )
    }
}
