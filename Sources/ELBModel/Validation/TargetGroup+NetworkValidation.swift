// What holds for groups of Network Load Balancers only.
extension TargetGroup {
    func validateNetwork(_ validator: inout Validator) {
        if self.protocolVersion != .http1 {
            validator.report(
                .validationError,
                "Protocol version cannot be specified for target groups with protocol \(self.protocol.rawValue)",
                at: "ProtocolVersion"
            )
        }
        if self.targetType == .alb { return self.validateBalancerTarget(&validator) }
        if self.protocol.hasUDP { self.validateUDP(&validator) }
        // NLB-FO-004.
        if self.attributes.unhealthyDrainingSeconds > 0, self.terminatesUnhealthy {
            validator.refuse(
                "target_health_state.unhealthy.draining_interval_seconds needs "
                    + "target_health_state.unhealthy.connection_termination.enabled to be false"
            )
        }
    }

    private func validateUDP(_ validator: inout Validator) {
        // NLB-UD-001.
        if self.attributes.preserveClientIPEnabled == false {
            validator.refuse("Client IP preservation cannot be disabled for \(self.protocol.rawValue) target groups")
        }
        // NLB-FO-001.
        if self.attributes.unhealthyConnectionTerminationEnabled == true {
            validator.refuse(
                "Connection termination for unhealthy targets cannot be enabled for \(self.protocol.rawValue) target groups"
            )
        }
    }

    /// NLB-AL-001, -005, NLB-LS-005.
    private func validateBalancerTarget(_ validator: inout Validator) {
        if self.protocol != .tcp {
            validator.report(
                .validationError,
                "The protocol of a target group with target type 'alb' must be TCP, not \(self.protocol.rawValue)",
                at: "Protocol"
            )
        }
        if Set(self.targets.map(\.key.registration)).count > 1 {
            validator.report(
                .tooManyTargets,
                "A target group with target type 'alb' can have at most one target",
                at: "Targets"
            )
        }
        if self.attributes != TargetGroupAttributes() {
            validator.refuse("The attributes of a target group with target type 'alb' cannot be modified")
        }
    }
}

extension LoadBalancer {
    /// Target groups that one Application Load Balancer may be in (NLB-AL-004).
    package static let mostRegistrations = 2

    /// What it counts against the quota of a Network Load Balancer's targets (NLB-AL-007).
    package static func weight(asTargetAcrossZones isAcrossZones: Bool) -> Int { isAcrossZones ? 100 : 50 }

    /// Why it cannot be a target of a Network Load Balancer on that port; `nil` if it can (NLB-AL-001, -002).
    package func objection(asTargetOn port: Port) -> ModelError? {
        guard self.kind == .application else {
            return ModelError(.invalidTarget, "The load balancer '\(self.name)' is not an Application Load Balancer")
        }
        guard self.listeners.contains(where: { $0.port == port }) else {
            return ModelError(
                .invalidTarget,
                "The Application Load Balancer '\(self.name)' must have at least one listener on the target port \(port)"
            )
        }
        return nil
    }
}

extension HealthCheckSettings {
    /// What checks may speak (NLB-HC-001, NLB-UD-003, NLB-AL-003).
    func validateProtocol(_ validator: inout Validator, of group: TargetGroup) {
        guard group.targetType != .lambda else { return }
        let isAllowed =
            switch self.protocol {
            case .http, .https: true
            case .tcp: group.kind == .network && group.targetType != .alb
            case .tls, .udp, .tcpUDP: false
            }
        guard !isAllowed else { return }
        let allowed = group.kind == .network && group.targetType != .alb ? "HTTP, HTTPS, TCP" : "HTTP, HTTPS"
        validator.report(
            .validationError,
            "Health check protocol '\(self.protocol.rawValue)' must be one of '\(allowed)'",
            at: "HealthCheckProtocol"
        )
    }
}

extension Topology {
    /// NLB-AL-004.
    func validateBalancerTargets(_ validator: inout Validator) {
        var uses: [TargetID: Int] = [:]
        for (index, group) in self.targetGroups.enumerated() where group.targetType == .alb {
            for id in Set(group.targets.map(\.id)) {
                uses[id, default: 0] += 1
                guard uses[id, default: 0] > LoadBalancer.mostRegistrations else { continue }
                validator.report(
                    .tooManyRegistrationsForTargetID,
                    "The target '\(id)' cannot be registered with more than \(LoadBalancer.mostRegistrations) target groups",
                    at: "TargetGroups[\(index)].Targets"
                )
            }
        }
    }

    /// What listeners of one protocol can forward to (NLB-LS-004, -005, NLB-DR-010), and what groups of one action must have in
    /// common (NLB-WT-005, NLB-SK-004).
    func validateProtocolPairs(_ validator: inout Validator) {
        let groups = Dictionary(self.targetGroups.map { ($0.id, $0) }) { first, _ in first }
        for (index, loadBalancer) in self.loadBalancers.enumerated() {
            // A listener of the wrong kind has been judged already.
            for (place, listener, forward) in loadBalancer.forwards where listener.protocol.kind == loadBalancer.kind {
                let path = "LoadBalancers[\(index)].\(place).TargetGroups"
                let used = forward.targetGroups.map { groups[$0.targetGroup] }
                for (position, group) in used.enumerated() {
                    guard let group else { continue }
                    validator.at("\(path)[\(position)].TargetGroupArn") { Self.check(group, behind: listener, &$0) }
                }
                if listener.protocol == .tls, Set(used.compactMap { $0?.protocol }).count > 1 {
                    validator.report(
                        .invalidConfigurationRequest,
                        "The target groups of an action of a TLS listener must all have the same protocol",
                        at: path
                    )
                }
            }
        }
    }

    private static func check(_ group: TargetGroup, behind listener: Listener, _ validator: inout Validator) {
        // A function has no protocol.
        let isFunction = group.targetType == .lambda
        let fits =
            isFunction ? listener.protocol.kind == .application : listener.protocol.canForward(to: group.protocol)
        guard fits else {
            let what = isFunction ? "of type lambda" : "with protocol \(group.protocol.rawValue)"
            validator.report(
                .incompatibleProtocols,
                "A target group \(what) cannot be used by a listener with protocol \(listener.protocol.rawValue)"
            )
            return
        }
        if group.targetType == .alb, listener.protocol != .tcp {
            validator.report(
                .incompatibleProtocols,
                "A target group with target type 'alb' can be used by TCP listeners only"
            )
        }
        if listener.protocol == .tls, group.attributes.stickiness.isEnabled {
            validator.report(
                .invalidConfigurationRequest,
                "Stickiness is not available for target groups that are used by TLS listeners"
            )
        }
    }
}

extension LoadBalancer {
    /// Every forward action with its listener, and where its configuration stands.
    fileprivate var forwards: [(place: String, listener: Listener, action: ForwardAction)] {
        var found: [(place: String, listener: Listener, action: ForwardAction)] = []
        for (index, listener) in self.listeners.enumerated() {
            var lists = [("Listeners[\(index)].DefaultActions", listener.defaultActions)]
            lists += listener.rules.enumerated().map { ("Listeners[\(index)].Rules[\($0)].Actions", $1.actions) }
            for (place, actions) in lists {
                for (position, action) in actions.enumerated() {
                    guard case .forward(let forward) = action else { continue }
                    found.append(("\(place)[\(position)].ForwardConfig", listener, forward))
                }
            }
        }
        return found
    }
}

extension Validator {
    fileprivate mutating func refuse(_ message: String) {
        self.report(.invalidConfigurationRequest, message, at: "TargetGroupAttributes")
    }
}
