package import ELBModel

/// An HTTPS listener's settings as the data path obeys them.
package struct CompiledTLS: Sendable {
    package let settings: ListenerTLS
    package let policy: SecurityPolicy
    package let requestHeaders: TLSRequestHeaders
    package let quirks: TLSQuirks

    /// - Throws: `SSLPolicyNotFound`.
    init(_ settings: ListenerTLS, of listener: Listener, _ loadBalancer: LoadBalancer) throws(ModelError) {
        guard let policy = settings.policy else {
            throw ModelError(.sslPolicyNotFound, "There is no security policy '\(settings.sslPolicy.prefix(80))'")
        }
        self.settings = settings
        self.policy = loadBalancer.quirks.contains(.tlsOldVersionsAllowed) ? policy.withAllVersions : policy
        self.quirks = TLSQuirks(loadBalancer.quirks)
        self.requestHeaders = TLSRequestHeaders(listener, of: loadBalancer.attributes, quirks: self.quirks)
    }
}

extension SecurityPolicy {
    /// The quirk `tls.old-versions-allowed`: the same order, and behind it whatever else there is.
    fileprivate var withAllVersions: SecurityPolicy {
        SecurityPolicy(
            name: self.name,
            versions: TLSVersion.allCases,
            cipherSuites: self.cipherSuites + TLSCipherSuite.all.filter { !self.cipherSuites.contains($0) },
            keyExchanges: self.keyExchanges,
            family: self.family
        )
    }
}
