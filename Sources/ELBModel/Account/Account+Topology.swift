extension Account {
    /// What the data plane and the fleet shall carry out: everything that is in service now.
    package var topology: Topology {
        let listeners = Dictionary(grouping: self.listeners, by: \.loadBalancer)
        let rules = Dictionary(grouping: self.rules, by: \.listener)
        return Topology(
            loadBalancers: self.loadBalancers.map { record in
                Self.assemble(self.filtered(record), listeners[record.arn] ?? []) { rules[$0] ?? [] }
            },
            targetGroups: self.targetGroups.map(\.group),
            instances: self.instances.filter { $0.state == .running }.map(self.filtered),
            functions: self.functions.map(\.function)
        )
    }

    /// One load balancer and the groups it uses, for judging it by itself: whatever AWS refuses about a load balancer shows there.
    ///
    /// - Parameter arn: a load balancer that exists.
    package func topology(ofLoadBalancer arn: String) -> Topology {
        guard let record = self.loadBalancers[arn] else { return Topology() }
        let balancer = Self.assemble(self.filtered(record), self.listeners(of: arn), self.rules)
        var groups = balancer.listeners.flatMap(\.targetGroups)
        var seen: Set<TargetGroupID> = []
        groups = groups.filter { seen.insert($0).inserted }
        return Topology(
            loadBalancers: [balancer],
            targetGroups: groups.compactMap { self.targetGroups[$0.rawValue]?.group }
        )
    }

    /// The load balancer with its listeners, and their rules by priority.
    private static func assemble(
        _ loadBalancer: LoadBalancer,
        _ listeners: [ListenerRecord],
        _ rules: (_ listener: String) -> [RuleRecord]
    ) -> LoadBalancer {
        var balancer = loadBalancer
        balancer.listeners = listeners.map { listener in
            var assembled = listener.listener
            assembled.rules = rules(listener.arn).map(\.rule).sorted { $0.priority < $1.priority }
            return assembled
        }
        return balancer
    }

    /// A load balancer's listeners, in the order of their making.
    package func listeners(of loadBalancer: String) -> [ListenerRecord] {
        self.listeners.filter { $0.loadBalancer == loadBalancer }
    }

    /// A listener's rules by priority, without the default one.
    package func rules(of listener: String) -> [RuleRecord] {
        self.rules.filter { $0.listener == listener }.sorted { $0.rule.priority < $1.rule.priority }
    }

    /// The load balancers whose actions refer to a group, by the group: one at most, as AWS has it (ALB-LSN-012).
    package var loadBalancersByTargetGroup: [TargetGroupID: [String]] {
        var users: [TargetGroupID: [String]] = [:]
        func note(_ actions: [RuleAction], of loadBalancer: String) {
            for group in actions.lazy.flatMap(\.targetGroups)
            where users[group]?.contains(loadBalancer) != true {
                users[group, default: []].append(loadBalancer)
            }
        }
        for listener in self.listeners { note(listener.listener.defaultActions, of: listener.loadBalancer) }
        for rule in self.rules {
            if let listener = self.listeners[rule.listener] { note(rule.rule.actions, of: listener.loadBalancer) }
        }
        return users
    }
}

extension Account {
    /// A host number that no load balancer's node has in that zone; `nil` when the zone is full.
    package func freeNodeHost(in zone: AvailabilityZone) -> UInt8? {
        let taken = Set(self.loadBalancers.flatMap(\.balancer.nodes).filter { $0.zone == zone }.map(\.address))
        return LabAddresses.nodeHosts.first { host in
            !taken.contains(LabAddresses.publicAddress(zone, host: host))
                && !taken.contains(LabAddresses.privateAddress(zone, host: host))
        }
    }

    /// An address for an instance in that zone; `nil` when the zone is full. Terminated instances have given theirs back.
    package func freeInstanceAddress(in zone: AvailabilityZone) -> IPAddress? {
        var taken = Set(self.instances.lazy.filter { $0.state != .terminated }.map(\.instance.address))
        taken.formUnion(self.functions.lazy.map(\.function.endpoint.address))
        return LabAddresses.instanceHosts.lazy.map { LabAddresses.privateAddress(zone, host: $0) }
            .first { !taken.contains($0) }
    }

    /// The addresses of what an owner has made.
    package func addresses(of owner: RecordOwner) -> Set<IPAddress> {
        var addresses = Set(
            self.loadBalancers.lazy.filter { $0.owner == owner }.flatMap(\.balancer.nodes).map(\.address)
        )
        addresses.formUnion(
            self.instances.lazy.filter { $0.owner == owner && $0.state != .terminated }.map(\.instance.address)
        )
        return addresses
    }

    /// Addresses that others may not take.
    package var occupiedAddresses: Set<IPAddress> {
        var addresses = Set(self.loadBalancers.lazy.flatMap(\.balancer.nodes).map(\.address))
        addresses.formUnion(self.instances.lazy.filter { $0.state != .terminated }.map(\.instance.address))
        addresses.formUnion(self.functions.lazy.map(\.function.endpoint.address))
        return addresses
    }
}
