package import ELBModel

/// What a secure listener of a Classic Load Balancer negotiates: a predefined policy's choice or one of its own (CLB-TL-002).
package struct ClassicNegotiation: Hashable, Sendable {
    package var policy: SecurityPolicy
    /// The client's order of ciphers decides (CLB-TL-003).
    package var followsClient: Bool

    /// Ciphers that no current TLS library has are left out, as is SSL 3.0.
    ///
    /// - Throws: for what the lab cannot negotiate: versions with a gap between them, or nothing at all.
    init(_ negotiation: ClassicPolicy.Negotiation, named name: String) throws(ModelError) {
        guard let settings = negotiation.settings else {
            throw ModelError(.policyNotFound, "There is no security policy for '\(name)'")
        }
        let versions = settings.versions.sorted()
        let suites = settings.cipherSuites.compactMap { TLSCipherSuite(named: $0) }
        guard let first = versions.first, let last = versions.last,
            TLSVersion.allCases.filter({ first <= $0 && $0 <= last }) == versions
        else {
            throw ModelError(
                .notInLab,
                "The versions of policy '\(name)' have a gap between them, which is not in the lab"
            )
        }
        guard !suites.isEmpty else {
            throw ModelError(.notInLab, "Policy '\(name)' has no cipher that is in the lab")
        }
        let usual = SecurityPolicy.named(SecurityPolicy.defaultName)
        self.policy = SecurityPolicy(
            name: name,
            versions: versions,
            cipherSuites: suites,
            keyExchanges: usual?.keyExchanges ?? [],
            family: .legacy
        )
        self.followsClient = !settings.serverOrder
    }
}
