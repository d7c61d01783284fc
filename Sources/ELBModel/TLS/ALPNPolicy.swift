/// What a TLS listener of a Network Load Balancer agrees on by ALPN; the raw value is the API's (NLB-TL-017, -018).
package enum ALPNPolicy: String, Hashable, Codable, Sendable, CaseIterable {
    /// No answer to the client's list; the default.
    case none = "None"
    case http1Only = "HTTP1Only"
    case http2Only = "HTTP2Only"
    case http2Optional = "HTTP2Optional"
    case http2Preferred = "HTTP2Preferred"

    /// What may be agreed on, the preferred first; the client's order does not count.
    package var protocols: [String] {
        switch self {
        case .none: []
        case .http1Only: ["http/1.1", "http/1.0"]
        case .http2Only: ["h2"]
        case .http2Optional: ["http/1.1", "http/1.0", "h2"]
        case .http2Preferred: ["h2", "http/1.1", "http/1.0"]
        }
    }

    /// The policy of that name.
    package init(named name: String) throws(ModelError) {
        guard let policy = Self(rawValue: name) else {
            throw ModelError(
                .alpnPolicyNotFound,
                "There is no ALPN policy '\(name.prefix(80))'; there are \(Self.allCases.map(\.rawValue).joined(separator: ", "))",
                at: "AlpnPolicy"
            )
        }
        self = policy
    }
}
