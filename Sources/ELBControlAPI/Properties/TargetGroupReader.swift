import ELBModel

/// Reads what templates and subject files say alike of a target group: everything but its targets.
enum TargetGroupReader {
    static let notInLab: Set<String> = ["IpAddressType", "TargetControlPort"]

    /// The group without targets, or `nil` when too little can be read. The reader is not finished.
    static func targetGroup(
        id: TargetGroupID,
        name: TargetGroupName,
        _ reader: inout ObjectReader
    ) -> TargetGroup? {
        let type = reader.choice("TargetType", as: TargetGroup.TargetType.self)
        let isLambda = type == .lambda
        if isLambda { Self.refuseForLambda(&reader) }
        let `protocol` = reader.choice(
            "Protocol",
            as: TargetGroup.Proto.self,
            notInLab: Listener.Proto.notInLab
        )
        let isBehindNetwork = type == .alb || `protocol`?.kind == .network
        let kind: LoadBalancer.Kind = isBehindNetwork && !isLambda ? .network : .application
        if !isLambda { reader.requires("Protocol", "Port") }
        let version = isLambda ? .http1 : self.protocolVersion(of: `protocol` ?? .http, &reader)
        var defaults = isLambda ? HealthCheckSettings.lambda : HealthCheckSettings()
        if kind == .network { defaults = self.networkDefaults(reader, of: type ?? .instance) }
        if version == .grpc { defaults.path = StatusMatcher.grpcPath }
        let healthCheck = self.healthCheck(defaults, version, of: kind, &reader)
        var attributes = TargetGroupAttributes()
        AttributeReader.read("TargetGroupAttributes", of: &reader, known: TargetGroupAttributes.keys(of: kind)) {
            key,
            value throws(ModelError) in
            try TargetGroupAttributes.requireSupported(key, by: type ?? .instance)
            try attributes.set(key, to: value, of: kind)
        }
        let hasType = type != nil || reader.value["TargetType"] == nil
        // A function has no port; what stands for it is not looked at.
        guard let port = isLambda ? 80 : reader.port("Port"), hasType else { return nil }
        return TargetGroup(
            id: id,
            name: name,
            protocol: `protocol` ?? .http,
            protocolVersion: version,
            port: port,
            targetType: type ?? .instance,
            healthCheck: healthCheck,
            attributes: attributes
        )
    }

    /// HTTP's version, which groups that speak something else have not.
    private static func protocolVersion(
        of protocol: TargetGroup.Proto,
        _ reader: inout ObjectReader
    ) -> TargetGroup.ProtocolVersion {
        let version = reader.choice("ProtocolVersion", as: TargetGroup.ProtocolVersion.self)
        guard `protocol`.kind == .network, reader.value["ProtocolVersion"] != nil else { return version ?? .http1 }
        reader.collector.error(
            "'ProtocolVersion' cannot be specified for target groups with protocol \(`protocol`.rawValue) (ValidationError)",
            at: reader.value.location(ofProperty: "ProtocolVersion"),
            suggestion: "remove it"
        )
        return .http1
    }

    /// What is not said of a health check behind a Network Load Balancer depends on what the check speaks (NLB-HC-004).
    private static func networkDefaults(_ reader: ObjectReader, of type: TargetGroup.TargetType) -> HealthCheckSettings
    {
        let named = reader.value["HealthCheckProtocol"]?.text.flatMap(TargetGroup.Proto.init)
        // A load balancer is asked for a page (NLB-AL-003).
        return .network(named ?? (type == .alb ? .http : .tcp))
    }

    /// Neither an instance nor a load balancer can be told where it is (ALB-TG-011, NLB-DR-007).
    static func requireNoZone(
        _ zone: Located<String>?,
        of type: TargetGroup.TargetType,
        _ collector: DiagnosticCollector
    ) {
        guard let zone else { return }
        collector.error(
            "'AvailabilityZone' cannot be specified for targets of type \(type.rawValue) (ValidationError)",
            at: zone.location,
            suggestion: "remove it"
        )
    }

    /// Properties that AWS refuses for functions (ALB-TG-003, ALB-LMB-030).
    private static func refuseForLambda(_ reader: inout ObjectReader) {
        let keys = [
            "Protocol", "Port", "VpcId", "ProtocolVersion", "HealthCheckProtocol", "HealthCheckPort",
            "TargetControlPort",
        ]
        for key in keys where reader.value[key] != nil {
            reader.accepts(key)
            reader.collector.error(
                "'\(key)' cannot be specified for target groups with target type 'lambda' (ValidationError)",
                at: reader.value.location(ofProperty: key),
                suggestion: "remove it"
            )
        }
        if let type = reader.text("IpAddressType"), type.value != "ipv4" {
            reader.collector.error(
                "a target group with IP address type '\(type.value.prefix(40))' cannot hold a Lambda function (ValidationError)",
                at: type.location
            )
        }
    }

    /// A function stands in no zone: its target may say `all`, and nothing else (ALB-TG-011).
    static func requireAllZones(_ reader: inout ObjectReader) {
        guard let zone = reader.text("AvailabilityZone"), zone.value != "all" else { return }
        reader.collector.error(
            "the only Availability Zone of target type 'lambda' is 'all', not '\(zone.value.prefix(40))' (ValidationError)",
            at: zone.location
        )
    }

    /// The settings with what is given in place of what was.
    static func healthCheck(
        _ settings: HealthCheckSettings,
        _ version: TargetGroup.ProtocolVersion,
        of kind: LoadBalancer.Kind,
        _ reader: inout ObjectReader
    ) -> HealthCheckSettings {
        var settings = settings
        settings.protocol = reader.choice("HealthCheckProtocol") ?? settings.protocol
        if let port = reader.text("HealthCheckPort") {
            if port.value == "traffic-port" {
                settings.port = .trafficPort
            } else if let number = Int(port.value).flatMap(Port.init) {
                settings.port = .fixed(number)
            } else {
                reader.collector.error(
                    "'HealthCheckPort' cannot be '\(port.value.prefix(40))'",
                    at: port.location,
                    suggestion: "write traffic-port, or a port from 1 to 65535"
                )
            }
        }
        settings.path = reader.text("HealthCheckPath")?.value ?? settings.path
        settings.intervalSeconds = reader.integer("HealthCheckIntervalSeconds")?.value ?? settings.intervalSeconds
        settings.timeoutSeconds = reader.integer("HealthCheckTimeoutSeconds")?.value ?? settings.timeoutSeconds
        settings.healthyThresholdCount =
            reader.integer("HealthyThresholdCount")?.value ?? settings.healthyThresholdCount
        settings.unhealthyThresholdCount =
            reader.integer("UnhealthyThresholdCount")?.value ?? settings.unhealthyThresholdCount
        settings.isEnabled = reader.boolean("HealthCheckEnabled")?.value ?? settings.isEnabled
        if var matcher = reader.object("Matcher", as: "Matcher") {
            if version == .grpc {
                settings.grpcMatcher =
                    self.matcher("GrpcCode", allowed: StatusMatcher.grpcCodes, &matcher) ?? .unimplemented
            } else {
                settings.matcher =
                    self.matcher("HttpCode", allowed: StatusMatcher.codes(of: kind), &matcher) ?? settings.matcher
            }
            matcher.finish()
        }
        return settings
    }

    private static func matcher(
        _ property: String,
        allowed: ClosedRange<Int>,
        _ reader: inout ObjectReader
    ) -> StatusMatcher? {
        guard let text = reader.text(property) else { return nil }
        if let matcher = StatusMatcher(text.value, allowed: allowed) { return matcher }
        let (first, last) = (allowed.lowerBound, allowed.upperBound)
        reader.collector.error(
            "'\(property)' cannot be '\(text.value.prefix(40))'",
            at: text.location,
            suggestion:
                "write codes from \(first) to \(last), such as \(first), \(first),\(first + 2) or \(first)-\(last)"
        )
        return nil
    }
}
