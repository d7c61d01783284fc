package import ELBModel

extension ELBv2 {
    package struct CreateLoadBalancer: ELBv2Command {
        package var name: String
        /// Ids, one per zone.
        package var subnets: [String]
        package var scheme: LoadBalancer.Scheme
        package var kind: LoadBalancer.Kind
        /// `nil` takes the VPC's default group.
        package var securityGroups: [String]?
        package var tags: [ResourceTag]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.name = try input.required("Name")
            self.subnets = try SubnetChoice.subnets(&input)
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

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arns = input.texts("LoadBalancerArns")
            self.names = input.texts("Names")
            self.page = try Page(&input)
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
        package var subnets: [String]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("LoadBalancerArn")
            self.subnets = try SubnetChoice.subnets(&input)
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

/// `Subnets`, or the longer `SubnetMappings`.
private enum SubnetChoice {
    static func subnets(_ input: inout CommandInput) throws(APIError) -> [String] {
        let subnets = input.texts("Subnets")
        guard let mappings = input.structures("SubnetMappings") else { return subnets ?? [] }
        guard subnets == nil else {
            throw .validation("You can specify either subnets or subnet mappings, not both")
        }
        var ids: [String] = []
        for var mapping in mappings {
            ids.append(try mapping.required("SubnetId"))
            try mapping.finish()
        }
        return ids
    }
}

extension WireValue {
    package static func loadBalancer(_ record: LoadBalancerRecord) -> Self {
        let balancer = record.balancer
        let zones = zip(balancer.nodes, record.subnets).map { node, subnet -> WireValue in
            ["ZoneName": .text(node.zone.name), "SubnetId": .text(subnet), "LoadBalancerAddresses": []]
        }
        return [
            "LoadBalancerArn": .text(record.arn),
            "DNSName": .text(balancer.dnsName),
            "CanonicalHostedZoneId": .text(LoadBalancer.hostedZone),
            "CreatedTime": .timestamp(record.created),
            "LoadBalancerName": .text(balancer.name.rawValue),
            "Scheme": .text(balancer.scheme.rawValue),
            "VpcId": .text(record.vpc),
            "State": ["Code": "active"],
            "Type": .text(balancer.kind.rawValue),
            "AvailabilityZones": .list(zones),
            "SecurityGroups": .texts(record.securityGroups),
            "IpAddressType": "ipv4",
        ]
    }
}
