extension TargetGroup {
    /// Every attribute that a group of this type has, by AWS's key, defaults too, as DescribeTargetGroupAttributes shows them.
    package var attributeValues: [(key: String, value: String)] {
        switch self.targetType {
        case .lambda: self.attributes.lambdaValues
        case .instance, .ip, .alb: self.kind == .network ? self.networkAttributeValues : self.attributes.values
        }
    }

    private var networkAttributeValues: [(key: String, value: String)] {
        [
            ("deregistration_delay.connection_termination.enabled", "\(self.terminatesDeregistered)"),
            ("deregistration_delay.timeout_seconds", "\(self.attributes.deregistrationDelaySeconds)"),
            ("load_balancing.cross_zone.enabled", self.attributes.crossZone.rawValue),
            ("preserve_client_ip.enabled", "\(self.preservesClientIP)"),
            ("proxy_protocol_v2.enabled", "\(self.attributes.proxyProtocolV2Enabled)"),
            ("stickiness.enabled", "\(self.attributes.stickiness.isEnabled)"),
            ("stickiness.type", TargetGroupAttributes.sourceIP),
        ] + self.attributes.thresholdValues + [
            ("target_health_state.unhealthy.connection_termination.enabled", "\(self.terminatesUnhealthy)"),
            (
                "target_health_state.unhealthy.draining_interval_seconds",
                "\(self.attributes.unhealthyDrainingSeconds)"
            ),
        ]
    }
}

extension TargetGroupAttributes {
    fileprivate var lambdaValues: [(key: String, value: String)] {
        [("lambda.multi_value_headers.enabled", "\(self.lambdaMultiValueHeadersEnabled)")]
    }

    fileprivate var values: [(key: String, value: String)] {
        [
            ("deregistration_delay.timeout_seconds", "\(self.deregistrationDelaySeconds)"),
            ("load_balancing.algorithm.anomaly_mitigation", self.anomalyMitigation ? "on" : "off"),
            ("load_balancing.algorithm.type", self.algorithm.rawValue),
            ("load_balancing.cross_zone.enabled", self.crossZone.rawValue),
            ("slow_start.duration_seconds", "\(self.slowStartSeconds)"),
            ("stickiness.app_cookie.cookie_name", self.stickiness.applicationCookieName),
            ("stickiness.app_cookie.duration_seconds", "\(self.stickiness.applicationCookieSeconds)"),
            ("stickiness.enabled", "\(self.stickiness.isEnabled)"),
            ("stickiness.lb_cookie.duration_seconds", "\(self.stickiness.loadBalancerCookieSeconds)"),
            ("stickiness.type", self.stickiness.type.rawValue),
        ] + self.thresholdValues
    }

    fileprivate var thresholdValues: [(key: String, value: String)] {
        [
            (Self.dnsCount, Self.text(self.dnsMinimumHealthyCount)),
            (Self.dnsPercentage, Self.text(self.dnsMinimumHealthyPercentage)),
            (Self.routingCount, "\(self.routingMinimumHealthyCount)"),
            (Self.routingPercentage, Self.text(self.routingMinimumHealthyPercentage)),
        ]
    }

    private static func text(_ threshold: Int?) -> String { threshold.map { "\($0)" } ?? "off" }
}
