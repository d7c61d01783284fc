import ELBModel

/// Which servers of an answer its balancers probe, and how many probes it takes until every node knows of each.
struct ProbedServers: Sendable {
    /// Probes by server: one of every node of every balancer that uses it, for each group and port with which it is a target
    /// (ALB-TG-005, -006). Nothing probes the others (ALB-HC-029).
    private(set) var probes: [String: Int] = [:]
    /// Whether every check shows at the server: one that only connects shows where no protocol is spoken, one that the server
    /// cannot read nowhere, and functions have none by default.
    private(set) var isComplete = true

    init(_ topology: Topology) {
        for balancer in topology.loadBalancers {
            let actions = balancer.listeners.flatMap { $0.defaultActions + $0.rules.flatMap(\.actions) }
            let used = Set(
                actions.flatMap { action -> [TargetGroupID] in
                    guard case .forward(let forward) = action else { return [] }
                    return forward.targetGroups.map(\.targetGroup)
                }
            )
            let groups = topology.targetGroups.filter { used.contains($0.id) && $0.targetType != .lambda }
            for group in groups {
                for target in group.targets where group.healthCheck.isEnabled {
                    let instance = topology.instances.first {
                        $0.id.rawValue == target.id.rawValue || "\($0.address)" == target.id.rawValue
                    }
                    guard let instance else {
                        if !Self.asks(group) { self.isComplete = false }
                        continue
                    }
                    if Self.canRead(instance.behaviour, checksOf: group) {
                        self.probes[instance.name, default: 0] += balancer.nodes.count
                    } else {
                        self.isComplete = false
                    }
                }
            }
        }
        for balancer in topology.classicLoadBalancers {
            guard balancer.healthCheck.target.protocol.isHTTP else {
                self.isComplete = false
                continue
            }
            let ids = Set(balancer.instances.map(\.id))
            for instance in topology.instances where ids.contains(instance.id) {
                self.probes[instance.name, default: 0] += balancer.nodes.count
            }
        }
    }

    /// Whether checks of a group are requests; others only connect.
    private static func asks(_ group: TargetGroup) -> Bool {
        group.healthCheck.protocol == .http || group.healthCheck.protocol == .https
    }

    /// Whether a server records the checks of a group at all: a plain one says nothing to a server that speaks TLS, HTTP/1.1
    /// nothing to one that speaks HTTP/2, and a connection that brings nothing is a probe only where no protocol is spoken. An answer
    /// may get that wrong, and then no probe is ever recorded.
    private static func canRead(_ server: BackendBehaviour, checksOf group: TargetGroup) -> Bool {
        guard (server.tls != nil) == (group.healthCheck.protocol == .https) else { return false }
        let asks = Self.asks(group)
        return switch server.speaks {
        case .http, .ws, .oidc: asks && group.protocolVersion == .http1
        case .h2, .grpc: asks && group.protocolVersion != .http1
        case .tcp, .udp: !asks
        }
    }
}
