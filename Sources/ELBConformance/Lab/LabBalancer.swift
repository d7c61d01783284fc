package import ELBModel

/// A balancer of somebody's template as it runs in a lab: its own name and zones, fresh ports.
package struct LabBalancer: Sendable {
    /// `Name` of the template; of a Classic Load Balancer `LoadBalancerName`.
    package let name: String
    package let kind: LoadBalancer.Kind
    package let nodes: [LoadBalancer.Node]
    package let listeners: [LabListener]
    let content: Content

    enum Content: Sendable {
        case usual(LoadBalancer)
        case classic(ClassicLoadBalancer)
    }

    /// What the subject is told.
    func configuration(
        _ groups: [TargetGroup],
        timeScale: Int,
        seed: UInt64,
        marker: Marker?
    ) -> SubjectConfiguration {
        switch self.content {
        case .classic(let classic):
            let stand = LoadBalancer(name: classic.name, nodes: classic.nodes, dnsName: classic.dnsName)
            var configuration = SubjectConfiguration(
                loadBalancer: stand,
                targetGroups: [],
                timeScale: timeScale,
                seed: seed
            )
            configuration.classic = classic
            return configuration
        case .usual(var balancer):
            var groups = groups.filter { $0.kind == balancer.kind }
            marker?.mark(&balancer, &groups)
            return SubjectConfiguration(
                loadBalancer: balancer,
                targetGroups: groups,
                timeScale: timeScale,
                seed: seed
            )
        }
    }

    /// A listener that nobody asked for, by which a new configuration is known: by its answer or, where listeners answer
    /// nothing themselves, by its port.
    struct Marker: Sendable {
        var port: Port
        var generation: Int

        /// What the listener answers.
        var status: Int { 200 + self.generation % 100 }

        func mark(_ balancer: inout LoadBalancer, _ groups: inout [TargetGroup]) {
            balancer.ingress?.rules.append(.init(ports: self.port.rawValue...self.port.rawValue, peer: .everywhere))
            switch balancer.kind {
            case .application, .gateway, .classic:
                let answer = RuleAction.answer(self.status, "generation \(self.generation)")
                balancer.listeners.append(Listener(port: self.port, defaultActions: [answer]))
            case .network:
                let id = TargetGroupID(rawValue: "marker")
                var group = TargetGroup(
                    id: id,
                    name: TargetGroupName(rawValue: "marker"),
                    protocol: .tcp,
                    port: 80,
                    targetType: .ip,
                    healthCheck: .network()
                )
                group.attributes.deregistrationDelaySeconds = 0
                groups.append(group)
                balancer.listeners.append(
                    Listener(port: self.port, protocol: .tcp, defaultActions: [.forward(ForwardAction(to: id))])
                )
            }
        }
    }
}

/// A listener as it runs.
package struct LabListener: Hashable, Sendable {
    /// The port that the template gives it.
    package var original: Int
    package var port: Port
    /// As the template writes it: `HTTPS`.
    package var `protocol`: String
    /// Whether clients speak TLS to it.
    package var isSecure: Bool
    package var takesDatagrams: Bool
}

/// Where a client of a lab connects.
package struct LabPlace: Hashable, Sendable {
    package var endpoint: Endpoint
    package var listener: LabListener
    package var node: LoadBalancer.Node
}
