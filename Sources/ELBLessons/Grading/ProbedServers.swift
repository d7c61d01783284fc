import ELBModel

/// Which servers of an answer its balancers probe, and how many probes it takes until every node knows of each.
struct ProbedServers: Sendable {
    /// Probes by server: one of every node of every balancer that uses it. Nothing probes the others (ALB-HC-029).
    private(set) var probes: [String: Int] = [:]
    /// Whether every check shows at the server: one that only connects does not, nor one that the server cannot read, and
    /// functions have none by default.
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
            var servers: Set<String> = []
            for group in groups {
                let isSeen = group.healthCheck.protocol == .http || group.healthCheck.protocol == .https
                if !isSeen { self.isComplete = false }
                for target in group.targets where isSeen && group.healthCheck.isEnabled {
                    let instance = topology.instances.first {
                        $0.id.rawValue == target.id.rawValue || "\($0.address)" == target.id.rawValue
                    }
                    guard let instance else { continue }
                    if Self.canRead(instance.behaviour, checksOf: group) {
                        servers.insert(instance.name)
                    } else {
                        self.isComplete = false
                    }
                }
            }
            for server in servers { self.probes[server, default: 0] += balancer.nodes.count }
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

    /// Whether a server understands the checks of a group at all: a plain one says nothing to a server that speaks TLS, and
    /// HTTP/1.1 nothing to one that speaks HTTP/2. An answer may get that wrong, and then no probe is ever recorded.
    private static func canRead(_ server: BackendBehaviour, checksOf group: TargetGroup) -> Bool {
        guard (server.tls != nil) == (group.healthCheck.protocol == .https) else { return false }
        return switch server.speaks {
        case .http, .ws, .oidc: group.protocolVersion == .http1
        case .h2, .grpc: group.protocolVersion != .http1
        case .tcp, .udp: false
        }
    }
}
