import ELBModel

/// Reads what templates and subject files say alike of a target group: everything but its targets.
enum TargetGroupReader {
    static let notInLab: Set<String> = ["IpAddressType", "ProtocolVersion", "TargetControlPort"]

    /// The group without targets, or `nil` when too little can be read. The reader is not finished.
    static func targetGroup(
        id: TargetGroupID,
        name: TargetGroupName,
        _ reader: inout ObjectReader
    ) -> TargetGroup? {
        let type = reader.choice("TargetType", as: TargetGroup.TargetType.self, notInLab: ["lambda", "alb"])
        let `protocol` = reader.choice(
            "Protocol",
            as: TargetGroup.Proto.self,
            notInLab: ["HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE", "QUIC", "TCP_QUIC"]
        )
        reader.requires("Protocol", "Port")
        let healthCheck = self.healthCheck(&reader)
        var attributes = TargetGroupAttributes()
        AttributeReader.read("TargetGroupAttributes", of: &reader, known: TargetGroupAttributes.keys) {
            key,
            value throws(ModelError) in
            try attributes.set(key, to: value)
        }
        let hasType = type != nil || reader.value["TargetType"] == nil
        guard let port = reader.port("Port"), hasType else { return nil }
        return TargetGroup(
            id: id,
            name: name,
            protocol: `protocol` ?? .http,
            port: port,
            targetType: type ?? .instance,
            healthCheck: healthCheck,
            attributes: attributes
        )
    }

    private static func healthCheck(_ reader: inout ObjectReader) -> HealthCheckSettings {
        var settings = HealthCheckSettings()
        settings.protocol =
            reader.choice("HealthCheckProtocol", notInLab: ["HTTPS", "TCP"]) ?? settings.protocol
        if let port = reader.text("HealthCheckPort"), port.value != "traffic-port" {
            if let number = Int(port.value).flatMap(Port.init) {
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
        if let enabled = reader.boolean("HealthCheckEnabled"), !enabled.value {
            reader.collector.error(
                "health checks cannot be off for targets of type instance or ip",
                at: enabled.location,
                suggestion: "remove 'HealthCheckEnabled'"
            )
        }
        if var matcher = reader.object("Matcher", as: "Matcher") {
            settings.matcher = self.matcher(&matcher) ?? settings.matcher
            matcher.finish(notInLab: ["GrpcCode"])
        }
        return settings
    }

    private static func matcher(_ reader: inout ObjectReader) -> StatusMatcher? {
        guard let text = reader.text("HttpCode") else { return nil }
        if let matcher = StatusMatcher(text.value) { return matcher }
        reader.collector.error(
            "'HttpCode' cannot be '\(text.value.prefix(40))'",
            at: text.location,
            suggestion: "write codes from 200 to 499, such as 200, 200,202 or 200-299"
        )
        return nil
    }
}
