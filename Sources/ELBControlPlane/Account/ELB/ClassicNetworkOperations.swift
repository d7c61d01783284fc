package import ELBControlAPI
import ELBModel

extension ELB {
    static let networkOperations: [any AccountCommand.Type] = [
        AttachLoadBalancerToSubnets.self, DetachLoadBalancerFromSubnets.self,
        EnableAvailabilityZonesForLoadBalancer.self, DisableAvailabilityZonesForLoadBalancer.self,
        ApplySecurityGroupsToLoadBalancer.self,
    ]
}

extension ELB.AttachLoadBalancerToSubnets: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        guard !self.subnets.isEmpty else { throw .validation("At least one subnet must be specified") }
        let record = try transaction.attach(
            try self.subnets.map { id throws(APIError) in try transaction.classicSubnet(id) },
            to: try transaction.classicLoadBalancer(self.loadBalancer)
        )
        return ["Subnets": .texts(record.subnets)]
    }
}

extension ELB.DetachLoadBalancerFromSubnets: AccountCommand {
    /// Instances there stay registered, and out of service (CLB-ST-007).
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        guard !self.subnets.isEmpty else { throw .validation("At least one subnet must be specified") }
        let record = try transaction.detach(
            try transaction.classicLoadBalancer(self.loadBalancer),
            from: { self.subnets.contains($0.id) }
        )
        return ["Subnets": .texts(record.subnets)]
    }
}

extension ELB.EnableAvailabilityZonesForLoadBalancer: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        guard !self.zones.isEmpty else { throw .validation("At least one Availability Zone must be specified") }
        let old = try transaction.classicLoadBalancer(self.loadBalancer)
        try transaction.requireDefaultVPC(of: old)
        // A zone that is enabled has its subnet already, whichever that is.
        let enabled = Set(old.balancer.nodes.map(\.zone))
        let record = try transaction.attach(
            try transaction.classicSubnets(zones: self.zones).filter { !enabled.contains($0.zone) },
            to: old
        )
        return ["AvailabilityZones": .texts(record.balancer.nodes.map(\.zone.name))]
    }
}

extension ELB.DisableAvailabilityZonesForLoadBalancer: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        guard !self.zones.isEmpty else { throw .validation("At least one Availability Zone must be specified") }
        let old = try transaction.classicLoadBalancer(self.loadBalancer)
        try transaction.requireDefaultVPC(of: old)
        let zones = Set(try transaction.classicSubnets(zones: self.zones).map(\.zone))
        let record = try transaction.detach(old, from: { zones.contains($0.zone) })
        return ["AvailabilityZones": .texts(record.balancer.nodes.map(\.zone.name))]
    }
}

extension ELB.ApplySecurityGroupsToLoadBalancer: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.classicLoadBalancer(self.loadBalancer)
        guard !self.securityGroups.isEmpty else {
            throw .validation("At least one security group must be specified")
        }
        record.securityGroups = try transaction.classicSecurityGroups(self.securityGroups, in: record.vpc)
        try transaction.save(classic: record)
        return ["SecurityGroups": .texts(record.securityGroups)]
    }
}

extension Transaction {
    /// The subnets of a new load balancer, no two in one zone.
    func classicSubnets(_ placement: ELB.Placement) throws(APIError) -> [SubnetRecord] {
        switch placement {
        case .zones(let zones): return try self.classicSubnets(zones: zones)
        case .subnets(let ids):
            var subnets: [SubnetRecord] = []
            for id in ids {
                let subnet = try self.classicSubnet(id)
                if subnets.contains(where: { $0.id == id }) { continue }
                try Self.requireTogether(subnet, subnets)
                subnets.append(subnet)
            }
            return subnets
        }
    }

    /// The subnets that zones have in the default VPC.
    fileprivate func classicSubnets(zones names: [String]) throws(APIError) -> [SubnetRecord] {
        var subnets: [SubnetRecord] = []
        for name in names {
            guard let subnet = self.account.subnets.first(where: { $0.isDefault && $0.zone.name == name }) else {
                throw .validation("Invalid Availability Zone '\(name.prefix(80))'")
            }
            if !subnets.contains(where: { $0.id == subnet.id }) { subnets.append(subnet) }
        }
        return subnets
    }

    fileprivate func classicSubnet(_ id: String) throws(APIError) -> SubnetRecord {
        guard let subnet = self.account.subnets[id] else {
            throw APIError("SubnetNotFound", "The requested subnet '\(id.prefix(80))' does not exist")
        }
        return subnet
    }

    /// CLB-AP-008.
    private static func requireTogether(_ subnet: SubnetRecord, _ others: [SubnetRecord]) throws(APIError) {
        guard !others.contains(where: { $0.zone == subnet.zone }) else {
            throw APIError(
                "InvalidConfigurationRequest",
                "ELB cannot be attached to multiple subnets in the same AZ."
            )
        }
        guard others.allSatisfy({ $0.vpc == subnet.vpc }) else {
            throw APIError("InvalidSubnet", "Subnet '\(subnet.id)' is not in the VPC of the other subnets")
        }
    }

    /// Zones are for load balancers of the default VPC; others have subnets.
    fileprivate func requireDefaultVPC(of record: ClassicLoadBalancerRecord) throws(APIError) {
        guard self.account.vpcs[record.vpc]?.isDefault == true else {
            throw APIError(
                "InvalidConfigurationRequest",
                "Availability Zones of load balancer \(record.id) follow from its subnets: it is not in the default VPC"
            )
        }
    }

    /// Gives the load balancer a node in each of the subnets that it is not in yet.
    fileprivate mutating func attach(
        _ subnets: [SubnetRecord],
        to record: ClassicLoadBalancerRecord
    ) throws(APIError) -> ClassicLoadBalancerRecord {
        var record = record
        var present = record.subnets.compactMap { self.account.subnets[$0] }
        for subnet in subnets where !record.subnets.contains(subnet.id) {
            try Self.requireTogether(subnet, present)
            record.balancer.nodes.append(try self.node(in: subnet, scheme: record.balancer.scheme))
            record.subnets.append(subnet.id)
            present.append(subnet)
        }
        try self.save(classic: record)
        return record
    }

    /// Takes the nodes away from some subnets, though not the last one (CLB-AP-008).
    fileprivate mutating func detach(
        _ record: ClassicLoadBalancerRecord,
        from isLeft: (SubnetRecord) -> Bool
    ) throws(APIError) -> ClassicLoadBalancerRecord {
        var record = record
        let left = Set(record.subnets.filter { self.account.subnets[$0].map(isLeft) ?? false })
        let staying = zip(record.balancer.nodes, record.subnets).filter { !left.contains($0.1) }
        record.balancer.nodes = staying.map(\.0)
        record.subnets = staying.map(\.1)
        try self.save(classic: record)
        return record
    }

    /// The groups of these ids, each once, or the VPC's default one.
    func classicSecurityGroups(_ ids: [String]?, in vpc: String) throws(APIError) -> [String] {
        var seen: Set<String> = []
        return try self.securityGroups(ids?.filter { seen.insert($0).inserted }, in: vpc)
    }
}
