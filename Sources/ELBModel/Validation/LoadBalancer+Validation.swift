extension LoadBalancer {
    /// ALB-RULE-018: per load balancer, default rules not counted.
    package static let mostRules = 100
    /// AWS's quota of listeners per load balancer (NLB-QT-001).
    package static let mostListeners = 50
    /// ALB-TG-022.
    package static let mostTargetGroups = 100
    /// ALB-TG-022: those of all groups of an Application Load Balancer.
    package static let mostTargets = 1000
    /// Those of all its groups, whatever its kind (NLB-QT-002).
    package var mostTargets: Int {
        switch self.kind {
        case .network: self.attributes.crossZoneEnabled ? 500 : 3000
        case .application, .gateway, .classic: Self.mostTargets
        }
    }

    /// Everything that AWS would refuse about the load balancer by itself, and what the lab does not have yet. Paths
    /// start at the load balancer: `Listeners[0].Rules[2].Conditions[0].PathPatternConfig.Values[1]`.
    package func validate() -> [ModelError] {
        var validator = Validator()
        self.validate(&validator)
        return validator.errors
    }

    func validate(_ validator: inout Validator) {
        validator.validate(name: self.name.rawValue, what: "load balancer")
        if self.name.rawValue.hasPrefix("internal-") {
            validator.report(.validationError, "A load balancer's name cannot start with 'internal-'", at: "Name")
        }
        self.validateNodes(&validator)
        self.validateListeners(&validator)
        self.validateLogs(&validator)
        switch self.kind {
        case .application: self.validateTimeouts(&validator)
        case .network: break
        case .gateway, .classic:
            validator.report(.notInLab, "Load balancers of type \(self.kind) are not in the lab yet", at: "Type")
        }
    }

    private func validateTimeouts(_ validator: inout Validator) {
        if self.attributes.clientKeepAliveSeconds < 60 || self.attributes.clientKeepAliveSeconds > 604_800 {
            validator.report(
                .invalidConfigurationRequest,
                "client_keep_alive.seconds must be between 60 and 604800",
                at: "LoadBalancerAttributes"
            )
        }
        if self.attributes.idleTimeoutSeconds < 1 || self.attributes.idleTimeoutSeconds > 4000 {
            validator.report(
                .invalidConfigurationRequest,
                "idle_timeout.timeout_seconds must be between 1 and 4000",
                at: "LoadBalancerAttributes"
            )
        }
    }

    private func validateLogs(_ validator: inout Validator) {
        for log in LogKind.allCases where self.attributes[log].isEnabled && self.attributes[log].bucket.isEmpty {
            validator.report(
                .invalidConfigurationRequest,
                "\(log.rawValue).s3.enabled needs \(log.rawValue).s3.bucket",
                at: "LoadBalancerAttributes"
            )
        }
    }

    private func validateNodes(_ validator: inout Validator) {
        if self.nodes.isEmpty {
            validator.report(.invalidSubnet, "A load balancer needs a subnet in at least one zone", at: "Subnets")
        }
        var zones: Set<AvailabilityZone> = []
        for (index, node) in self.nodes.enumerated() where !zones.insert(node.zone).inserted {
            validator.report(
                .invalidConfigurationRequest,
                "A load balancer cannot have two subnets in the same zone: \(node.zone)",
                at: "Subnets[\(index)]"
            )
        }
    }

    private func validateListeners(_ validator: inout Validator) {
        if self.listeners.count > Self.mostListeners {
            validator.report(
                .tooManyListeners,
                "A load balancer can have at most \(Self.mostListeners) listeners",
                at: "Listeners"
            )
        }
        let rules = self.listeners.reduce(0) { $0 + $1.rules.count }
        if rules > Self.mostRules {
            validator.report(
                .tooManyRules,
                "A load balancer can have at most \(Self.mostRules) rules, and this one has \(rules)",
                at: "Listeners"
            )
        }
        var ports: Set<Port> = []
        for (index, listener) in self.listeners.enumerated() where !ports.insert(listener.port).inserted {
            validator.report(
                .duplicateListener,
                "A listener already exists on port \(listener.port) of this load balancer",
                at: "Listeners[\(index)].Port"
            )
        }
        self.validateCertificates(&validator)
        validator.each("Listeners", self.listeners) { $1.validate(&$0, of: self.kind) }
    }
}

extension Listener {
    /// Everything that AWS would refuse about the listener by itself, and what the lab does not have yet.
    package func validate() -> [ModelError] {
        var validator = Validator()
        self.validate(&validator, of: self.protocol.kind)
        return validator.errors
    }

    func validate(_ validator: inout Validator, of kind: LoadBalancer.Kind) {
        // What else could be said of such a listener would be about another one.
        guard self.requireProtocol(&validator, of: kind) else { return }
        self.validateAttributes(&validator)
        self.validateTLS(&validator)
        if kind == .network { self.requireNoRules(&validator) }
        validator.validate(actions: self.defaultActions, "DefaultActions", listenerProtocol: self.protocol)
        validator.each("Rules", self.rules) { $1.validate(&$0, listenerProtocol: self.protocol) }
        var priorities: Set<Int> = []
        for (index, rule) in self.rules.enumerated() where !priorities.insert(rule.priority).inserted {
            validator.report(
                .priorityInUse,
                "Priority \(rule.priority) is already in use by another rule of this listener",
                at: "Rules[\(index)].Priority"
            )
        }
    }

    /// The headers that can be renamed are about TLS (ALB-HMOD-010), and the idle timeout about TCP (NLB-TO-001, -005).
    private func validateAttributes(_ validator: inout Validator) {
        if self.protocol != .tcp, self.attributes.tcpIdleTimeoutSeconds != ListenerAttributes.usualTCPIdleTimeout {
            validator.report(.invalidConfigurationRequest, ListenerAttributes.tcpOnly.message, at: "ListenerAttributes")
        }
        guard self.protocol != .https else { return }
        for (key, _) in self.attributes.settings where key.hasPrefix("routing.http.request.") {
            validator.report(
                .invalidConfigurationRequest,
                "attribute '\(key)' is for HTTPS listeners only",
                at: "ListenerAttributes"
            )
        }
    }

    /// The groups its actions refer to, each once, in the order met.
    package var targetGroups: [TargetGroupID] {
        var seen: Set<TargetGroupID> = []
        return ([self.defaultActions] + self.rules.map(\.actions)).joined().flatMap(\.targetGroups)
            .filter { seen.insert($0).inserted }
    }
}

extension RuleAction {
    /// The groups it refers to, in order; none for actions other than forward.
    package var targetGroups: [TargetGroupID] {
        switch self {
        case .forward(let forward): forward.targetGroups.map(\.targetGroup)
        case .authenticateOIDC, .authenticateCognito, .jwtValidation, .redirect, .fixedResponse: []
        }
    }
}

extension Validator {
    /// Names of load balancers and target groups follow the same rule (ALB-TG-002).
    mutating func validate(name: String, what: String) {
        self.require(length: 1...32, of: name, what: "The name of a \(what)", at: "Name")
        self.require(
            characters: Characters.alphanumerics(and: "-"),
            of: name,
            what: "The name of a \(what)",
            at: "Name"
        )
        if name.hasPrefix("-") || name.hasSuffix("-") {
            self.report(.validationError, "The name of a \(what) cannot begin or end with a hyphen", at: "Name")
        }
    }
}
