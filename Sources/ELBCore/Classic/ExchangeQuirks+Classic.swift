package import ELBModel

extension ExchangeQuirks {
    /// What a Classic Load Balancer does otherwise on a request's way. It stands among the deviations, because so it costs the
    /// others nothing: the same bits are tested.
    ///
    /// TRACE is a method like any other (CLB-LS-013). There is no answer but 400 for what it does not understand (CLB-ER-001).
    /// Fields that only other load balancers write are the client's own (CLB-HD-006). WebSocket needs a TCP listener (CLB-LS-008).
    static let classicWays: Self = [
        .classic, .traceAllowed, .badVersionAs400, .notImplementedAs400, .tlsHeadersTrusted, .identityTrusted,
        .upgradeDropped,
    ]

    /// The bits of a load balancer: its deviations, and the ways of its kind.
    package init(_ quirks: Set<Quirk>, of kind: LoadBalancer.Kind) {
        self.init(quirks)
        guard kind == .classic else { return }
        self.formUnion(Self.classicWays)
        if quirks.contains(.classicLongMethodsForwarded) { self.insert(.longMethodsForwarded) }
    }
}

extension Exchange.TargetFailure {
    /// What a Classic Load Balancer answers: 504 when an instance took the request and did not answer it, whether it stayed silent or
    /// closed (CLB-ER-007, CLB-TO-005); 503 when no instance could be reached (CLB-ER-005); 502 for an answer that cannot be read
    /// (CLB-ER-004). Which one it is for an instance whose connections are cut, AWS does not say (CLB-DR-004).
    package var classicStatus: Int {
        switch self {
        case .closed, .idleTimeout, .deregistered: 504
        case .malformed: 502
        case .refused, .connectTimeout, .tlsHandshakeFailed, .tlsHandshakeTimeout: 503
        }
    }

    /// Whether the request never left, so that it may go to another instance (CLB-RT-010).
    package var leavesRequestWhole: Bool {
        switch self {
        case .refused, .connectTimeout, .tlsHandshakeFailed, .tlsHandshakeTimeout: true
        case .closed, .malformed, .deregistered, .idleTimeout: false
        }
    }
}
