/// A target's health as its probes tell it.
struct Health {
    private(set) var isHealthy = false
    private var isNew = true
    private var passes = 0
    private var failures = 0

    /// Takes one probe's outcome. A new target needs one pass; later, thresholds count outcomes in a row.
    mutating func note(passed: Bool, healthyThreshold: Int, unhealthyThreshold: Int) {
        if passed {
            self.failures = 0
            self.passes += 1
            if self.isNew || self.passes >= healthyThreshold { self.isHealthy = true }
            self.isNew = false
        } else {
            self.passes = 0
            self.failures += 1
            if self.failures >= unhealthyThreshold {
                self.isHealthy = false
                self.isNew = false
            }
        }
    }
}

extension Group {
    /// Who may be asked: the healthy targets; when none is, all of them. Better a sick server than none.
    var able: [Target] {
        let healthy = self.targets.filter { target in target.lock { target.health.isHealthy } }
        return healthy.isEmpty ? self.targets : healthy
    }

    /// Probes one target until it is gone; intervals count from start to start.
    func watch(_ target: Target) {
        let interval = Double(self.description.healthCheckIntervalSeconds ?? 30) / self.scale
        let codes = statuses(of: self.description.matcher?.httpCode ?? "200")
        var due = now
        while !target.lock({ target.isGone }) {
            let passed = self.probe(target).map { codes.contains($0) } ?? false
            target.lock {
                target.health.note(
                    passed: passed,
                    healthyThreshold: self.description.healthyThresholdCount ?? 5,
                    unhealthyThreshold: self.description.unhealthyThresholdCount ?? 2
                )
            }
            due = max(due + interval, now)
            pause(due - now)
        }
    }

    /// The status that the target answers in time; `nil` if it does not.
    private func probe(_ target: Target) -> Int? {
        let timeout = Double(self.description.healthCheckTimeoutSeconds ?? 5) / self.scale
        let port = UInt16(self.description.healthCheckPort ?? "") ?? target.port
        let path = self.description.healthCheckPath ?? "/"
        let head = """
            GET \(path) HTTP/1.1\r
            Host: \(target.address):\(port)\r
            User-Agent: ELB-HealthChecker/2.0\r
            Connection: close\r
            \r

            """
        let deadline = now + timeout
        guard let connection = try? Connection(to: target.address, port, within: timeout) else { return nil }
        defer { connection.close() }
        connection.setTimeout(max(0.001, deadline - now))
        guard (try? connection.send(Array(head.utf8))) != nil, let answer = try? Message(from: connection),
            now <= deadline
        else { return nil }
        return Int(answer.start[1])
    }
}

/// The statuses of "200,204,300-302".
func statuses(of matcher: String) -> Set<Int> {
    var result: Set<Int> = []
    for part in matcher.split(separator: ",") {
        let ends = part.split(separator: "-").compactMap { Int($0) }
        if let first = ends.first, let last = ends.last, first <= last { result.formUnion(first...last) }
    }
    return result
}
