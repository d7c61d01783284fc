package import ELBModel

extension TargetHealth {
    /// The health with the sentence that AWS gives for the reason.
    package init(_ state: State, _ reason: Reason, codes: [Int] = []) {
        self.init(state: state, reason: reason, detail: Self.text(for: reason, codes: codes))
    }

    private static func text(for reason: Reason, codes: [Int]) -> String {
        switch reason {
        case .registrationInProgress: "Target registration is in progress"
        case .initialHealthChecking: "Initial health checks in progress"
        case .internalError: "Health checks failed due to an internal error"
        case .responseCodeMismatch:
            "Health checks failed with these codes: [\(codes.map(String.init).joined(separator: ", "))]"
        case .timeout: "Request timed out"
        case .failedHealthChecks: "Health checks failed"
        case .notRegistered: "Target is not registered to the target group"
        case .notInUse: "Target group is not configured to receive traffic from the load balancer"
        case .deregistrationInProgress: "Target deregistration is in progress"
        case .invalidState: "Target is in the stopped state"
        case .ipUnusable: "Target IP address is in use by a load balancer"
        case .healthCheckDisabled: "Health checks are disabled for this target group"
        }
    }

    /// The health of a target whose zone has no node (ALB-TG-016).
    package static let zoneNotEnabled = Self(
        state: .unused,
        reason: .notInUse,
        detail: "Target is in an Availability Zone that is not enabled for the load balancer"
    )
}

extension ProbeResult {
    /// What DescribeTargetHealth says of a target that is unhealthy after this result (ALB-HC-028); `nil` for a pass.
    var health: TargetHealth? {
        switch self {
        case .passed: nil
        case .mismatch(let status): TargetHealth(.unhealthy, .responseCodeMismatch, codes: [status])
        case .timedOut: TargetHealth(.unhealthy, .timeout)
        case .failed: TargetHealth(.unhealthy, .failedHealthChecks)
        }
    }
}
