/// The attributes by AWS's keys, as ModifyLoadBalancerAttributes and CloudFormation write them.
extension LoadBalancerAttributes {
    /// The keys that the lab obeys for an Application Load Balancer.
    package static let keys = [
        "access_logs.s3.bucket",
        "access_logs.s3.enabled",
        "access_logs.s3.prefix",
        "client_keep_alive.seconds",
        "connection_logs.s3.bucket",
        "connection_logs.s3.enabled",
        "connection_logs.s3.prefix",
        "deletion_protection.enabled",
        "health_check_logs.s3.bucket",
        "health_check_logs.s3.enabled",
        "health_check_logs.s3.prefix",
        "idle_timeout.timeout_seconds",
        "load_balancing.cross_zone.enabled",
        "routing.http.desync_mitigation_mode",
        "routing.http.drop_invalid_header_fields.enabled",
        "routing.http.preserve_host_header.enabled",
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
        "routing.http.xff_client_port.enabled",
        "routing.http.xff_header_processing.mode",
        "routing.http2.enabled",
        "zonal_shift.config.enabled",
    ]

    /// Keys that AWS knows for an Application Load Balancer and the lab does not obey, each with AWS's default: what
    /// the lab does is what the default says.
    package static let defaultsNotInLab = [
        "ipv6.deny_all_igw_traffic": "false",
        "waf.fail_open.enabled": "false",
    ]

    /// The keys that the lab obeys for a Network Load Balancer.
    package static let networkKeys = [
        "access_logs.s3.bucket",
        "access_logs.s3.enabled",
        "access_logs.s3.prefix",
        "deletion_protection.enabled",
        "dns_record.client_routing_policy",
        "load_balancing.cross_zone.enabled",
        "zonal_shift.config.enabled",
    ]

    /// The same of AWS's for a Network Load Balancer.
    package static let networkDefaultsNotInLab = [
        "ipv6.deny_all_igw_traffic": "false",
        "secondary_ips.auto_assigned.per_subnet": "0",
    ]

    /// The keys that the lab obeys for this kind of load balancer.
    package static func keys(of kind: LoadBalancer.Kind) -> [String] {
        switch kind {
        case .network: Self.networkKeys
        case .application, .gateway, .classic: Self.keys
        }
    }

    /// Sets one attribute from AWS's text. A key that this kind of load balancer has not, or a value out of its range, changes
    /// nothing and throws what AWS would answer; a key of AWS's that the lab does not obey throws `notInLab`, unless the value is
    /// AWS's default.
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
            return try AttributeText.requireDefault(value, of: key, among: Self.networkDefaultsNotInLab)
        }
        switch key {
        case "load_balancing.cross_zone.enabled":
            self.crossZoneEnabled = try AttributeText.boolean(value, of: key)
        case "dns_record.client_routing_policy":
            self.clientRoutingPolicy = try AttributeText.choice(value, of: key)
        default:
            // The others are an Application Load Balancer's too.
            try self.setApplication(key, to: value)
        }
    }

    private mutating func setApplication(_ key: String, to value: String) throws(ModelError) {
        switch key {
        case "client_keep_alive.seconds":
            self.clientKeepAliveSeconds = try AttributeText.integer(value, in: 60...604_800, of: key)
        case "deletion_protection.enabled":
            self.deletionProtectionEnabled = try AttributeText.boolean(value, of: key)
        case "idle_timeout.timeout_seconds":
            self.idleTimeoutSeconds = try AttributeText.integer(value, in: 1...4000, of: key)
        case "load_balancing.cross_zone.enabled":
            // Always on at the load balancer's level; target groups may turn it off (ALB-XZ-001).
            guard value == "true" else { throw AttributeText.invalid(value, of: key, allowed: "true") }
        case "routing.http.desync_mitigation_mode":
            self.desyncMitigationMode = try AttributeText.choice(value, of: key)
        case "routing.http.drop_invalid_header_fields.enabled":
            self.dropInvalidHeaderFieldsEnabled = try AttributeText.boolean(value, of: key)
        case "routing.http.preserve_host_header.enabled":
            self.preserveHostHeaderEnabled = try AttributeText.boolean(value, of: key)
        case "routing.http.x_amzn_tls_version_and_cipher_suite.enabled":
            self.tlsVersionAndCipherSuiteEnabled = try AttributeText.boolean(value, of: key)
        case "routing.http.xff_client_port.enabled":
            self.xffClientPortEnabled = try AttributeText.boolean(value, of: key)
        case "routing.http2.enabled":
            self.http2Enabled = try AttributeText.boolean(value, of: key)
        case "routing.http.xff_header_processing.mode":
            self.xffHeaderProcessingMode = try AttributeText.choice(value, of: key)
        case "zonal_shift.config.enabled":
            self.zonalShiftEnabled = try AttributeText.boolean(value, of: key)
        default:
            if let (log, name) = Self.logAttribute(key) { return try self.set(log, name, to: value, of: key) }
            try AttributeText.requireDefault(value, of: key, among: Self.defaultsNotInLab)
        }
    }
}

/// How AWS writes attribute values: everything is text.
enum AttributeText {
    static func integer(_ text: String, in range: ClosedRange<Int>, of key: String) throws(ModelError) -> Int {
        guard let number = Int(text), range.contains(number), text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else {
            throw self.invalid(text, of: key, allowed: "\(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    static func boolean(_ text: String, of key: String) throws(ModelError) -> Bool {
        switch text {
        case "true": true
        case "false": false
        default: throw self.invalid(text, of: key, allowed: "true or false")
        }
    }

    static func onOff(_ text: String, of key: String) throws(ModelError) -> Bool {
        switch text {
        case "on": true
        case "off": false
        default: throw self.invalid(text, of: key, allowed: "on or off")
        }
    }

    static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ text: String,
        of key: String
    ) throws(ModelError) -> Choice {
        guard let choice = Choice(rawValue: text) else {
            throw self.invalid(text, of: key, allowed: Choice.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return choice
    }

    static func invalid(_ text: String, of key: String, allowed: String) -> ModelError {
        ModelError(
            .invalidConfigurationRequest,
            "attribute '\(key)' cannot be '\(text.prefix(40))'; allowed: \(allowed)",
            at: "Value"
        )
    }

    /// Accepts the default of an attribute that the lab does not obey, and nothing else.
    static func requireDefault(_ text: String, of key: String, among defaults: [String: String]) throws(ModelError) {
        guard let normal = defaults[key] else {
            throw ModelError(.invalidConfigurationRequest, "unknown attribute '\(key.prefix(80))'", at: "Key")
        }
        guard text != normal else { return }
        throw ModelError(
            .notInLab,
            "attribute '\(key)' is real at AWS, but the lab has only its default, '\(normal)'",
            at: "Key"
        )
    }
}
