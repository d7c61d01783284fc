/// A target's health as its probes tell it.
struct Health {
    private(set) var isHealthy = false

    /// Takes one probe's outcome. A new target needs one pass; later, thresholds count outcomes in a row.
    mutating func note(passed: Bool, healthyThreshold: Int, unhealthyThreshold: Int) {
        // TODO: when does a target come into service, when does it leave, when does it return?
    }
}

extension Group {
    /// Who may be asked: the healthy targets; when none is, all of them. Better a sick server than none.
    var able: [Target] {
        // TODO
        self.targets
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
        // TODO: this asks for the wrong page and does not listen. `self.description` says which path and port, and how long to wait.
        let timeout = Double(self.description.healthCheckTimeoutSeconds ?? 5) / self.scale
        guard let connection = try? Connection(to: target.address, target.port, within: timeout) else { return nil }
        defer { connection.close() }
        let head = "GET / HTTP/1.1\r\nHost: target\r\nUser-Agent: ELB-HealthChecker/2.0\r\nConnection: close\r\n\r\n"
        try? connection.send(Array(head.utf8))
        return nil
    }
}

/// The statuses of "200,204,300-302".
func statuses(of matcher: String) -> Set<Int> {
    // TODO
    [200]
}
