/// The attributes of a target group that the data path obeys, with AWS's defaults. Keys, ranges and the translation from
/// and to AWS's strings are in `TargetGroupAttributes+Keys.swift`.
package struct TargetGroupAttributes: Hashable, Sendable {
    /// `deregistration_delay.timeout_seconds`: 0 to 3600, default 300 (ALB-DRG-001).
    package var deregistrationDelaySeconds = 300
    /// `load_balancing.algorithm.type`, default `round_robin` (ALB-ALG-001).
    package var algorithm: Algorithm = .roundRobin
    /// `load_balancing.cross_zone.enabled`, default `use_load_balancer_configuration` (ALB-XZ-002).
    package var crossZone: CrossZone = .useLoadBalancerConfiguration
    /// `target_group_health.unhealthy_state_routing.minimum_healthy_targets.count`: from 1, default 1 (ALB-TGH-003).
    package var routingMinimumHealthyCount = 1
    /// `target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage`: 1 to 100, `nil` is `off`.
    package var routingMinimumHealthyPercentage: Int?
    /// `lambda.multi_value_headers.enabled`, default false: functions get and give lists of values (ALB-LMB-005).
    package var lambdaMultiValueHeadersEnabled = false

    package init() {}

    /// The raw value is AWS's.
    package enum Algorithm: String, Hashable, Sendable, CaseIterable {
        case roundRobin = "round_robin"
        case leastOutstandingRequests = "least_outstanding_requests"
    }

    /// The raw value is AWS's.
    package enum CrossZone: String, Hashable, Sendable, CaseIterable {
        case on = "true"
        case off = "false"
        case useLoadBalancerConfiguration = "use_load_balancer_configuration"
    }
}
