/// A Classic Load Balancer as configured: listeners that carry no rules, instances that serve all of them, one health check for
/// all, and policies by name (API 2012-06-01).
package struct ClassicLoadBalancer: Hashable, Codable, Sendable {
    /// Unique among Classic Load Balancers only: one of the other kinds may have it too (CLB-AP-007).
    package var name: LoadBalancerName
    package var scheme: LoadBalancer.Scheme
    /// One per enabled zone.
    package var nodes: [LoadBalancer.Node]
    /// No two on one port (CLB-LS-005).
    package var listeners: [ClassicListener]
    package var healthCheck: ClassicHealthCheck
    /// Each is registered once, and serves every listener (CLB-RT-004, -011).
    package var instances: [RegisteredInstance]
    package var attributes: ClassicAttributes
    /// In the order of their making; names are unique within the load balancer.
    package var policies: [ClassicPolicy]
    /// Names of policies by the instance port that they are set on; a port without any is not here (CLB-PP-001, CLB-TL-007).
    package var backendPolicies: [Port: [String]]
    /// What its security groups let in; `nil` lets in everything.
    package var ingress: TrafficFilter?
    /// What they let out to instances; `nil` lets out everything.
    package var egress: TrafficFilter?
    /// `NAME-1234567890.ap-northeast-2.elb.aws.test` (CLB-AP-011).
    package var dnsName: String
    /// Deliberate deviations, for lessons and for proving the suite.
    package var quirks: Set<Quirk>

    package init(
        name: LoadBalancerName,
        scheme: LoadBalancer.Scheme = .internetFacing,
        nodes: [LoadBalancer.Node],
        listeners: [ClassicListener],
        healthCheck: ClassicHealthCheck = .init(),
        instances: [RegisteredInstance] = [],
        attributes: ClassicAttributes = .init(),
        policies: [ClassicPolicy] = [],
        backendPolicies: [Port: [String]] = [:],
        ingress: TrafficFilter? = nil,
        egress: TrafficFilter? = nil,
        dnsName: String,
        quirks: Set<Quirk> = []
    ) {
        self.name = name
        self.scheme = scheme
        self.nodes = nodes
        self.listeners = listeners
        self.healthCheck = healthCheck
        self.instances = instances
        self.attributes = attributes
        self.policies = policies
        self.backendPolicies = backendPolicies
        self.ingress = ingress
        self.egress = egress
        self.dnsName = dnsName
        self.quirks = quirks
    }

    /// An instance as registered: reached at its primary private address (CLB-AP-012).
    package struct RegisteredInstance: Hashable, Codable, Sendable {
        package var id: InstanceID
        package var address: IPAddress
        package var zone: AvailabilityZone

        package init(id: InstanceID, address: IPAddress, zone: AvailabilityZone) {
            self.id = id
            self.address = address
            self.zone = zone
        }
    }

    /// The ports that its backends must listen on to be of use: those of the listeners, and that of the health check. Not that of
    /// `TCP:80`, which every load balancer begins with: whose servers do not listen there has to choose a check, as at AWS.
    package var instancePorts: Set<Port> {
        var ports = Set(self.listeners.map(\.instancePort))
        if self.healthCheck.target != ClassicHealthCheck().target { ports.insert(self.healthCheck.target.port) }
        return ports
    }

    /// The policy of that name, if the load balancer has it.
    package func policy(_ name: String) -> ClassicPolicy? { self.policies.first { $0.name == name } }
}
