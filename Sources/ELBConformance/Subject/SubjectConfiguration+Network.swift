import ELBModel

// What a subject is told of the target groups of a Network Load Balancer.
extension TargetGroup {
    var networkJSON: JSONText {
        let check = self.healthCheck
        let probePort =
            switch check.port {
            case .trafficPort: "traffic-port"
            case .fixed(let port): "\(port)"
            }
        var members: [(String, JSONText)] = [
            ("Name", .string(self.name.rawValue)),
            ("Protocol", .string(self.protocol.rawValue)),
            ("Port", .number(Int(self.port.rawValue))),
            ("TargetType", .string(self.targetType.rawValue)),
            ("HealthCheckProtocol", .string(check.protocol.rawValue)),
            ("HealthCheckPort", .string(probePort)),
            ("HealthCheckIntervalSeconds", .number(check.intervalSeconds)),
            ("HealthCheckTimeoutSeconds", .number(check.timeoutSeconds)),
            ("HealthyThresholdCount", .number(check.healthyThresholdCount)),
            ("UnhealthyThresholdCount", .number(check.unhealthyThresholdCount)),
        ]
        if check.protocol != .tcp {
            members.append(("HealthCheckPath", .string(check.path)))
            members.append(("Matcher", .object([("HttpCode", .string("\(check.matcher)"))])))
        }
        members.append(("TargetGroupAttributes", SubjectConfiguration.keyValues(self.networkSettings)))
        members.append(("Targets", .array(self.targets.map(\.json))))
        return .object(members)
    }

    /// What most checks leave at AWS's default is not mentioned then, so that simple subjects need not know it.
    private var networkSettings: [(String, String)] {
        let (attributes, normal) = (self.attributes, TargetGroupAttributes())
        let minimum = "target_group_health.unhealthy_state_routing.minimum_healthy_targets"
        let unhealthy = "target_health_state.unhealthy"
        let optional: [(String, Bool?)] = [
            ("deregistration_delay.connection_termination.enabled", attributes.connectionTerminationEnabled),
            ("preserve_client_ip.enabled", attributes.preserveClientIPEnabled),
            ("\(unhealthy).connection_termination.enabled", attributes.unhealthyConnectionTerminationEnabled),
        ]
        var settings = [("deregistration_delay.timeout_seconds", "\(attributes.deregistrationDelaySeconds)")]
        for case (let key, let value?) in optional { settings.append((key, "\(value)")) }
        if attributes.crossZone != normal.crossZone {
            settings.append(("load_balancing.cross_zone.enabled", attributes.crossZone.rawValue))
        }
        if attributes.proxyProtocolV2Enabled { settings.append(("proxy_protocol_v2.enabled", "true")) }
        if attributes.stickiness.isEnabled { settings.append(("stickiness.enabled", "true")) }
        if attributes.unhealthyDrainingSeconds > 0 {
            settings.append(("\(unhealthy).draining_interval_seconds", "\(attributes.unhealthyDrainingSeconds)"))
        }
        if attributes.routingMinimumHealthyCount != normal.routingMinimumHealthyCount {
            settings.append(("\(minimum).count", "\(attributes.routingMinimumHealthyCount)"))
        }
        if let percentage = attributes.routingMinimumHealthyPercentage {
            settings.append(("\(minimum).percentage", "\(percentage)"))
        }
        return settings
    }
}
