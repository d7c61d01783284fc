// What security groups come to: filters of addresses and ports for load balancers and instances.
extension Account {
    /// The load balancer with what its groups let through. Without groups, as a template may have it, everything is.
    func filtered(_ record: LoadBalancerRecord) -> LoadBalancer {
        var balancer = record.balancer
        let groups = self.groups(record.securityGroups)
        guard !groups.isEmpty else { return balancer }
        balancer.ingress = self.filter(groups.flatMap(\.ingress), to: record.arn)
        balancer.egress = self.filter(groups.flatMap(\.egress))
        return balancer
    }

    /// The same of a Classic Load Balancer.
    func filtered(_ record: ClassicLoadBalancerRecord) -> ClassicLoadBalancer {
        var balancer = record.balancer
        let groups = self.groups(record.securityGroups)
        guard !groups.isEmpty else { return balancer }
        balancer.ingress = self.filter(groups.flatMap(\.ingress))
        balancer.egress = self.filter(groups.flatMap(\.egress))
        return balancer
    }

    /// The instance with what its groups let in. Instances begin no connections, so what they let out shows nowhere.
    func filtered(_ record: InstanceRecord) -> Instance {
        var instance = record.instance
        let groups = self.groups(record.securityGroups)
        if !groups.isEmpty { instance.ingress = self.filter(groups.flatMap(\.ingress), to: record.id) }
        return instance
    }

    private func groups(_ ids: [String]) -> [SecurityGroupRecord] { ids.compactMap { self.securityGroups[$0] } }

    /// `nil` if everything gets through.
    ///
    /// - Parameter target: of rules that let in, the id of whom they let in to.
    private func filter(_ rules: [SecurityGroupRule], to target: String? = nil) -> TrafficFilter? {
        guard !rules.contains(where: \.isEverything) else { return nil }
        var filter = TrafficFilter()
        for rule in rules where rule.isForTCP {
            let ports = rule.ports ?? 0...UInt16.max
            switch rule.peer {
            case .block(let block): filter.rules.append(.init(ports: ports, peer: block))
            case .group(let group):
                filter.rules += self.members(of: group).map { .init(ports: ports, peer: CIDRBlock($0)) }
                guard let target else { continue }
                filter.rules += self.clients(of: group, shownTo: target).map { .init(ports: ports, peer: $0) }
            }
        }
        return filter
    }

    /// Whom a target that lets a Network Load Balancer's group in has to let in beside its nodes: the clients whose addresses it is
    /// shown (NLB-SG-004). At AWS what came by the load balancer is known; here a packet's source is all that is, so that the same
    /// clients get in without the load balancer, too.
    private func clients(of group: String, shownTo target: String) -> [CIDRBlock] {
        let balancers = self.loadBalancers.filter { $0.balancer.kind == .network && $0.securityGroups.contains(group) }
        guard !balancers.isEmpty else { return [] }
        let showing = self.targetGroups.lazy.map(\.group).filter { candidate in
            candidate.kind == .network && candidate.preservesClientIP
                && candidate.targets.contains { $0.id.rawValue == target }
        }
        let users = Set(showing.flatMap { self.loadBalancers(using: $0.id) })
        return balancers.filter { users.contains($0.arn) }.flatMap { balancer in
            self.groups(balancer.securityGroups).flatMap(\.ingress).flatMap { rule -> [CIDRBlock] in
                switch rule.peer {
                case .block(let block): [block]
                case .group(let other): self.members(of: other).map { CIDRBlock($0) }
                }
            }
        }
    }

    /// The private addresses of what belongs to a group; groups know no others. A load balancer that is a target is dialled at its
    /// nodes' own.
    private func members(of group: String) -> [IPAddress] {
        let nodes = self.loadBalancers.lazy.filter { $0.securityGroups.contains(group) }.flatMap { record in
            let nodes = record.balancer.nodes
            let isDialled = record.balancer.kind == .application && self.balancerTargets.contains(record.arn)
            return nodes.map(\.privateAddress) + (isDialled ? nodes.map(\.address) : [])
        }
        let classicNodes = self.classicLoadBalancers.lazy.filter { $0.securityGroups.contains(group) }
            .flatMap(\.balancer.nodes).map(\.privateAddress)
        let instances = self.instances.lazy.filter { $0.state != .terminated && $0.securityGroups.contains(group) }
            .map(\.instance.address)
        return Array(nodes) + Array(classicNodes) + Array(instances)
    }
}
