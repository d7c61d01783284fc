import ELBModel

// Classic Load Balancers: one resource holds everything.
extension TemplateBuilder {
    mutating func addClassicLoadBalancer(_ resource: TemplateResource) {
        guard var reader = self.open(resource), let name = self.evaluator.name(of: resource) else { return }
        reader.accepts("LoadBalancerName")
        self.addTags(&reader, of: name)
        self.addMembership(&reader, "SecurityGroups", of: name)
        reader.requires("Listeners")
        let scheme = reader.choice("Scheme", as: LoadBalancer.Scheme.self) ?? .internetFacing
        let parts = ClassicReader(certificate: self.certificates.reader.certificate).read(&reader)
        let nodes = self.classicNodes(of: resource, scheme: scheme, &reader)
        let instances = (reader.texts("Instances") ?? []).compactMap(self.registered)
        reader.finish()
        let path =
            "ClassicLoadBalancers[\(self.offset.classicLoadBalancers + self.topology.classicLoadBalancers.count)]"
        self.marks.add(path, file: self.collector.file, reader.value)
        self.topology.classicLoadBalancers.append(
            ClassicLoadBalancer(
                name: LoadBalancerName(rawValue: name),
                scheme: scheme,
                nodes: nodes,
                listeners: parts.listeners,
                healthCheck: parts.healthCheck,
                instances: instances,
                attributes: parts.attributes,
                policies: parts.policies,
                backendPolicies: parts.backendPolicies,
                dnsName: self.evaluator.identifiers.dnsName(
                    resource.logicalID,
                    name: name,
                    kind: .classic,
                    scheme: scheme
                )
            )
        )
    }

    /// One node per subnet or, as at AWS without a VPC of one's own, per zone.
    private func classicNodes(
        of resource: TemplateResource,
        scheme: LoadBalancer.Scheme,
        _ reader: inout ObjectReader
    ) -> [LoadBalancer.Node] {
        let subnets = reader.texts("Subnets") ?? []
        let zones = reader.texts("AvailabilityZones") ?? []
        if !subnets.isEmpty, let zone = zones.first {
            self.collector.error(
                "'Subnets' and 'AvailabilityZones' are both given (ValidationError)",
                at: zone.location,
                suggestion: "a load balancer in a VPC has Subnets"
            )
        }
        var nodes: [LoadBalancer.Node] = []
        let places =
            subnets.map { (self.evaluator.subnet($0)?.zone, $0.location) }
            + zones.map { (ZoneReader.zone($0, self.collector), $0.location) }
        for case (let zone?, let location) in places {
            guard !nodes.contains(where: { $0.zone == zone }) else {
                self.collector.error(
                    "two subnets of '\(resource.logicalID)' are in zone \(zone)",
                    at: location,
                    suggestion: "a load balancer has one subnet per zone"
                )
                continue
            }
            let key = self.evaluator.identifiers.key(resource.logicalID)
            guard let address = self.evaluator.addresses.node(key, in: zone, scheme: scheme) else {
                self.collector.error("zone \(zone) has no address left for a load balancer", at: location)
                continue
            }
            nodes.append(.init(zone: zone, address: address))
        }
        if places.isEmpty {
            self.collector.error(
                "'\(resource.logicalID)' needs 'Subnets'",
                at: reader.location,
                suggestion: "a load balancer needs a subnet in at least one zone"
            )
        }
        return nodes
    }

    private func registered(_ id: Located<String>) -> ClassicLoadBalancer.RegisteredInstance? {
        if let instance = self.topology.instances.first(where: { $0.id.rawValue == id.value }) {
            return .init(id: instance.id, address: instance.address, zone: instance.zone)
        }
        // An instance of this template that could not be built has its own error.
        let isOwn = self.resources(of: .instance).contains { self.evaluator.physicalID(of: $0) == id.value }
        if !isOwn {
            self.collector.error(
                "there is no instance '\(id.value.prefix(60))' (InvalidInstance)",
                at: id.location,
                suggestion: "refer to an AWS::EC2::Instance of this template with !Ref"
            )
        }
        return nil
    }
}
