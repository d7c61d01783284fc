package import ELBModel

extension ELBv2 {
    package struct CreateLoadBalancer: ELBv2Command {
        package var name: String
        /// One per zone.
        package var subnets: [SubnetMapping]
        package var scheme: LoadBalancer.Scheme
        package var kind: LoadBalancer.Kind
        /// `nil` takes the VPC's default group.
        package var securityGroups: [String]?
        package var tags: [ResourceTag]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.name = try input.required("Name")
            self.subnets = try SubnetMapping.all(&input)
            self.scheme = input.text("Scheme").flatMap(LoadBalancer.Scheme.init) ?? .internetFacing
            self.kind = input.text("Type").flatMap(LoadBalancer.Kind.init) ?? .application
            self.securityGroups = input.texts("SecurityGroups")
            self.tags = try input.tags("Tags")
            try input.only("IpAddressType", "ipv4")
        }
    }

    package struct DescribeLoadBalancers: ELBv2Command {
        package var arns: [String]?
        package var names: [String]?
        package var page: Page

        /// Load balancers that one call may name (ALB-LC-008).
        private static let most = 20

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arns = input.texts("LoadBalancerArns")
            self.names = input.texts("Names")
            self.page = try Page(&input)
            guard max(self.arns?.count ?? 0, self.names?.count ?? 0) <= Self.most else {
                throw .validation("Up to \(Self.most) load balancers can be described in a single call")
            }
        }
    }

    package struct DeleteLoadBalancer: ELBv2Command {
        package var arn: String

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("LoadBalancerArn")
        }
    }

    package struct SetSubnets: ELBv2Command {
        package var arn: String
        package var subnets: [SubnetMapping]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("LoadBalancerArn")
            self.subnets = try SubnetMapping.all(&input)
            try input.only("IpAddressType", "ipv4")
        }
    }

    package struct SetSecurityGroups: ELBv2Command {
        package var arn: String
        package var securityGroups: [String]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("LoadBalancerArn")
            self.securityGroups = input.texts("SecurityGroups") ?? []
        }
    }

    package struct SetIpAddressType: ELBv2Command {
        package var arn: String

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("LoadBalancerArn")
            try input.only("IpAddressType", "ipv4")
        }
    }
}

/// How far a load balancer is, in AWS's words. The lab's never wait for capacity, so `active_impaired` and `failed` do not occur.
package enum LoadBalancerState: String, Hashable, Sendable {
    case provisioning
    case active
}

/// Where a node shall stand.
package struct SubnetMapping: Hashable, Sendable {
    package var subnet: String
    /// The Elastic IP that the node shall have.
    package var allocation: String?
    /// The address in the subnet that an internal load balancer's node shall have.
    package var privateAddress: String?

    /// `Subnets`, or the longer `SubnetMappings`.
    static func all(_ input: inout CommandInput) throws(APIError) -> [Self] {
        let subnets = input.texts("Subnets")
        guard let mappings = input.structures("SubnetMappings") else { return (subnets ?? []).map { Self(subnet: $0) } }
        guard subnets == nil else {
            throw .validation("You can specify either subnets or subnet mappings, not both")
        }
        var all: [Self] = []
        for var mapping in mappings {
            all.append(
                Self(
                    subnet: try mapping.required("SubnetId"),
                    allocation: mapping.text("AllocationId"),
                    privateAddress: mapping.text("PrivateIPv4Address")
                )
            )
            try mapping.finish()
        }
        return all
    }
}

extension WireValue {
    /// - Parameter state: `provisioning` in the answer to its creation, which has the DNS name already; ready when anybody asks again
    ///   (ALB-LC-004, ALB-LC-005).
    package static func loadBalancer(_ record: LoadBalancerRecord, state: LoadBalancerState = .active) -> Self {
        let balancer = record.balancer
        let zones = zip(balancer.nodes, record.subnets).map { node, subnet -> WireValue in
            [
                "ZoneName": .text(node.zone.name), "SubnetId": .text(subnet),
                "LoadBalancerAddresses": .list(Self.staticAddresses(of: node, balancer)),
            ]
        }
        return [
            "LoadBalancerArn": .text(record.arn),
            "DNSName": .text(balancer.dnsName),
            "CanonicalHostedZoneId": .text(LoadBalancer.hostedZone),
            "CreatedTime": .timestamp(record.created),
            "LoadBalancerName": .text(balancer.name.rawValue),
            "Scheme": .text(balancer.scheme.rawValue),
            "VpcId": .text(record.vpc),
            "State": ["Code": .text(state.rawValue)],
            "Type": .text(balancer.kind.rawValue),
            "AvailabilityZones": .list(zones),
            "SecurityGroups": .texts(record.securityGroups),
            "IpAddressType": "ipv4",
        ]
    }

    /// Addresses that somebody has chosen (NLB-AZ-002).
    private static func staticAddresses(of node: LoadBalancer.Node, _ balancer: LoadBalancer) -> [Self] {
        guard balancer.kind == .network else { return [] }
        if let allocation = node.allocation {
            return [["IpAddress": .text("\(node.address)"), "AllocationId": .text(allocation)]]
        }
        return balancer.scheme == .internal ? [["PrivateIPv4Address": .text("\(node.address)")]] : []
    }
}
