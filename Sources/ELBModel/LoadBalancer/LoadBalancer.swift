/// A load balancer as configured: where its nodes stand, what they listen on, and its attributes.
package struct LoadBalancer: Hashable, Codable, Sendable {
    package var name: LoadBalancerName
    /// The hexadecimal digits that end its ARN; made from the name where nobody gives them.
    package var id: String
    package var kind: Kind
    package var scheme: Scheme
    /// One per enabled zone, each on an address of its own.
    package var nodes: [Node]
    /// No two on one port (ALB-LSN-002). Empty means that nothing answers (ALB-LSN-003).
    package var listeners: [Listener]
    package var attributes: LoadBalancerAttributes
    /// What its security groups let in; `nil` lets in everything.
    package var ingress: TrafficFilter?
    /// Whether a Network Load Balancer has it as a target. Then clients of the internet come to it, by that one, whatever its own
    /// scheme (NLB-IP-007). `nil` is no.
    package var isTarget: Bool?
    /// What they let out to targets; `nil` lets out everything. Functions are not reached over the network (ALB-LMB-002).
    package var egress: TrafficFilter?
    /// The public DNS name, `NAME-ID.ap-northeast-2.elb.aws.test`. HTTP/1.0 requests without Host carry it to the
    /// target (ALB-HDR-032).
    package var dnsName: String
    /// The zone that traffic is shifted away from now (ALB-ZS-004).
    package var shiftedZone: AvailabilityZone?
    /// Where identity providers are, and who vouches for them.
    package var providerNetwork: ProviderNetwork
    /// Deliberate deviations, for lessons and for proving the suite. Empty on every honest balancer.
    package var quirks: Set<Quirk>

    package init(
        name: LoadBalancerName,
        id: String? = nil,
        kind: Kind = .application,
        scheme: Scheme = .internetFacing,
        nodes: [Node],
        listeners: [Listener] = [],
        attributes: LoadBalancerAttributes = .init(),
        ingress: TrafficFilter? = nil,
        egress: TrafficFilter? = nil,
        dnsName: String,
        shiftedZone: AvailabilityZone? = nil,
        providerNetwork: ProviderNetwork = .init(),
        quirks: Set<Quirk> = []
    ) {
        self.name = name
        self.id = id ?? StableHash.hexadecimal(of: name.rawValue)
        self.kind = kind
        self.scheme = scheme
        self.nodes = nodes
        self.listeners = listeners
        self.attributes = attributes
        self.ingress = ingress
        self.egress = egress
        self.dnsName = dnsName
        self.shiftedZone = shiftedZone
        self.providerNetwork = providerNetwork
        self.quirks = quirks
    }

    /// Who reaches the nodes: whom security groups let in, and of an internal load balancer nobody on the internet (ALB-DNS-010),
    /// unless it is a target: nodes cannot tell whether a client has come by the load balancer before them.
    /// `nil` lets in everybody.
    package var reach: TrafficFilter? {
        guard self.scheme == .internal, self.isTarget != true else { return self.ingress }
        var filter = self.ingress ?? TrafficFilter([.init(peer: .everywhere)])
        filter.excluded.append(LabAddresses.internetClients)
        return filter
    }

    /// `app/NAME/ID` or `net/NAME/ID`, as logs and metrics call the load balancer (ALB-LOG-012, ALB-MET-002, NLB-MT-001); a
    /// Classic Load Balancer goes by its name alone.
    package var fullName: String { self.kind.prefix.map { "\($0)/\(self.name)/\(self.id)" } ?? self.name.rawValue }

    /// AWS's four kinds; the raw value is the `Type` of the API (`classic` is the lab's, that API has no type).
    package enum Kind: String, Hashable, Codable, Sendable, CaseIterable {
        case application
        case network
        case gateway
        case classic

        /// What full names and ARNs begin with; `nil` for Classic Load Balancers, which have neither.
        package var prefix: String? {
            switch self {
            case .application: "app"
            case .network: "net"
            case .gateway: "gwy"
            case .classic: nil
            }
        }
    }

    /// Whether the nodes take traffic from the internet or from the VPC only; the raw value is the API's `Scheme`.
    package enum Scheme: String, Hashable, Codable, Sendable, CaseIterable {
        case internetFacing = "internet-facing"
        case `internal`
    }

    /// A load-balancer node: the balancer's presence in one zone. Each decides for itself: its own health checks
    /// (ALB-HC-001), its own round-robin position (ALB-ALG-004).
    package struct Node: Hashable, Codable, Sendable {
        package let zone: AvailabilityZone
        package let address: IPAddress
        /// What targets see: traffic to them never comes from a public address (ALB-DNS-011).
        package let privateAddress: IPAddress
        /// The id of the Elastic IP that `address` is; `nil` of other addresses (NLB-AZ-002).
        package let allocation: String?

        /// - Parameter privateAddress: `nil` takes, for a node that faces the internet, the address in its zone's subnet with the
        ///   same last number.
        package init(
            zone: AvailabilityZone,
            address: IPAddress,
            privateAddress: IPAddress? = nil,
            allocation: String? = nil
        ) {
            self.zone = zone
            self.address = address
            self.privateAddress = privateAddress ?? LabAddresses.privateAddress(behind: address) ?? address
            self.allocation = allocation
        }
    }
}
