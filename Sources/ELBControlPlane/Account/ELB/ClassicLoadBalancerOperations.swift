package import ELBControlAPI
import ELBModel

extension ELB {
    static let loadBalancerOperations: [any AccountCommand.Type] = [
        CreateLoadBalancer.self, DescribeLoadBalancers.self, DeleteLoadBalancer.self,
    ]
}

extension ELB.CreateLoadBalancer: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let subnets = try transaction.classicSubnets(self.placement)
        let groups = try transaction.classicSecurityGroups(self.securityGroups, in: subnets[0].vpc)
        let listeners = try transaction.classicListeners(self.listeners)
        if let known = transaction.account.classicLoadBalancers[self.name.rawValue] {
            // The same once more is the same.
            guard known.balancer.scheme == self.scheme, Set(known.subnets) == Set(subnets.map(\.id)),
                known.securityGroups == groups, known.balancer.listeners.isSame(as: listeners)
            else {
                throw APIError(
                    "DuplicateLoadBalancerName",
                    "A load balancer with the name '\(self.name)' exists, and is configured with different parameters"
                )
            }
            return ["DNSName": .text(known.balancer.dnsName)]
        }
        guard transaction.account.classicLoadBalancers.count < ClassicLoadBalancer.mostLoadBalancers else {
            throw APIError("TooManyLoadBalancers", "The quota for the number of load balancers has been reached")
        }
        var balancer = ClassicLoadBalancer(
            name: self.name,
            scheme: self.scheme,
            nodes: try subnets.map { subnet throws(APIError) in try transaction.node(in: subnet, scheme: self.scheme) },
            listeners: [],
            dnsName: transaction.makeDNSName(self.name, self.scheme)
        )
        for listener in listeners { balancer.add(listener) }
        var record = ClassicLoadBalancerRecord(
            owner: .api,
            created: transaction.now,
            balancer: balancer,
            subnets: subnets.map(\.id),
            vpc: subnets[0].vpc,
            securityGroups: groups
        )
        record.tags = self.tags
        try transaction.save(classic: record)
        return ["DNSName": .text(balancer.dnsName)]
    }
}

extension ELB.DescribeLoadBalancers: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var found = Array(transaction.account.classicLoadBalancers)
        if let names, !names.isEmpty {
            for name in names { _ = try transaction.classicLoadBalancer(name) }
            found = found.filter { names.contains($0.id) }
        }
        let (page, next) = try self.page.cut(found, id: \.id)
        let account = transaction.account
        let descriptions = page.map { record in
            WireValue.classicLoadBalancer(
                record,
                sourceGroup: record.securityGroups.first.map(account.securityGroupName)
            )
        }
        return ["LoadBalancerDescriptions": .list(descriptions), "NextMarker": next.map { .text($0) }]
    }
}

extension ELB.DeleteLoadBalancer: AccountCommand {
    /// One that is gone already is no mistake (CLB-AP-005).
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        if transaction.account.classicLoadBalancers[self.name] != nil {
            transaction.remove(.classicLoadBalancer, self.name)
        }
        return [:]
    }
}

extension ClassicLoadBalancer {
    /// Adds a listener. A secure one without a policy of TLS gets AWS's default one, which becomes one of the load balancer's
    /// (CLB-TL-001).
    mutating func add(_ listener: ClassicListener) {
        var listener = listener
        let isNegotiated = listener.policies.contains { name in
            if case .sslNegotiation = self.policy(name)?.kind { true } else { false }
        }
        if listener.protocol.isSecure, !isNegotiated {
            let name = ClassicSecurityPolicy.defaultName
            if self.policy(name) == nil {
                self.policies.append(ClassicPolicy(name: name, kind: .sslNegotiation(.predefined(name))))
            }
            listener.policies.append(name)
        }
        self.listeners.append(listener)
    }
}

extension [ClassicListener] {
    /// Whether the other ones are the same but for the policies that have been set.
    fileprivate func isSame(as others: [ClassicListener]) -> Bool {
        self.count == others.count && others.allSatisfy { other in self.contains { $0.isSame(as: other) } }
    }
}

extension ClassicListener {
    /// Whether the other one is the same but for the policies that have been set.
    func isSame(as other: ClassicListener) -> Bool {
        var same = other
        same.policies = self.policies
        return same == self
    }
}

extension Transaction {
    /// The load balancer, or AWS's error.
    func classicLoadBalancer(_ name: String) throws(APIError) -> ClassicLoadBalancerRecord {
        guard let record = self.account.classicLoadBalancers[name] else {
            throw APIError("LoadBalancerNotFound", "There is no ACTIVE Load Balancer named '\(name.prefix(80))'")
        }
        return record
    }

    /// Saves a load balancer unless AWS refuses something about it as it is now.
    mutating func save(classic record: ClassicLoadBalancerRecord) throws(APIError) {
        if let error = record.balancer.validate().first { throw APIError(error) }
        self.save(.classicLoadBalancer(record))
    }
}
