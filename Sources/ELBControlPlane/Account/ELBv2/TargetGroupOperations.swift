package import ELBControlAPI
import ELBModel

extension ELBv2 {
    static let targetGroupOperations: [any AccountCommand.Type] = [
        CreateTargetGroup.self, DescribeTargetGroups.self, ModifyTargetGroup.self, DeleteTargetGroup.self,
    ]
}

extension ELBv2.CreateTargetGroup: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let vpc = try self.vpc(in: transaction.account)
        var group = self.group
        if let known = transaction.account.targetGroups.first(where: { $0.group.name == group.name }) {
            group.id = known.group.id
            group.targets = known.group.targets
            group.attributes = known.group.attributes
            // The same once more is the same (ALB-TG-019).
            guard group == known.group, vpc == known.vpc else {
                throw APIError(
                    "DuplicateTargetGroupName",
                    "A target group with the same name '\(group.name)' exists, but with different settings"
                )
            }
            return transaction.answer(known)
        }
        guard transaction.account.targetGroups.count < Topology.mostTargetGroups else {
            throw APIError("TooManyTargetGroups", "The maximum number of target groups has been reached")
        }
        group.id = TargetGroupID(
            rawValue: ResourceARN.targetGroup(name: group.name, id: transaction.makeID())
        )
        if let error = group.validate().first { throw APIError(error) }
        var record = TargetGroupRecord(owner: .api, group: group, vpc: vpc)
        record.tags = self.tags
        transaction.save(.targetGroup(record))
        return transaction.answer(record)
    }

    /// Every group but those of functions is in a VPC (ALB-TG-003).
    private func vpc(in account: Account) throws(APIError) -> String? {
        guard self.group.targetType != .lambda else { return nil }
        guard let vpc else { throw .validation("A VPC ID must be specified") }
        guard account.vpcs[vpc] != nil else { throw .validation("The VPC ID '\(vpc.prefix(80))' is not found") }
        return vpc
    }
}

extension ELBv2.DescribeTargetGroups: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let all = Array(transaction.account.targetGroups)
        var found = try all.chosen(self.arns, names: self.names, name: \.group.name.rawValue) {
            APIError("TargetGroupNotFound", "One or more target groups not found")
        }
        let account = transaction.account
        if let loadBalancer {
            _ = try transaction.loadBalancer(loadBalancer)
            found = found.filter { account.loadBalancers(using: $0.group.id).contains(loadBalancer) }
        }
        let (page, next) = try self.page.cut(found, id: \.id)
        return [
            "TargetGroups": .list(
                page.map { .targetGroup($0, loadBalancers: account.loadBalancers(using: $0.group.id)) }
            ),
            "NextMarker": next.map { .text($0) },
        ]
    }
}

extension ELBv2.ModifyTargetGroup: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.targetGroup(self.arn)
        record.group.healthCheck = try self.changed(record.group)
        if let error = record.group.validate().first { throw APIError(error) }
        transaction.save(.targetGroup(record))
        return transaction.answer(record)
    }
}

extension ELBv2.DeleteTargetGroup: AccountCommand {
    /// Possible only while no action refers to it (ALB-TG-018). One that is gone already is no mistake.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        guard let record = transaction.account.targetGroups[self.arn] else { return [:] }
        guard transaction.account.loadBalancers(using: record.group.id).isEmpty else {
            throw APIError("ResourceInUse", "Target group '\(self.arn)' is currently in use by a listener or a rule")
        }
        transaction.remove(.targetGroup, self.arn)
        return [:]
    }
}

extension Transaction {
    /// The target group, or AWS's error.
    func targetGroup(_ arn: String) throws(APIError) -> TargetGroupRecord {
        guard let record = self.account.targetGroups[arn] else {
            throw APIError("TargetGroupNotFound", "One or more target groups not found")
        }
        return record
    }

    fileprivate func answer(_ record: TargetGroupRecord) -> WireValue {
        let users = self.account.loadBalancers(using: record.group.id)
        return ["TargetGroups": [.targetGroup(record, loadBalancers: users)]]
    }

    /// Throws what is wrong with the groups that actions refer to: they exist, and serve no other load balancer (ALB-LSN-012).
    func requireTargetGroups(of actions: [RuleAction], for loadBalancer: String) throws(APIError) {
        for group in actions.flatMap(\.targetGroups) {
            guard self.account.targetGroups[group.rawValue] != nil else {
                throw APIError("TargetGroupNotFound", "Target group '\(group)' not found")
            }
            guard self.account.loadBalancers(using: group).allSatisfy({ $0 == loadBalancer }) else {
                throw APIError(
                    "TargetGroupAssociationLimit",
                    "The following target groups cannot be associated with more than one load balancer: \(group)"
                )
            }
        }
    }
}
