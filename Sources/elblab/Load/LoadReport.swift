/// A finished load, for programs and for people.
struct LoadReport: Encodable {
    /// Milliseconds.
    struct Latency: Encodable {
        var p50: Double
        var p90: Double
        var p99: Double
        var maximum: Double
    }

    let requests: Int
    let answered: Int
    let failed: Int
    let seconds: Double
    let requestsPerSecond: Double
    let connectionsOpened: Int
    let seed: UInt64
    /// `nil` without any answer.
    let latencyMilliseconds: Latency?
    let statuses: [String: Int]
    let errors: [String: Int]
    let targets: [String: Int]

    init(_ tally: LoadTally, took: Duration, seed: UInt64) {
        self.requests = tally.answered + tally.failed
        self.answered = tally.answered
        self.failed = tally.failed
        self.seconds = took / .seconds(1)
        self.requestsPerSecond = self.seconds > 0 ? Double(self.requests) / self.seconds : 0
        self.connectionsOpened = tally.connections
        self.seed = seed
        self.statuses = Dictionary(uniqueKeysWithValues: tally.statuses.map { (String($0), $1) })
        self.errors = tally.errors
        self.targets = tally.targets
        self.latencyMilliseconds =
            if let p50 = tally.milliseconds(at: 50), let p90 = tally.milliseconds(at: 90),
                let p99 = tally.milliseconds(at: 99), let maximum = tally.milliseconds(at: 100)
            {
                Latency(p50: p50, p90: p90, p99: p99, maximum: maximum)
            } else {
                nil
            }
    }

    /// Everything in one line.
    var summary: String {
        let statuses = Self.sorted(self.statuses).map { "\($0.key): \($0.value)" }
        let errors = Self.sorted(self.errors).map { "\($0.key): \($0.value)" }
        let median =
            self.latencyMilliseconds.map { ", p50 \(Self.short($0.p50)) ms, p99 \(Self.short($0.p99)) ms" } ?? ""
        return "\(self.requests) requests in \(Self.short(self.seconds)) s (\(Self.short(self.requestsPerSecond))/s), "
            + (statuses + errors).joined(separator: ", ") + median
    }

    /// The whole story.
    func lines(_ style: TextStyle) -> [String] {
        var lines = [
            "\(style.bold("requests")) \(self.requests) in \(Self.short(self.seconds)) s, "
                + "\(Self.short(self.requestsPerSecond))/s, \(self.connectionsOpened) connections, seed \(self.seed)"
        ]
        lines += Self.sorted(self.statuses).map { "status \($0.key): \($0.value)" }
        lines += Self.sorted(self.errors).map { style.red("no answer, \($0.key): \($0.value)") }
        if let latency = self.latencyMilliseconds {
            lines.append(
                "latency p50 \(Self.short(latency.p50)) ms, p90 \(Self.short(latency.p90)) ms, "
                    + "p99 \(Self.short(latency.p99)) ms, most \(Self.short(latency.maximum)) ms"
            )
        }
        return lines + self.histogram(style)
    }

    private func histogram(_ style: TextStyle) -> [String] {
        let nameWidth = self.targets.keys.map(\.count).max() ?? 0
        let most = self.targets.values.max() ?? 1
        return Self.sorted(self.targets).map { name, count in
            let share = Self.short(Double(count) * 100 / Double(max(1, self.answered)))
            guard !style.isPlain else { return "target \(name): \(count) (\(share)%)" }
            let bar = String(repeating: "#", count: max(1, count * 40 / most))
            return "\(name.padding(to: nameWidth))  \(String(count).paddingLeft(to: 8))  "
                + "\(share.paddingLeft(to: 5))%  \(style.cyan(bar))"
        }
    }

    private static func sorted(_ counts: [String: Int]) -> [(key: String, value: Int)] {
        counts.sorted { $0.key < $1.key }
    }

    /// One digit behind the point.
    private static func short(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
