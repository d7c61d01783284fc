/// A policy of a Classic Load Balancer: made first, then set on a listener or on an instance port, by its name.
package struct ClassicPolicy: Hashable, Codable, Sendable {
    /// Letters, digits and hyphens; unique within the load balancer.
    package var name: String
    package var kind: Kind

    package init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }

    package enum Kind: Hashable, Codable, Sendable {
        /// `LBCookieStickinessPolicyType`: the cookie `AWSELB` for that many seconds of AWS time; `nil` for as long as the browser
        /// is open (CLB-SK-002, -004).
        case durationStickiness(seconds: Int?)
        /// `AppCookieStickinessPolicyType`: `AWSELB` lives as the instance's cookie of that name does (CLB-SK-009).
        case applicationStickiness(cookie: String)
        /// `SSLNegotiationPolicyType`: what listeners negotiate.
        case sslNegotiation(Negotiation)
        /// `ProxyProtocolPolicyType`: whether connections to instances begin with a PROXY line (CLB-PP-001).
        case proxyProtocol(isEnabled: Bool)
        /// `PublicKeyPolicyType`: a key in base64 without PEM's first and last lines (CLB-TL-007).
        case publicKey(String)
        /// `BackendServerAuthenticationPolicyType`: names of policies with keys; any match suffices (CLB-TL-008).
        case backendAuthentication(publicKeyPolicies: [String])
    }

    /// How a listener negotiates TLS: as a predefined policy says, or protocol by protocol and cipher by cipher (CLB-TL-002).
    package enum Negotiation: Hashable, Codable, Sendable {
        /// `Reference-Security-Policy`.
        case predefined(String)
        /// Versions `Protocol-TLSv1`…, OpenSSL's names of cipher suites in AWS's order, and `Server-Defined-Cipher-Order`.
        case custom(versions: [TLSVersion], cipherSuites: [String], serverOrder: Bool)
    }
}
