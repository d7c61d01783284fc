package import ELBModel

/// The configuration of a Network Load Balancer compiled for the data path: immutable, shared by all nodes, swapped whole when the
/// configuration changes. Flows under way stay where they are (NLB-LS-016).
package final class NetworkSnapshot: Sendable {
    package let name: LoadBalancerName
    /// `net/NAME/ID`, as logs and metrics call the load balancer.
    package let fullName: String
    package let nodes: [LoadBalancer.Node]
    /// The zone that traffic is shifted away from.
    package let shiftedZone: AvailabilityZone?
    package let listeners: [NetworkListener]
    /// The groups given, in the order given, with quirks worked into their settings and cross-zone load balancing settled: each
    /// group's own setting, or else the load balancer's (NLB-AZ-009).
    package let targetGroups: [TargetGroup]
    /// For each of `targetGroups`, the port of the first listener that refers to it; others are not checked (NLB-HC-014).
    package let listenerPorts: [Port?]
    package let attributes: LoadBalancerAttributes
    /// What security groups let in, and out to targets; `nil` is everything.
    package let ingress: TrafficFilter?
    package let egress: TrafficFilter?
    package let quirks: QuirkSet
    package let flowQuirks: FlowQuirks
    /// How the load balancer speaks TLS to targets (NLB-TL-012).
    package let targetPolicy: SecurityPolicy
    /// What connections to targets that hide their clients are limited to, per node and target (NLB-IP-010).
    package static let usualPortLimit = 55_000

    /// Compiles a configuration that `LoadBalancer.validate` has accepted.
    ///
    /// - Throws: `TargetGroupNotFound` if an action refers to a group that is not among `targetGroups`; `InvalidLoadBalancerAction`
    ///   if a listener does anything but forward.
    package init(compiling loadBalancer: LoadBalancer, targetGroups: [TargetGroup]) throws(ModelError) {
        self.name = loadBalancer.name
        self.fullName = loadBalancer.fullName
        self.nodes = loadBalancer.nodes
        self.shiftedZone = loadBalancer.shiftedZone
        self.attributes = loadBalancer.attributes
        self.ingress = loadBalancer.reach
        self.egress = loadBalancer.egress
        self.quirks = QuirkSet(loadBalancer.quirks)
        self.flowQuirks = FlowQuirks(loadBalancer.quirks)
        self.targetPolicy = SecurityPolicy.towardsTargets(of: loadBalancer.listeners.compactMap(\.tls?.policy))
        let crossZone = loadBalancer.attributes.crossZoneEnabled
        self.targetGroups = targetGroups.map { group in
            var copy = group
            if copy.attributes.crossZone == .useLoadBalancerConfiguration {
                copy.attributes.crossZone = crossZone ? .on : .off
            }
            return copy.rewritten(by: loadBalancer.quirks)
        }
        var indices: [TargetGroupID: Int] = [:]
        for (index, group) in targetGroups.enumerated() { indices[group.id] = index }
        var ports: [Port?] = targetGroups.map { _ in nil }
        var listeners: [NetworkListener] = []
        for listener in loadBalancer.listeners {
            let compiled = try NetworkListener(listener, of: loadBalancer, targetGroups: indices)
            for member in compiled.groups.members where ports[member.group] == nil {
                ports[member.group] = listener.port
            }
            listeners.append(compiled)
        }
        self.listeners = listeners
        self.listenerPorts = ports
    }

    /// The zones that have a node. Targets elsewhere are `unused` (NLB-AZ-011).
    package var enabledZones: Set<AvailabilityZone> { Set(self.nodes.map(\.zone)) }
}

/// A listener of a Network Load Balancer, compiled.
package struct NetworkListener: Sendable {
    /// The end of its ARN, as logs call it.
    package let id: String
    package let port: Port
    package let `protocol`: Listener.Proto
    package let groups: FlowGroups
    /// AWS seconds without a packet after which a connection is forgotten (NLB-TO-001, -005).
    package let idleTimeoutSeconds: Int
    /// `nil` but on a TLS listener.
    package let tls: CompiledTLS?

    init(
        _ listener: Listener,
        of loadBalancer: LoadBalancer,
        targetGroups: [TargetGroupID: Int]
    ) throws(ModelError) {
        guard case .forward(let forward)? = listener.defaultActions.last else {
            throw ModelError(.invalidLoadBalancerAction, "A listener must have a forward action", at: "DefaultActions")
        }
        var members: [FlowGroups.Member] = []
        for entry in forward.targetGroups {
            guard let index = targetGroups[entry.targetGroup] else {
                throw ModelError(.targetGroupNotFound, "Target group '\(entry.targetGroup)' not found")
            }
            var weight = entry.weight
            if loadBalancer.quirks.contains(.weightsEqual), weight > 0 { weight = 1 }
            if loadBalancer.quirks.contains(.weightsZeroCounts), weight == 0 { weight = 1 }
            members.append(FlowGroups.Member(group: index, weight: weight))
        }
        self.id = listener.id ?? StableHash.hexadecimal(of: "\(loadBalancer.fullName):\(listener.port)")
        self.port = listener.port
        self.protocol = listener.protocol
        self.groups = FlowGroups(
            members,
            isSticky: forward.stickiness.isEnabled && !loadBalancer.quirks.contains(.stickyGroupIgnored)
        )
        self.idleTimeoutSeconds =
            listener.protocol == .tcp
            ? listener.attributes.tcpIdleTimeoutSeconds : ListenerAttributes.usualTCPIdleTimeout
        self.tls = try listener.tls.map { tls throws(ModelError) in try CompiledTLS(tls, of: listener, loadBalancer) }
    }

    /// Whether connections are taken.
    package var hasTCP: Bool {
        switch self.protocol {
        case .tcp, .tls, .tcpUDP: true
        case .http, .https, .udp: false
        }
    }

    /// Whether datagrams are taken.
    package var hasUDP: Bool {
        switch self.protocol {
        case .udp, .tcpUDP: true
        case .http, .https, .tcp, .tls: false
        }
    }
}
