/// The attributes by AWS's keys, as ModifyTargetGroupAttributes and CloudFormation write them.
extension TargetGroupAttributes {
    static let routingCount = "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count"
    static let routingPercentage =
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage"
    static let dnsCount = "target_group_health.dns_failover.minimum_healthy_targets.count"
    static let dnsPercentage = "target_group_health.dns_failover.minimum_healthy_targets.percentage"
    /// Of a cookie's duration, a second to a week.
    private static let cookieSeconds = 1...604_800

    /// The keys that the lab obeys for groups of Application Load Balancers.
    package static let keys = [
        "deregistration_delay.timeout_seconds",
        "lambda.multi_value_headers.enabled",
        "load_balancing.algorithm.anomaly_mitigation",
        "load_balancing.algorithm.type",
        "load_balancing.cross_zone.enabled",
        "slow_start.duration_seconds",
        "stickiness.app_cookie.cookie_name",
        "stickiness.app_cookie.duration_seconds",
        "stickiness.enabled",
        "stickiness.lb_cookie.duration_seconds",
        "stickiness.type",
        dnsCount,
        dnsPercentage,
        routingCount,
        routingPercentage,
    ]

    /// The keys that the lab obeys for groups of Network Load Balancers.
    package static let networkKeys = [
        "deregistration_delay.connection_termination.enabled",
        "deregistration_delay.timeout_seconds",
        "load_balancing.cross_zone.enabled",
        "preserve_client_ip.enabled",
        "proxy_protocol_v2.enabled",
        "stickiness.enabled",
        "stickiness.type",
        dnsCount,
        dnsPercentage,
        routingCount,
        routingPercentage,
        "target_health_state.unhealthy.connection_termination.enabled",
        "target_health_state.unhealthy.draining_interval_seconds",
    ]

    /// The keys that the lab obeys for groups of this kind of load balancer.
    package static func keys(of kind: LoadBalancer.Kind) -> [String] {
        switch kind {
        case .network: Self.networkKeys
        case .application, .gateway, .classic: Self.keys
        }
    }

    /// Sets one attribute from AWS's text. A key that groups of this kind of load balancer have not, or a value out of its range,
    /// changes nothing and throws what AWS would answer.
    package mutating func set(
        _ key: String,
        to value: String,
        of kind: LoadBalancer.Kind = .application
    ) throws(ModelError) {
        switch kind {
        case .network: try self.setNetwork(key, to: value)
        case .application, .gateway, .classic: try self.setApplication(key, to: value)
        }
    }

    private mutating func setNetwork(_ key: String, to value: String) throws(ModelError) {
        guard Self.networkKeys.contains(key) else {
            throw ModelError(.invalidConfigurationRequest, "unknown attribute '\(key.prefix(80))'", at: "Key")
        }
        switch key {
        case "deregistration_delay.connection_termination.enabled":
            self.connectionTerminationEnabled = try AttributeText.boolean(value, of: key)
        case "preserve_client_ip.enabled":
            self.preserveClientIPEnabled = try AttributeText.boolean(value, of: key)
        case "proxy_protocol_v2.enabled":
            self.proxyProtocolV2Enabled = try AttributeText.boolean(value, of: key)
        case "target_health_state.unhealthy.connection_termination.enabled":
            self.unhealthyConnectionTerminationEnabled = try AttributeText.boolean(value, of: key)
        case "target_health_state.unhealthy.draining_interval_seconds":
            self.unhealthyDrainingSeconds = try AttributeText.integer(value, in: 0...360_000, of: key)
        case "stickiness.type":
            guard value == Self.sourceIP else {
                throw AttributeText.invalid(value, of: key, allowed: Self.sourceIP)
            }
        default:
            // The others are those of Application Load Balancers' groups too.
            try self.setApplication(key, to: value)
        }
    }

    /// The only `stickiness.type` of a Network Load Balancer's groups (NLB-SK-001).
    static let sourceIP = "source_ip"

    private mutating func setApplication(_ key: String, to value: String) throws(ModelError) {
        switch key {
        case "deregistration_delay.timeout_seconds":
            self.deregistrationDelaySeconds = try AttributeText.integer(value, in: 0...3600, of: key)
        case "lambda.multi_value_headers.enabled":
            self.lambdaMultiValueHeadersEnabled = try AttributeText.boolean(value, of: key)
        case "load_balancing.algorithm.anomaly_mitigation":
            self.anomalyMitigation = try AttributeText.onOff(value, of: key)
        case "load_balancing.algorithm.type":
            self.algorithm = try AttributeText.choice(value, of: key)
        case "load_balancing.cross_zone.enabled":
            self.crossZone = try AttributeText.choice(value, of: key)
        case "slow_start.duration_seconds":
            guard let seconds = Int(value), seconds == 0 || (30...900).contains(seconds), value.first != "+" else {
                throw AttributeText.invalid(value, of: key, allowed: "0, or 30 to 900")
            }
            self.slowStartSeconds = seconds
        case "stickiness.enabled":
            self.stickiness.isEnabled = try AttributeText.boolean(value, of: key)
        case "stickiness.type":
            self.stickiness.type = try AttributeText.choice(value, of: key)
        case "stickiness.lb_cookie.duration_seconds":
            self.stickiness.loadBalancerCookieSeconds = try AttributeText.integer(
                value,
                in: Self.cookieSeconds,
                of: key
            )
        case "stickiness.app_cookie.duration_seconds":
            self.stickiness.applicationCookieSeconds = try AttributeText.integer(value, in: Self.cookieSeconds, of: key)
        case "stickiness.app_cookie.cookie_name":
            self.stickiness.applicationCookieName = try Self.cookieName(value, of: key)
        case Self.routingCount:
            self.routingMinimumHealthyCount = try AttributeText.integer(value, in: 1...1000, of: key)
        case Self.routingPercentage:
            self.routingMinimumHealthyPercentage = try Self.threshold(value, upTo: 100, of: key)
        case Self.dnsCount:
            self.dnsMinimumHealthyCount = try Self.threshold(value, upTo: 1000, of: key)
        case Self.dnsPercentage:
            self.dnsMinimumHealthyPercentage = try Self.threshold(value, upTo: 100, of: key)
        default:
            throw ModelError(.invalidConfigurationRequest, "unknown attribute '\(key.prefix(80))'", at: "Key")
        }
    }

    /// `nil` for `off`.
    private static func threshold(_ value: String, upTo most: Int, of key: String) throws(ModelError) -> Int? {
        value == "off" ? nil : try AttributeText.integer(value, in: 1...most, of: key)
    }

    /// A name that a Set-Cookie line can carry (RFC 6265, section 4.1.1) and that is not the load balancer's own
    /// (ALB-STK-004). AWS's names are compared without their case, so that no client can mistake one for the other.
    private static func cookieName(_ name: String, of key: String) throws(ModelError) -> String {
        // Covers AWSALBAPP and AWSALBTG too.
        guard !name.lowercased().hasPrefix("awsalb") else {
            throw AttributeText.invalid(name, of: key, allowed: "a name that does not start with AWSALB")
        }
        let isToken = name.utf8.allSatisfy { byte in
            (0x21...0x7e).contains(byte) && !#"()<>@,;:\"/[]?={}"#.utf8.contains(byte)
        }
        guard isToken, name.utf8.count <= 256 else {
            throw AttributeText.invalid(name, of: key, allowed: "a cookie's name of at most 256 characters")
        }
        return name
    }
}
