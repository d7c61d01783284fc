// Attributes that AWS refuses together. Each by itself is in its range already.
extension TargetGroup {
    func validateAttributes(_ validator: inout Validator) {
        if self.kind == .application {
            self.validateStickiness(&validator)
            self.validateAlgorithm(&validator)
        }
        self.validateHealthThresholds(&validator)
    }

    private func validateStickiness(_ validator: inout Validator) {
        let stickiness = self.attributes.stickiness
        guard stickiness.isEnabled else { return }
        if self.targetType == .lambda {
            validator.refuseAttributes("Stickiness is not available for target groups with target type 'lambda'")
        }
        if stickiness.type == .applicationCookie, stickiness.applicationCookieName.isEmpty {
            // ALB-STK-003.
            validator.refuseAttributes(
                "stickiness.app_cookie.cookie_name must be given when stickiness.type is app_cookie"
            )
        }
        // ALB-STK-023, ALB-XZ-007.
        if self.attributes.crossZone == .off {
            validator.refuseAttributes("Stickiness is not available while cross-zone load balancing is off")
        }
        // ALB-STK-023, ALB-ALG-008.
        if self.attributes.algorithm == .weightedRandom {
            validator.refuseAttributes("Stickiness is not available with the algorithm weighted_random")
        }
    }

    private func validateAlgorithm(_ validator: inout Validator) {
        // ALB-SLOW-007, ALB-ALG-008.
        if self.attributes.slowStartSeconds > 0, self.attributes.algorithm != .roundRobin {
            validator.refuseAttributes(
                "Slow start is not available with the algorithm \(self.attributes.algorithm.rawValue)"
            )
        }
        // ALB-ALG-013.
        if self.attributes.anomalyMitigation, self.attributes.algorithm != .weightedRandom {
            validator.refuseAttributes("Anomaly mitigation is available with the algorithm weighted_random only")
        }
    }

    /// A zone must leave DNS no later than its node begins to use unhealthy targets (ALB-TGH-006).
    private func validateHealthThresholds(_ validator: inout Validator) {
        let attributes = self.attributes
        let pairs = [
            ("count", attributes.dnsMinimumHealthyCount, Optional(attributes.routingMinimumHealthyCount)),
            ("percentage", attributes.dnsMinimumHealthyPercentage, attributes.routingMinimumHealthyPercentage),
        ]
        for case (let unit, .some(let dns), .some(let routing)) in pairs where dns < routing {
            validator.refuseAttributes(
                "The minimum healthy \(unit) of dns_failover, \(dns), must not be below that of "
                    + "unhealthy_state_routing, \(routing)"
            )
        }
    }
}

extension Validator {
    fileprivate mutating func refuseAttributes(_ message: String) {
        self.report(.invalidConfigurationRequest, message, at: "TargetGroupAttributes")
    }
}
