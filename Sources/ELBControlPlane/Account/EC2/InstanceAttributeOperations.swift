package import ELBControlAPI
import ELBModel

extension EC2 {
    static let instanceAttributeOperations: [any AccountCommand.Type] = [
        ModifyInstanceAttribute.self, DescribeInstanceAttribute.self, DescribeInstanceTypes.self,
        DescribeRegions.self,
    ]
}

extension EC2.ModifyInstanceAttribute: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.account.instance(self.id)
        switch self.change {
        case .type(let type):
            guard record.state == .stopped else {
                throw APIError(
                    "IncorrectInstanceState",
                    "The instance '\(self.id)' is not in the 'stopped' state."
                )
            }
            record.instance.type = type
        case .groups(let groups):
            for id in groups where transaction.account.securityGroups[id]?.vpc != record.vpc {
                throw APIError(
                    "InvalidGroup.NotFound",
                    "The security group '\(id.prefix(80))' does not exist in VPC '\(record.vpc)'"
                )
            }
            record.securityGroups = groups
        }
        transaction.save(.instance(record))
        return [:]
    }
}

extension EC2.DescribeInstanceAttribute: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let record = try transaction.account.instance(self.id)
        let account = transaction.account
        var output: [(String, WireValue)] = [("InstanceId", .text(self.id))]
        switch self.attribute {
        case "instanceType": output.append(("InstanceType", ["Value": .text(record.instance.type.name)]))
        case "groupSet":
            let groups = record.securityGroups.map { id -> WireValue in
                ["GroupId": .text(id), "GroupName": .text(account.securityGroupName(id))]
            }
            output.append(("Groups", .list(groups)))
        case "disableApiTermination": output.append(("DisableApiTermination", ["Value": false]))
        default: output.append(("SourceDestCheck", ["Value": true]))
        }
        return .structure(output.map { .init($0.0, $0.1) })
    }
}

extension EC2.DescribeInstanceTypes: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let all = InstanceType.all.filter { $0 != .unlimited }
        if let missing = self.names?.first(where: { name in !all.contains { $0.name == name } }) {
            throw APIError(
                "InvalidInstanceType",
                "The following supplied instance types do not exist: [\(missing.prefix(80))]"
            )
        }
        var found: [WireValue] = []
        for type in all where self.names?.isEmpty ?? true || self.names?.contains(type.name) == true {
            let fields = ["instance-type": [type.name], "current-generation": ["true"]]
            if try self.filters.match(fields, tags: []) { found.append(.instanceType(type)) }
        }
        return ["InstanceTypes": .list(found)]
    }
}

extension EC2.DescribeRegions: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let region = AvailabilityZone.region
        if let unknown = self.names?.first(where: { $0 != region }) {
            throw APIError("InvalidParameterValue", "Invalid region provided: [\(unknown.prefix(80))]")
        }
        let fields = ["region-name": [region], "opt-in-status": ["opt-in-not-required"]]
        return ["Regions": try self.filters.match(fields, tags: []) ? [.region(region)] : []]
    }
}
