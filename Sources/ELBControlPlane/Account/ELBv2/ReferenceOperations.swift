package import ELBControlAPI
import ELBModel

extension ELBv2 {
    /// What AWS tells and nobody can change.
    static let referenceOperations: [any AccountCommand.Type] = [
        DescribeAccountLimits.self, DescribeSSLPolicies.self, DescribeCapacityReservation.self,
    ]
}

extension ELBv2.DescribeAccountLimits: AccountCommand {
    /// Those that the lab keeps to, under AWS's names (ALB-QTA-001 to -010, NLB-QT-001).
    private static let limits: [(name: String, most: Int)] = [
        ("application-load-balancers", Topology.mostLoadBalancers),
        ("certificates-per-application-load-balancer", LoadBalancer.mostCertificates),
        ("certificates-per-network-load-balancer", LoadBalancer.mostCertificates),
        ("condition-values-per-alb-rule", ListenerRule.mostValues),
        ("condition-wildcards-per-alb-rule", ListenerRule.mostWildcards),
        ("listeners-per-application-load-balancer", LoadBalancer.mostListeners),
        ("listeners-per-network-load-balancer", LoadBalancer.mostListeners),
        ("network-load-balancers", Topology.mostLoadBalancers),
        ("rules-per-application-load-balancer", LoadBalancer.mostRules),
        ("target-groups", Topology.mostTargetGroups),
        ("target-groups-per-action-on-application-load-balancer", ForwardAction.mostTargetGroups),
        ("target-groups-per-application-load-balancer", LoadBalancer.mostTargetGroups),
        ("targets-per-application-load-balancer", LoadBalancer.mostTargets),
    ]

    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let (page, next) = try self.page.cut(Self.limits, id: \.name)
        return [
            "Limits": .list(page.map { ["Name": .text($0.name), "Max": .text("\($0.most)")] }),
            "NextMarker": next.map { .text($0) },
        ]
    }
}

extension ELBv2.DescribeSSLPolicies: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var found = self.kind == .gateway ? [] : SecurityPolicy.all
        if let names, !names.isEmpty {
            found = found.filter { names.contains($0.name) }
            guard found.count == Set(names).count else {
                throw APIError("SSLPolicyNotFound", "One or more SSL policies not found")
            }
        }
        let (page, next) = try self.page.cut(found, id: \.name)
        return ["SslPolicies": .list(page.map(WireValue.sslPolicy)), "NextMarker": next.map { .text($0) }]
    }
}

extension ELBv2.DescribeCapacityReservation: AccountCommand {
    /// Nobody can reserve anything here, so there is nothing but the requests that could be made.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        _ = try transaction.loadBalancer(self.arn)
        return ["DecreaseRequestsRemaining": 2, "CapacityReservationState": []]
    }
}
