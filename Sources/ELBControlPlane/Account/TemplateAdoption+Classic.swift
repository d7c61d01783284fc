import ELBModel

// Classic Load Balancers of templates. Each is one record, so it remembers what its template said: what it has beyond that, the
// API has added, and that stays when the template is read again.
extension TemplateAdoption {
    func adopt(_ balancer: ClassicLoadBalancer, _ transaction: inout Transaction) {
        let account = transaction.account
        let vpc = account.defaultSubnet(in: .a).vpc
        var record =
            account.classicLoadBalancers[balancer.name.rawValue]
            ?? ClassicLoadBalancerRecord(
                owner: self.owner,
                created: transaction.now,
                balancer: balancer,
                subnets: [],
                vpc: vpc,
                securityGroups: account.defaultSecurityGroups
            )
        let described = balancer.withDefaultPolicies()
        record.balancer = described.adding(record.balancer, beyond: record.described ?? record.balancer)
        record.described = described
        record.subnets = balancer.nodes.map { account.defaultSubnet(in: $0.zone).id }
        record.securityGroups = self.securityGroups(
            of: record.id,
            now: record.securityGroups,
            else: account.defaultSecurityGroups,
            account
        )
        record.tags = self.tags(of: record.id, besides: record.tags)
        transaction.save(.classicLoadBalancer(record))
        for certificate in described.listeners.compactMap(\.certificate) { self.adopt(certificate, &transaction) }
    }

    /// Registered instances listen where their load balancers expect them, whoever has registered them.
    func listenForClassic(_ transaction: inout Transaction) {
        for record in transaction.account.classicLoadBalancers { transaction.listenForClassic(record) }
    }

    func removeStaleClassic(_ transaction: inout Transaction) {
        let names = Set(self.topology.classicLoadBalancers.map(\.name.rawValue))
        for record in transaction.account.classicLoadBalancers
        where record.owner == self.owner && !names.contains(record.id) {
            transaction.remove(.classicLoadBalancer, record.id)
        }
    }

    /// Gives what is retained to the account itself.
    func letGoClassic(_ transaction: inout Transaction) {
        for var record in transaction.account.classicLoadBalancers
        where record.owner == self.owner && self.retained.contains(record.id) {
            record.owner = .api
            record.described = nil
            transaction.save(.classicLoadBalancer(record))
        }
    }

    /// Names that others have given already.
    func requireFreeClassic(_ account: Account) throws(ModelError) {
        for balancer in self.topology.classicLoadBalancers {
            guard let other = account.classicLoadBalancers[balancer.name.rawValue], other.owner != self.owner else {
                continue
            }
            throw ModelError(
                .duplicateLoadBalancerName,
                "A Classic Load Balancer named '\(balancer.name)' already exists: \(account.describe(other.owner)) made it"
            )
        }
    }
}

extension ClassicLoadBalancer {
    /// With AWS's default policy on the secure listeners that have none of TLS, as those have that the API makes.
    fileprivate func withDefaultPolicies() -> Self {
        var balancer = self
        balancer.listeners = []
        for listener in self.listeners { balancer.add(listener) }
        return balancer
    }

    /// What a template says, and of what there is now the parts that its last reading did not describe.
    fileprivate func adding(_ current: Self, beyond described: Self) -> Self {
        var balancer = self
        balancer.listeners += current.listeners.filter { listener in
            !(described.listeners + self.listeners).contains { $0.port == listener.port }
        }
        balancer.instances += current.instances.filter { instance in
            !(described.instances + self.instances).contains { $0.id == instance.id }
        }
        balancer.policies += current.policies.filter { policy in
            !(described.policies + self.policies).contains { $0.name == policy.name }
        }
        let ports = Set(balancer.listeners.map(\.instancePort))
        for (port, names) in current.backendPolicies
        where described.backendPolicies[port] == nil && self.backendPolicies[port] == nil && ports.contains(port) {
            balancer.backendPolicies[port] = names
        }
        return balancer
    }
}
