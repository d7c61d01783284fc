import ELBModel

/// Reads what templates and subject files say alike of a Classic Load Balancer: everything but who it is, where it stands and which
/// instances it has. The names are CloudFormation's.
struct ClassicReader {
    /// The certificate of that ARN, or `nil`, reported.
    let certificate: (Located<String>) -> Certificate?

    /// What has been read.
    struct Parts {
        var listeners: [ClassicListener] = []
        var healthCheck = ClassicHealthCheck()
        var attributes = ClassicAttributes()
        var policies: [ClassicPolicy] = []
        var backendPolicies: [Port: [String]] = [:]
    }

    func read(_ reader: inout ObjectReader) -> Parts {
        var parts = Parts()
        parts.listeners = (reader.objects("Listeners", as: "a listener") ?? []).compactMap(self.listener)
        if let check = reader.object("HealthCheck", as: "HealthCheck") { parts.healthCheck = self.healthCheck(check) }
        self.readAttributes(&reader, &parts.attributes)
        for policy in reader.objects("LBCookieStickinessPolicy", as: "a stickiness policy") ?? [] {
            if let policy = Self.duration(policy) { parts.policies.append(policy) }
        }
        for policy in reader.objects("AppCookieStickinessPolicy", as: "a stickiness policy") ?? [] {
            if let policy = Self.application(policy) { parts.policies.append(policy) }
        }
        for policy in reader.objects("Policies", as: "a policy") ?? [] { self.read(policy, &parts) }
        return parts
    }

    // MARK: Listeners and health

    private func listener(_ source: ObjectReader) -> ClassicListener? {
        var reader = source
        reader.requires("Protocol", "LoadBalancerPort", "InstancePort")
        let `protocol` = Self.proto("Protocol", &reader)
        let port = reader.port("LoadBalancerPort")
        let instancePort = reader.port("InstancePort")
        let instanceProtocol = reader.value["InstanceProtocol"] == nil ? nil : Self.proto("InstanceProtocol", &reader)
        reader.accepts("InstanceProtocol")
        let certificate = reader.text("SSLCertificateId").flatMap(self.certificate)
        let policies = (reader.texts("PolicyNames") ?? []).map(\.value)
        reader.finish()
        guard let `protocol`, let port, let instancePort else { return nil }
        return ClassicListener(
            port: port,
            protocol: `protocol`,
            instancePort: instancePort,
            instanceProtocol: instanceProtocol,
            certificate: certificate,
            policies: policies
        )
    }

    /// AWS takes small letters too.
    private static func proto(_ key: String, _ reader: inout ObjectReader) -> ClassicListener.Proto? {
        guard let text = reader.text(key) else { return nil }
        if let proto = ClassicListener.Proto(rawValue: text.value.uppercased()) { return proto }
        reader.refuse(text, for: key, allowed: ClassicListener.Proto.allCases.map(\.rawValue))
        return nil
    }

    private func healthCheck(_ source: ObjectReader) -> ClassicHealthCheck {
        var reader = source
        // CLB-HC-004.
        reader.requires("Target", "Interval", "Timeout", "HealthyThreshold", "UnhealthyThreshold")
        var check = ClassicHealthCheck()
        if let target = reader.text("Target") {
            if let read = ClassicHealthCheck.Target(target.value) {
                check.target = read
            } else {
                reader.collector.error(
                    "'\(target.value.prefix(80))' is not a health check's target (ValidationError)",
                    at: target.location,
                    suggestion: "write TCP:port, SSL:port, HTTP:port/path or HTTPS:port/path"
                )
            }
        }
        if let seconds = reader.integer("Interval") { check.intervalSeconds = seconds.value }
        if let seconds = reader.integer("Timeout") { check.timeoutSeconds = seconds.value }
        if let count = reader.integer("HealthyThreshold") { check.healthyThreshold = count.value }
        if let count = reader.integer("UnhealthyThreshold") { check.unhealthyThreshold = count.value }
        reader.finish()
        return check
    }

    // MARK: Attributes

    private func readAttributes(_ reader: inout ObjectReader, _ attributes: inout ClassicAttributes) {
        if let isEnabled = reader.boolean("CrossZone") { attributes.crossZoneEnabled = isEnabled.value }
        if var settings = reader.object("ConnectionSettings", as: "ConnectionSettings") {
            settings.requires("IdleTimeout")
            if let seconds = settings.integer("IdleTimeout") { attributes.idleTimeoutSeconds = seconds.value }
            settings.finish()
        }
        if var draining = reader.object("ConnectionDrainingPolicy", as: "ConnectionDrainingPolicy") {
            draining.requires("Enabled")
            let isEnabled = draining.boolean("Enabled")?.value ?? false
            let seconds = draining.integer("Timeout")?.value ?? ClassicAttributes.defaultDrainingSeconds
            draining.finish()
            attributes.connectionDrainingSeconds = isEnabled ? seconds : nil
        }
        if var log = reader.object("AccessLoggingPolicy", as: "AccessLoggingPolicy") {
            log.requires("Enabled", "S3BucketName")
            attributes.accessLog.delivery.isEnabled = log.boolean("Enabled")?.value ?? false
            attributes.accessLog.delivery.bucket = log.text("S3BucketName")?.value ?? ""
            attributes.accessLog.delivery.prefix = log.text("S3BucketPrefix")?.value ?? ""
            if let minutes = log.integer("EmitInterval") { attributes.accessLog.intervalMinutes = minutes.value }
            log.finish()
        }
    }

    // MARK: Policies

    private static func duration(_ source: ObjectReader) -> ClassicPolicy? {
        var reader = source
        reader.requires("PolicyName")
        let name = reader.text("PolicyName")
        let seconds = reader.integer("CookieExpirationPeriod")?.value
        reader.finish()
        // CLB-SK-004.
        return name.map {
            ClassicPolicy(name: $0.value, kind: .durationStickiness(seconds: seconds == 0 ? nil : seconds))
        }
    }

    private static func application(_ source: ObjectReader) -> ClassicPolicy? {
        var reader = source
        reader.requires("PolicyName", "CookieName")
        let name = reader.text("PolicyName")
        let cookie = reader.text("CookieName")
        reader.finish()
        guard let name, let cookie else { return nil }
        return ClassicPolicy(name: name.value, kind: .applicationStickiness(cookie: cookie.value))
    }

    /// A policy of any type, with the ports that it is set on.
    private func read(_ source: ObjectReader, _ parts: inout Parts) {
        var reader = source
        reader.requires("PolicyName", "PolicyType", "Attributes")
        let name = reader.text("PolicyName")
        let type = reader.text("PolicyType")
        var values: [(name: String, value: String)] = []
        for var attribute in reader.objects("Attributes", as: "an attribute") ?? [] {
            attribute.requires("Name", "Value")
            let name = attribute.text("Name")
            let value = attribute.text("Value")
            attribute.finish()
            if let name, let value { values.append((name.value, value.value)) }
        }
        let listenerPorts = self.ports("LoadBalancerPorts", &reader)
        let instancePorts = self.ports("InstancePorts", &reader)
        reader.finish()
        guard let name, let type else { return }
        guard let known = ClassicPolicyType(rawValue: type.value) else {
            return reader.refuse(type, for: "PolicyType", allowed: ClassicPolicyType.allCases.map(\.rawValue))
        }
        var attributes = ClassicPolicyAttributes(values)
        do throws(APIError) {
            parts.policies.append(ClassicPolicy(name: name.value, kind: try known.kind(&attributes)))
            try attributes.finish()
        } catch {
            reader.collector.error("\(error.message) (\(error.code))", at: reader.location)
        }
        for port in instancePorts { parts.backendPolicies[port, default: []].append(name.value) }
        for index in parts.listeners.indices where listenerPorts.contains(parts.listeners[index].port) {
            parts.listeners[index].policies.append(name.value)
        }
    }

    private func ports(_ key: String, _ reader: inout ObjectReader) -> [Port] {
        (reader.texts(key) ?? []).compactMap { text in
            if let port = Int(text.value).flatMap(Port.init) { return port }
            reader.collector.error(
                "'\(key)' must be ports from 1 to 65535, not '\(text.value.prefix(40))'",
                at: text.location
            )
            return nil
        }
    }
}
