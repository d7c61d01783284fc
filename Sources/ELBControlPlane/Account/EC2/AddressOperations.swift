package import ELBControlAPI
import ELBModel

extension EC2 {
    static let addressOperations: [any AccountCommand.Type] = [
        AllocateAddress.self, DescribeAddresses.self, ReleaseAddress.self, DescribeNetworkInterfaces.self,
    ]

    /// AWS's default quota.
    static let mostAddresses = 5
}

extension EC2.AllocateAddress: AccountCommand {
    /// From the lab's public addresses, above those that load balancers' nodes get by themselves.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let account = transaction.account
        guard account.addresses.count < EC2.mostAddresses else {
            throw APIError("AddressLimitExceeded", "The maximum number of addresses has been reached.")
        }
        let taken = Set(account.addresses.map(\.address))
        let free = AvailabilityZone.allCases.lazy.flatMap { zone in
            LabAddresses.instanceHosts.lazy.map { LabAddresses.publicAddress(zone, host: $0) }
        }
        .filter { !taken.contains($0) }
        let chosen = self.address.map { text in free.first { "\($0)" == text } } ?? free.first { _ in true }
        guard let address = chosen else {
            throw APIError("InvalidAddress.NotFound", "Address '\(self.address?.prefix(80) ?? "")' not found.")
        }
        let record = AddressRecord(id: transaction.makeID("eipalloc"), address: address, tags: self.tags)
        transaction.save(.address(record))
        return .address(record, of: nil)
    }
}

extension EC2.DescribeAddresses: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var found = try transaction.account.addresses.selected(
            self.ids,
            self.filters,
            "InvalidAllocationID.NotFound",
            "allocation ID"
        ) { record in
            ["allocation-id": [record.id], "public-ip": ["\(record.address)"], "domain": ["vpc"]]
        }
        if let addresses, !addresses.isEmpty {
            found = found.filter { addresses.contains("\($0.address)") }
            if let missing = addresses.first(where: { text in !found.contains { "\($0.address)" == text } }) {
                throw APIError("InvalidAddress.NotFound", "Address '\(missing.prefix(80))' not found.")
            }
        }
        let account = transaction.account
        return ["Addresses": .list(found.map { .address($0, of: account.interface(withElasticAddress: $0)) })]
    }
}

extension EC2.ReleaseAddress: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        guard let record = transaction.account.addresses[self.id] else {
            throw APIError(
                "InvalidAllocationID.NotFound",
                "The allocation ID '\(self.id.prefix(80))' does not exist"
            )
        }
        guard transaction.account.node(withElasticAddress: self.id) == nil else {
            throw APIError("InvalidIPAddress.InUse", "Address '\(record.address)' is in use.")
        }
        transaction.remove(.address, self.id)
        return [:]
    }
}

extension EC2.DescribeNetworkInterfaces: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let account = transaction.account
        let all = account.networkInterfaces
        if let missing = self.ids?.first(where: { id in !all.contains { $0.id == id } }) {
            throw APIError(
                "InvalidNetworkInterfaceID.NotFound",
                "The networkInterface ID '\(missing.prefix(80))' does not exist"
            )
        }
        var found: [NetworkInterface] = []
        for interface in all where self.ids?.isEmpty ?? true || self.ids?.contains(interface.id) == true {
            let fields = [
                "network-interface-id": [interface.id], "description": [interface.detail],
                "subnet-id": [interface.subnet], "vpc-id": [interface.vpc],
                "availability-zone": [interface.zone.name], "group-id": interface.securityGroups,
                "private-ip-address": ["\(interface.address)"],
                "addresses.private-ip-address": ["\(interface.address)"],
                "association.public-ip": interface.publicAddress.map { ["\($0)"] } ?? [],
                "attachment.instance-id": interface.instance.map { [$0] } ?? [], "status": ["in-use"],
                "requester-id": interface.instance == nil ? ["amazon-elb"] : [],
            ]
            if try self.filters.match(fields, tags: []) { found.append(interface) }
        }
        return [
            "NetworkInterfaces": .list(
                found.map { .networkInterface($0, groupName: account.securityGroupName) }
            )
        ]
    }
}

extension Account {
    /// The interface of the load balancer's node that has the address; `nil` if none has.
    fileprivate func interface(withElasticAddress record: AddressRecord) -> NetworkInterface? {
        guard self.node(withElasticAddress: record.id) != nil else { return nil }
        return self.networkInterfaces.first { $0.publicAddress == record.address }
    }

    /// Of load balancers' nodes, then of instances that are not terminated.
    fileprivate var networkInterfaces: [NetworkInterface] {
        let nodes = self.loadBalancers.flatMap { record in
            Self.networkInterfaces(
                of: record.arn,
                named: record.balancer.fullName,
                zip(record.balancer.nodes, record.subnets),
                vpc: record.vpc,
                record.securityGroups
            )
        }
        let classicNodes = self.classicLoadBalancers.flatMap { record in
            Self.networkInterfaces(
                of: record.id,
                named: record.id,
                zip(record.balancer.nodes, record.subnets),
                vpc: record.vpc,
                record.securityGroups
            )
        }
        let instances = self.instances.filter { $0.state != .terminated }.map { record in
            NetworkInterface(
                id: "eni-0" + StableHash.hexadecimal(of: record.id),
                detail: "",
                zone: record.instance.zone,
                subnet: record.subnet,
                vpc: record.vpc,
                address: record.instance.address,
                securityGroups: record.securityGroups,
                instance: record.id
            )
        }
        return nodes + classicNodes + instances
    }

    private static func networkInterfaces(
        of id: String,
        named name: String,
        _ nodes: some Sequence<(LoadBalancer.Node, String)>,
        vpc: String,
        _ securityGroups: [String]
    ) -> [NetworkInterface] {
        nodes.map { node, subnet in
            NetworkInterface(
                id: "eni-0" + StableHash.hexadecimal(of: "\(id)/\(node.zone)"),
                detail: "ELB \(name)",
                zone: node.zone,
                subnet: subnet,
                vpc: vpc,
                address: node.privateAddress,
                publicAddress: node.privateAddress == node.address ? nil : node.address,
                securityGroups: securityGroups
            )
        }
    }
}
