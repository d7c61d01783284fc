package import ELBModel
package import ELBWire

/// What a listener answers a ClientHello with, decided before the TLS library sees it: which certificate, and which suite. The
/// library itself follows the client's order of suites and knows one certificate only.
package struct TLSNegotiation: Hashable, Sendable {
    /// The version that both sides will speak; `nil` if there is none, and the handshake fails.
    package var version: TLSVersion?
    package var certificate: Choice
    /// The suite for versions up to TLS 1.2, the first of the policy that the client offers and the certificate serves
    /// (ALB-TLS-002); `nil` if there is none, and for TLS 1.3. There BoringSSL chooses: all its suites are equally strong.
    package var cipherSuite: TLSCipherSuite?

    /// Which certificate the client is shown.
    package enum Choice: Hashable, Sendable {
        /// No name was asked for, or nothing in the list covers it (ALB-TLS-008).
        case `default`
        /// By its index in the list.
        case listed(Int)
        /// The quirk `tls.unknown-name-refused`.
        case none
    }

    /// - Parameters:
    ///   - defaultCertificate: of the listener.
    ///   - certificates: the listener's list.
    ///   - seconds: the wall clock since 1970.
    package init(
        _ hello: ClientHello,
        policy: SecurityPolicy,
        defaultCertificate: CertificateTraits,
        certificates: [CertificateTraits],
        at seconds: Int64,
        quirks: TLSQuirks = []
    ) {
        let version = policy.versions.last { hello.versions.contains($0.rawValue) }
        let offered = policy.offeredByLab.filter { $0.isTLS13 == (version == .v13) }
        let possible = offered.filter { suite in
            hello.cipherSuites.contains(suite.rawValue) && (version == .v12 || version == .v13 || suite.isBeforeTLS12)
        }
        self.version = version
        self.certificate = Self.choose(hello, version, possible, certificates, at: seconds, quirks)
        self.cipherSuite = nil
        guard version != .v13 else { return }
        let key =
            switch self.certificate {
            case .default, .none: defaultCertificate.key
            case .listed(let index): certificates[index].key
            }
        let order =
            quirks.contains(.clientOrder) ? hello.cipherSuites.map(TLSCipherSuite.init(rawValue:)) : possible
        self.cipherSuite = order.first { possible.contains($0) && Self.serves(key, $0) }
    }

    /// The best of the listed certificates that cover the name and that the client can use.
    private static func choose(
        _ hello: ClientHello,
        _ version: TLSVersion?,
        _ suites: [TLSCipherSuite],
        _ certificates: [CertificateTraits],
        at seconds: Int64,
        _ quirks: TLSQuirks
    ) -> Choice {
        guard let name = hello.serverName?.lowercased(), !quirks.contains(.defaultCertificateAlways) else {
            return .default
        }
        var best: Int?
        for (index, traits) in certificates.enumerated()
        where traits.covers(name, anyDepth: quirks.contains(.wildcardAnyDepth))
            && Self.canUse(traits.key, hello, version, suites)
        {
            let isBetter =
                best.map {
                    traits.isBetter(
                        than: certificates[$0],
                        at: seconds,
                        prefersRSA: quirks.contains(.rsaPreferred)
                    )
                } ?? true
            if isBetter { best = index }
        }
        return best.map(Choice.listed) ?? (quirks.contains(.unknownNameRefused) ? .none : .default)
    }

    /// Whether the client takes a certificate with this kind of key.
    private static func canUse(
        _ key: CertificateTraits.Key,
        _ hello: ClientHello,
        _ version: TLSVersion?,
        _ suites: [TLSCipherSuite]
    ) -> Bool {
        switch key {
        case .rsa:
            guard version != .v13 else { return !Self.rsaSchemes.isDisjoint(with: hello.signatureAlgorithms) }
            return suites.contains { $0.authentication == .rsa }
        case .ecdsa(let bits):
            let scheme: UInt16 = bits > 384 ? 0x0603 : bits > 256 ? 0x0503 : 0x0403
            guard version != .v13 else { return hello.signatureAlgorithms.contains(scheme) }
            let curve = bits > 384 ? TLSKeyExchange.secp521r1 : bits > 256 ? .secp384r1 : .secp256r1
            // Before TLS 1.3 an algorithm names a hash, not a curve; clients without the extensions leave both open.
            return suites.contains { $0.authentication == .ecdsa }
                && (hello.supportedGroups.isEmpty || hello.supportedGroups.contains(curve.rawValue))
                && (hello.signatureAlgorithms.isEmpty || hello.signatureAlgorithms.contains { $0 & 0xff == 3 })
        }
    }

    /// RSASSA-PSS with keys that any certificate may have; TLS 1.3 signs with no other RSA.
    private static let rsaSchemes: Set<UInt16> = [0x0804, 0x0805, 0x0806]

    private static func serves(_ key: CertificateTraits.Key, _ suite: TLSCipherSuite) -> Bool {
        switch (key, suite.authentication) {
        case (.rsa, .rsa), (.ecdsa, .ecdsa), (_, .any): true
        case (.rsa, .ecdsa), (.ecdsa, .rsa): false
        }
    }
}
