import ELBControlAPI
package import ELBModel

/// Takes what templates describe into the account, so that the API shows it and works on it. What the same owner's templates
/// described before and describe no longer goes; what others made stays, also inside a template's load balancer.
package struct TemplateAdoption: Sendable {
    let topology: Topology
    let owner: RecordOwner
    /// Ids of what is let go of, but stays (`DeletionPolicy: Retain`).
    let retained: Set<String>

    package init(_ topology: Topology, owner: RecordOwner = .template, retained: Set<String> = []) {
        self.topology = topology
        self.owner = owner
        self.retained = retained
    }

    /// - Throws: when the templates and what the API has made cannot stand side by side.
    package func perform(_ transaction: inout Transaction) throws(ModelError) {
        try self.requireFree(transaction.account)
        try self.removeStale(&transaction)
        for group in self.topology.securityGroups.groups { try self.adopt(group, &transaction) }
        for address in self.topology.addresses { self.adopt(address, &transaction) }
        for function in self.topology.functions { self.adopt(function, &transaction) }
        for instance in self.topology.instances { self.adopt(instance, &transaction) }
        for group in self.topology.targetGroups { self.adopt(group, &transaction) }
        for balancer in self.topology.loadBalancers { self.adopt(balancer, &transaction) }
        for balancer in self.topology.classicLoadBalancers { self.adopt(balancer, &transaction) }
        for record in self.topology.recordSets {
            transaction.save(.recordSet(RecordSetRecord(owner: self.owner, recordSet: record)))
        }
        self.listenForClassic(&transaction)
        self.removeUnused(&transaction)
        try self.removeStaleNetwork(&transaction)
    }

    // MARK: Parts

    private func adopt(_ function: LambdaFunction, _ transaction: inout Transaction) {
        var function = function
        let name = transaction.account.functions[function.arn]?.function.name
        function.name = name ?? self.serverName(function.name, of: function.arn, transaction.account)
        transaction.save(.function(FunctionRecord(owner: self.owner, function: function)))
    }

    /// What the fleet calls an instance or a function by: its logical id; where somebody else has that, with the stack's name
    /// before it.
    private func serverName(_ wanted: String, of id: String, _ account: Account) -> String {
        var names = [wanted]
        if case .stack(let stack) = self.owner, let record = account.stacks[stack] {
            names.append("\(record.name).\(wanted)")
        }
        return names.first { account.isFree(serverName: $0) } ?? id
    }

    private func adopt(_ instance: Instance, _ transaction: inout Transaction) {
        let account = transaction.account
        let subnet = account.defaultSubnet(in: instance.zone)
        var record =
            account.instances[instance.id.rawValue]
            ?? InstanceRecord(
                owner: self.owner,
                launched: transaction.now,
                subnet: subnet.id,
                vpc: subnet.vpc,
                securityGroups: account.defaultSecurityGroups,
                image: "ami-0" + StableHash.hexadecimal(of: "elblab/image"),
                reservation: "r-0" + StableHash.hexadecimal(of: instance.id.rawValue),
                instance: instance
            )
        // The ports that others' target groups and Classic Load Balancers have added stay.
        let added = account.targetGroups.lazy.filter { $0.owner != self.owner }.flatMap(\.group.targets)
            .filter { $0.id.rawValue == instance.id.rawValue }.map(\.endpoint.port)
        let classic = account.classicLoadBalancers.lazy.filter { $0.owner != self.owner }.map(\.balancer)
            .filter { $0.instances.contains { $0.id == instance.id } }.flatMap(\.instancePorts)
        // One that is there keeps its name: another would start it anew.
        let name = account.instances[instance.id.rawValue]?.instance.name
        record.instance = instance
        record.instance.name = name ?? self.serverName(instance.name, of: instance.id.rawValue, account)
        record.instance.ports = Set(instance.ports).union(added).union(classic).sorted()
        record.securityGroups = self.securityGroups(
            of: record.id,
            now: record.securityGroups,
            else: account.defaultSecurityGroups,
            account
        )
        record.tags = self.tags(of: record.id, besides: record.tags)
        if !record.tags.contains(where: { $0.key == "Name" }) {
            record.tags.append(ResourceTag(key: "Name", value: instance.name))
        }
        transaction.save(.instance(record))
    }

    private func adopt(_ group: TargetGroup, _ transaction: inout Transaction) {
        let vpc = group.targetType == .lambda ? nil : transaction.account.defaultSubnet(in: .a).vpc
        var record =
            transaction.account.targetGroups[group.id.rawValue]
            ?? TargetGroupRecord(owner: self.owner, group: group, vpc: vpc)
        record.group = group
        record.tags = self.tags(of: record.id, besides: record.tags)
        transaction.save(.targetGroup(record))
    }

    private func adopt(_ balancer: LoadBalancer, _ transaction: inout Transaction) {
        let account = transaction.account
        let arn = ResourceARN.loadBalancer(name: balancer.name, id: balancer.id, kind: balancer.kind)
        // A Network Load Balancer without security groups has none (NLB-SG-002).
        let usual = balancer.kind == .network ? [] : account.defaultSecurityGroups
        let subnets = balancer.nodes.map { account.defaultSubnet(in: $0.zone) }
        var record =
            account.loadBalancers[arn]
            ?? LoadBalancerRecord(
                arn: arn,
                owner: self.owner,
                created: transaction.now,
                balancer: balancer,
                subnets: [],
                vpc: account.defaultSubnet(in: .a).vpc,
                securityGroups: usual
            )
        record.balancer = balancer
        record.balancer.listeners = []
        record.subnets = subnets.map(\.id)
        record.securityGroups = self.securityGroups(of: arn, now: record.securityGroups, else: usual, account)
        record.tags = self.tags(of: arn, besides: record.tags)
        transaction.save(.loadBalancer(record))
        for listener in balancer.listeners { self.adopt(listener, of: arn, &transaction) }
    }

    private func adopt(_ listener: Listener, of balancer: String, _ transaction: inout Transaction) {
        let arn = Self.listenerARN(listener, of: balancer)
        var record =
            transaction.account.listeners[arn]
            ?? ListenerRecord(arn: arn, owner: self.owner, loadBalancer: balancer, listener: listener)
        record.listener = listener
        record.listener.rules = []
        transaction.save(.listener(record))
        for certificate in listener.tls.map({ [$0.defaultCertificate] + $0.certificates }) ?? [] {
            self.adopt(certificate, &transaction)
        }
        if let store = listener.tls?.mutualAuthentication.trustStore {
            var record =
                transaction.account.trustStores[store.arn.rawValue]
                ?? TrustStoreRecord(owner: self.owner, store: store)
            record.store = store
            transaction.save(.trustStore(record))
        }
        for rule in listener.rules {
            let ruleARN = Self.ruleARN(rule, of: arn)
            var record =
                transaction.account.rules[ruleARN]
                ?? RuleRecord(arn: ruleARN, owner: self.owner, listener: arn, rule: rule)
            record.rule = rule
            transaction.save(.rule(record))
        }
    }

    func adopt(_ certificate: Certificate, _ transaction: inout Transaction) {
        var record =
            transaction.account.certificates[certificate.arn.rawValue]
            ?? CertificateRecord(owner: self.owner, created: transaction.now, certificate: certificate)
        guard record.owner == self.owner else { return }
        record.certificate = certificate
        transaction.save(.certificate(record))
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

    private func removeStale(_ transaction: inout Transaction) throws(ModelError) {
        self.letGo(&transaction)
        self.removeStaleClassic(&transaction)
        let account = transaction.account
        var balancers: Set<String> = []
        var listeners: Set<String> = []
        var rules: Set<String> = []
        for balancer in self.topology.loadBalancers {
            let arn = ResourceARN.loadBalancer(name: balancer.name, id: balancer.id, kind: balancer.kind)
            balancers.insert(arn)
            for listener in balancer.listeners {
                let listenerARN = Self.listenerARN(listener, of: arn)
                listeners.insert(listenerARN)
                rules.formUnion(listener.rules.map { Self.ruleARN($0, of: listenerARN) })
            }
        }
        for record in account.rules where record.owner == self.owner && !rules.contains(record.arn) {
            transaction.remove(.rule, record.arn)
        }
        for record in account.listeners where record.owner == self.owner && !listeners.contains(record.arn) {
            transaction.remove(listener: record)
        }
        for record in account.loadBalancers where record.owner == self.owner && !balancers.contains(record.arn) {
            // Of the lab's own templates the file is the wish, and the protection is in it.
            if case .stack = self.owner, record.balancer.attributes.deletionProtectionEnabled {
                throw ModelError(
                    .invalidConfigurationRequest,
                    "Load balancer '\(record.arn)' cannot be deleted because deletion protection is enabled"
                )
            }
            // NLB-AL-006; a group of the same owner goes with it.
            let isTarget = account.targetGroups.contains { group in
                group.owner != self.owner && group.group.targetType == .alb
                    && group.group.targets.contains { $0.id.rawValue == record.arn }
            }
            if case .stack = self.owner, isTarget {
                throw ModelError(
                    .invalidConfigurationRequest,
                    "Load balancer '\(record.arn)' is currently registered with a target group"
                )
            }
            for listener in transaction.account.listeners(of: record.arn) { transaction.remove(listener: listener) }
            transaction.removeZonalShifts(of: record.arn)
            transaction.remove(.loadBalancer, record.arn)
        }
        let groups = Set(self.topology.targetGroups.map(\.id.rawValue))
        for record in account.targetGroups where record.owner == self.owner && !groups.contains(record.id) {
            transaction.remove(.targetGroup, record.id)
        }
        let instances = Set(self.topology.instances.map(\.id.rawValue))
        for record in account.instances where record.owner == self.owner && !instances.contains(record.id) {
            transaction.remove(.instance, record.id)
            // Others' target groups and Classic Load Balancers lose it, as when it is terminated.
            for var group in transaction.account.targetGroups
            where group.group.targets.contains(where: { $0.id.rawValue == record.id }) {
                group.group.targets.removeAll { $0.id.rawValue == record.id }
                transaction.save(.targetGroup(group))
            }
            transaction.forgetClassic(instances: [record.id])
        }
        let recordSets = Set(self.topology.recordSets.map(RecordSetRecord.id))
        for record in account.recordSets where record.owner == self.owner && !recordSets.contains(record.id) {
            transaction.remove(.recordSet, record.id)
        }
        let functions = Set(self.topology.functions.map(\.arn))
        for record in account.functions where record.owner == self.owner && !functions.contains(record.id) {
            transaction.remove(.function, record.id)
        }
    }

    /// Gives what is retained to the account itself, whole: a load balancer with its listeners and rules.
    private func letGo(_ transaction: inout Transaction) {
        self.letGoNetwork(&transaction)
        self.letGoClassic(&transaction)
        let account = transaction.account
        for var record in account.loadBalancers where self.retained.contains(record.id) {
            record.owner = .api
            transaction.save(.loadBalancer(record))
            for var listener in account.listeners(of: record.arn) {
                listener.owner = .api
                transaction.save(.listener(listener))
                for var rule in account.rules(of: listener.arn) {
                    rule.owner = .api
                    transaction.save(.rule(rule))
                }
            }
        }
        for var record in account.targetGroups where self.retained.contains(record.id) {
            record.owner = .api
            transaction.save(.targetGroup(record))
        }
        for var record in account.recordSets
        where record.owner == self.owner
            && self.retained.contains(where: { RecordSet.normal($0) == record.recordSet.name })
        {
            record.owner = .api
            transaction.save(.recordSet(record))
        }
        for var record in account.instances where self.retained.contains(record.id) {
            record.owner = .api
            transaction.save(.instance(record))
        }
    }

    /// Certificates and trust stores that the templates brought and no listener has any more.
    private func removeUnused(_ transaction: inout Transaction) {
        let tls = transaction.account.listeners.compactMap(\.listener.tls)
        var certificates = Set(tls.flatMap { [$0.defaultCertificate.arn] + $0.certificates.map(\.arn) })
        certificates.formUnion(
            transaction.account.classicLoadBalancers.flatMap(\.balancer.listeners).compactMap(\.certificate?.arn)
        )
        for record in transaction.account.certificates
        where record.owner == self.owner && !certificates.contains(record.certificate.arn) {
            transaction.remove(.certificate, record.id)
        }
        let stores = Set(tls.compactMap(\.mutualAuthentication.trustStore?.arn))
        for record in transaction.account.trustStores
        where record.owner == self.owner && !stores.contains(record.store.arn) {
            transaction.remove(.trustStore, record.id)
        }
    }

    /// Names that others have given already.
    private func requireFree(_ account: Account) throws(ModelError) {
        try self.requireFreeClassic(account)
        for balancer in self.topology.loadBalancers {
            let other = account.loadBalancers.first { $0.owner != self.owner && $0.balancer.name == balancer.name }
            guard let other else { continue }
            throw ModelError(
                .duplicateLoadBalancerName,
                "A load balancer named '\(balancer.name)' already exists: \(account.describe(other.owner)) made it"
            )
        }
        for group in self.topology.targetGroups {
            let other = account.targetGroups.first { $0.owner != self.owner && $0.group.name == group.name }
            guard let other else { continue }
            throw ModelError(
                .duplicateTargetGroupName,
                "A target group named '\(group.name)' already exists: \(account.describe(other.owner)) made it"
            )
        }
        for record in self.topology.recordSets {
            let other = account.recordSets.first { $0.owner != self.owner && $0.recordSet.name == record.name }
            guard let other else { continue }
            throw ModelError(
                .invalidChangeBatch,
                "Tried to create resource record set [name='\(record.name).', type='\(record.type)'] but it already exists: "
                    + "\(account.describe(other.owner)) made it"
            )
        }
        for function in self.topology.functions {
            guard let other = account.functions[function.arn], other.owner != self.owner else { continue }
            throw ModelError(
                .validationError,
                "A function '\(function.arn)' already exists: \(account.describe(other.owner)) made it"
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

    /// Whether the fleet calls nobody by that name.
    func isFree(serverName name: String) -> Bool {
        !self.instances.contains { $0.state != .terminated && $0.instance.name == name }
            && !self.functions.contains { $0.function.name == name }
    }

    /// Who an owner is, for messages.
    func describe(_ owner: RecordOwner) -> String {
        switch owner {
        case .api: "the AWS API"
        case .template: "a template of the lab"
        case .stack(let id): "stack \(self.stacks[id]?.name ?? id)"
        }
    }
}
