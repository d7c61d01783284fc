internal import ELBModel

/// What the security groups of a template come to in a lab: filters by address and fresh port.
struct LabFilters: Sendable {
    private let groups: [String: SecurityGroupRecord]
    /// By ARN, instance id, or the name of a Classic Load Balancer.
    private let memberships: [String: [String]]
    private let addresses: [String: [IPAddress]]
    private let ports: PortMap

    init(_ topology: Topology, _ balancers: [LabBalancer], _ ports: PortMap) {
        self.ports = ports
        self.memberships = topology.securityGroups.members
        self.groups = Dictionary(topology.securityGroups.groups.map { ($0.id, $0) }) { first, _ in first }
        var addresses: [String: [IPAddress]] = [:]
        for instance in topology.instances {
            for group in topology.securityGroups.members[instance.id.rawValue] ?? [] {
                addresses[group, default: []].append(instance.address)
            }
        }
        for balancer in balancers {
            for group in Self.groups(of: balancer, topology.securityGroups.members) {
                addresses[group, default: []] += balancer.nodes.map(\.privateAddress)
            }
        }
        self.addresses = addresses
    }

    /// What the instance's groups let in, at its fresh ports; `nil` for everything.
    func ingress(of instance: Instance) -> TrafficFilter? {
        guard let groups = self.memberships[instance.id.rawValue] else { return nil }
        return self.filter(groups, \.ingress) { self.ports.fresh(in: $0) }
    }

    /// The balancer with what its groups let in and out.
    func filtered(_ balancer: LabBalancer) -> LabBalancer {
        let groups = Self.groups(of: balancer, self.memberships)
        guard !groups.isEmpty, case .usual(var content) = balancer.content else { return balancer }
        content.ingress = self.filter(groups, \.ingress) { range in
            balancer.listeners.filter { range.contains(UInt16($0.original)) }.map(\.port)
        }
        content.egress = self.filter(groups, \.egress) { self.ports.fresh(in: $0) }
        return LabBalancer(
            name: balancer.name,
            kind: balancer.kind,
            nodes: balancer.nodes,
            listeners: balancer.listeners,
            content: .usual(content)
        )
    }

    private static func groups(of balancer: LabBalancer, _ members: [String: [String]]) -> [String] {
        switch balancer.content {
        case .classic(let classic): members[classic.name.rawValue] ?? []
        case .usual(let usual):
            members.first { $0.key.hasSuffix("loadbalancer/\(usual.fullName)") }?.value ?? []
        }
    }

    private func filter(
        _ ids: [String],
        _ direction: KeyPath<SecurityGroupRecord, [SecurityGroupRule]>,
        _ fresh: (ClosedRange<UInt16>) -> [Port]
    ) -> TrafficFilter? {
        let rules = ids.compactMap { self.groups[$0] }.flatMap { $0[keyPath: direction] }
        // Ports that stand for none of the template's are nobody's, so 'all' may be said of them.
        if rules.contains(where: { $0.ports == nil && $0.peer == .block(.everywhere) }) { return nil }
        var filter = TrafficFilter()
        for rule in rules where ["tcp", "6", "-1"].contains(rule.ipProtocol) {
            let peers: [CIDRBlock] =
                switch rule.peer {
                case .block(let block): [block]
                case .group(let group): (self.addresses[group] ?? []).map { CIDRBlock($0) }
                }
            let ranges = rule.ports.map { fresh($0).map { $0.rawValue...$0.rawValue } } ?? [0...UInt16.max]
            for peer in peers { filter.rules += ranges.map { .init(ports: $0, peer: peer) } }
        }
        return filter
    }
}
