/// What DescribeInstanceHealth shows of one instance (CLB-ST-001 to -005).
package struct ClassicInstanceHealth: Hashable, Codable, Sendable {
    package var state: State
    package var reason: Reason
    package var detail: Detail

    package init(_ state: State, _ reason: Reason, _ detail: Detail) {
        self.state = state
        self.reason = reason
        self.detail = detail
    }

    /// In service, about which there is nothing to say (CLB-ST-003).
    package static let inService = Self(.inService, .none, .none)

    /// The raw value is the API's.
    package enum State: String, Hashable, Codable, Sendable, CaseIterable {
        case inService = "InService"
        case outOfService = "OutOfService"
        case unknown = "Unknown"
    }

    /// Whose doing it is that an instance is not in service; the raw value is the API's `ReasonCode`.
    package enum Reason: String, Hashable, Codable, Sendable, CaseIterable {
        case elb = "ELB"
        case instance = "Instance"
        case none = "N/A"
    }

    /// The raw value is the API's `Description`, to the letter (CLB-ST-002).
    package enum Detail: String, Hashable, Codable, Sendable, CaseIterable {
        case none = "N/A"
        case transientError = "A transient error occurred. Please try again later."
        case failedChecks = "Instance has failed at least the UnhealthyThreshold number of health checks consecutively."
        case notYetRecovered =
            "Instance has not passed the configured HealthyThreshold number of health checks consecutively."
        case registrationInProgress = "Instance registration is still in progress."
        case zoneNotEnabled =
            "Instance is in the EC2 Availability Zone for which LoadBalancer is not configured to route traffic to."
        case notRegistered = "Instance is not currently registered with the LoadBalancer."
        case deregistrationInProgress = "Instance deregistration currently in progress."
        case zoneBeingDisabled = "Disable Availability Zone is currently in progress."
        case pending = "Instance is in pending state."
        case stopped = "Instance is in stopped state."
        case terminated = "Instance is in terminated state."
    }
}
