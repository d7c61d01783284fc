// What holds for listeners because of the kind of their load balancer.
extension Listener {
    /// Whether the load balancer can speak it at all (ALB-LSN-001, NLB-LS-001).
    func requireProtocol(_ validator: inout Validator, of kind: LoadBalancer.Kind) -> Bool {
        guard let refusal = self.protocol.refusal(by: kind) else { return true }
        validator.report(refusal.code, refusal.message, at: refusal.property)
        return false
    }

    /// Rules of a Network Load Balancer tell IP versions apart, so that only dualstack ones have them, which the lab has not
    /// (NLB-RU-001).
    func requireNoRules(_ validator: inout Validator) {
        for index in self.rules.indices {
            validator.report(
                .invalidConfigurationRequest,
                "Listener rules are supported for dualstack Network Load Balancers only",
                at: "Rules[\(index)]"
            )
        }
    }
}

extension Validator {
    /// A Network Load Balancer can do nothing else (NLB-LS-006).
    mutating func requireForward(_ action: RuleAction) {
        if case .forward = action { return }
        self.report(
            .invalidLoadBalancerAction,
            "An action of type \(action.type) is not possible on the listeners of a Network Load Balancer",
            at: "Type"
        )
    }
}

extension ForwardAction.Stickiness {
    /// NLB-WT-006.
    func validateNetwork(_ validator: inout Validator, listenerProtocol: Listener.Proto) {
        validator.at("TargetGroupStickinessConfig") { validator in
            if self.durationSeconds != nil {
                validator.report(
                    .validationError,
                    "DurationSeconds cannot be specified for a Network Load Balancer",
                    at: "DurationSeconds"
                )
            }
            if self.isEnabled, listenerProtocol == .tls {
                validator.report(
                    .invalidConfigurationRequest,
                    "Target group stickiness is not available on TLS listeners",
                    at: "Enabled"
                )
            }
        }
    }
}

extension Listener.Proto {
    /// Why no listener of that kind of load balancer can speak it, in AWS's sentence; `nil` if one can.
    package func refusal(by kind: LoadBalancer.Kind) -> ModelError? {
        guard self.kind != kind else { return nil }
        switch kind {
        case .application, .network:
            return ModelError(
                kind == .network ? .unsupportedProtocol : .validationError,
                "Listener protocol '\(self.rawValue)' must be one of '\(Self.names(of: kind))'",
                at: "Protocol"
            )
        // Not in the lab, which has been said.
        case .gateway, .classic: return nil
        }
    }
}
