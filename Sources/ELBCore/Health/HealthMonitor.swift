import ELBModel

/// Decides when a target's health changes. Knows thresholds; knows nothing of sockets or clocks.
///
///     initial    --1 pass--------------------------> healthy      (ALB-TG-015)
///     initial    --UnhealthyThresholdCount fails---> unhealthy    (ALB-HC-024, the count is the lab's reading)
///     healthy    --UnhealthyThresholdCount fails---> unhealthy    (ALB-HC-022)
///     unhealthy  --HealthyThresholdCount passes----> healthy
///
/// Only results in a row count: the opposite result starts the count anew (ALB-HC-023).
package struct HealthMonitor: Sendable {
    /// What a probe's result meant.
    package enum Directive: Hashable, Sendable {
        case none
        case announce(healthy: Bool)
    }

    /// Each case carries what that state needs and nothing else.
    private enum State: Hashable, Sendable {
        case initial(passes: Int, failures: Int)
        case healthy(failures: Int)
        case unhealthy(passes: Int)
    }

    /// Thresholds, and the deviations that some quirks ask for.
    package struct Settings: Hashable, Sendable {
        /// At least 1; passes in a row that bring an unhealthy target back.
        package var healthyThreshold: Int
        /// At least 1; failures in a row that take a target out.
        package var unhealthyThreshold: Int
        /// Quirk: a new target needs the threshold too.
        package var firstPassNeedsThreshold = false
        /// Quirk: the opposite result does not start the count anew.
        package var neverStartsAnew = false

        package init(healthyThreshold: Int, unhealthyThreshold: Int) {
            self.healthyThreshold = healthyThreshold
            self.unhealthyThreshold = unhealthyThreshold
        }
    }

    private var state: State = .initial(passes: 0, failures: 0)
    /// May be replaced at any time; what has been counted stays (ALB-HC-034).
    package var settings: Settings

    package init(settings: Settings) {
        self.settings = settings
    }

    /// `nil` while the first checks decide.
    package var isHealthy: Bool? {
        switch self.state {
        case .initial: nil
        case .healthy: true
        case .unhealthy: false
        }
    }

    /// Whether it is unhealthy and has begun to pass.
    package var isRecovering: Bool {
        switch self.state {
        case .initial, .healthy: false
        case .unhealthy(let passes): passes > 0
        }
    }

    /// Connections of clients have told what probes have not (NLB-HC-016): the target is out until probes bring it back.
    package mutating func connectionsFailed() -> Directive {
        guard self.isHealthy == true else { return .none }
        self.state = .unhealthy(passes: 0)
        return .announce(healthy: false)
    }

    package mutating func probePassed() -> Directive {
        switch self.state {
        case .initial(let passes, let failures):
            if self.settings.firstPassNeedsThreshold, passes + 1 < self.settings.healthyThreshold {
                self.state = .initial(passes: passes + 1, failures: self.settings.neverStartsAnew ? failures : 0)
                return .none
            }
            self.state = .healthy(failures: 0)
            return .announce(healthy: true)
        case .healthy(let failures):
            self.state = .healthy(failures: self.settings.neverStartsAnew ? failures : 0)
            return .none
        case .unhealthy(let passes):
            guard passes + 1 >= self.settings.healthyThreshold else {
                self.state = .unhealthy(passes: passes + 1)
                return .none
            }
            self.state = .healthy(failures: 0)
            return .announce(healthy: true)
        }
    }

    package mutating func probeFailed() -> Directive {
        switch self.state {
        case .initial(let passes, let failures):
            guard failures + 1 >= self.settings.unhealthyThreshold else {
                self.state = .initial(passes: self.settings.neverStartsAnew ? passes : 0, failures: failures + 1)
                return .none
            }
            self.state = .unhealthy(passes: 0)
            return .announce(healthy: false)
        case .healthy(let failures):
            guard failures + 1 >= self.settings.unhealthyThreshold else {
                self.state = .healthy(failures: failures + 1)
                return .none
            }
            self.state = .unhealthy(passes: 0)
            return .announce(healthy: false)
        case .unhealthy(let passes):
            self.state = .unhealthy(passes: self.settings.neverStartsAnew ? passes : 0)
            return .none
        }
    }
}
