import ELBModel

// A Classic Load Balancer in the file's form (docs/subject-contract.md).
extension SubjectConfiguration {
    func classicMembers(_ balancer: ClassicLoadBalancer) -> [(String, JSONText)] {
        var members: [(String, JSONText)] = [
            ("Schema", "elblab/lb-config/v1"),
            ("Type", "classic"),
            ("Name", .string(balancer.name.rawValue)),
            ("DNSName", .string(balancer.dnsName)),
            ("Scheme", .string(balancer.scheme.rawValue)),
            ("TimeScale", .number(self.timeScale)),
            ("Seed", .number(Int(clamping: self.seed))),
            ("Nodes", .array(balancer.nodes.map(\.classicJSON))),
            ("Listeners", .array(balancer.listeners.map(\.json))),
            ("HealthCheck", balancer.healthCheck.json),
            ("Instances", .array(balancer.instances.map(\.json))),
            ("CrossZone", .boolean(balancer.attributes.crossZoneEnabled)),
            (
                "ConnectionSettings", .object([("IdleTimeout", .number(balancer.attributes.idleTimeoutSeconds))])
            ),
        ]
        if let seconds = balancer.attributes.connectionDrainingSeconds {
            members.append(
                ("ConnectionDrainingPolicy", .object([("Enabled", .boolean(true)), ("Timeout", .number(seconds))]))
            )
        }
        if balancer.attributes.desyncMitigationMode != ClassicAttributes().desyncMitigationMode {
            members.append(("DesyncMitigationMode", .string(balancer.attributes.desyncMitigationMode.rawValue)))
        }
        members.append(("LBCookieStickinessPolicy", .array(balancer.policies.compactMap(\.durationJSON))))
        members.append(("AppCookieStickinessPolicy", .array(balancer.policies.compactMap(\.applicationJSON))))
        let others = balancer.policies.compactMap { policy in
            policy.json(instancePorts: balancer.backendPolicies.filter { $0.value.contains(policy.name) }.keys.sorted())
        }
        members.append(("Policies", .array(others)))
        members += self.nameMembers
        return members
    }
}

extension LoadBalancer.Node {
    fileprivate var classicJSON: JSONText {
        .object([("AvailabilityZone", .string(self.zone.name)), ("Address", .string("\(self.address)"))])
    }
}

extension ClassicListener {
    fileprivate var json: JSONText {
        .object([
            ("Protocol", .string(self.protocol.rawValue)),
            ("LoadBalancerPort", .number(Int(self.port.rawValue))),
            ("InstanceProtocol", .string(self.instanceProtocol.rawValue)),
            ("InstancePort", .number(Int(self.instancePort.rawValue))),
            ("PolicyNames", .array(self.policies.map { .string($0) })),
        ])
    }
}

extension ClassicHealthCheck {
    fileprivate var json: JSONText {
        .object([
            ("Target", .string("\(self.target)")),
            ("Interval", .number(self.intervalSeconds)),
            ("Timeout", .number(self.timeoutSeconds)),
            ("HealthyThreshold", .number(self.healthyThreshold)),
            ("UnhealthyThreshold", .number(self.unhealthyThreshold)),
        ])
    }
}

extension ClassicLoadBalancer.RegisteredInstance {
    fileprivate var json: JSONText {
        .object([
            ("InstanceId", .string(self.id.rawValue)),
            ("Address", .string("\(self.address)")),
            ("AvailabilityZone", .string(self.zone.name)),
        ])
    }
}

extension ClassicPolicy {
    fileprivate var durationJSON: JSONText? {
        guard case .durationStickiness(let seconds) = self.kind else { return nil }
        let period: [(String, JSONText)] = seconds.map { [("CookieExpirationPeriod", .number($0))] } ?? []
        return .object([("PolicyName", .string(self.name))] + period)
    }

    fileprivate var applicationJSON: JSONText? {
        guard case .applicationStickiness(let cookie) = self.kind else { return nil }
        return .object([("PolicyName", .string(self.name)), ("CookieName", .string(cookie))])
    }

    /// Of the types that checks use.
    fileprivate func json(instancePorts: [Port]) -> JSONText? {
        guard case .proxyProtocol(let isEnabled) = self.kind else { return nil }
        return .object([
            ("PolicyName", .string(self.name)),
            ("PolicyType", "ProxyProtocolPolicyType"),
            ("Attributes", .array([.object([("Name", "ProxyProtocol"), ("Value", .string("\(isEnabled)"))])])),
            ("InstancePorts", .array(instancePorts.map { .string("\($0)") })),
        ])
    }
}
