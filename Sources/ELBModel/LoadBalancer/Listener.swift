/// What a load balancer accepts on one port, and what it does with it.
package struct Listener: Hashable, Codable, Sendable {
    /// The hexadecimal digits that end its ARN; `nil` where whoever made it keeps the ARN or has none.
    package var id: String?
    package var port: Port
    package var `protocol`: Proto
    /// In any order; priorities are unique within the listener and decide (ALB-RULE-003).
    package var rules: [ListenerRule]
    /// Taken when no rule matches (ALB-LSN-005). Ends with exactly one routing action.
    package var defaultActions: [RuleAction]
    package var attributes: ListenerAttributes
    /// Policy, certificates and client authentication; HTTPS and TLS listeners have it and the others have not (ALB-LSN-007,
    /// NLB-TL-001).
    package var tls: ListenerTLS?

    package init(
        port: Port,
        protocol: Proto = .http,
        rules: [ListenerRule] = [],
        defaultActions: [RuleAction],
        attributes: ListenerAttributes = .init(),
        tls: ListenerTLS? = nil,
        id: String? = nil
    ) {
        self.id = id
        self.port = port
        self.protocol = `protocol`
        self.rules = rules
        self.defaultActions = defaultActions
        self.attributes = attributes
        self.tls = tls
    }

    /// What a listener speaks: the first two on an Application Load Balancer (ALB-LSN-001), the others on a Network Load Balancer
    /// (NLB-LS-001). The raw value is the API's. QUIC and TCP_QUIC are not in the lab.
    package enum Proto: String, Hashable, Codable, Sendable, CaseIterable {
        case http = "HTTP"
        case https = "HTTPS"
        case tcp = "TCP"
        case tls = "TLS"
        case udp = "UDP"
        /// Both on one port, each with flows of its own (NLB-UD-005).
        case tcpUDP = "TCP_UDP"
    }
}

extension Listener.Proto {
    /// The kind of load balancer that speaks it.
    package var kind: LoadBalancer.Kind {
        switch self {
        case .http, .https: .application
        case .tcp, .tls, .udp, .tcpUDP: .network
        }
    }

    /// Whether the load balancer has the TLS handshake with clients, for which it needs a certificate.
    package var isSecure: Bool {
        switch self {
        case .https, .tls: true
        case .http, .tcp, .udp, .tcpUDP: false
        }
    }

    /// Those of one kind of load balancer, as AWS lists them.
    static func names(of kind: LoadBalancer.Kind) -> String {
        Self.allCases.filter { $0.kind == kind }.map(\.rawValue).joined(separator: ", ")
    }

    /// AWS's names of protocols that the lab does not have.
    package static let notInLab = ["QUIC", "TCP_QUIC", "GENEVE"]
}

extension Listener {
    /// Changes what the listener speaks, as ModifyListener does (ALB-LSN-008, NLB-LS-015): without TLS it has no use for
    /// certificates and policy and drops them; with TLS it needs a certificate, and one that the listener had before is not
    /// remembered.
    ///
    /// - Parameters:
    ///   - protocol: what it speaks from now on.
    ///   - tls: the certificates given with the change; `nil` keeps those of a listener that has some already.
    package mutating func modify(protocol: Proto, tls: ListenerTLS? = nil) throws(ModelError) {
        var changed = self
        changed.protocol = `protocol`
        if `protocol`.isSecure {
            changed.tls = tls ?? self.tls
            if changed.tls == nil { throw Self.certificateMissing(`protocol`) }
        } else {
            if tls != nil { throw Self.certificateUseless(`protocol`) }
            changed.tls = nil
        }
        self = changed
    }
}
