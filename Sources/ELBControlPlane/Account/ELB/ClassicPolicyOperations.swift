package import ELBControlAPI
import ELBModel

extension ELB {
    static let policyOperations: [any AccountCommand.Type] = [
        CreateLoadBalancerPolicy.self, CreateLBCookieStickinessPolicy.self, CreateAppCookieStickinessPolicy.self,
        DeleteLoadBalancerPolicy.self, SetLoadBalancerPoliciesOfListener.self,
        SetLoadBalancerPoliciesForBackendServer.self, DescribeLoadBalancerPolicies.self,
        DescribeLoadBalancerPolicyTypes.self,
    ]
}

extension ELB.CreateLoadBalancerPolicy: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        try transaction.add(self.policy, to: self.loadBalancer)
    }
}

extension ELB.CreateLBCookieStickinessPolicy: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        try transaction.add(self.policy, to: self.loadBalancer)
    }
}

extension ELB.CreateAppCookieStickinessPolicy: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        try transaction.add(self.policy, to: self.loadBalancer)
    }
}

extension ELB.DeleteLoadBalancerPolicy: AccountCommand {
    /// One that something uses stays (CLB-AP-005), one that is gone already is no mistake.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.classicLoadBalancer(self.loadBalancer)
        guard !record.balancer.uses(policy: self.name) else {
            throw APIError(
                "InvalidConfigurationRequest",
                "You must specify a policy that is not in use: '\(self.name.prefix(80))' is"
            )
        }
        record.balancer.policies.removeAll { $0.name == self.name }
        try transaction.save(classic: record)
        return [:]
    }
}

extension ELB.SetLoadBalancerPoliciesOfListener: AccountCommand {
    /// In place of those that were set (CLB-SK-001).
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.classicLoadBalancer(self.loadBalancer)
        let index = try record.balancer.listener(onPort: self.port)
        record.balancer.listeners[index].policies = self.names
        try transaction.save(classic: record)
        return [:]
    }
}

extension ELB.SetLoadBalancerPoliciesForBackendServer: AccountCommand {
    /// In place of those that were set; none turns all of them off (CLB-PP-006).
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.classicLoadBalancer(self.loadBalancer)
        record.balancer.backendPolicies[self.port] = self.names.isEmpty ? nil : self.names
        try transaction.save(classic: record)
        return [:]
    }
}

extension ELB.DescribeLoadBalancerPolicies: AccountCommand {
    /// The load balancer's, or without one AWS's own.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        if let loadBalancer {
            let policies = try transaction.classicLoadBalancer(loadBalancer).balancer.policies
            return ["PolicyDescriptions": .list(try self.chosen(policies, \.name).map(WireValue.classicPolicy))]
        }
        let policies = try self.chosen(ClassicSecurityPolicy.all, \.name)
        return ["PolicyDescriptions": .list(policies.map(WireValue.classicPolicy))]
    }

    private func chosen<Policy>(_ all: [Policy], _ name: (Policy) -> String) throws(APIError) -> [Policy] {
        guard !self.names.isEmpty else { return all }
        if let missing = self.names.first(where: { wanted in !all.contains { name($0) == wanted } }) {
            throw APIError("PolicyNotFound", "There is no policy with name '\(missing.prefix(80))'")
        }
        return all.filter { self.names.contains(name($0)) }
    }
}

extension ELB.DescribeLoadBalancerPolicyTypes: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        for name in self.names where ClassicPolicyType(rawValue: name) == nil {
            throw APIError("PolicyTypeNotFound", "Policy type '\(name.prefix(80))' not found")
        }
        let types = ClassicPolicyType.allCases.filter { self.names.isEmpty || self.names.contains($0.rawValue) }
        return ["PolicyTypeDescriptions": .list(types.map(\.output))]
    }
}

extension ClassicLoadBalancer {
    /// Whether a listener, an instance port or another policy names it.
    fileprivate func uses(policy name: String) -> Bool {
        if self.listeners.contains(where: { $0.policies.contains(name) }) { return true }
        if self.backendPolicies.values.contains(where: { $0.contains(name) }) { return true }
        return self.policies.contains { policy in
            if case .backendAuthentication(let keys) = policy.kind { keys.contains(name) } else { false }
        }
    }
}

extension Transaction {
    fileprivate mutating func add(_ policy: ClassicPolicy, to name: String) throws(APIError) -> WireValue {
        var record = try self.classicLoadBalancer(name)
        guard record.balancer.policy(policy.name) == nil else {
            throw APIError("DuplicatePolicyName", "A policy with the name '\(policy.name.prefix(80))' already exists")
        }
        record.balancer.policies.append(policy)
        try self.save(classic: record)
        return [:]
    }
}
