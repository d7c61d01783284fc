import ELBModel

/// What `Metadata.elblab` of an AWS::EC2::Instance says. AWS keeps metadata and ignores it, so the file still deploys.
///
///     Metadata:
///       elblab:
///         Ports: [8080]               # default: the ports that target groups register it with
///         Status: 200                 # 200 to 599
///         Body: "hello\n"             # default: the instance's name and zone
///         HealthPaths: [/health]      # the paths that answer HealthStatus instead of Status
///         HealthStatus: 200
///         DelayMilliseconds: 0        # 0 to 600,000, beside the size's service time
///         InstanceType: lab.unlimited # replaces the template's, which must be real at AWS
struct BackendMetadata {
    var ports: [Port] = []
    var behaviour = BackendBehaviour()
    var type: InstanceType?

    init() {}

    init(_ source: ObjectReader) {
        var reader = source
        self.ports = Self.ports(&reader)
        self.behaviour.status = Self.integer("Status", in: 200...599, &reader) ?? self.behaviour.status
        self.behaviour.body = reader.text("Body")?.value
        self.behaviour.healthStatus = Self.integer("HealthStatus", in: 200...599, &reader)
        self.behaviour.healthPaths = Set((reader.texts("HealthPaths") ?? []).map(\.value))
        self.behaviour.delayMilliseconds = Self.integer("DelayMilliseconds", in: 0...600_000, &reader) ?? 0
        if let text = reader.text("InstanceType") {
            self.type = InstanceType.named(text.value)
            if self.type == nil { reader.refuse(text, for: "InstanceType", allowed: InstanceType.all.map(\.name)) }
        }
        if reader.value["HealthStatus"] != nil, reader.value["HealthPaths"] == nil {
            reader.collector.error(
                "'HealthStatus' has no paths",
                at: reader.value.location(ofProperty: "HealthStatus"),
                suggestion: "name them: HealthPaths: [/health]"
            )
        }
        reader.finish()
    }

    private static func ports(_ reader: inout ObjectReader) -> [Port] {
        (reader.texts("Ports") ?? []).compactMap { text in
            if let port = Int(text.value).flatMap(Port.init) { return port }
            reader.collector.error(
                "'Ports' must hold ports from 1 to 65535, not '\(text.value.prefix(40))'",
                at: text.location
            )
            return nil
        }
    }

    private static func integer(_ key: String, in range: ClosedRange<Int>, _ reader: inout ObjectReader) -> Int? {
        guard let number = reader.integer(key) else { return nil }
        guard range.contains(number.value) else {
            reader.collector.error(
                "'\(key)' must be \(range.lowerBound) to \(range.upperBound), not \(number.value)",
                at: number.location
            )
            return nil
        }
        return number.value
    }
}
