import ELBControlAPI
import ELBModel

// Where a load balancer's nodes stand.
extension Transaction {
    /// The subnets of these ids, no two in one zone: in at least two zones, for a Network Load Balancer in one (NLB-AZ-003).
    func subnets(
        _ ids: [String],
        for kind: LoadBalancer.Kind = .application
    ) throws(APIError) -> [SubnetRecord] {
        guard !ids.isEmpty else { throw .validation("At least one subnet must be specified") }
        var subnets: [SubnetRecord] = []
        for id in ids {
            guard let subnet = self.account.subnets[id] else {
                throw APIError("SubnetNotFound", "The subnet ID '\(id.prefix(80))' does not exist")
            }
            guard !subnets.contains(where: { $0.zone == subnet.zone }) else {
                throw APIError(
                    "InvalidConfigurationRequest",
                    "A load balancer cannot be attached to multiple subnets in the same Availability Zone"
                )
            }
            guard subnets.allSatisfy({ $0.vpc == subnet.vpc }) else {
                throw APIError("InvalidConfigurationRequest", "The subnets are not in the same VPC")
            }
            // ALB-DNS-018.
            guard kind != .application || CIDRBlock(subnet.block)?.prefixLength ?? 0 <= 27 else {
                throw APIError("InvalidSubnet", "The subnet '\(id)' must have at least a /27 CIDR block")
            }
            subnets.append(subnet)
        }
        guard subnets.count > 1 || kind == .network else {
            throw .validation("At least two subnets in two different Availability Zones must be specified")
        }
        return subnets
    }

    /// A node for each subnet. In zones where there is one already it keeps its addresses, whatever the mapping says now.
    func nodes(
        _ mappings: [SubnetMapping],
        in subnets: [SubnetRecord],
        of kind: LoadBalancer.Kind,
        _ scheme: LoadBalancer.Scheme,
        besides old: [LoadBalancer.Node] = []
    ) throws(APIError) -> [LoadBalancer.Node] {
        var nodes: [LoadBalancer.Node] = []
        for (mapping, subnet) in zip(mappings, subnets) {
            if let node = old.first(where: { $0.zone == subnet.zone }) {
                nodes.append(node)
                continue
            }
            let node = try self.node(in: subnet, scheme: scheme)
            switch (mapping.allocation, mapping.privateAddress) {
            case (nil, nil): nodes.append(node)
            case (let allocation?, nil):
                nodes.append(try self.node(node, at: allocation, of: kind, scheme, besides: nodes))
            case (nil, let address?): nodes.append(try self.node(at: address, in: subnet, of: kind, scheme))
            case (_?, _?):
                throw .validation("You can specify either an allocation ID or a private IPv4 address, not both")
            }
        }
        return nodes
    }

    /// A node that faces the internet with somebody's Elastic IP (NLB-AZ-002).
    private func node(
        _ node: LoadBalancer.Node,
        at allocation: String,
        of kind: LoadBalancer.Kind,
        _ scheme: LoadBalancer.Scheme,
        besides others: [LoadBalancer.Node]
    ) throws(APIError) -> LoadBalancer.Node {
        guard kind == .network, scheme == .internetFacing else {
            throw APIError(
                "InvalidConfigurationRequest",
                "Elastic IP addresses are for internet-facing Network Load Balancers"
            )
        }
        guard let record = self.account.addresses[allocation] else {
            throw APIError("AllocationIdNotFound", "The allocation ID '\(allocation.prefix(80))' does not exist")
        }
        guard self.account.node(withElasticAddress: allocation) == nil,
            !others.contains(where: { $0.allocation == allocation })
        else {
            throw APIError(
                "InvalidConfigurationRequest",
                "The Elastic IP address '\(record.address)' is already associated"
            )
        }
        return .init(
            zone: node.zone,
            address: record.address,
            privateAddress: node.privateAddress,
            allocation: allocation
        )
    }

    /// A node of an internal load balancer, on an address of somebody's choice.
    private func node(
        at text: String,
        in subnet: SubnetRecord,
        of kind: LoadBalancer.Kind,
        _ scheme: LoadBalancer.Scheme
    ) throws(APIError) -> LoadBalancer.Node {
        guard kind == .network, scheme == .internal else {
            throw APIError(
                "InvalidConfigurationRequest",
                "Private IPv4 addresses can be chosen for internal Network Load Balancers"
            )
        }
        guard let address = IPAddress(text), LabAddresses.subnet(of: subnet.zone).contains(address),
            let host = LabAddresses.host(of: address), LabAddresses.nodeHosts.contains(host)
        else {
            throw APIError(
                "InvalidConfigurationRequest",
                "The address '\(text.prefix(80))' is not one for load balancers in subnet \(subnet.id); those are "
                    + "127.10.\(subnet.zone.number).\(LabAddresses.nodeHosts.lowerBound) to .\(LabAddresses.nodeHosts.upperBound)"
            )
        }
        guard !self.account.occupiedAddresses.contains(address) else {
            throw APIError("InvalidConfigurationRequest", "The address '\(address)' is already in use")
        }
        return .init(zone: subnet.zone, address: address)
    }

    /// A node on an address that nobody has.
    func node(
        in subnet: SubnetRecord,
        scheme: LoadBalancer.Scheme
    ) throws(APIError) -> LoadBalancer.Node {
        guard let host = self.account.freeNodeHost(in: subnet.zone) else {
            throw APIError("InvalidSubnet", "Not enough IP space available in \(subnet.id)")
        }
        let address =
            switch scheme {
            case .internetFacing: LabAddresses.publicAddress(subnet.zone, host: host)
            case .internal: LabAddresses.privateAddress(subnet.zone, host: host)
            }
        return .init(zone: subnet.zone, address: address)
    }
}

extension Account {
    /// The load balancer's node that has an Elastic IP; `nil` if none has.
    func node(withElasticAddress allocation: String) -> (loadBalancer: LoadBalancerRecord, node: LoadBalancer.Node)? {
        for record in self.loadBalancers {
            if let node = record.balancer.nodes.first(where: { $0.allocation == allocation }) { return (record, node) }
        }
        return nil
    }
}
