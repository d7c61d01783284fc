extension Topology {
    /// Groups that are spoken to by HTTP/2 or gRPC serve HTTPS listeners only (ALB-HTTP-010), and in a rule that forwards to them
    /// nothing else may happen (ALB-RULE-017).
    func validateProtocolVersions(_ validator: inout Validator) {
        let versions = self.targetGroups.filter { $0.protocolVersion != .http1 }.map { ($0.id, $0.protocolVersion) }
        guard !versions.isEmpty else { return }
        let versionOf = Dictionary(versions) { first, _ in first }
        for (index, loadBalancer) in self.loadBalancers.enumerated() {
            for (listenerIndex, listener) in loadBalancer.listeners.enumerated() {
                let place = "LoadBalancers[\(index)].Listeners[\(listenerIndex)]"
                var lists = [("\(place).DefaultActions", listener.defaultActions)]
                lists += listener.rules.enumerated().map { ("\(place).Rules[\($0)].Actions", $1.actions) }
                for (path, actions) in lists {
                    let version = actions.flatMap(\.targetGroups).lazy.compactMap { versionOf[$0] }.first
                    guard let version else { continue }
                    Self.check(actions, version, on: listener, at: path, &validator)
                }
            }
        }
    }

    private static func check(
        _ actions: [RuleAction],
        _ version: TargetGroup.ProtocolVersion,
        on listener: Listener,
        at path: String,
        _ validator: inout Validator
    ) {
        if listener.protocol != .https {
            validator.report(
                .incompatibleProtocols,
                "A target group with protocol version \(version.rawValue) can only be used by an HTTPS listener",
                at: path
            )
        }
        if actions.count > 1 {
            validator.report(
                .invalidLoadBalancerAction,
                "A forward to a target group with protocol version \(version.rawValue) must be the only action",
                at: path
            )
        }
    }
}
