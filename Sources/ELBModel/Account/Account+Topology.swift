extension Account {
    /// What the data plane and the fleet shall carry out: everything that is in service now.
    package var topology: Topology {
        let targets = self.balancerTargets
        var topology = Topology(
            loadBalancers: self.loadBalancers.map { record in
                var balancer = self.assemble(record)
                if targets.contains(record.arn) { balancer.isTarget = true }
                return balancer
            },
            classicLoadBalancers: self.classicLoadBalancers.map(self.assemble),
            targetGroups: self.targetGroups.map { self.expanded($0.group) },
            instances: self.instances.filter { $0.state == .running }.map(self.filtered),
            functions: self.functions.map(\.function)
        )
        topology.recordSets = self.recordSets.map(\.recordSet)
        return topology
    }

    /// One load balancer and the groups it uses, for judging it by itself: whatever AWS refuses about a load balancer shows there.
    ///
    /// - Parameter arn: a load balancer that exists.
    package func topology(ofLoadBalancer arn: String) -> Topology {
        guard let record = self.loadBalancers[arn] else { return Topology() }
        let balancer = self.assemble(record)
        var groups = balancer.listeners.flatMap(\.targetGroups)
        var seen: Set<TargetGroupID> = []
        groups = groups.filter { seen.insert($0).inserted }
        return Topology(
            loadBalancers: [balancer],
            targetGroups: groups.compactMap { self.targetGroups[$0.rawValue]?.group }
        )
    }

    /// The group as the data plane uses it: in place of an Application Load Balancer each of its nodes. Of one that is gone nothing is
    /// left.
    private func expanded(_ group: TargetGroup) -> TargetGroup {
        guard group.targetType == .alb else { return group }
        var group = group
        group.targets = group.targets.flatMap { target in
            (self.loadBalancers[target.id.rawValue]?.balancer.nodes ?? []).map { node in
                Target(
                    id: target.id,
                    endpoint: Endpoint(address: node.address, port: target.endpoint.port),
                    zone: node.zone,
                    node: node.zone
                )
            }
        }
        return group
    }

    /// ARNs of the Application Load Balancers that are targets.
    package var balancerTargets: Set<String> {
        Set(self.targetGroups.lazy.filter { $0.group.targetType == .alb }.flatMap(\.group.targets).map(\.id.rawValue))
    }

    /// The load balancer with its listeners, and their rules by priority.
    private func assemble(_ record: LoadBalancerRecord) -> LoadBalancer {
        var balancer = self.filtered(record)
        balancer.listeners = self.listeners(of: record.arn).map { listener in
            var assembled = listener.listener
            assembled.id = assembled.id ?? listener.arn.split(separator: "/").last.map(String.init)
            assembled.rules = self.rules(of: listener.arn).map(\.rule)
            return assembled
        }
        if balancer.attributes.zonalShiftEnabled {
            balancer.shiftedZone = self.zonalShift(of: record.arn)?.awayFrom
        }
        return balancer
    }

    /// The load balancer with the instances that run, each where it is now.
    private func assemble(_ record: ClassicLoadBalancerRecord) -> ClassicLoadBalancer {
        var balancer = self.filtered(record)
        balancer.instances = balancer.instances.compactMap { registered in
            guard let record = self.instances[registered.id.rawValue], record.state == .running else { return nil }
            return .init(id: registered.id, address: record.instance.address, zone: record.instance.zone)
        }
        return balancer
    }

    /// A load balancer's listeners, in the order of their making.
    package func listeners(of loadBalancer: String) -> [ListenerRecord] { self.listeners.children(of: loadBalancer) }

    /// A listener's rules by priority, without the default one.
    package func rules(of listener: String) -> [RuleRecord] {
        self.rules.children(of: listener).sorted { $0.rule.priority < $1.rule.priority }
    }

    /// The load balancers whose actions refer to a group: one at most, as AWS has it (ALB-LSN-012).
    package func loadBalancers(using group: TargetGroupID) -> [String] {
        var found: [String] = []
        for listener in self.groupUses.listeners(using: group) {
            guard let balancer = self.listeners[listener]?.loadBalancer, !found.contains(balancer) else { continue }
            found.append(balancer)
        }
        return found
    }
}

extension Account {
    /// The nodes of all load balancers of some owners.
    package func nodes(ofOwners isWanted: (RecordOwner) -> Bool = { _ in true }) -> [LoadBalancer.Node] {
        self.loadBalancers.filter { isWanted($0.owner) }.flatMap(\.balancer.nodes)
            + self.classicLoadBalancers.filter { isWanted($0.owner) }.flatMap(\.balancer.nodes)
    }

    /// A host number that no load balancer's node has in that zone; `nil` when the zone is full.
    package func freeNodeHost(in zone: AvailabilityZone) -> UInt8? {
        let taken = Set(self.nodes().filter { $0.zone == zone }.flatMap { [$0.address, $0.privateAddress] })
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

    /// The addresses that everybody else has, in the eyes of an owner.
    package func addresses(notOf owner: RecordOwner) -> Set<IPAddress> {
        var addresses = Set(self.nodes { $0 != owner }.flatMap { [$0.address, $0.privateAddress] })
        addresses.formUnion(
            self.instances.lazy.filter { $0.owner != owner && $0.state != .terminated }.map(\.instance.address)
        )
        addresses.formUnion(
            self.functions.lazy.filter { $0.owner != owner }.map(\.function.endpoint.address)
        )
        addresses.formUnion(self.addresses.lazy.filter { $0.owner != owner }.map(\.address))
        return addresses
    }

    /// Addresses that others may not take.
    package var occupiedAddresses: Set<IPAddress> {
        var addresses = Set(self.nodes().flatMap { [$0.address, $0.privateAddress] })
        addresses.formUnion(self.instances.lazy.filter { $0.state != .terminated }.map(\.instance.address))
        addresses.formUnion(self.functions.lazy.map(\.function.endpoint.address))
        return addresses
    }
}
