extension Topology {
    /// Everything that AWS would refuse, part by part and about how the parts refer to each other, and what the lab
    /// does not have yet. Paths start with `LoadBalancers[0]`, `ClassicLoadBalancers[0]`, `TargetGroups[0]` or `RecordSets[0]`, the indices are
    /// those of the arrays here. Empty if all is well.
    package func validate() -> [ModelError] {
        var validator = Validator()
        validator.each("LoadBalancers", self.loadBalancers) { $1.validate(&$0) }
        validator.each("TargetGroups", self.targetGroups) { $1.validate(&$0) }
        self.validateClassicLoadBalancers(&validator)
        self.validateQuotas(&validator)
        self.validateNames(&validator)
        self.validateTrustStores(&validator)
        self.validateReferences(&validator)
        self.validateStickiness(&validator)
        self.validateAddresses(&validator)
        self.validateProtocolVersions(&validator)
        self.validateProtocolPairs(&validator)
        self.validateBalancerTargets(&validator)
        self.validateRecordSets(&validator)
        return validator.errors
    }

    /// AWS's quotas per Region (ALB-QTA-001, -003).
    package static let mostLoadBalancers = 50
    package static let mostTargetGroups = 3000

    private func validateQuotas(_ validator: inout Validator) {
        if self.loadBalancers.count > Self.mostLoadBalancers {
            validator.report(
                .tooManyLoadBalancers,
                "There can be at most \(Self.mostLoadBalancers) load balancers",
                at: "LoadBalancers[\(Self.mostLoadBalancers)]"
            )
        }
        if self.targetGroups.count > Self.mostTargetGroups {
            validator.report(
                .tooManyTargetGroups,
                "There can be at most \(Self.mostTargetGroups) target groups",
                at: "TargetGroups[\(Self.mostTargetGroups)]"
            )
        }
    }

    private func validateNames(_ validator: inout Validator) {
        var names: Set<LoadBalancerName> = []
        for (index, loadBalancer) in self.loadBalancers.enumerated() where !names.insert(loadBalancer.name).inserted {
            validator.report(
                .duplicateLoadBalancerName,
                "A load balancer named '\(loadBalancer.name)' already exists",
                at: "LoadBalancers[\(index)].Name"
            )
        }
        var groupNames: Set<TargetGroupName> = []
        for (index, group) in self.targetGroups.enumerated() where !groupNames.insert(group.name).inserted {
            validator.report(
                .duplicateTargetGroupName,
                "A target group named '\(group.name)' already exists",
                at: "TargetGroups[\(index)].Name"
            )
        }
    }

    /// ALB-TLS-026. Stores that several listeners use count once.
    private func validateTrustStores(_ validator: inout Validator) {
        let used = self.loadBalancers.flatMap(\.listeners).compactMap { $0.tls?.mutualAuthentication.trustStore }
        if Set(used.map(\.arn)).count > TrustStore.mostStores {
            validator.report(.tooManyTrustStores, "An account can have at most \(TrustStore.mostStores) trust stores")
        }
    }

    /// A load balancer's node is no target (ALB-TG-010).
    private func validateAddresses(_ validator: inout Validator) {
        let nodes = Set(
            (self.loadBalancers.flatMap(\.nodes) + self.classicLoadBalancers.flatMap(\.nodes)).map(\.address)
        )
        for (index, group) in self.targetGroups.enumerated() where group.targetType == .ip {
            for (place, target) in group.targets.enumerated() where nodes.contains(target.endpoint.address) {
                validator.report(
                    .invalidTarget,
                    "The target IP address '\(target.endpoint.address)' is in use by a load balancer",
                    at: "TargetGroups[\(index)].Targets[\(place)].Id"
                )
            }
        }
    }

    /// Actions refer to groups that exist, and a group serves one load balancer only (ALB-LSN-012).
    private func validateReferences(_ validator: inout Validator) {
        let known = Set(self.targetGroups.map(\.id))
        var owners: [TargetGroupID: Int] = [:]
        for (index, loadBalancer) in self.loadBalancers.enumerated() {
            var referenced: Set<TargetGroupID> = []
            validator.at("LoadBalancers[\(index)]") { validator in
                for (place, group) in loadBalancer.targetGroupReferences {
                    referenced.insert(group)
                    if !known.contains(group) {
                        validator.report(.targetGroupNotFound, "Target group '\(group)' not found", at: place)
                    } else if owners[group, default: index] != index {
                        validator.report(
                            .targetGroupAssociationLimit,
                            "Target group '\(group)' is already used by another load balancer",
                            at: place
                        )
                    }
                }
                let isAcrossZones = loadBalancer.attributes.crossZoneEnabled
                let targets = self.targetGroups.reduce(0) { sum, group in
                    guard referenced.contains(group.id) else { return sum }
                    guard group.targetType == .alb else { return sum + group.targets.count }
                    let balancers = Set(group.targets.map(\.id)).count
                    return sum + balancers * LoadBalancer.weight(asTargetAcrossZones: isAcrossZones)
                }
                if targets > loadBalancer.mostTargets {
                    validator.report(
                        .tooManyTargets,
                        "A load balancer can have at most \(loadBalancer.mostTargets) targets, and this one has \(targets)",
                        at: "Listeners"
                    )
                }
                if referenced.count > LoadBalancer.mostTargetGroups {
                    validator.report(
                        .tooManyUniqueTargetGroupsPerLoadBalancer,
                        "A load balancer can use at most \(LoadBalancer.mostTargetGroups) target groups",
                        at: "Listeners"
                    )
                }
            }
            for group in referenced where owners[group] == nil { owners[group] = index }
        }
    }
}

extension Topology {
    /// Where several groups share an action, a client that is bound to a target has to be bound to its group first
    /// (ALB-FWD-009, NLB-WT-007), and an application cookie cannot bind it at all (ALB-FWD-015, ALB-STK-023).
    private func validateStickiness(_ validator: inout Validator) {
        let sticky = self.targetGroups.filter(\.attributes.stickiness.isEnabled)
        let kinds = Dictionary(sticky.map { ($0.id, $0.attributes.stickiness.type) }) { first, _ in first }
        guard !kinds.isEmpty else { return }
        for (index, loadBalancer) in self.loadBalancers.enumerated() {
            for (place, forward) in loadBalancer.forwardActions where forward.targetGroups.count > 1 {
                let property = "LoadBalancers[\(index)].\(place).TargetGroupStickinessConfig"
                let used = forward.targetGroups.compactMap { kinds[$0.targetGroup] }
                if !used.isEmpty, !forward.stickiness.isEnabled {
                    validator.report(
                        .invalidConfigurationRequest,
                        "You must enable group stickiness on an action with several target groups if one of them has "
                            + "target stickiness",
                        at: property
                    )
                }
                if used.contains(.applicationCookie) {
                    validator.report(
                        .invalidConfigurationRequest,
                        "Application cookies are not available for an action with several target groups",
                        at: property
                    )
                }
            }
        }
    }
}

extension LoadBalancer {
    /// Every forward action, and where its configuration stands.
    fileprivate var forwardActions: [(place: String, action: ForwardAction)] {
        var actions: [(place: String, actions: [RuleAction])] = []
        for (listenerIndex, listener) in self.listeners.enumerated() {
            let listenerPath = "Listeners[\(listenerIndex)]"
            actions.append(("\(listenerPath).DefaultActions", listener.defaultActions))
            for (ruleIndex, rule) in listener.rules.enumerated() {
                actions.append(("\(listenerPath).Rules[\(ruleIndex)].Actions", rule.actions))
            }
        }
        return actions.flatMap { path, actions in
            actions.enumerated().compactMap { index, action in
                guard case .forward(let forward) = action else { return nil }
                return ("\(path)[\(index)].ForwardConfig", forward)
            }
        }
    }

    /// Every place where an action names a group.
    fileprivate var targetGroupReferences: [(place: String, group: TargetGroupID)] {
        var references: [(place: String, group: TargetGroupID)] = []
        for (listenerIndex, listener) in self.listeners.enumerated() {
            let listenerPath = "Listeners[\(listenerIndex)]"
            references += Self.references(of: listener.defaultActions, at: "\(listenerPath).DefaultActions")
            for (ruleIndex, rule) in listener.rules.enumerated() {
                references += Self.references(of: rule.actions, at: "\(listenerPath).Rules[\(ruleIndex)].Actions")
            }
        }
        return references
    }

    private static func references(
        of actions: [RuleAction],
        at path: String
    ) -> [(place: String, group: TargetGroupID)] {
        actions.enumerated().flatMap { index, action in
            action.targetGroups.enumerated().map { groupIndex, group in
                ("\(path)[\(index)].ForwardConfig.TargetGroups[\(groupIndex)].TargetGroupArn", group)
            }
        }
    }
}
