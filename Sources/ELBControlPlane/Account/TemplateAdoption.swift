package import ELBModel

/// Takes what templates describe into the account, so that the API shows it and works on it. What the templates described before
/// and describe no longer goes; what the API made stays, also inside a template's load balancer.
package struct TemplateAdoption: Sendable {
    private let topology: Topology

    package init(_ topology: Topology) { self.topology = topology }

    /// - Throws: when the templates and what the API has made cannot stand side by side.
    package func perform(_ transaction: inout Transaction) throws(ModelError) {
        try self.requireFree(transaction.account)
        self.removeStale(&transaction)
        for function in self.topology.functions { transaction.save(.function(FunctionRecord(function: function))) }
        for instance in self.topology.instances { self.adopt(instance, &transaction) }
        for group in self.topology.targetGroups { self.adopt(group, &transaction) }
        for balancer in self.topology.loadBalancers { self.adopt(balancer, &transaction) }
    }

    // MARK: Parts

    private func adopt(_ instance: Instance, _ transaction: inout Transaction) {
        let account = transaction.account
        let subnet = account.defaultSubnet(in: instance.zone)
        var record =
            account.instances[instance.id.rawValue]
            ?? InstanceRecord(
                owner: .template,
                launched: transaction.now,
                subnet: subnet.id,
                vpc: subnet.vpc,
                securityGroups: account.defaultSecurityGroups,
                image: "ami-0" + StableHash.hexadecimal(of: "elblab/image"),
                reservation: "r-0" + StableHash.hexadecimal(of: instance.id.rawValue),
                instance: instance
            )
        // The ports that the API's target groups have added stay.
        let added = account.targetGroups.lazy.filter { $0.owner == .api }.flatMap(\.group.targets)
            .filter { $0.id.rawValue == instance.id.rawValue }.map(\.endpoint.port)
        record.instance = instance
        record.instance.ports = Set(instance.ports).union(added).sorted()
        record.tags = [ResourceTag(key: "Name", value: instance.name)]
        transaction.save(.instance(record))
    }

    private func adopt(_ group: TargetGroup, _ transaction: inout Transaction) {
        let vpc = group.targetType == .lambda ? nil : transaction.account.defaultSubnet(in: .a).vpc
        var record =
            transaction.account.targetGroups[group.id.rawValue]
            ?? TargetGroupRecord(owner: .template, group: group, vpc: vpc)
        record.group = group
        transaction.save(.targetGroup(record))
    }

    private func adopt(_ balancer: LoadBalancer, _ transaction: inout Transaction) {
        let account = transaction.account
        let arn = ResourceARN.loadBalancer(name: balancer.name, id: balancer.id)
        let subnets = balancer.nodes.map { account.defaultSubnet(in: $0.zone) }
        var record =
            account.loadBalancers[arn]
            ?? LoadBalancerRecord(
                arn: arn,
                owner: .template,
                created: transaction.now,
                balancer: balancer,
                subnets: [],
                vpc: account.defaultSubnet(in: .a).vpc,
                securityGroups: account.defaultSecurityGroups
            )
        record.balancer = balancer
        record.balancer.listeners = []
        record.subnets = subnets.map(\.id)
        transaction.save(.loadBalancer(record))
        for listener in balancer.listeners { self.adopt(listener, of: arn, &transaction) }
    }

    private func adopt(_ listener: Listener, of balancer: String, _ transaction: inout Transaction) {
        let arn = Self.listenerARN(listener, of: balancer)
        var record =
            transaction.account.listeners[arn]
            ?? ListenerRecord(arn: arn, owner: .template, loadBalancer: balancer, listener: listener)
        record.listener = listener
        record.listener.rules = []
        transaction.save(.listener(record))
        for certificate in listener.tls.map({ [$0.defaultCertificate] + $0.certificates }) ?? [] {
            guard transaction.account.certificates[certificate.arn.rawValue] != nil else {
                transaction.save(
                    .certificate(
                        CertificateRecord(owner: .template, created: transaction.now, certificate: certificate)
                    )
                )
                continue
            }
        }
        if let store = listener.tls?.mutualAuthentication.trustStore {
            var record =
                transaction.account.trustStores[store.arn.rawValue] ?? TrustStoreRecord(owner: .template, store: store)
            record.store = store
            transaction.save(.trustStore(record))
        }
        for rule in listener.rules {
            let ruleARN = Self.ruleARN(rule, of: arn)
            var record =
                transaction.account.rules[ruleARN]
                ?? RuleRecord(arn: ruleARN, owner: .template, listener: arn, rule: rule)
            record.rule = rule
            transaction.save(.rule(record))
        }
    }

    /// A listener's port and a rule's priority say which one it is from one reading of a template to the next.
    private static func listenerARN(_ listener: Listener, of balancer: String) -> String {
        ResourceARN.listener(
            ofLoadBalancer: balancer,
            id: listener.id ?? StableHash.hexadecimal(of: "\(balancer):\(listener.port)")
        )
    }

    private static func ruleARN(_ rule: ListenerRule, of listener: String) -> String {
        ResourceARN.rule(
            ofListener: listener,
            id: rule.id ?? StableHash.hexadecimal(of: "\(listener):\(rule.priority)")
        )
    }

    // MARK: What goes

    private func removeStale(_ transaction: inout Transaction) {
        let account = transaction.account
        var balancers: Set<String> = []
        var listeners: Set<String> = []
        var rules: Set<String> = []
        for balancer in self.topology.loadBalancers {
            let arn = ResourceARN.loadBalancer(name: balancer.name, id: balancer.id)
            balancers.insert(arn)
            for listener in balancer.listeners {
                let listenerARN = Self.listenerARN(listener, of: arn)
                listeners.insert(listenerARN)
                rules.formUnion(listener.rules.map { Self.ruleARN($0, of: listenerARN) })
            }
        }
        for record in account.rules where record.owner == .template && !rules.contains(record.arn) {
            transaction.remove(.rule, record.arn)
        }
        for record in account.listeners where record.owner == .template && !listeners.contains(record.arn) {
            transaction.remove(listener: record)
        }
        for record in account.loadBalancers where record.owner == .template && !balancers.contains(record.arn) {
            for listener in transaction.account.listeners(of: record.arn) { transaction.remove(listener: listener) }
            transaction.remove(.loadBalancer, record.arn)
        }
        let groups = Set(self.topology.targetGroups.map(\.id.rawValue))
        for record in account.targetGroups where record.owner == .template && !groups.contains(record.id) {
            transaction.remove(.targetGroup, record.id)
        }
        let instances = Set(self.topology.instances.map(\.id.rawValue))
        for record in account.instances where record.owner == .template && !instances.contains(record.id) {
            transaction.remove(.instance, record.id)
        }
        let functions = Set(self.topology.functions.map(\.arn))
        for record in account.functions where !functions.contains(record.id) {
            transaction.remove(.function, record.id)
        }
    }

    /// Names that the API has given already.
    private func requireFree(_ account: Account) throws(ModelError) {
        for balancer in self.topology.loadBalancers
        where account.loadBalancers.contains(where: { $0.owner == .api && $0.balancer.name == balancer.name }) {
            throw ModelError(
                .duplicateLoadBalancerName,
                "A load balancer named '\(balancer.name)' already exists: the AWS API made it"
            )
        }
        for group in self.topology.targetGroups
        where account.targetGroups.contains(where: { $0.owner == .api && $0.group.name == group.name }) {
            throw ModelError(
                .duplicateTargetGroupName,
                "A target group named '\(group.name)' already exists: the AWS API made it"
            )
        }
    }
}

extension Account {
    /// The zone's subnet of the default VPC, which cannot be deleted.
    func defaultSubnet(in zone: AvailabilityZone) -> SubnetRecord {
        guard let subnet = self.subnets.first(where: { $0.isDefault && $0.zone == zone }) else {
            preconditionFailure("the default VPC has no subnet in \(zone)")
        }
        return subnet
    }

    var defaultSecurityGroups: [String] {
        self.securityGroups.filter { $0.name == "default" }.prefix(1).map(\.id)
    }
}
