package import ELBModel

extension ELB {
    package struct DescribeLoadBalancerAttributes: ELBCommand {
        package var loadBalancer: String

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = try input.required("LoadBalancerName")
        }
    }

    /// What is not given stays.
    package struct ModifyLoadBalancerAttributes: ELBCommand {
        package var loadBalancer: String
        package var crossZoneEnabled: Bool?
        package var accessLog: ClassicAttributes.AccessLog?
        package var draining: Draining?
        package var idleTimeoutSeconds: Int?
        package var desyncMitigationMode: LoadBalancerAttributes.DesyncMitigationMode?

        /// `ConnectionDraining`; without a timeout it is AWS's default (CLB-DR-001).
        package enum Draining: Hashable, Sendable {
            case off
            case on(seconds: Int)
        }

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = try input.required("LoadBalancerName")
            guard var attributes = input.structure("LoadBalancerAttributes") else {
                throw .validation("LoadBalancerAttributes must be specified")
            }
            if var crossZone = attributes.structure("CrossZoneLoadBalancing") {
                self.crossZoneEnabled = crossZone.boolean("Enabled")
                try crossZone.finish()
            }
            if var log = attributes.structure("AccessLog") { self.accessLog = try Self.accessLog(&log) }
            if var draining = attributes.structure("ConnectionDraining") {
                let timeout = draining.integer("Timeout") ?? ClassicAttributes.defaultDrainingSeconds
                self.draining = draining.boolean("Enabled") == true ? .on(seconds: timeout) : .off
                try draining.finish()
            }
            if var settings = attributes.structure("ConnectionSettings") {
                self.idleTimeoutSeconds = settings.integer("IdleTimeout")
                try settings.finish()
            }
            for var attribute in attributes.structures("AdditionalAttributes") ?? [] {
                self.desyncMitigationMode = try Self.desyncMitigationMode(&attribute)
            }
            try attributes.finish()
        }

        private static func accessLog(_ input: inout CommandInput) throws(APIError) -> ClassicAttributes.AccessLog {
            var log = ClassicAttributes.AccessLog()
            log.delivery.isEnabled = input.boolean("Enabled") ?? false
            log.delivery.bucket = input.text("S3BucketName") ?? ""
            log.delivery.prefix = input.text("S3BucketPrefix") ?? ""
            log.intervalMinutes = input.integer("EmitInterval") ?? log.intervalMinutes
            try input.finish()
            return log
        }

        /// The one that there is (CLB-DS-001).
        private static func desyncMitigationMode(
            _ input: inout CommandInput
        ) throws(APIError) -> LoadBalancerAttributes.DesyncMitigationMode {
            let key = try input.required("Key")
            guard key == AttributeKey.desyncMitigationMode else {
                throw APIError("LoadBalancerAttributeNotFound", "There is no attribute '\(key.prefix(80))'")
            }
            let value = input.text("Value") ?? ""
            try input.finish()
            guard let mode = LoadBalancerAttributes.DesyncMitigationMode(rawValue: value) else {
                throw APIError(
                    "InvalidConfigurationRequest",
                    "\(key) must be monitor, defensive or strictest, not '\(value.prefix(80))'"
                )
            }
            return mode
        }
    }

    fileprivate enum AttributeKey {
        static let desyncMitigationMode = "elb.http.desyncmitigationmode"
    }
}

extension WireValue {
    package static func classicAttributes(_ attributes: ClassicAttributes) -> Self {
        let changed = ELB.ModifyLoadBalancerAttributes.Shown.all
        return .classicAttributes(attributes, changed)
    }

    /// Those that a change names, as they are after it.
    package static func classicAttributes(
        _ attributes: ClassicAttributes,
        of change: ELB.ModifyLoadBalancerAttributes
    ) -> Self {
        .classicAttributes(attributes, change.shown)
    }

    private static func classicAttributes(
        _ attributes: ClassicAttributes,
        _ shown: ELB.ModifyLoadBalancerAttributes.Shown
    ) -> Self {
        let log = attributes.accessLog
        let delivery = log.delivery
        return [
            "CrossZoneLoadBalancing": shown.contains(.crossZone)
                ? ["Enabled": .boolean(attributes.crossZoneEnabled)] : nil,
            "AccessLog": shown.contains(.accessLog)
                ? [
                    "Enabled": .boolean(delivery.isEnabled),
                    "S3BucketName": delivery.bucket.isEmpty ? nil : .text(delivery.bucket),
                    "EmitInterval": delivery.isEnabled ? .integer(log.intervalMinutes) : nil,
                    "S3BucketPrefix": delivery.isEnabled ? .text(delivery.prefix) : nil,
                ] : nil,
            "ConnectionDraining": shown.contains(.draining)
                ? [
                    "Enabled": .boolean(attributes.connectionDrainingSeconds != nil),
                    "Timeout": .integer(
                        attributes.connectionDrainingSeconds ?? ClassicAttributes.defaultDrainingSeconds
                    ),
                ] : nil,
            "ConnectionSettings": shown.contains(.idleTimeout)
                ? ["IdleTimeout": .integer(attributes.idleTimeoutSeconds)] : nil,
            "AdditionalAttributes": shown.contains(.desyncMitigationMode)
                ? [
                    [
                        "Key": .text(ELB.AttributeKey.desyncMitigationMode),
                        "Value": .text(attributes.desyncMitigationMode.rawValue),
                    ]
                ] : nil,
        ]
    }
}

extension ELB.ModifyLoadBalancerAttributes {
    /// The attributes of an answer.
    fileprivate struct Shown: OptionSet {
        let rawValue: Int

        static let crossZone = Self(rawValue: 1)
        static let accessLog = Self(rawValue: 2)
        static let draining = Self(rawValue: 4)
        static let idleTimeout = Self(rawValue: 8)
        static let desyncMitigationMode = Self(rawValue: 16)
        static let all = Self(rawValue: 31)
    }

    fileprivate var shown: Shown {
        var shown: Shown = []
        if self.crossZoneEnabled != nil { shown.insert(.crossZone) }
        if self.accessLog != nil { shown.insert(.accessLog) }
        if self.draining != nil { shown.insert(.draining) }
        if self.idleTimeoutSeconds != nil { shown.insert(.idleTimeout) }
        if self.desyncMitigationMode != nil { shown.insert(.desyncMitigationMode) }
        return shown
    }

    /// The attributes after the change.
    package func changed(_ old: ClassicAttributes) -> ClassicAttributes {
        var new = old
        if let crossZoneEnabled { new.crossZoneEnabled = crossZoneEnabled }
        if let accessLog { new.accessLog = accessLog }
        switch self.draining {
        case .none: break
        case .off: new.connectionDrainingSeconds = nil
        case .on(let seconds): new.connectionDrainingSeconds = seconds
        }
        if let idleTimeoutSeconds { new.idleTimeoutSeconds = idleTimeoutSeconds }
        if let desyncMitigationMode { new.desyncMitigationMode = desyncMitigationMode }
        return new
    }
}
