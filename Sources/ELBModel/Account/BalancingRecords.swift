/// A load balancer as the account has it. Listeners and rules are records of their own; `Account.topology` puts them together.
package struct LoadBalancerRecord: AccountRecord {
    package var arn: String
    package var owner: RecordOwner
    package var created: Timestamp
    package var tags: [ResourceTag] = []
    /// Without listeners.
    package var balancer: LoadBalancer
    /// Of its nodes, in their order.
    package var subnets: [String]
    package var vpc: String
    package var securityGroups: [String]

    package init(
        arn: String,
        owner: RecordOwner,
        created: Timestamp,
        balancer: LoadBalancer,
        subnets: [String],
        vpc: String,
        securityGroups: [String]
    ) {
        self.arn = arn
        self.owner = owner
        self.created = created
        self.balancer = balancer
        self.subnets = subnets
        self.vpc = vpc
        self.securityGroups = securityGroups
    }

    package var id: String { self.arn }
}

/// A listener as the account has it.
package struct ListenerRecord: AccountRecord {
    package var arn: String
    package var owner: RecordOwner
    /// The load balancer's ARN.
    package var loadBalancer: String
    package var tags: [ResourceTag] = []
    /// Without rules.
    package var listener: Listener

    package init(arn: String, owner: RecordOwner, loadBalancer: String, listener: Listener) {
        self.arn = arn
        self.owner = owner
        self.loadBalancer = loadBalancer
        self.listener = listener
    }

    package var id: String { self.arn }
    package var parent: String? { self.loadBalancer }
}

/// A rule other than the default one, which is the listener's own.
package struct RuleRecord: AccountRecord {
    package var arn: String
    package var owner: RecordOwner
    /// The listener's ARN.
    package var listener: String
    package var tags: [ResourceTag] = []
    package var rule: ListenerRule

    package init(arn: String, owner: RecordOwner, listener: String, rule: ListenerRule) {
        self.arn = arn
        self.owner = owner
        self.listener = listener
        self.rule = rule
    }

    package var id: String { self.arn }
    package var parent: String? { self.listener }
}

/// A target group with the targets that are registered in it.
package struct TargetGroupRecord: AccountRecord {
    package var owner: RecordOwner
    package var tags: [ResourceTag] = []
    package var group: TargetGroup
    /// `nil` for groups of type lambda.
    package var vpc: String?

    package init(owner: RecordOwner, group: TargetGroup, vpc: String?) {
        self.owner = owner
        self.group = group
        self.vpc = vpc
    }

    package var id: String { self.group.id.rawValue }
}

/// A Lambda function; templates make them.
package struct FunctionRecord: AccountRecord {
    package var owner: RecordOwner
    package var function: LambdaFunction

    package init(owner: RecordOwner, function: LambdaFunction) {
        self.owner = owner
        self.function = function
    }

    package var id: String { self.function.arn }
}
