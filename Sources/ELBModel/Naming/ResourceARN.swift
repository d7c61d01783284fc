/// How Elastic Load Balancing names what it has. The last part of each ARN is an id of sixteen hexadecimal digits; a listener's ARN
/// goes on from its load balancer's, and a rule's from its listener's.
package enum ResourceARN {
    private static let prefix = "arn:aws:elasticloadbalancing:\(AvailabilityZone.region):\(Account.number):"

    /// `…:loadbalancer/app/NAME/ID`.
    package static func loadBalancer(
        name: LoadBalancerName,
        id: String,
        kind: LoadBalancer.Kind = .application
    ) -> String {
        "\(Self.prefix)loadbalancer/\(kind.prefix.map { "\($0)/" } ?? "")\(name)\(kind.prefix == nil ? "" : "/\(id)")"
    }

    /// `…:loadbalancer/NAME`, by which other services refer to a Classic Load Balancer; its own API does not.
    package static func classicLoadBalancer(name: LoadBalancerName) -> String { "\(Self.prefix)loadbalancer/\(name)" }

    /// `…:targetgroup/NAME/ID`.
    package static func targetGroup(name: TargetGroupName, id: String) -> String {
        "\(Self.prefix)targetgroup/\(name)/\(id)"
    }

    /// `…:listener/app/NAME/ID/ID`.
    package static func listener(ofLoadBalancer arn: String, id: String) -> String {
        Self.replace("loadbalancer", by: "listener", in: arn) + "/\(id)"
    }

    /// `…:listener-rule/app/NAME/ID/ID/ID`.
    package static func rule(ofListener arn: String, id: String) -> String {
        Self.replace("listener", by: "listener-rule", in: arn) + "/\(id)"
    }

    /// `…:truststore/NAME/ID`.
    package static func trustStore(name: String, id: String) -> String { "\(Self.prefix)truststore/\(name)/\(id)" }

    /// The rule that comes with a listener and goes with it.
    package static func defaultRule(ofListener arn: String) -> String {
        Self.rule(ofListener: arn, id: StableHash.hexadecimal(of: "\(arn)/default"))
    }

    private static func replace(_ kind: String, by other: String, in arn: String) -> String {
        guard arn.hasPrefix(Self.prefix + kind) else { return arn }
        return Self.prefix + other + arn.dropFirst(Self.prefix.count + kind.count)
    }
}

extension LoadBalancer {
    /// Route 53's zone of load balancers in ap-northeast-2.
    package static let hostedZone = "ZWKZPGTI48KDX"
}
