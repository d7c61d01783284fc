import ELBModel

// Security groups, their rules, and what belongs to them; Elastic IP addresses; tags.
extension TemplateBuilder {
    mutating func addSecurityGroup(_ resource: TemplateResource) {
        guard var reader = self.open(resource), let name = self.evaluator.name(of: resource) else { return }
        reader.requires("GroupDescription")
        reader.accepts("GroupName", "VpcId")
        let detail = reader.text("GroupDescription")?.value ?? ""
        var group = SecurityGroupRecord(
            id: self.evaluator.identifiers.id("sg", resource.logicalID),
            owner: .template,
            name: name,
            detail: detail,
            vpc: ""
        )
        let isOpenOutward = reader.value["SecurityGroupEgress"] == nil && !self.hasEgress(of: group.id)
        let ingress = reader.objects("SecurityGroupIngress", as: "a rule of a security group") ?? []
        let egress = reader.objects("SecurityGroupEgress", as: "a rule of a security group") ?? []
        self.addTags(&reader, of: group.id)
        reader.finish()
        group.ingress = ingress.enumerated().compactMap { index, source in
            var source = source
            let rule = self.rule(&source, .ingress, label: "\(resource.logicalID)/in/\(index)")
            source.finish(notInLab: SecurityGroupDirection.ingress.notInLab)
            return rule
        }
        group.egress = egress.enumerated().compactMap { index, source in
            var source = source
            let rule = self.rule(&source, .egress, label: "\(resource.logicalID)/out/\(index)")
            source.finish(notInLab: SecurityGroupDirection.egress.notInLab)
            return rule
        }
        if isOpenOutward {
            group.egress = [.everything(id: self.evaluator.identifiers.id("sgr", "\(resource.logicalID)/out"))]
        }
        self.topology.securityGroups.groups.append(group)
    }

    /// A rule that stands beside its group.
    mutating func addSecurityGroupRule(_ resource: TemplateResource, _ direction: SecurityGroupDirection) {
        guard var reader = self.open(resource) else { return }
        reader.requires("GroupId")
        let id = reader.text("GroupId")
        let rule = self.rule(&reader, direction, label: resource.logicalID)
        reader.finish(notInLab: direction.notInLab.union(["GroupName"]))
        guard let id, let rule else { return }
        guard let index = self.topology.securityGroups.groups.firstIndex(where: { $0.id == id.value }) else {
            if !self.isOwn(group: id.value) {
                self.collector.error(
                    "there is no security group '\(id.value.prefix(60))' in this template",
                    at: id.location,
                    suggestion: "refer to an AWS::EC2::SecurityGroup of this template with !GetAtt GroupId"
                )
            }
            return
        }
        self.topology.securityGroups.groups[index].add(rule, direction)
    }

    /// Notes what belongs to the groups that a property names.
    mutating func addMembership(_ reader: inout ObjectReader, _ property: String, of id: String) {
        guard let groups = reader.texts(property) else { return }
        let known = groups.filter { self.isKnown(group: $0) }
        guard !known.isEmpty else { return }
        var seen: Set<String> = []
        self.topology.securityGroups.members[id] = known.map(\.value).filter { seen.insert($0).inserted }
    }

    mutating func addElasticAddress(_ resource: TemplateResource) {
        guard var reader = self.open(resource) else { return }
        let id = self.evaluator.identifiers.id("eipalloc", resource.logicalID)
        if let domain = reader.text("Domain"), domain.value != "vpc" {
            reader.refuse(domain, for: "Domain", allowed: ["vpc"])
        }
        self.addTags(&reader, of: id)
        reader.finish(notInLab: [
            "Address", "InstanceId", "IpamPoolId", "NetworkBorderGroup", "PublicIpv4Pool", "TransferAddress",
        ])
        guard let address = self.evaluator.elasticAddress(of: resource) else {
            self.collector.error("no public address is left for \(resource.logicalID)", at: resource.location)
            return
        }
        self.topology.addresses.append(AddressRecord(id: id, owner: .template, address: address))
    }

    /// The Elastic IP of an allocation id, for a node of a load balancer.
    func elasticAddress(
        _ allocation: Located<String>,
        for kind: LoadBalancer.Kind,
        _ scheme: LoadBalancer.Scheme
    ) -> AddressRecord? {
        guard kind == .network, scheme == .internetFacing else {
            self.collector.error(
                "only internet-facing Network Load Balancers have Elastic IP addresses",
                at: allocation.location
            )
            return nil
        }
        if let own = self.topology.addresses.first(where: { $0.id == allocation.value }) { return own }
        if let address = self.evaluator.surroundings.elasticAddresses[allocation.value] {
            return AddressRecord(id: allocation.value, address: address)
        }
        self.collector.error(
            "there is no Elastic IP '\(allocation.value.prefix(60))'",
            at: allocation.location,
            suggestion: "refer to an AWS::EC2::EIP of this template with !GetAtt AllocationId"
        )
        return nil
    }

    /// Reads `Tags`; what has them is known by that ARN or id.
    mutating func addTags(_ reader: inout ObjectReader, of id: String) {
        var tags: [ResourceTag] = []
        for var entry in reader.objects("Tags", as: "a tag") ?? [] {
            entry.requires("Key", "Value")
            let key = entry.text("Key")
            let value = entry.text("Value")
            entry.finish()
            guard let key, let value else { continue }
            if tags.contains(where: { $0.key == key.value }) {
                self.collector.error("the tag '\(key.value.prefix(60))' is there twice", at: key.location)
            }
            tags.append(ResourceTag(key: key.value, value: value.value))
        }
        if !tags.isEmpty { self.topology.tags[id] = tags }
    }

    // MARK: Rules

    private func rule(
        _ reader: inout ObjectReader,
        _ direction: SecurityGroupDirection,
        label: String
    ) -> SecurityGroupRule? {
        reader.requires("IpProtocol")
        let traffic = self.traffic(&reader)
        let detail = reader.text("Description")?.value
        _ = reader.text("SourceSecurityGroupOwnerId")
        let peer = self.peer(&reader, direction)
        guard let traffic, let peer else { return nil }
        return SecurityGroupRule(
            id: self.evaluator.identifiers.id("sgr", label),
            ipProtocol: traffic.word,
            ports: traffic.ports,
            peer: peer,
            detail: detail
        )
    }

    private func traffic(_ reader: inout ObjectReader) -> (word: String, ports: ClosedRange<UInt16>?)? {
        let (first, last) = (reader.integer("FromPort"), reader.integer("ToPort"))
        guard let word = reader.text("IpProtocol") else { return nil }
        let name = word.value.lowercased()
        guard
            ["-1", "tcp", "udp", "icmp", "icmpv6"].contains(name) || Int(name).map((0...255).contains) == true
        else {
            reader.refuse(word, for: "IpProtocol", allowed: ["tcp", "udp", "icmp", "icmpv6", "-1"])
            return nil
        }
        guard ["tcp", "udp", "6", "17"].contains(name) else { return (name, nil) }
        guard let first, let last else {
            self.collector.error("'FromPort' and 'ToPort' are missing", at: word.location)
            return nil
        }
        if first.value == -1, last.value == -1 { return (name, nil) }
        guard let from = UInt16(exactly: first.value), let to = UInt16(exactly: last.value), from <= to else {
            self.collector.error("\(first.value) to \(last.value) is no range of ports", at: first.location)
            return nil
        }
        return (name, from...to)
    }

    private func peer(_ reader: inout ObjectReader, _ direction: SecurityGroupDirection) -> SecurityGroupRule.Peer? {
        var peers: [SecurityGroupRule.Peer] = []
        var given = 0
        for property in ["CidrIp", "CidrIpv6"] {
            guard let text = reader.text(property) else { continue }
            given += 1
            if let block = CIDRBlock(text.value) {
                peers.append(.block(block))
            } else {
                self.collector.error("'\(text.value.prefix(60))' is not a CIDR block", at: text.location)
            }
        }
        if let group = reader.text(direction.groupProperty) {
            given += 1
            if self.isKnown(group: group) { peers.append(.group(group.value)) }
        }
        if given != 1 {
            self.collector.error(
                "a rule needs exactly one of 'CidrIp', 'CidrIpv6' and '\(direction.groupProperty)'",
                at: reader.location
            )
            return nil
        }
        return peers.first
    }

    // MARK: Looking

    /// Whether a group is the template's or the account's; others are reported.
    private func isKnown(group: Located<String>) -> Bool {
        if self.isOwn(group: group.value) || self.evaluator.surroundings.securityGroups.contains(group.value) {
            return true
        }
        self.collector.error(
            "there is no security group '\(group.value.prefix(60))'",
            at: group.location,
            suggestion: "refer to an AWS::EC2::SecurityGroup of this template with !GetAtt GroupId"
        )
        return false
    }

    private func isOwn(group id: String) -> Bool {
        self.resources(of: .securityGroup).contains { self.evaluator.physicalID(of: $0) == id }
    }

    /// Whether a rule beside the group lets something out of it; then not everything gets out.
    private func hasEgress(of group: String) -> Bool {
        self.resources(of: .securityGroupEgress).contains { resource in
            resource.properties["GroupId"].flatMap(self.evaluator.resolve)?.text == group
        }
    }
}

/// Which way a security group's rule looks.
enum SecurityGroupDirection {
    case ingress
    case egress

    /// The property that names a group on the other side.
    var groupProperty: String {
        switch self {
        case .ingress: "SourceSecurityGroupId"
        case .egress: "DestinationSecurityGroupId"
        }
    }

    var notInLab: Set<String> {
        switch self {
        case .ingress: ["SourcePrefixListId", "SourceSecurityGroupName"]
        case .egress: ["DestinationPrefixListId"]
        }
    }
}

extension SecurityGroupRecord {
    fileprivate mutating func add(_ rule: SecurityGroupRule, _ direction: SecurityGroupDirection) {
        switch direction {
        case .ingress: self.ingress.append(rule)
        case .egress: self.egress.append(rule)
        }
    }
}
