import ELBConformance
import Histogram

/// What became of the requests of a load.
struct LoadTally {
    /// Microseconds from when a request was due to its answer's end.
    private(set) var latencies = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
    /// Answers by status.
    private(set) var statuses: [Int: Int] = [:]
    /// Requests without an answer, by kind.
    private(set) var errors: [String: Int] = [:]
    /// Answers by the backend that says it gave them.
    private(set) var targets: [String: Int] = [:]
    private(set) var connections = 0

    /// Answers that do not name a backend, such as the balancer's own.
    static let unnamed = "(not named)"

    mutating func add(_ outcome: CurlOutcome, latency: Duration) {
        switch outcome {
        case .failure(let failure):
            self.errors[failure.kind.rawValue, default: 0] += 1
        case .success(let response):
            self.statuses[response.status, default: 0] += 1
            self.targets[response.header("X-Backend") ?? Self.unnamed, default: 0] += 1
            self.connections += response.openedConnection ? 1 : 0
            let (seconds, attoseconds) = latency.components
            self.latencies.record(UInt64(max(0, seconds * 1_000_000 + attoseconds / 1_000_000_000_000)))
        }
    }

    var answered: Int { self.statuses.values.reduce(0, +) }
    var failed: Int { self.errors.values.reduce(0, +) }
    /// Whether every request had an answer below 500.
    var isClean: Bool { self.failed == 0 && !self.statuses.keys.contains { $0 >= 500 } }

    /// Milliseconds that this share of the answers took at most; `nil` without answers.
    func milliseconds(at percentile: Double) -> Double? {
        self.answered == 0 ? nil : Double(self.latencies.valueAtPercentile(percentile)) / 1000
    }
}
