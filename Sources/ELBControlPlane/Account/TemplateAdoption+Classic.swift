import ELBModel

// Classic Load Balancers that templates describe.
extension TemplateAdoption {
    func adopt(_ balancer: ClassicLoadBalancer, _ transaction: inout Transaction) {
        let account = transaction.account
        var record =
            account.classicLoadBalancers[balancer.name.rawValue]
            ?? ClassicLoadBalancerRecord(
                owner: self.owner,
                created: transaction.now,
                balancer: balancer,
                subnets: [],
                vpc: account.defaultSubnet(in: .a).vpc,
                securityGroups: account.defaultSecurityGroups
            )
        // The instances that others have registered stay.
        let others = record.balancer.instances.filter { registered in
            account.instances[registered.id.rawValue].map { $0.owner != self.owner } ?? false
                && !balancer.instances.contains { $0.id == registered.id }
        }
        record.balancer = balancer
        record.balancer.instances += others
        record.subnets = balancer.nodes.map { account.defaultSubnet(in: $0.zone).id }
        record.securityGroups = self.securityGroups(
            of: record.id,
            now: record.securityGroups,
            else: account.defaultSecurityGroups,
            account
        )
        record.tags = self.tags(of: record.id, besides: record.tags)
        transaction.save(.classicLoadBalancer(record))
        for certificate in balancer.listeners.compactMap(\.certificate) { self.adopt(certificate, &transaction) }
    }

    func adopt(_ certificate: Certificate, _ transaction: inout Transaction) {
        var record =
            transaction.account.certificates[certificate.arn.rawValue]
            ?? CertificateRecord(owner: self.owner, created: transaction.now, certificate: certificate)
        guard record.owner == self.owner else { return }
        record.certificate = certificate
        transaction.save(.certificate(record))
    }

    /// Removes those that are described no more.
    func removeStaleClassic(_ transaction: inout Transaction) {
        let names = Set(self.topology.classicLoadBalancers.map(\.name.rawValue))
        for record in transaction.account.classicLoadBalancers
        where record.owner == self.owner && !names.contains(record.id) {
            transaction.remove(.classicLoadBalancer, record.id)
        }
    }

    /// An instance is gone: whoever has it registered loses it.
    func deregister(_ instance: String, _ transaction: inout Transaction) {
        for var record in transaction.account.classicLoadBalancers
        where record.balancer.instances.contains(where: { $0.id.rawValue == instance }) {
            record.balancer.instances.removeAll { $0.id.rawValue == instance }
            transaction.save(.classicLoadBalancer(record))
        }
    }

    /// Gives what is retained to the account itself.
    func letGoClassic(_ transaction: inout Transaction) {
        for var record in transaction.account.classicLoadBalancers
        where record.owner == self.owner && self.retained.contains(record.id) {
            record.owner = .api
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
