import ELBConformance
import ELBModel

/// What clients saw in a number of requests: who answered, and what went wrong.
struct TourRound: Sendable {
    /// Answers per backend, by name.
    private(set) var answers: [String: Int] = [:]
    /// What is not a backend's answer, in words: `502 from the balancer`.
    private(set) var failures: [String: Int] = [:]

    var failureCount: Int { self.failures.values.reduce(0, +) }
    var count: Int { self.answers.values.reduce(0, +) + self.failureCount }

    mutating func add(_ outcome: CurlOutcome) {
        switch outcome {
        case .success(let response):
            if response.status == 200, let backend = response.header("X-Backend") {
                self.answers[backend, default: 0] += 1
            } else {
                self.failures["\(response.status) from the balancer", default: 0] += 1
            }
        case .failure(let failure):
            self.failures[failure.description, default: 0] += 1
        }
    }

    mutating func merge(_ other: TourRound) {
        self.answers.merge(other.answers, uniquingKeysWith: +)
        self.failures.merge(other.failures, uniquingKeysWith: +)
    }

    /// Sends `count` requests, an equal share to each node, as clients spread that follow its name.
    static func send(_ count: Int, to nodes: [Endpoint], by client: CurlClient) async -> TourRound {
        let requests = (0..<count).map { CurlRequest("GET", "http://\(nodes[$0 % nodes.count])/") }
        var round = TourRound()
        for outcome in await client.perform(requests) { round.add(outcome) }
        return round
    }

    /// Each node gives its targets their turns: with `nodes` nodes no two counts differ by more than one per node.
    func isEven(over names: [String], nodes: Int) -> Bool {
        let counts = names.map { self.answers[$0, default: 0] }
        guard let least = counts.min(), let most = counts.max() else { return false }
        return self.failureCount == 0 && Set(self.answers.keys) == Set(names) && most - least <= nodes
    }
}
