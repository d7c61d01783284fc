package import ELBControlAPI
import ELBModel

extension EC2 {
    static let networkOperations: [any AccountCommand.Type] = [
        DescribeVpcs.self, DescribeSubnets.self, DescribeSecurityGroups.self, DescribeAvailabilityZones.self,
    ]
}

extension EC2.DescribeVpcs: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let found = try transaction.account.vpcs.selected(self.ids, self.filters, "InvalidVpcID.NotFound", "vpc ID") {
            record in
            [
                "vpc-id": [record.id], "isDefault": ["\(record.isDefault)"], "is-default": ["\(record.isDefault)"],
                "cidr": [record.block], "cidr-block": [record.block], "state": ["available"],
                "owner-id": [Account.number],
            ]
        }
        return ["Vpcs": .list(found.map(WireValue.vpc))]
    }
}

extension EC2.DescribeSubnets: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let account = transaction.account
        let found = try account.subnets.selected(self.ids, self.filters, "InvalidSubnetID.NotFound", "subnet ID") {
            record in
            [
                "subnet-id": [record.id], "vpc-id": [record.vpc], "availability-zone": [record.zone.name],
                "availabilityZone": [record.zone.name], "cidr-block": [record.block], "cidr": [record.block],
                "default-for-az": ["\(record.isDefault)"], "defaultForAz": ["\(record.isDefault)"],
                "state": ["available"], "owner-id": [Account.number],
            ]
        }
        return [
            "Subnets": .list(found.map { .subnet($0, freeAddresses: account.freeAddresses(in: $0.zone)) })
        ]
    }
}

extension EC2.DescribeSecurityGroups: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var found = try transaction.account.securityGroups.selected(
            self.ids,
            self.filters,
            "InvalidGroup.NotFound",
            "security group"
        ) { record in
            [
                "group-id": [record.id], "group-name": [record.name], "vpc-id": [record.vpc],
                "description": [record.detail], "owner-id": [Account.number],
            ]
        }
        if let names, !names.isEmpty {
            found = found.filter { names.contains($0.name) }
            if let missing = names.first(where: { name in !found.contains { $0.name == name } }) {
                throw APIError(
                    "InvalidGroup.NotFound",
                    "The security group '\(missing.prefix(80))' does not exist in default VPC"
                )
            }
        }
        return ["SecurityGroups": .list(found.map(WireValue.securityGroup))]
    }
}

extension EC2.DescribeAvailabilityZones: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var zones = AvailabilityZone.allCases
        if let names, !names.isEmpty {
            if let unknown = names.first(where: { name in !zones.contains { $0.name == name } }) {
                throw APIError("InvalidParameterValue", "Invalid availability zone: [\(unknown.prefix(80))]")
            }
            zones = zones.filter { names.contains($0.name) }
        }
        var found: [AvailabilityZone] = []
        for zone in zones {
            let fields = [
                "zone-name": [zone.name], "region-name": [AvailabilityZone.region], "state": ["available"],
                "zone-type": ["availability-zone"], "opt-in-status": ["opt-in-not-required"],
            ]
            if try self.filters.match(fields, tags: []) { found.append(zone) }
        }
        return ["AvailabilityZones": .list(found.map(WireValue.availabilityZone))]
    }
}

/// Records that EC2's filters look at by their tags.
protocol TaggedRecord: AccountRecord {
    var tags: [ResourceTag] { get }
}

extension VPCRecord: TaggedRecord {}
extension SubnetRecord: TaggedRecord {}
extension SecurityGroupRecord: TaggedRecord {}
extension InstanceRecord: TaggedRecord {}
extension AddressRecord: TaggedRecord {}

extension RecordTable where Record: TaggedRecord {
    /// The records of these ids that the filters let through.
    ///
    /// - Parameters:
    ///   - code: EC2's error for an id that is not there.
    ///   - noun: what the error calls it.
    ///   - fields: what a record says to the names that filters use.
    func selected(
        _ ids: [String]?,
        _ filters: ResourceFilters,
        _ code: String,
        _ noun: String,
        _ fields: (Record) -> [String: [String]]
    ) throws(APIError) -> [Record] {
        if let missing = ids?.first(where: { self[$0] == nil }) {
            throw APIError(code, "The \(noun) '\(missing.prefix(80))' does not exist")
        }
        let wanted = Set(ids ?? [])
        var found: [Record] = []
        for record in self where wanted.isEmpty || wanted.contains(record.id) {
            if try filters.match(fields(record), tags: record.tags.map { ($0.key, $0.value) }) { found.append(record) }
        }
        return found
    }
}
