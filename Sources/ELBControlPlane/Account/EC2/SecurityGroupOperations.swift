package import ELBControlAPI
import ELBModel

extension EC2 {
    static let securityGroupOperations: [any AccountCommand.Type] = [
        CreateSecurityGroup.self, DeleteSecurityGroup.self, AuthorizeSecurityGroupIngress.self,
        AuthorizeSecurityGroupEgress.self, RevokeSecurityGroupIngress.self, RevokeSecurityGroupEgress.self,
        DescribeSecurityGroupRules.self,
    ]

    /// AWS's default quota of rules, for each direction of a group.
    static let mostRules = 60
}

extension EC2.CreateSecurityGroup: AccountCommand {
    /// Nothing comes in until a rule says so, and everything goes out.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let vpc = try transaction.account.vpc(self.vpc)
        let isTaken = transaction.account.securityGroups.contains { $0.vpc == vpc && $0.name == self.name }
        guard !isTaken else {
            throw APIError(
                "InvalidGroup.Duplicate",
                "The security group '\(self.name)' already exists for VPC '\(vpc)'"
            )
        }
        let record = SecurityGroupRecord(
            id: transaction.makeID("sg"),
            name: self.name,
            detail: self.detail,
            vpc: vpc,
            tags: self.tags,
            egress: [.everything(id: transaction.makeID("sgr"))]
        )
        transaction.save(.securityGroup(record))
        return ["GroupId": .text(record.id), "Tags": .tags(self.tags)]
    }
}

extension EC2.DeleteSecurityGroup: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let record = try transaction.account.securityGroup(self.group)
        guard record.name != "default" else {
            throw APIError(
                "CannotDelete",
                "the specified group: \"\(record.id)\" name: \"default\" cannot be deleted by a user"
            )
        }
        guard !transaction.account.isInUse(securityGroup: record.id) else {
            throw APIError("DependencyViolation", "resource \(record.id) has a dependent object")
        }
        transaction.remove(.securityGroup, record.id)
        return ["Return": true, "GroupId": .text(record.id)]
    }
}

extension EC2.AuthorizeSecurityGroupIngress: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        try transaction.authorize(self.rules, \.ingress, of: self.group, isEgress: false)
    }
}

extension EC2.AuthorizeSecurityGroupEgress: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        try transaction.authorize(self.rules, \.egress, of: self.group, isEgress: true)
    }
}

extension EC2.RevokeSecurityGroupIngress: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        try transaction.revoke(self.rules, self.ids, \.ingress, of: self.group)
    }
}

extension EC2.RevokeSecurityGroupEgress: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        try transaction.revoke(self.rules, self.ids, \.egress, of: self.group)
    }
}

extension EC2.DescribeSecurityGroupRules: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var found: [WireValue] = []
        var missing = Set(self.ids ?? [])
        for group in transaction.account.securityGroups {
            for (rules, isEgress) in [(group.ingress, false), (group.egress, true)] {
                for rule in rules where self.ids?.isEmpty ?? true || self.ids?.contains(rule.id) == true {
                    missing.remove(rule.id)
                    let fields = ["security-group-rule-id": [rule.id], "group-id": [group.id]]
                    guard try self.filters.match(fields, tags: []) else { continue }
                    found.append(.securityGroupRule(rule, of: group.id, isEgress: isEgress))
                }
            }
        }
        if let id = missing.min() {
            throw APIError(
                "InvalidSecurityGroupRuleId.NotFound",
                "The security group rule ID '\(id.prefix(80))' does not exist"
            )
        }
        return ["SecurityGroupRules": .list(found)]
    }
}

extension Transaction {
    fileprivate typealias Direction = WritableKeyPath<SecurityGroupRecord, [SecurityGroupRule]>

    fileprivate mutating func authorize(
        _ specifications: [RuleSpecification],
        _ direction: Direction,
        of reference: EC2.GroupReference,
        isEgress: Bool
    ) throws(APIError) -> WireValue {
        var record = try self.account.securityGroup(reference)
        var added: [WireValue] = []
        for specification in specifications {
            let rule = try self.rule(specification, id: self.makeID("sgr"))
            guard !record[keyPath: direction].contains(where: rule.isSame) else {
                throw APIError("InvalidPermission.Duplicate", "the specified rule already exists")
            }
            record[keyPath: direction].append(rule)
            added.append(.securityGroupRule(rule, of: record.id, isEgress: isEgress))
        }
        guard record[keyPath: direction].count <= EC2.mostRules else {
            throw APIError(
                "RulesPerSecurityGroupLimitExceeded",
                "The maximum number of rules per security group has been reached."
            )
        }
        self.save(.securityGroup(record))
        return ["Return": true, "SecurityGroupRules": .list(added)]
    }

    fileprivate mutating func revoke(
        _ specifications: [RuleSpecification],
        _ ids: [String],
        _ direction: Direction,
        of reference: EC2.GroupReference
    ) throws(APIError) -> WireValue {
        var record = try self.account.securityGroup(reference)
        for id in ids {
            guard let index = record[keyPath: direction].firstIndex(where: { $0.id == id }) else {
                throw APIError(
                    "InvalidSecurityGroupRuleId.NotFound",
                    "The security group rule ID '\(id.prefix(80))' does not exist"
                )
            }
            record[keyPath: direction].remove(at: index)
        }
        for specification in specifications {
            let rule = try self.rule(specification, id: "")
            guard let index = record[keyPath: direction].firstIndex(where: rule.isSame) else {
                throw APIError(
                    "InvalidPermission.NotFound",
                    "The specified rule does not exist in this security group."
                )
            }
            record[keyPath: direction].remove(at: index)
        }
        self.save(.securityGroup(record))
        return ["Return": true]
    }

    private func rule(_ specification: RuleSpecification, id: String) throws(APIError) -> SecurityGroupRule {
        let peer: SecurityGroupRule.Peer =
            switch specification.peer {
            case .block(let block): .block(block)
            case .group(let reference): .group(try self.account.securityGroup(reference).id)
            }
        return SecurityGroupRule(
            id: id,
            ipProtocol: specification.ipProtocol,
            ports: specification.ports,
            peer: peer,
            detail: specification.detail
        )
    }
}

extension Account {
    /// The VPC of that id, or the default one.
    func vpc(_ id: String?) throws(APIError) -> String {
        guard let id else {
            guard let vpc = self.vpcs.first(where: \.isDefault) else {
                throw APIError("VPCIdNotSpecified", "No default VPC for this user")
            }
            return vpc.id
        }
        guard let vpc = self.vpcs[id] else {
            throw APIError("InvalidVpcID.NotFound", "The vpc ID '\(id.prefix(80))' does not exist")
        }
        return vpc.id
    }

    fileprivate func securityGroup(_ reference: EC2.GroupReference) throws(APIError) -> SecurityGroupRecord {
        switch reference {
        case .id(let id):
            if let record = self.securityGroups[id] { return record }
            throw APIError("InvalidGroup.NotFound", "The security group '\(id.prefix(80))' does not exist")
        case .name(let name):
            let vpc = try self.vpc(nil)
            if let record = self.securityGroups.first(where: { $0.vpc == vpc && $0.name == name }) { return record }
            throw APIError(
                "InvalidGroup.NotFound",
                "The security group '\(name.prefix(80))' does not exist in default VPC '\(vpc)'"
            )
        }
    }

    /// Whether anything has the group, or another group's rule names it.
    ///
    /// - Parameter going: groups whose rules do not count, because they go as well.
    func isInUse(securityGroup group: String, besides going: Set<String> = []) -> Bool {
        self.loadBalancers.contains { $0.securityGroups.contains(group) }
            || self.classicLoadBalancers.contains { $0.securityGroups.contains(group) }
            || self.instances.contains { $0.state != .terminated && $0.securityGroups.contains(group) }
            || self.securityGroups.contains { other in
                other.id != group && !going.contains(other.id)
                    && (other.ingress + other.egress).contains { $0.peer == .group(group) }
            }
    }
}
