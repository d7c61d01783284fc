/// How a request at a target ended, as far as it speaks for or against the target.
package enum RequestOutcome: Hashable, Sendable {
    /// An answer below 500.
    case succeeded
    /// A 5xx answer, or no connection (ALB-ALG-011).
    case failed
    /// The client left, or a limit of the balancer's own ran out: nothing is known.
    case unknown

    /// By the status that the target gave.
    package init(targetStatus status: Int) {
        self = status >= 500 ? .failed : status > 0 ? .succeeded : .unknown
    }
}

/// One target's recent outcomes. Older ones fade: each comparison halves what was known before.
package struct OutcomeTally: Hashable, Sendable {
    private var newRequests: UInt32 = 0
    private var newFailures: UInt32 = 0
    package private(set) var requests = 0.0
    package private(set) var failures = 0.0

    /// What a tally counts for at most; the proportion stays.
    private static let most = 100.0

    package init() {}

    package mutating func note(_ outcome: RequestOutcome) {
        switch outcome {
        case .succeeded: self.newRequests &+= 1
        case .failed:
            self.newRequests &+= 1
            self.newFailures &+= 1
        case .unknown: break
        }
    }

    /// Takes in what came since the last time.
    package mutating func age() {
        self.requests = self.requests / 2 + Double(self.newRequests)
        self.failures = self.failures / 2 + Double(self.newFailures)
        self.newRequests = 0
        self.newFailures = 0
        // A busy target's past must not weigh longer than a quiet one's.
        guard self.requests > Self.most else { return }
        self.failures *= Self.most / self.requests
        self.requests = Self.most
    }
}

/// Tells which targets fail more than their peers. AWS says what is compared (HTTP 5xx and connection errors) and that it
/// takes three healthy targets (ALB-ALG-011), not how; the numbers here are the lab's own.
///
/// A target stands out when its share of failures is at least ten points above that of the others together, and chance
/// hardly explains it: three standard deviations. One that stood out before is let off at half of that, so that it does
/// not flicker.
package enum AnomalyDetector {
    /// How often targets are compared, in AWS seconds (ALB-ALG-014).
    package static let interval: UInt64 = 5
    package static let fewestTargets = 3
    private static let fewestFailures = 3.0
    /// Of one that stood out and has hardly been asked since: a minute's memory at most.
    private static let fewestRemembered = 0.5
    private static let points = 0.1
    private static let deviations = 3.0

    /// One verdict per tally, in their order.
    package static func anomalies(_ tallies: [(tally: OutcomeTally, wasAnomalous: Bool)]) -> [Bool] {
        guard tallies.count >= Self.fewestTargets else { return tallies.map { _ in false } }
        let requests = tallies.reduce(0) { $0 + $1.tally.requests }
        let failures = tallies.reduce(0) { $0 + $1.tally.failures }
        return tallies.map { tally, wasAnomalous in
            Self.standsOut(
                tally,
                peerRequests: requests - tally.requests,
                peerFailures: failures - tally.failures,
                wasAnomalous: wasAnomalous
            )
        }
    }

    private static func standsOut(
        _ tally: OutcomeTally,
        peerRequests: Double,
        peerFailures: Double,
        wasAnomalous: Bool
    ) -> Bool {
        let strictness = wasAnomalous ? 0.5 : 1
        guard tally.failures >= (wasAnomalous ? Self.fewestRemembered : Self.fewestFailures), tally.requests > 0,
            peerRequests > 0
        else { return false }
        let own = tally.failures / tally.requests
        let peers = peerFailures / peerRequests
        // One failure and one success more than seen, so that a perfect record does not make every failure a wonder.
        let expected = (peerFailures + 1) / (peerRequests + 2)
        let deviation = (expected * (1 - expected) / tally.requests).squareRoot()
        return own - peers >= Self.points * strictness && own - peers >= Self.deviations * strictness * deviation
    }
}

/// A target's weight under anomaly mitigation: cut to the minimum at once, given back in steps, one per comparison
/// (ALB-ALG-014).
package struct MitigatedWeight: Hashable, Sendable {
    package static let full = 100
    /// Enough to notice that the target has recovered.
    package static let minimum = 5
    private static let step = 20

    package private(set) var value = Self.full

    package init() {}

    package var isMitigated: Bool { self.value < Self.full }

    package mutating func adjust(isAnomalous: Bool) {
        self.value = isAnomalous ? Self.minimum : min(Self.full, self.value + Self.step)
    }

    package mutating func restore() {
        self.value = Self.full
    }
}
