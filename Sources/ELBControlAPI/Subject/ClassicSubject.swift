package import ELBModel

/// What a subject's configuration file says of a Classic Load Balancer (docs/subject-contract.md).
package struct ClassicSubject: Hashable, Sendable {
    package var loadBalancer: ClassicLoadBalancer
    /// AWS seconds per real second: 0.001 to 10,000, default 1.
    package var timeScale: Double
    /// `nil` leaves the choice to the subject.
    package var seed: UInt64?
    /// `nil` answers no names.
    package var names: SubjectNames?

    package init(loadBalancer: ClassicLoadBalancer, timeScale: Double = 1, seed: UInt64? = nil) {
        self.loadBalancer = loadBalancer
        self.timeScale = timeScale
        self.seed = seed
    }
}

/// A subject's configuration file, whatever kind of load balancer it describes.
package enum SubjectFile: Hashable, Sendable {
    case usual(SubjectConfiguration)
    case classic(ClassicSubject)

    /// - Parameters:
    ///   - bytes: the file's contents; hostile input is refused, never trapped on.
    ///   - file: the file's name for messages.
    /// - Throws: everything that is wrong with the file, each with line, column and, where there is one, the fix.
    package static func read(_ bytes: some Collection<UInt8>, file: String) throws(DiagnosticsError) -> Self {
        let collector = DiagnosticCollector(file: file)
        guard let root = DocumentLoader.load(bytes, into: collector),
            root["Type"]?.text == LoadBalancer.Kind.classic.rawValue
        else { return .usual(try SubjectConfigurationReader.read(bytes, file: file)) }
        var subject: ClassicSubject?
        if let reader = ObjectReader(root, as: "the configuration", collector) {
            subject = SubjectConfigurationReader.classic(reader)
            if let subject, collector.isEmpty { Self.judge(subject, root, collector) }
        }
        try collector.throwIfAny()
        guard let subject else {
            throw DiagnosticsError([Diagnostic(file: file, message: "the configuration cannot be read")])
        }
        return .classic(subject)
    }

    /// Reports what AWS would refuse.
    private static func judge(_ subject: ClassicSubject, _ root: DocumentValue, _ collector: DiagnosticCollector) {
        var topology = Topology(classicLoadBalancers: [subject.loadBalancer])
        topology.recordSets = subject.names?.recordSets ?? []
        for error in topology.validate() {
            // The file has one load balancer, at its root, and nodes where AWS has subnets.
            let path = error.property.replacing("ClassicLoadBalancers[0].", with: "").replacing(
                "Subnets",
                with: "Nodes"
            )
            collector.error("\(error.message) (\(error.code.rawValue))", at: root.location(ofProperty: path))
        }
    }
}

extension SubjectConfigurationReader {
    fileprivate static func classic(_ source: ObjectReader) -> ClassicSubject? {
        var reader = source
        reader.requires("Schema", "Type", "Name", "DNSName", "Nodes", "Listeners", "Instances")
        if let schema = reader.text("Schema"), schema.value != Self.schema {
            reader.refuse(schema, for: "Schema", allowed: [Self.schema])
        }
        reader.accepts("Type")
        let name = reader.text("Name")
        let dnsName = reader.text("DNSName")
        let scheme = reader.choice("Scheme", as: LoadBalancer.Scheme.self) ?? .internetFacing
        let timeScale = Self.timeScale(&reader)
        let seed = Self.seed(&reader)
        let nodes = Self.nodes(&reader)
        let certificates = SubjectCertificates(&reader)
        var parts = ClassicReader(certificate: certificates.reader.certificate).read(&reader)
        if let mode = reader.choice("DesyncMitigationMode", as: LoadBalancerAttributes.DesyncMitigationMode.self) {
            parts.attributes.desyncMitigationMode = mode
        }
        let instances = (reader.objects("Instances", as: "an instance") ?? []).compactMap(Self.instance)
        let names = Self.names(&reader, of: dnsName?.value, nodes)
        reader.finish()
        guard let name, let dnsName else { return nil }
        let loadBalancer = ClassicLoadBalancer(
            name: LoadBalancerName(rawValue: name.value),
            scheme: scheme,
            nodes: nodes,
            listeners: parts.listeners,
            healthCheck: parts.healthCheck,
            instances: instances,
            attributes: parts.attributes,
            policies: parts.policies,
            backendPolicies: parts.backendPolicies,
            dnsName: dnsName.value
        )
        var subject = ClassicSubject(loadBalancer: loadBalancer, timeScale: timeScale, seed: seed)
        subject.names = names
        return subject
    }

    private static func instance(_ source: ObjectReader) -> ClassicLoadBalancer.RegisteredInstance? {
        var reader = source
        reader.requires("InstanceId", "Address")
        let id = reader.text("InstanceId")
        let address = Self.address("Address", &reader)
        let zone = reader.text("AvailabilityZone").flatMap { ZoneReader.zone($0, reader.collector) }
        let location = reader.location
        reader.finish()
        guard let id, let address else { return nil }
        guard let zone = zone ?? LabAddresses.zone(of: address) else {
            reader.collector.error(
                "the address of instance '\(id.value.prefix(60))' is in no zone's subnet",
                at: location,
                suggestion: "add AvailabilityZone"
            )
            return nil
        }
        return .init(id: InstanceID(rawValue: id.value), address: address, zone: zone)
    }
}
