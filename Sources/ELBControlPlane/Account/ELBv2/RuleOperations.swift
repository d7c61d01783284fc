package import ELBControlAPI
import ELBModel

extension ELBv2 {
    static let ruleOperations: [any AccountCommand.Type] = [
        CreateRule.self, DescribeRules.self, ModifyRule.self, DeleteRule.self, SetRulePriorities.self,
    ]
}

extension ELBv2.CreateRule: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let listener = try transaction.listener(self.listener)
        try transaction.requireTargetGroups(of: self.rule.actions, for: listener.loadBalancer)
        guard !transaction.account.rules(of: listener.arn).contains(where: { $0.rule.priority == self.rule.priority })
        else { throw APIError("PriorityInUse", "Priority '\(self.rule.priority)' is currently in use") }
        var record = RuleRecord(
            arn: ResourceARN.rule(ofListener: listener.arn, id: transaction.makeID()),
            owner: .api,
            listener: listener.arn,
            rule: self.rule
        )
        record.tags = self.tags
        transaction.save(.rule(record))
        try transaction.validate(loadBalancer: listener.loadBalancer)
        return ["Rules": [.rule(record)]]
    }
}

extension ELBv2.DescribeRules: AccountCommand {
    /// By priority, the default rule last.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var rules: [(arn: String, output: WireValue)] = []
        let account = transaction.account
        if let listener {
            let record = try transaction.listener(listener)
            rules = account.rules(of: record.arn).map { ($0.arn, .rule($0)) }
            rules.append((ResourceARN.defaultRule(ofListener: record.arn), .defaultRule(of: record)))
        } else {
            guard let arns, !arns.isEmpty else {
                throw .validation("You must specify either listener ARN or rule ARNs")
            }
            for arn in arns {
                if let record = account.rules[arn] {
                    rules.append((arn, .rule(record)))
                } else if let listener = account.listener(ofDefaultRule: arn) {
                    rules.append((arn, .defaultRule(of: listener)))
                } else {
                    throw Transaction.ruleNotFound
                }
            }
        }
        let (page, next) = try self.page.cut(rules, id: \.arn)
        return ["Rules": .list(page.map(\.output)), "NextMarker": next.map { .text($0) }]
    }
}

extension ELBv2.ModifyRule: AccountCommand {
    /// Lists are replaced whole; what is not given stays (ALB-LSN-009).
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.rule(self.arn, or: "The default rule cannot be modified")
        let listener = try transaction.listener(record.listener)
        if let actions {
            try transaction.requireTargetGroups(of: actions, for: listener.loadBalancer)
            record.rule.actions = actions
        }
        if let conditions { record.rule.conditions = conditions }
        if let transforms { record.rule.transforms = transforms }
        transaction.save(.rule(record))
        try transaction.validate(loadBalancer: listener.loadBalancer)
        return ["Rules": [.rule(record)]]
    }
}

extension ELBv2.DeleteRule: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let record = try transaction.rule(self.arn, or: "Default rule '\(self.arn)' cannot be deleted")
        transaction.remove(.rule, record.arn)
        return [:]
    }
}

extension ELBv2.SetRulePriorities: AccountCommand {
    /// All at once, so that two rules can change places.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var changed: [RuleRecord] = []
        for (arn, priority) in self.priorities {
            var record = try transaction.rule(arn, or: "The priority of the default rule cannot be changed")
            record.rule.priority = priority
            changed.append(record)
        }
        for record in changed { transaction.save(.rule(record)) }
        for record in changed {
            let siblings = transaction.account.rules(of: record.listener)
            guard siblings.count(where: { $0.rule.priority == record.rule.priority }) == 1 else {
                throw APIError("PriorityInUse", "Priority '\(record.rule.priority)' is currently in use")
            }
            try transaction.validate(loadBalancer: transaction.listener(record.listener).loadBalancer)
        }
        return ["Rules": .list(changed.map(WireValue.rule))]
    }
}

extension Transaction {
    fileprivate static let ruleNotFound = APIError("RuleNotFound", "One or more rules not found")

    /// The rule, or AWS's error; `refusal` is what it says of the default rule (ALB-LSN-004).
    fileprivate func rule(_ arn: String, or refusal: String) throws(APIError) -> RuleRecord {
        if let record = self.account.rules[arn] { return record }
        guard self.account.listener(ofDefaultRule: arn) != nil else { throw Self.ruleNotFound }
        throw APIError("OperationNotPermitted", refusal)
    }
}

extension Account {
    /// The listener whose default rule has that ARN.
    func listener(ofDefaultRule arn: String) -> ListenerRecord? {
        self.listeners.first { ResourceARN.defaultRule(ofListener: $0.arn) == arn }
    }
}
