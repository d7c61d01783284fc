package import ELBModel

/// An HTTPS listener's settings as the data path obeys them.
package struct CompiledTLS: Sendable {
    package let settings: ListenerTLS
    package let policy: SecurityPolicy
    package let requestHeaders: TLSRequestHeaders
    package let quirks: TLSQuirks

    /// - Parameter negotiation: a Classic Load Balancer's, whose policies may be its own.
    /// - Throws: `SSLPolicyNotFound`.
    init(
        _ settings: ListenerTLS,
        of listener: Listener,
        _ loadBalancer: LoadBalancer,
        negotiation: ClassicNegotiation? = nil
    ) throws(ModelError) {
        guard let policy = negotiation?.policy ?? settings.policy else {
            throw ModelError(.sslPolicyNotFound, "There is no security policy '\(settings.sslPolicy.prefix(80))'")
        }
        self.settings = settings
        self.policy = loadBalancer.quirks.contains(.tlsOldVersionsAllowed) ? policy.withAllVersions : policy
        var quirks = TLSQuirks(loadBalancer.quirks)
        if negotiation?.followsClient == true { quirks.insert(.clientOrder) }
        self.quirks = quirks
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
