package import ELBControlAPI
import ELBModel

extension EC2 {
    static let vpcOperations: [any AccountCommand.Type] = [
        CreateVpc.self, DeleteVpc.self, DescribeVpcAttribute.self, CreateSubnet.self, DeleteSubnet.self,
    ]
}

extension EC2.CreateVpc: AccountCommand {
    /// With a default security group, as every VPC has one. Its block is what descriptions say: all VPCs of the lab stand for the one
    /// network, 127.10.0.0/16.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let record = VPCRecord(
            id: transaction.makeID("vpc"),
            block: "\(self.block)",
            isDefault: false,
            tags: self.tags
        )
        transaction.save(.vpc(record))
        transaction.save(
            .securityGroup(
                SecurityGroupRecord(
                    id: transaction.makeID("sg"),
                    name: "default",
                    detail: "default VPC security group",
                    vpc: record.id,
                    ingress: [.everything(id: transaction.makeID("sgr"))],
                    egress: [.everything(id: transaction.makeID("sgr"))]
                )
            )
        )
        return ["Vpc": .vpc(record)]
    }
}

extension EC2.DeleteVpc: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let account = transaction.account
        let id = try account.vpc(self.id)
        let groups = account.securityGroups.filter { $0.vpc == id }
        guard !account.subnets.contains(where: { $0.vpc == id }), groups.allSatisfy({ $0.name == "default" }),
            !account.targetGroups.contains(where: { $0.vpc == id })
        else {
            throw APIError("DependencyViolation", "The vpc '\(id)' has dependencies and cannot be deleted.")
        }
        for group in groups { transaction.remove(.securityGroup, group.id) }
        transaction.remove(.vpc, id)
        return [:]
    }
}

extension EC2.DescribeVpcAttribute: AccountCommand {
    /// Names are answered, and usage is not measured.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let id = try transaction.account.vpc(self.id)
        let name = self.attribute.prefix(1).uppercased() + self.attribute.dropFirst()
        return ["VpcId": .text(id), name: ["Value": .boolean(self.attribute.hasPrefix("enableDns"))]]
    }
}

extension EC2.CreateSubnet: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let vpc = try transaction.account.vpc(self.vpc)
        let blocks = transaction.account.subnets.filter { $0.vpc == vpc }.compactMap { CIDRBlock($0.block) }
        guard let whole = transaction.account.vpcs[vpc].flatMap({ CIDRBlock($0.block) }),
            whole.contains(self.block.address), self.block.prefixLength >= whole.prefixLength,
            self.block.prefixLength <= 28
        else { throw APIError("InvalidSubnet.Range", "The CIDR '\(self.block)' is invalid.") }
        guard !blocks.contains(where: { $0.contains(self.block.address) || self.block.contains($0.address) }) else {
            throw APIError("InvalidSubnet.Conflict", "The CIDR '\(self.block)' conflicts with another subnet")
        }
        let record = SubnetRecord(
            id: transaction.makeID("subnet"),
            vpc: vpc,
            zone: try self.place(after: blocks.count),
            block: "\(self.block)",
            isDefault: false,
            tags: self.tags
        )
        transaction.save(.subnet(record))
        return ["Subnet": .subnet(record, freeAddresses: transaction.account.freeAddresses(in: record.zone))]
    }

    /// Where nobody says, one zone after the other.
    private func place(after count: Int) throws(APIError) -> AvailabilityZone {
        let zones = AvailabilityZone.allCases
        guard let zone else { return zones[count % zones.count] }
        guard let known = zones.first(where: { $0.name == zone || $0.awsID == zone }) else {
            let names = zones.map(\.name).joined(separator: ", ")
            throw APIError(
                "InvalidParameterValue",
                "Value (\(zone.prefix(80))) for parameter availabilityZone is invalid. Subnets can currently only be created in "
                    + "the following availability zones: \(names)."
            )
        }
        return known
    }
}

extension EC2.DeleteSubnet: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let account = transaction.account
        guard account.subnets[self.id] != nil else {
            throw APIError("InvalidSubnetID.NotFound", "The subnet ID '\(self.id.prefix(80))' does not exist")
        }
        guard !account.instances.contains(where: { $0.state != .terminated && $0.subnet == self.id }),
            !account.loadBalancers.contains(where: { $0.subnets.contains(self.id) }),
            !account.classicLoadBalancers.contains(where: { $0.subnets.contains(self.id) })
        else {
            throw APIError(
                "DependencyViolation",
                "The subnet '\(self.id)' has dependencies and cannot be deleted."
            )
        }
        transaction.remove(.subnet, self.id)
        return [:]
    }
}

extension Account {
    /// Of the 256 that a subnet's zone has in the lab; AWS keeps five.
    func freeAddresses(in zone: AvailabilityZone) -> Int {
        let block = LabAddresses.subnet(of: zone)
        return 251 - self.occupiedAddresses.count(where: block.contains)
    }
}
