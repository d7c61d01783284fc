/// The attributes by AWS's keys, as ModifyTargetGroupAttributes and CloudFormation write them.
extension TargetGroupAttributes {
    private static let routingCount = "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count"
    private static let routingPercentage =
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage"

    /// The keys that the lab obeys.
    package static let keys = [
        "deregistration_delay.timeout_seconds",
        "lambda.multi_value_headers.enabled",
        "load_balancing.algorithm.type",
        "load_balancing.cross_zone.enabled",
        "slow_start.duration_seconds",
        "stickiness.enabled",
        routingCount,
        routingPercentage,
    ]

    /// Keys that AWS knows for target groups of an Application Load Balancer and the lab does not obey, each with
    /// AWS's default.
    package static let defaultsNotInLab = [
        "load_balancing.algorithm.anomaly_mitigation": "off",
        "stickiness.app_cookie.cookie_name": "",
        "stickiness.app_cookie.duration_seconds": "86400",
        "stickiness.lb_cookie.duration_seconds": "86400",
        "stickiness.type": "lb_cookie",
        "target_group_health.dns_failover.minimum_healthy_targets.count": "1",
        "target_group_health.dns_failover.minimum_healthy_targets.percentage": "off",
    ]

    /// Sets one attribute from AWS's text. An unknown key, or a value out of its range, changes nothing and throws what
    /// AWS would answer; what is real at AWS and not in the lab throws `notInLab`.
    package mutating func set(_ key: String, to value: String) throws(ModelError) {
        switch key {
        case "deregistration_delay.timeout_seconds":
            self.deregistrationDelaySeconds = try AttributeText.integer(value, in: 0...3600, of: key)
        case "lambda.multi_value_headers.enabled":
            self.lambdaMultiValueHeadersEnabled = try AttributeText.boolean(value, of: key)
        case "load_balancing.algorithm.type":
            guard value != "weighted_random" else { throw Self.valueNotInLab(value, of: key) }
            self.algorithm = try AttributeText.choice(value, of: key)
        case "load_balancing.cross_zone.enabled":
            self.crossZone = try AttributeText.choice(value, of: key)
        case "slow_start.duration_seconds":
            // 0, AWS's default, is what the lab does.
            guard value == "0" else { throw Self.valueNotInLab(value, of: key) }
        case "stickiness.enabled":
            guard try AttributeText.boolean(value, of: key) == false else { throw Self.valueNotInLab(value, of: key) }
        case Self.routingCount:
            self.routingMinimumHealthyCount = try AttributeText.integer(value, in: 1...1000, of: key)
        case Self.routingPercentage:
            self.routingMinimumHealthyPercentage =
                value == "off" ? nil : try AttributeText.integer(value, in: 1...100, of: key)
        default:
            try AttributeText.requireDefault(value, of: key, among: Self.defaultsNotInLab)
        }
    }

    private static func valueNotInLab(_ value: String, of key: String) -> ModelError {
        ModelError(
            .notInLab,
            "'\(value.prefix(40))' for attribute '\(key)' is real at AWS, but not in the lab",
            at: "Value"
        )
    }
}
