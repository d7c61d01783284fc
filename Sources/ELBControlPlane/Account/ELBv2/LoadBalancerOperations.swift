package import ELBControlAPI
import ELBModel

extension ELBv2 {
    static let loadBalancerOperations: [any AccountCommand.Type] = [
        CreateLoadBalancer.self, DescribeLoadBalancers.self, DeleteLoadBalancer.self, SetSubnets.self,
        SetSecurityGroups.self, SetIpAddressType.self,
    ]
}

extension ELBv2.CreateLoadBalancer: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let name = LoadBalancerName(rawValue: self.name)
        guard [.application, .network].contains(self.kind) else {
            throw APIError(
                "OperationNotPermitted",
                "Load balancers of type '\(self.kind.rawValue)' are not in the lab yet; it has 'application' and 'network'"
            )
        }
        let subnets = try transaction.subnets(self.subnets.map(\.subnet), for: self.kind)
        let groups = try self.groups(in: subnets[0].vpc, transaction)
        if let known = transaction.account.loadBalancers.first(where: { $0.balancer.name == name }) {
            // The same once more is the same (ALB-TG-019).
            guard known.balancer.kind == self.kind, known.balancer.scheme == self.scheme,
                Set(known.subnets) == Set(subnets.map(\.id)),
                known.securityGroups == groups
            else {
                throw APIError(
                    "DuplicateLoadBalancerName",
                    "A load balancer with the same name '\(name)' exists, but with different settings"
                )
            }
            return ["LoadBalancers": [.loadBalancer(known)]]
        }
        guard transaction.account.loadBalancers.count < Topology.mostLoadBalancers else {
            throw APIError("TooManyLoadBalancers", "The maximum number of load balancers has been reached")
        }
        let id = transaction.makeID()
        let balancer = LoadBalancer(
            name: name,
            id: id,
            kind: self.kind,
            scheme: self.scheme,
            nodes: try transaction.nodes(self.subnets, in: subnets, of: self.kind, self.scheme),
            dnsName: self.kind == .network
                ? "\(name)-\(id).elb.\(AvailabilityZone.region).aws.test" : transaction.makeDNSName(name, self.scheme)
        )
        var record = LoadBalancerRecord(
            arn: ResourceARN.loadBalancer(name: name, id: id, kind: self.kind),
            owner: .api,
            created: transaction.now,
            balancer: balancer,
            subnets: subnets.map(\.id),
            vpc: subnets[0].vpc,
            securityGroups: groups
        )
        record.tags = self.tags
        transaction.save(.loadBalancer(record))
        try transaction.validate(loadBalancer: record.arn)
        return ["LoadBalancers": [.loadBalancer(record, state: .provisioning)]]
    }

    /// A Network Load Balancer that is made without security groups has none, and nobody is kept out (NLB-SG-002).
    private func groups(in vpc: String, _ transaction: Transaction) throws(APIError) -> [String] {
        if self.kind == .network, self.securityGroups?.isEmpty ?? true { return [] }
        return try transaction.securityGroups(self.securityGroups, in: vpc)
    }
}

extension ELBv2.DescribeLoadBalancers: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let all = Array(transaction.account.loadBalancers)
        let found = try all.chosen(self.arns, names: self.names, name: \.balancer.name.rawValue) {
            APIError("LoadBalancerNotFound", "One or more load balancers not found")
        }
        let (page, next) = try self.page.cut(found, id: \.id)
        return ["LoadBalancers": .list(page.map { .loadBalancer($0) }), "NextMarker": next.map { .text($0) }]
    }
}

extension ELBv2.DeleteLoadBalancer: AccountCommand {
    /// Listeners and rules go with it, target groups stay (ALB-LSN-011). One that is gone already is no mistake.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        guard let record = transaction.account.loadBalancers[self.arn] else { return [:] }
        guard !record.balancer.attributes.deletionProtectionEnabled else {
            throw APIError(
                "OperationNotPermitted",
                "Load balancer '\(self.arn)' cannot be deleted because deletion protection is enabled"
            )
        }
        // NLB-AL-006.
        guard !transaction.account.balancerTargets.contains(self.arn) else {
            throw APIError("ResourceInUse", "Load balancer '\(self.arn)' is currently registered with a target group")
        }
        for listener in transaction.account.listeners(of: self.arn) { transaction.remove(listener: listener) }
        transaction.removeZonalShifts(of: self.arn)
        transaction.remove(.loadBalancer, self.arn)
        return [:]
    }
}

extension ELBv2.SetSubnets: AccountCommand {
    /// Nodes in zones that stay keep their addresses.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.loadBalancer(self.arn)
        let subnets = try transaction.subnets(self.subnets.map(\.subnet), for: record.balancer.kind)
        // NLB-AZ-005.
        let old = record.subnets.compactMap { transaction.account.subnets[$0] }
        guard
            record.balancer.kind != .network
                || !subnets.contains(where: { new in old.contains { $0.zone == new.zone && $0.id != new.id } })
        else {
            throw APIError(
                "InvalidConfigurationRequest",
                "A zone's subnet cannot be exchanged in one step: remove the zone, then add it with the other subnet"
            )
        }
        record.balancer.nodes = try transaction.nodes(
            self.subnets,
            in: subnets,
            of: record.balancer.kind,
            record.balancer.scheme,
            besides: record.balancer.nodes
        )
        record.subnets = subnets.map(\.id)
        transaction.save(.loadBalancer(record))
        try transaction.validate(loadBalancer: record.arn)
        return ["AvailabilityZones": WireValue.loadBalancer(record)["AvailabilityZones"], "IpAddressType": "ipv4"]
    }
}

extension ELBv2.SetSecurityGroups: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.loadBalancer(self.arn)
        guard !self.securityGroups.isEmpty else {
            throw .validation("At least one security group must be specified")
        }
        // NLB-SG-001.
        guard record.balancer.kind != .network || !record.securityGroups.isEmpty else {
            throw APIError(
                "InvalidConfigurationRequest",
                "You cannot add security groups to a Network Load Balancer that was created without any"
            )
        }
        var seen: Set<String> = []
        record.securityGroups = try transaction.securityGroups(
            self.securityGroups.filter { seen.insert($0).inserted },
            in: record.vpc
        )
        transaction.save(.loadBalancer(record))
        return ["SecurityGroupIds": .texts(record.securityGroups)]
    }
}

extension ELBv2.SetIpAddressType: AccountCommand {
    /// The command has refused the types that the lab has not.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        _ = try transaction.loadBalancer(self.arn)
        return ["IpAddressType": "ipv4"]
    }
}

extension Array where Element: AccountRecord {
    /// The records of these ARNs or names, in the account's order; all of them when neither is given.
    func chosen(
        _ arns: [String]?,
        names: [String]? = nil,
        name: (Element) -> String = { _ in "" },
        missing: () -> APIError
    ) throws(APIError) -> [Element] {
        guard arns?.isEmpty == false || names?.isEmpty == false else { return self }
        if arns?.isEmpty == false, names?.isEmpty == false {
            throw .validation("You can specify either names or ARNs, not both")
        }
        let wanted = Set(arns ?? [])
        let wantedNames = Set(names ?? [])
        let found = self.filter { wanted.contains($0.id) || wantedNames.contains(name($0)) }
        guard found.count == wanted.count + wantedNames.count else { throw missing() }
        return found
    }
}

extension Transaction {
    /// The load balancer, or AWS's error.
    func loadBalancer(_ arn: String) throws(APIError) -> LoadBalancerRecord {
        guard let record = self.account.loadBalancers[arn] else {
            throw APIError("LoadBalancerNotFound", "One or more load balancers not found")
        }
        return record
    }

    /// The groups of these ids, or the VPC's default one.
    func securityGroups(_ ids: [String]?, in vpc: String) throws(APIError) -> [String] {
        guard let ids, !ids.isEmpty else {
            return self.account.securityGroups.filter { $0.vpc == vpc && $0.name == "default" }.map(\.id)
        }
        for id in ids where self.account.securityGroups[id]?.vpc != vpc {
            throw APIError(
                "InvalidSecurityGroup",
                "The security group '\(id.prefix(80))' does not exist in VPC '\(vpc)'"
            )
        }
        return ids
    }
}
