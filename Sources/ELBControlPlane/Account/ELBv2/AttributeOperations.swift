package import ELBControlAPI
import ELBModel

extension ELBv2 {
    static let attributeOperations: [any AccountCommand.Type] = [
        DescribeLoadBalancerAttributes.self, ModifyLoadBalancerAttributes.self,
        DescribeTargetGroupAttributes.self, ModifyTargetGroupAttributes.self,
        DescribeListenerAttributes.self, ModifyListenerAttributes.self,
    ]
}

extension ELBv2.DescribeLoadBalancerAttributes: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let balancer = try transaction.loadBalancer(self.arn).balancer
        return .attributes(balancer.attributes.values(of: balancer.kind, scheme: balancer.scheme))
    }
}

extension ELBv2.ModifyLoadBalancerAttributes: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.loadBalancer(self.arn)
        try self.settings.apply { key, value throws(ModelError) in
            try record.balancer.attributes.set(key, to: value, of: record.balancer.kind)
        }
        transaction.save(.loadBalancer(record))
        try transaction.validate(loadBalancer: record.arn)
        return .attributes(
            record.balancer.attributes.values(of: record.balancer.kind, scheme: record.balancer.scheme)
        )
    }
}

extension ELBv2.DescribeTargetGroupAttributes: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        .attributes(try transaction.targetGroup(self.arn).group.attributeValues)
    }
}

extension ELBv2.ModifyTargetGroupAttributes: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.targetGroup(self.arn)
        let known = Set(record.group.attributeValues.map(\.key))
        try self.settings.apply { key, value throws(ModelError) in
            try record.group.attributes.set(key, to: value, of: record.group.kind)
            guard known.contains(key) else {
                throw ModelError(
                    .invalidConfigurationRequest,
                    "attribute '\(key)' is not for target groups of type '\(record.group.targetType.rawValue)'"
                )
            }
        }
        if let error = record.group.validate().first { throw APIError(error) }
        transaction.save(.targetGroup(record))
        for arn in transaction.account.loadBalancers(using: record.group.id) {
            try transaction.validate(loadBalancer: arn)
        }
        return .attributes(record.group.attributeValues)
    }
}

extension ELBv2.DescribeListenerAttributes: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let listener = try transaction.listener(self.arn).listener
        return .attributes(listener.attributes.values(for: listener.protocol))
    }
}

extension ELBv2.ModifyListenerAttributes: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.listener(self.arn)
        try self.settings.apply { key, value throws(ModelError) in
            try record.listener.attributes.set(key, to: value, for: record.listener.protocol)
        }
        transaction.save(.listener(record))
        try transaction.validate(loadBalancer: record.loadBalancer)
        return .attributes(record.listener.attributes.values(for: record.listener.protocol))
    }
}

extension [ELBv2.AttributeSetting] {
    /// One after the other; the first that cannot be set is the answer.
    fileprivate func apply(_ set: (_ key: String, _ value: String) throws(ModelError) -> Void) throws(APIError) {
        for setting in self {
            do throws(ModelError) {
                try set(setting.key, setting.value)
            } catch {
                throw APIError(error)
            }
        }
    }
}
