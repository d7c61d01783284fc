/// What DescribeTargetHealth shows of one target: a state, and a reason unless it is healthy (ALB-HC-025 to -032).
package struct TargetHealth: Hashable, Sendable {
    package var state: State
    package var reason: Reason?
    /// AWS's sentence, such as `Health checks failed with these codes: [500]`.
    package var detail: String?

    package init(state: State, reason: Reason? = nil, detail: String? = nil) {
        self.state = state
        self.reason = reason
        self.detail = detail
    }

    /// A target that passes its checks; no reason is given then (ALB-HC-032).
    package static let healthy = Self(state: .healthy)

    /// The raw value is AWS's `State`.
    package enum State: String, Hashable, Sendable, CaseIterable {
        case initial
        case healthy
        case unhealthy
        /// Keeps what it has for a while and gets nothing new (NLB-ST-004).
        case unhealthyDraining = "unhealthy.draining"
        case unused
        case draining
        case unavailable
    }

    /// The raw value is AWS's `Reason`.
    package enum Reason: String, Hashable, Sendable, CaseIterable {
        case registrationInProgress = "Elb.RegistrationInProgress"
        case initialHealthChecking = "Elb.InitialHealthChecking"
        case internalError = "Elb.InternalError"
        case responseCodeMismatch = "Target.ResponseCodeMismatch"
        case timeout = "Target.Timeout"
        case failedHealthChecks = "Target.FailedHealthChecks"
        case notRegistered = "Target.NotRegistered"
        case notInUse = "Target.NotInUse"
        case deregistrationInProgress = "Target.DeregistrationInProgress"
        case invalidState = "Target.InvalidState"
        case ipUnusable = "Target.IpUnusable"
        case healthCheckDisabled = "Target.HealthCheckDisabled"
    }
}
