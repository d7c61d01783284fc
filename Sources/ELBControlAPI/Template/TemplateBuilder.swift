import ELBModel

/// Turns a template's resources into the model's values. Reports what it cannot use and goes on, so that one reading
/// names every mistake.
struct TemplateBuilder {
    let evaluator: TemplateEvaluator
    /// In the order of the text, which decides who gets which address.
    let resources: [TemplateResource]
    var topology = Topology()
    var marks = SourceMarks()
    let certificates: TemplateCertificates
    /// Where each listener's ARN went: the load balancer's and the listener's index.
    private var listeners: [String: (loadBalancer: Int, listener: Int)] = [:]

    /// Application Load Balancers that are targets, to be looked at when all listeners are known.
    var balancerTargets: [(target: Target, location: SourceLocation)] = []

    /// How many load balancers and target groups the templates before this one have.
    let offset: (loadBalancers: Int, classicLoadBalancers: Int, targetGroups: Int, recordSets: Int)

    var collector: DiagnosticCollector { self.evaluator.collector }

    init(evaluator: TemplateEvaluator, resources: [TemplateResource], after base: Topology) {
        self.evaluator = evaluator
        self.resources = resources
        self.certificates = TemplateCertificates(evaluator: evaluator, resources: resources)
        self.offset = (
            base.loadBalancers.count, base.classicLoadBalancers.count, base.targetGroups.count, base.recordSets.count
        )
    }

    /// Builds everything, referred-to resources before those that refer to them.
    mutating func build() {
        for resource in self.resources(of: .securityGroup) { self.addSecurityGroup(resource) }
        for resource in self.resources(of: .securityGroupIngress) { self.addSecurityGroupRule(resource, .ingress) }
        for resource in self.resources(of: .securityGroupEgress) { self.addSecurityGroupRule(resource, .egress) }
        for resource in self.resources(of: .elasticAddress) { self.addElasticAddress(resource) }
        for resource in self.resources(of: .instance) { self.addInstance(resource) }
        for resource in self.resources(of: .function) { self.addFunction(resource) }
        for resource in self.resources(of: .permission) { self.addPermission(resource) }
        for resource in self.resources(of: .targetGroup) { self.addTargetGroup(resource) }
        for resource in self.resources(of: .loadBalancer) { self.addLoadBalancer(resource) }
        for resource in self.resources(of: .classicLoadBalancer) { self.addClassicLoadBalancer(resource) }
        for resource in self.resources(of: .listener) { self.addListener(resource) }
        for resource in self.resources(of: .listenerCertificate) { self.addListenerCertificate(resource) }
        for resource in self.resources(of: .listenerRule) { self.addRule(resource) }
        for resource in self.resources(of: .recordSet) { self.addRecordSet(resource) }
        for resource in self.resources { self.checkPlumbing(resource) }
        self.settleBalancerTargets()
        self.settlePorts()
        self.settleProviders()
    }

    func resources(of type: ResourceType) -> [TemplateResource] {
        self.resources.filter { $0.type == type }
    }

    /// The resource's properties with functions resolved, and a reader of them.
    func open(_ resource: TemplateResource) -> ObjectReader? {
        let properties = self.evaluator.resolve(resource.properties)
        return properties.flatMap { ObjectReader($0, as: resource.type.rawValue, self.collector) }
    }

    // MARK: Instances

    private mutating func addInstance(_ resource: TemplateResource) {
        guard var reader = self.open(resource) else { return }
        // Their effect is at AWS only: the lab's backend needs no image, no key and no start script.
        reader.accepts("ImageId", "KeyName", "UserData", "Monitoring", "IamInstanceProfile")
        let id = self.evaluator.identifiers.id("i", resource.logicalID)
        self.addTags(&reader, of: id)
        self.addMembership(&reader, "SecurityGroupIds", of: id)
        _ = reader.text("AvailabilityZone")
        _ = reader.text("SubnetId")
        var type = self.instanceType(&reader)
        reader.finish(notInLab: Self.instancePropertiesNotInLab)
        var metadata = BackendMetadata()
        if let own = self.evaluator.resolve(resource.metadata ?? DocumentValue(.mapping([]), at: resource.location)),
            let lab = own["elblab"], let labReader = ObjectReader(lab, as: "Metadata.elblab", self.collector)
        {
            metadata = BackendMetadata(labReader)
        }
        type = metadata.type ?? type
        guard
            self.evaluator.zone(of: resource) != nil || reader.value["AvailabilityZone"] != nil
                || reader.value["SubnetId"] != nil
        else {
            self.collector.error(
                "\(resource.logicalID) needs 'SubnetId' or 'AvailabilityZone'",
                at: resource.location,
                suggestion: "the lab does not choose a zone as AWS does"
            )
            return
        }
        guard let zone = self.evaluator.zone(of: resource) else { return }
        guard let address = self.evaluator.address(ofInstance: resource) else {
            self.collector.error("zone \(zone) has no address left for \(resource.logicalID)", at: resource.location)
            return
        }
        self.topology.instances.append(
            Instance(
                id: InstanceID(rawValue: id),
                name: resource.logicalID,
                zone: zone,
                address: address,
                type: type,
                ports: metadata.ports,
                behaviour: metadata.behaviour
            )
        )
    }

    private static let instancePropertiesNotInLab: Set<String> = [
        "BlockDeviceMappings", "CpuOptions", "CreditSpecification", "DisableApiTermination", "EbsOptimized",
        "LaunchTemplate", "MetadataOptions", "NetworkInterfaces", "PrivateIpAddress", "SecurityGroups",
        "SourceDestCheck", "Tenancy", "Volumes",
    ]

    private func instanceType(_ reader: inout ObjectReader) -> InstanceType {
        guard let text = reader.text("InstanceType") else { return .t3Micro }
        let sizes = InstanceType.all.filter { $0 != .unlimited }
        if let type = sizes.first(where: { $0.name == text.value }) { return type }
        reader.refuse(text, for: "InstanceType", allowed: sizes.map(\.name))
        return .t3Micro
    }

    // MARK: Target groups

    private mutating func addTargetGroup(_ resource: TemplateResource) {
        guard var reader = self.open(resource), let name = self.evaluator.name(of: resource) else { return }
        reader.accepts("Name")
        // A function is in no VPC (ALB-TG-003).
        if reader.value["TargetType"]?.text != TargetGroup.TargetType.lambda.rawValue {
            reader.requires("VpcId")
            _ = reader.text("VpcId")
        }
        let id = TargetGroupID(
            rawValue: self.evaluator.identifiers.targetGroupARN(resource.logicalID, name: name)
        )
        self.addTags(&reader, of: id.rawValue)
        var group = TargetGroupReader.targetGroup(id: id, name: TargetGroupName(rawValue: name), &reader)
        for source in reader.objects("Targets", as: "a target") ?? [] {
            guard let current = group, let target = self.target(source, in: current) else { continue }
            group?.targets.append(target)
            if current.targetType == .alb { self.balancerTargets.append((target, source.location)) }
        }
        reader.finish(notInLab: TargetGroupReader.notInLab)
        guard let group else { return }
        let index = self.offset.targetGroups + self.topology.targetGroups.count
        self.marks.add("TargetGroups[\(index)]", file: self.collector.file, reader.value)
        self.topology.targetGroups.append(group)
    }

    private func target(_ source: ObjectReader, in group: TargetGroup) -> Target? {
        var reader = source
        reader.requires("Id")
        let id = reader.text("Id")
        if group.targetType == .lambda {
            TargetGroupReader.requireAllZones(&reader)
            reader.finish()
            return id.flatMap(self.functionTarget)
        }
        let hasPort = reader.value["Port"] != nil
        let port = hasPort ? reader.port("Port") : group.port
        if !hasPort { reader.accepts("Port") }
        let zone = reader.text("AvailabilityZone")
        reader.finish(notInLab: ["QuicServerId"])
        guard let id, let port else { return nil }
        switch group.targetType {
        case .instance:
            TargetGroupReader.requireNoZone(zone, of: .instance, self.collector)
            return self.instanceTarget(id, port: port)
        case .alb:
            TargetGroupReader.requireNoZone(zone, of: .alb, self.collector)
            return self.balancerTarget(id, port: port)
        case .ip, .lambda: break
        }
        guard let address = IPAddress(id.value) else {
            self.collector.error(
                "'\(id.value.prefix(60))' is not an IP address",
                at: id.location,
                suggestion: "this group's TargetType is ip"
            )
            return nil
        }
        if zone == nil, address.isPrivate, !LabAddresses.vpc.contains(address) {
            // The zone of an address in the VPC is known, that of others is not (ALB-TG-011).
            self.collector.error(
                "the IP address '\(address)' is outside the VPC: an Availability Zone must be specified (ValidationError)",
                at: id.location,
                suggestion: "add AvailabilityZone: all"
            )
        }
        let given = zone.map { $0.value == "all" ? nil : ZoneReader.zone($0, self.collector) }
        return Target(
            id: TargetID(rawValue: id.value),
            endpoint: Endpoint(address: address, port: port),
            zone: given ?? LabAddresses.zone(of: address)
        )
    }

    private func instanceTarget(_ id: Located<String>, port: Port) -> Target? {
        if let instance = self.topology.instances.first(where: { $0.id.rawValue == id.value }) {
            return Target(
                id: TargetID(rawValue: id.value),
                endpoint: Endpoint(address: instance.address, port: port),
                zone: instance.zone
            )
        }
        // An instance of this template that could not be built has its own error.
        let isOwn = self.resources(of: .instance).contains { self.evaluator.physicalID(of: $0) == id.value }
        if !isOwn {
            self.collector.error(
                "there is no instance '\(id.value.prefix(60))'",
                at: id.location,
                suggestion: "refer to an AWS::EC2::Instance of this template with !Ref, or set TargetType: ip"
            )
        }
        return nil
    }

    // MARK: Load balancers

    private mutating func addLoadBalancer(_ resource: TemplateResource) {
        guard var reader = self.open(resource), let name = self.evaluator.name(of: resource) else { return }
        reader.accepts("Name")
        let arn = self.evaluator.identifiers.loadBalancerARN(
            resource.logicalID,
            name: name,
            kind: self.evaluator.kind(of: resource)
        )
        self.addTags(&reader, of: arn)
        self.addMembership(&reader, "SecurityGroups", of: arn)
        let kind = reader.choice("Type", as: LoadBalancer.Kind.self, notInLab: ["gateway", "classic"])
        let scheme = reader.choice("Scheme", as: LoadBalancer.Scheme.self) ?? .internetFacing
        if let type = reader.text("IpAddressType"), type.value != "ipv4" {
            reader.refuse(
                type,
                for: "IpAddressType",
                allowed: ["ipv4"],
                notInLab: ["dualstack", "dualstack-without-public-ipv4"]
            )
        }
        var attributes = LoadBalancerAttributes()
        let known = LoadBalancerAttributes.keys(of: kind ?? .application)
        AttributeReader.read("LoadBalancerAttributes", of: &reader, known: known) { key, value throws(ModelError) in
            try attributes.set(key, to: value, of: kind ?? .application)
        }
        let nodes = self.nodes(of: resource, kind: kind ?? .application, scheme: scheme, &reader)
        reader.finish(notInLab: [
            "EnableCapacityReservationProvisionStabilize", "EnablePrefixForIpv6SourceNat",
            "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", "Ipv4IpamPoolId", "MinimumLoadBalancerCapacity",
        ])
        let loadBalancer = LoadBalancer(
            name: LoadBalancerName(rawValue: name),
            id: self.evaluator.identifiers.suffix(resource.logicalID),
            kind: kind ?? .application,
            scheme: scheme,
            nodes: nodes,
            attributes: attributes,
            dnsName: self.evaluator.identifiers.dnsName(
                resource.logicalID,
                name: name,
                kind: kind ?? .application,
                scheme: scheme
            )
        )
        let path = self.path(ofLoadBalancer: self.topology.loadBalancers.count)
        self.marks.add(path, file: self.collector.file, reader.value)
        self.topology.loadBalancers.append(loadBalancer)
    }

    /// One node per subnet; an Application Load Balancer needs two zones at least, for a Network Load Balancer one will do
    /// (NLB-AZ-003).
    private func nodes(
        of resource: TemplateResource,
        kind: LoadBalancer.Kind,
        scheme: LoadBalancer.Scheme,
        _ reader: inout ObjectReader
    ) -> [LoadBalancer.Node] {
        var subnets = reader.texts("Subnets") ?? []
        var elastic: [String: AddressRecord] = [:]
        for var mapping in reader.objects("SubnetMappings", as: "a subnet mapping") ?? [] {
            mapping.requires("SubnetId")
            let allocation = mapping.text("AllocationId")
            let subnet = mapping.text("SubnetId")
            mapping.finish(notInLab: ["IPv6Address", "PrivateIPv4Address", "SourceNatIpv6Prefix"])
            guard let subnet else { continue }
            subnets.append(subnet)
            if let allocation { elastic[subnet.value] = self.elasticAddress(allocation, for: kind, scheme) }
        }
        if reader.value["Subnets"] != nil, reader.value["SubnetMappings"] != nil {
            self.collector.error("'Subnets' and 'SubnetMappings' are both given", at: reader.location)
        }
        var nodes: [LoadBalancer.Node] = []
        var isWhole = true
        for id in subnets {
            guard let zone = self.evaluator.subnet(id)?.zone else {
                isWhole = false
                continue
            }
            guard !nodes.contains(where: { $0.zone == zone }) else {
                self.collector.error(
                    "two subnets of '\(resource.logicalID)' are in zone \(zone)",
                    at: id.location,
                    suggestion: "a load balancer has one subnet per zone"
                )
                isWhole = false
                continue
            }
            let key = self.evaluator.identifiers.key(resource.logicalID)
            guard let address = self.evaluator.addresses.node(key, in: zone, scheme: scheme) else {
                self.collector.error("zone \(zone) has no address left for a load balancer", at: id.location)
                return nodes
            }
            if let record = elastic[id.value] {
                let inside = LabAddresses.privateAddress(behind: address)
                nodes.append(
                    .init(zone: zone, address: record.address, privateAddress: inside, allocation: record.id)
                )
            } else {
                nodes.append(.init(zone: zone, address: address))
            }
        }
        let hasUnresolved = (reader.value["Subnets"]?.elements ?? []).contains(where: \.isUnresolved)
        if isWhole, nodes.count < (kind == .network ? 1 : 2), !hasUnresolved,
            reader.value["Subnets"]?.isUnresolved != true
        {
            self.collector.error(
                "'\(resource.logicalID)' needs subnets in at least \(kind == .network ? "one zone" : "two zones")",
                at: reader.value.location(ofProperty: "Subnets"),
                suggestion: "add a subnet in another zone"
            )
        }
        return nodes
    }

    // MARK: Listeners and rules

    private var actions: ActionReader {
        let groups = Set(self.topology.targetGroups.map(\.id))
        let own = self.resources(of: .targetGroup).compactMap(self.evaluator.physicalID)
        let collector = self.collector
        return ActionReader { reference in
            let id = TargetGroupID(rawValue: reference.value)
            // A group of this template that could not be built has its own error.
            if groups.contains(id) || own.contains(reference.value) { return id }
            collector.error(
                "there is no target group '\(reference.value.prefix(120))'",
                at: reference.location,
                suggestion: "refer to an AWS::ElasticLoadBalancingV2::TargetGroup of this template with !Ref"
            )
            return nil
        }
    }

    private mutating func addListener(_ resource: TemplateResource) {
        guard var reader = self.open(resource) else { return }
        reader.requires("LoadBalancerArn", "Port", "Protocol", "DefaultActions")
        let loadBalancer = reader.text("LoadBalancerArn").flatMap(self.loadBalancerIndex)
        let port = reader.port("Port")
        let `protocol` = reader.choice("Protocol", as: Listener.Proto.self, notInLab: Listener.Proto.notInLab)
        let defaultActions = self.actions.actions(reader.objects("DefaultActions", as: "an action") ?? [])
        let attributes = AttributeReader.listenerAttributes(&reader, for: `protocol` ?? .http)
        let tls = self.certificates.reader.tls(&reader, for: `protocol` ?? .http)
        reader.finish()
        guard let loadBalancer, let port, let arn = self.evaluator.physicalID(of: resource) else { return }
        let owner = self.topology.loadBalancers[loadBalancer]
        self.listeners[arn] = (loadBalancer, owner.listeners.count)
        self.topology.loadBalancers[loadBalancer].listeners.append(
            Listener(
                port: port,
                protocol: `protocol` ?? .http,
                defaultActions: defaultActions,
                attributes: attributes,
                tls: tls,
                id: self.evaluator.identifiers.suffix(resource.logicalID)
            )
        )
        let path = "\(self.path(ofLoadBalancer: loadBalancer)).Listeners[\(owner.listeners.count)]"
        self.marks.add(path, file: self.collector.file, reader.value)
    }

    /// Certificates for the list that names are looked up in.
    private mutating func addListenerCertificate(_ resource: TemplateResource) {
        guard var reader = self.open(resource) else { return }
        reader.requires("ListenerArn", "Certificates")
        let arn = reader.text("ListenerArn")
        let entries = reader.objects("Certificates", as: "a certificate") ?? []
        reader.finish()
        let certificates = entries.compactMap(self.certificates.reader.entry)
        guard let arn, let place = self.listener(arn) else { return }
        self.topology.loadBalancers[place.loadBalancer].listeners[place.listener].tls?.certificates += certificates
    }

    private func path(ofLoadBalancer index: Int) -> String {
        "LoadBalancers[\(self.offset.loadBalancers + index)]"
    }

    private func loadBalancerIndex(_ arn: Located<String>) -> Int? {
        let known = self.resources(of: .loadBalancer)
        let names = known.filter { self.evaluator.physicalID(of: $0) == arn.value }.compactMap(self.evaluator.name)
        if let index = self.topology.loadBalancers.firstIndex(where: { names.contains($0.name.rawValue) }) {
            return index
        }
        if names.isEmpty {
            self.collector.error(
                "there is no load balancer '\(arn.value.prefix(120))'",
                at: arn.location,
                suggestion: "refer to an AWS::ElasticLoadBalancingV2::LoadBalancer of this template with !Ref"
            )
        }
        return nil
    }

    private mutating func addRule(_ resource: TemplateResource) {
        guard var reader = self.open(resource) else { return }
        reader.requires("ListenerArn", "Priority", "Conditions", "Actions")
        let arn = reader.text("ListenerArn")
        let priority = reader.integer("Priority")
        let conditions = (reader.objects("Conditions", as: "a condition") ?? []).compactMap(ConditionReader.condition)
        let actions = self.actions.actions(reader.objects("Actions", as: "an action") ?? [])
        let transforms = TransformReader.transforms(&reader)
        reader.finish()
        guard let arn, let priority else { return }
        guard let place = self.listener(arn) else { return }
        let index = self.topology.loadBalancers[place.loadBalancer].listeners[place.listener].rules.count
        self.topology.loadBalancers[place.loadBalancer].listeners[place.listener].rules.append(
            ListenerRule(
                priority: priority.value,
                conditions: conditions,
                actions: actions,
                transforms: transforms,
                id: self.evaluator.identifiers.suffix(resource.logicalID)
            )
        )
        let path = "\(self.path(ofLoadBalancer: place.loadBalancer)).Listeners[\(place.listener)].Rules[\(index)]"
        self.marks.add(path, file: self.collector.file, reader.value)
    }

    /// Where the listener of that ARN went, or `nil`, reported.
    private func listener(_ arn: Located<String>) -> (loadBalancer: Int, listener: Int)? {
        if let place = self.listeners[arn.value] { return place }
        let own = self.resources(of: .listener).compactMap(self.evaluator.physicalID)
        // One of this template that could not be built has its own error.
        if !own.contains(arn.value) {
            self.collector.error(
                "there is no listener '\(arn.value.prefix(120))'",
                at: arn.location,
                suggestion: "refer to an AWS::ElasticLoadBalancingV2::Listener of this template with !Ref"
            )
        }
        return nil
    }

    // MARK: The rest

    /// Reads the resources that exist for AWS's sake, so that their mistakes show here and not there.
    private func checkPlumbing(_ resource: TemplateResource) {
        guard let known = Plumbing.properties[resource.type], var reader = self.open(resource) else { return }
        for key in known.required { reader.requires(key) }
        for key in known.required + known.optional where reader.value(key) == nil { continue }
        if resource.type == .subnet {
            if let zone = reader.text("AvailabilityZone") { _ = ZoneReader.zone(zone, self.collector) }
        }
        if let block = reader.value["CidrBlock"]?.text, CIDRBlock(block) == nil {
            self.collector.error(
                "'\(block.prefix(60))' is not a CIDR block",
                at: reader.value.location(ofProperty: "CidrBlock")
            )
        }
        reader.finish(notInLab: known.notInLab)
    }
}
