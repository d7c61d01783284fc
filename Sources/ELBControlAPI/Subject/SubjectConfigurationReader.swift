import ELBModel

/// Reads a subject's configuration file, schema `elblab/lb-config/v1` of docs/subject-contract.md.
package enum SubjectConfigurationReader {
    package static let schema = "elblab/lb-config/v1"

    /// - Parameters:
    ///   - bytes: the file's contents; hostile input is refused, never trapped on.
    ///   - file: the file's name for messages.
    /// - Throws: everything that is wrong with the file, each with line, column and, where there is one, the fix.
    package static func read(
        _ bytes: some Collection<UInt8>,
        file: String
    ) throws(DiagnosticsError) -> SubjectConfiguration {
        let collector = DiagnosticCollector(file: file)
        var configuration: SubjectConfiguration?
        if let root = DocumentLoader.load(bytes, into: collector),
            let reader = ObjectReader(root, as: "the configuration", collector)
        {
            configuration = Self.configuration(reader)
            if let configuration, collector.isEmpty { Self.judge(configuration, root, collector) }
        }
        try collector.throwIfAny()
        guard let configuration else {
            throw DiagnosticsError([Diagnostic(file: file, message: "the configuration cannot be read")])
        }
        return configuration
    }

    /// Reports what AWS would refuse.
    private static func judge(
        _ configuration: SubjectConfiguration,
        _ root: DocumentValue,
        _ collector: DiagnosticCollector
    ) {
        for error in configuration.topology.validate() {
            // The file has one load balancer, at its root, and nodes where AWS has subnets.
            let path = error.property.replacing("LoadBalancers[0].", with: "").replacing("Subnets", with: "Nodes")
            collector.error("\(error.message) (\(error.code.rawValue))", at: root.location(ofProperty: path))
        }
    }

    private static func configuration(_ source: ObjectReader) -> SubjectConfiguration? {
        var reader = source
        reader.requires("Schema", "Type", "Name", "DNSName", "Nodes", "Listeners", "TargetGroups")
        if let schema = reader.text("Schema"), schema.value != Self.schema {
            reader.refuse(schema, for: "Schema", allowed: [Self.schema])
        }
        let kind = reader.choice("Type", as: LoadBalancer.Kind.self, notInLab: ["gateway", "classic"])
        let name = reader.text("Name")
        let dnsName = reader.text("DNSName")
        let scheme = reader.choice("Scheme", as: LoadBalancer.Scheme.self) ?? .internetFacing
        let timeScale = Self.timeScale(&reader)
        let seed = Self.seed(&reader)
        var attributes = LoadBalancerAttributes()
        let known = LoadBalancerAttributes.keys(of: kind ?? .application)
        AttributeReader.read("LoadBalancerAttributes", of: &reader, known: known) { key, value throws(ModelError) in
            try attributes.set(key, to: value, of: kind ?? .application)
        }
        let nodes = Self.nodes(&reader)
        let shifted = reader.text("ShiftedZone").flatMap { ZoneReader.zone($0, reader.collector) }
        let targetGroups = Self.targetGroups(&reader)
        let certificates = SubjectCertificates(&reader)
        let listeners = Self.listeners(&reader, certificates.reader, of: kind ?? .application)
        let providers = reader.object("IdentityProviders", as: "IdentityProviders").map(Self.providerNetwork)
        let (ingress, egress) = (Self.filter("Ingress", &reader), Self.filter("Egress", &reader))
        let names = Self.names(&reader, of: dnsName?.value, nodes)
        reader.finish()
        guard let kind, let name, let dnsName else { return nil }
        let loadBalancer = LoadBalancer(
            name: LoadBalancerName(rawValue: name.value),
            kind: kind,
            scheme: scheme,
            nodes: nodes,
            listeners: listeners,
            attributes: attributes,
            ingress: ingress,
            egress: egress,
            dnsName: dnsName.value,
            shiftedZone: shifted,
            providerNetwork: providers ?? ProviderNetwork()
        )
        var configuration = SubjectConfiguration(
            loadBalancer: loadBalancer,
            targetGroups: targetGroups,
            timeScale: timeScale,
            seed: seed
        )
        configuration.names = names
        return configuration
    }

    /// What security groups let through: rules such as `8080-8080 0.0.0.0/0`; absent for everything.
    private static func filter(_ key: String, _ reader: inout ObjectReader) -> TrafficFilter? {
        guard let texts = reader.texts(key) else { return nil }
        for text in texts where TrafficFilter.Rule(text.value) == nil {
            reader.collector.error(
                "'\(text.value.prefix(60))' in '\(key)' is no rule",
                at: text.location,
                suggestion: "write FIRST-LAST CIDR: 80-80 0.0.0.0/0"
            )
        }
        return TrafficFilter(texts: texts.map(\.value))
    }

    private static func providerNetwork(_ source: ObjectReader) -> ProviderNetwork {
        var reader = source
        var network = ProviderNetwork()
        for var host in reader.objects("Hosts", as: "a host of IdentityProviders") ?? [] {
            host.requires("Name", "Address", "Port")
            let (name, address, port) = (host.text("Name"), Self.address("Address", &host), host.port("Port"))
            host.finish()
            guard let name, let address, let port else { continue }
            network.hosts.append(.init(name: name.value, endpoint: Endpoint(address: address, port: port)))
        }
        network.authorities = (reader.texts("CertificateAuthorities") ?? []).map(\.value)
        reader.finish()
        return network
    }

    static func timeScale(_ reader: inout ObjectReader) -> Double {
        guard let text = reader.text("TimeScale") else { return 1 }
        guard let factor = Double(text.value), factor.isFinite, (0.001...10_000).contains(factor) else {
            reader.collector.error("'TimeScale' must be a number from 0.001 to 10000", at: text.location)
            return 1
        }
        return factor
    }

    static func seed(_ reader: inout ObjectReader) -> UInt64? {
        guard let text = reader.text("Seed") else { return nil }
        guard let seed = UInt64(text.value) else {
            reader.collector.error("'Seed' must be a whole number from 0 to 2^64 - 1", at: text.location)
            return nil
        }
        return seed
    }

    static func nodes(_ reader: inout ObjectReader) -> [LoadBalancer.Node] {
        (reader.objects("Nodes", as: "a node") ?? []).compactMap { source in
            var node = source
            node.requires("AvailabilityZone", "Address")
            let zone = Self.zone(&node)
            let address = Self.address("Address", &node)
            node.finish()
            guard let zone, let address else { return nil }
            return LoadBalancer.Node(zone: zone, address: address)
        }
    }

    private static func zone(_ reader: inout ObjectReader) -> AvailabilityZone? {
        reader.text("AvailabilityZone").flatMap { ZoneReader.zone($0, reader.collector) }
    }

    static func address(_ key: String, _ reader: inout ObjectReader) -> IPAddress? {
        guard let text = reader.text(key) else { return nil }
        guard let address = IPAddress(text.value) else {
            reader.collector.error("'\(text.value.prefix(60))' is not an IP address", at: text.location)
            return nil
        }
        return address
    }

    // MARK: Target groups

    private static func targetGroups(_ reader: inout ObjectReader) -> [TargetGroup] {
        (reader.objects("TargetGroups", as: "a target group") ?? []).compactMap { source in
            var reader = source
            reader.requires("Name")
            let name = reader.text("Name")?.value ?? ""
            var group = TargetGroupReader.targetGroup(
                id: TargetGroupID(rawValue: name),
                name: TargetGroupName(rawValue: name),
                &reader
            )
            for target in reader.objects("Targets", as: "a target") ?? [] {
                guard let current = group, let target = Self.target(target, in: current) else { continue }
                group?.targets.append(target)
            }
            reader.finish(notInLab: TargetGroupReader.notInLab)
            return group
        }
    }

    private static func target(_ source: ObjectReader, in group: TargetGroup) -> Target? {
        var reader = source
        reader.requires("Id")
        if group.targetType == .lambda { return Self.function(&reader) }
        let isAddress = group.targetType == .ip
        if !isAddress { reader.requires("Address") }
        if group.targetType == .alb { reader.requires("AvailabilityZone") }
        let id = reader.text("Id")
        let address = Self.address(isAddress ? "Id" : "Address", &reader)
        let port = reader.value["Port"] == nil ? group.port : reader.port("Port")
        let zone = reader.text("AvailabilityZone")
        reader.accepts("Port")
        reader.finish()
        guard let id, let address, let port else { return nil }
        let place =
            zone.map { $0.value == "all" ? nil : ZoneReader.zone($0, reader.collector) }
            ?? LabAddresses.zone(of: address)
        return Target(
            id: TargetID(rawValue: id.value),
            endpoint: Endpoint(address: address, port: port),
            zone: place,
            node: group.targetType == .alb ? place : nil
        )
    }

    /// A function, by its ARN; address and port are those of its Invoke API.
    private static func function(_ reader: inout ObjectReader) -> Target? {
        reader.requires("Address", "Port")
        let id = reader.text("Id")
        let address = Self.address("Address", &reader)
        let port = reader.port("Port")
        TargetGroupReader.requireAllZones(&reader)
        reader.finish()
        guard let id, let address, let port else { return nil }
        return Target(id: TargetID(rawValue: id.value), endpoint: Endpoint(address: address, port: port), zone: nil)
    }

    // MARK: Listeners

    private static func listeners(
        _ reader: inout ObjectReader,
        _ tlsReader: ListenerTLSReader,
        of kind: LoadBalancer.Kind
    ) -> [Listener] {
        let names = (reader.value["TargetGroups"]?.elements ?? []).compactMap { $0["Name"]?.text }
        let collector = reader.collector
        let actions = ActionReader { reference in
            guard !names.contains(reference.value) else { return TargetGroupID(rawValue: reference.value) }
            collector.error(
                "there is no target group '\(reference.value.prefix(80))'",
                at: reference.location,
                suggestion: Suggestion.didYouMean(reference.value, among: names)
            )
            return nil
        }
        return (reader.objects("Listeners", as: "a listener") ?? []).compactMap { source in
            var reader = source
            reader.requires("Port", "DefaultActions")
            let port = reader.port("Port")
            let usual: Listener.Proto = kind == .network ? .tcp : .http
            let `protocol` =
                reader.choice("Protocol", as: Listener.Proto.self, notInLab: Listener.Proto.notInLab) ?? usual
            let defaultActions = actions.actions(reader.objects("DefaultActions", as: "an action") ?? [])
            let rules = (reader.objects("Rules", as: "a rule") ?? []).compactMap { Self.rule($0, actions) }
            let attributes = AttributeReader.listenerAttributes(&reader, for: `protocol`)
            var tls = tlsReader.tls(&reader, for: `protocol`)
            tls?.certificates = (reader.objects("ListenerCertificates", as: "a certificate") ?? [])
                .compactMap(tlsReader.entry)
            reader.finish()
            return port.map {
                Listener(
                    port: $0,
                    protocol: `protocol`,
                    rules: rules,
                    defaultActions: defaultActions,
                    attributes: attributes,
                    tls: tls
                )
            }
        }
    }

    private static func rule(_ source: ObjectReader, _ actions: ActionReader) -> ListenerRule? {
        var reader = source
        reader.requires("Priority", "Conditions", "Actions")
        let priority = reader.integer("Priority")
        let conditions = (reader.objects("Conditions", as: "a condition") ?? [])
            .compactMap(ConditionReader.condition)
        let actions = actions.actions(reader.objects("Actions", as: "an action") ?? [])
        let transforms = TransformReader.transforms(&reader)
        reader.finish()
        return priority.map {
            ListenerRule(priority: $0.value, conditions: conditions, actions: actions, transforms: transforms)
        }
    }
}
