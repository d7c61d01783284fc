/// The attributes of a target group that the data path obeys, with AWS's defaults. Keys, ranges and the translation from
/// and to AWS's strings are in `TargetGroupAttributes+Keys.swift`; what may not be combined is in
/// `Validation/TargetGroupAttributes+Validation.swift`.
package struct TargetGroupAttributes: Hashable, Codable, Sendable {
    /// `deregistration_delay.timeout_seconds`: 0 to 3600, default 300 (ALB-DRG-001).
    package var deregistrationDelaySeconds = 300
    /// `load_balancing.algorithm.type`, default `round_robin` (ALB-ALG-001).
    package var algorithm: Algorithm = .roundRobin
    /// `load_balancing.algorithm.anomaly_mitigation`, default `off` (ALB-ALG-013).
    package var anomalyMitigation = false
    /// `load_balancing.cross_zone.enabled`, default `use_load_balancer_configuration` (ALB-XZ-002).
    package var crossZone: CrossZone = .useLoadBalancerConfiguration
    /// `slow_start.duration_seconds`: 30 to 900, or 0, the default, which is off (ALB-SLOW-001).
    package var slowStartSeconds = 0
    /// `stickiness.*`, off by default.
    package var stickiness = Stickiness()
    /// `target_group_health.unhealthy_state_routing.minimum_healthy_targets.count`: from 1, default 1 (ALB-TGH-003).
    package var routingMinimumHealthyCount = 1
    /// `target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage`: 1 to 100, `nil` is `off`.
    package var routingMinimumHealthyPercentage: Int?
    /// `lambda.multi_value_headers.enabled`, default false: functions get and give lists of values (ALB-LMB-005).
    package var lambdaMultiValueHeadersEnabled = false
    /// `target_group_health.dns_failover.minimum_healthy_targets.count`: from 1, default 1, `nil` is `off` (ALB-TGH-002).
    package var dnsMinimumHealthyCount: Int? = 1
    /// `target_group_health.dns_failover.minimum_healthy_targets.percentage`: 1 to 100, `nil` is `off`.
    package var dnsMinimumHealthyPercentage: Int?

    // What only groups of Network Load Balancers have. `nil` is AWS's default, which depends on the group; the effective value is
    // in `TargetGroup+Network.swift`.

    /// `deregistration_delay.connection_termination.enabled` (NLB-DR-003).
    package var connectionTerminationEnabled: Bool?
    /// `preserve_client_ip.enabled` (NLB-IP-001).
    package var preserveClientIPEnabled: Bool?
    /// `proxy_protocol_v2.enabled`, default false (NLB-PP-001).
    package var proxyProtocolV2Enabled = false
    /// `target_health_state.unhealthy.connection_termination.enabled` (NLB-FO-001).
    package var unhealthyConnectionTerminationEnabled: Bool?
    /// `target_health_state.unhealthy.draining_interval_seconds`: 0 to 360000, default 0 (NLB-FO-004).
    package var unhealthyDrainingSeconds = 0

    package init() {}

    /// The raw value is AWS's.
    package enum Algorithm: String, Hashable, Codable, Sendable, CaseIterable {
        case roundRobin = "round_robin"
        case leastOutstandingRequests = "least_outstanding_requests"
        case weightedRandom = "weighted_random"
    }

    /// The raw value is AWS's.
    package enum CrossZone: String, Hashable, Codable, Sendable, CaseIterable {
        case on = "true"
        case off = "false"
        case useLoadBalancerConfiguration = "use_load_balancer_configuration"
    }

    /// How a client is bound to a target (ALB-STK-001 to -003).
    package struct Stickiness: Hashable, Codable, Sendable {
        /// `stickiness.enabled`, default false.
        package var isEnabled = false
        /// `stickiness.type`, default `lb_cookie`; for a group of a Network Load Balancer `source_ip`, and this is not looked at
        /// (NLB-SK-001).
        package var type: Kind = .loadBalancerCookie
        /// `stickiness.lb_cookie.duration_seconds`: 1 to 604800, default 86400.
        package var loadBalancerCookieSeconds = 86_400
        /// `stickiness.app_cookie.cookie_name`, required for `app_cookie`.
        package var applicationCookieName = ""
        /// `stickiness.app_cookie.duration_seconds`: 1 to 604800, default 86400.
        package var applicationCookieSeconds = 86_400

        package init() {}

        /// The raw value is AWS's.
        package enum Kind: String, Hashable, Codable, Sendable, CaseIterable {
            case loadBalancerCookie = "lb_cookie"
            case applicationCookie = "app_cookie"
        }
    }
}
