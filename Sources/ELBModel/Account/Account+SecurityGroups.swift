// What security groups come to: filters of addresses and ports for load balancers and instances.
extension Account {
    /// The load balancer with what its groups let through. Without groups, as a template may have it, everything is.
    func filtered(_ record: LoadBalancerRecord) -> LoadBalancer {
        var balancer = record.balancer
        let groups = self.groups(record.securityGroups)
        guard !groups.isEmpty else { return balancer }
        balancer.ingress = self.filter(groups.flatMap(\.ingress))
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
        if !groups.isEmpty { instance.ingress = self.filter(groups.flatMap(\.ingress)) }
        return instance
    }

    private func groups(_ ids: [String]) -> [SecurityGroupRecord] { ids.compactMap { self.securityGroups[$0] } }

    /// `nil` if everything gets through.
    private func filter(_ rules: [SecurityGroupRule]) -> TrafficFilter? {
        guard !rules.contains(where: \.isEverything) else { return nil }
        var filter = TrafficFilter()
        for rule in rules where rule.isForTCP {
            let ports = rule.ports ?? 0...UInt16.max
            switch rule.peer {
            case .block(let block): filter.rules.append(.init(ports: ports, peer: block))
            case .group(let group):
                filter.rules += self.members(of: group).map { .init(ports: ports, peer: CIDRBlock($0)) }
            }
        }
        return filter
    }

    /// The private addresses of what belongs to a group; groups know no others.
    private func members(of group: String) -> [IPAddress] {
        let nodes = self.loadBalancers.lazy.filter { $0.securityGroups.contains(group) }
            .flatMap(\.balancer.nodes).map(\.privateAddress)
        let classicNodes = self.classicLoadBalancers.lazy.filter { $0.securityGroups.contains(group) }
            .flatMap(\.balancer.nodes).map(\.privateAddress)
        let instances = self.instances.lazy.filter { $0.state != .terminated && $0.securityGroups.contains(group) }
            .map(\.instance.address)
        return Array(nodes) + Array(classicNodes) + Array(instances)
    }
}
