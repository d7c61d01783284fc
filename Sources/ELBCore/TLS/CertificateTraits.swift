package import ELBModel

/// What of a certificate decides whether it is shown to a client.
package struct CertificateTraits: Hashable, Sendable {
    /// In lower case; `*.example.com` covers one label (ALB-TLS-009).
    package var names: [String]
    package var key: Key
    /// Bits of the hash that the certificate was signed with: 160 for SHA-1, 256, 384, 512; 128 for MD5.
    package var hashBits: Int
    /// Seconds since 1970.
    package var notBefore: Int64
    package var notAfter: Int64

    package init(names: [String], key: Key, hashBits: Int, notBefore: Int64, notAfter: Int64) {
        self.names = names.map { $0.lowercased() }
        self.key = key
        self.hashBits = hashBits
        self.notBefore = notBefore
        self.notAfter = notAfter
    }

    /// The key by its length in bits.
    package enum Key: Hashable, Sendable {
        case rsa(Int)
        case ecdsa(Int)

        var bits: Int {
            switch self {
            case .rsa(let bits), .ecdsa(let bits): bits
            }
        }
    }

    /// Whether a client that asked for `name` accepts the certificate.
    ///
    /// - Parameter anyDepth: the quirk `tls.wildcard-any-depth`.
    func covers(_ name: String, anyDepth: Bool = false) -> Bool {
        self.names.contains { pattern in
            guard pattern.hasPrefix("*.") else { return pattern == name }
            let ending = pattern.dropFirst(1)
            guard name.hasSuffix(ending), name.utf8.count > ending.utf8.count else { return false }
            return anyDepth || !name.dropLast(ending.count).contains(".")
        }
    }

    /// Whether the certificate's time has come and is not over.
    func isValid(at seconds: Int64) -> Bool {
        self.notBefore <= seconds && seconds <= self.notAfter
    }

    /// Whether this one is the better choice of two that serve alike (ALB-TLS-007): ECDSA over RSA, not expired, the stronger
    /// hash, the longer key, the longer validity.
    func isBetter(than other: Self, at seconds: Int64, prefersRSA: Bool) -> Bool {
        let rank = { (traits: Self) in
            let isECDSA = if case .ecdsa = traits.key { true } else { false }
            return (isECDSA != prefersRSA ? 1 : 0, traits.isValid(at: seconds) ? 1 : 0, traits.hashBits)
        }
        let (mine, theirs) = (rank(self), rank(other))
        guard mine == theirs else { return mine > theirs }
        guard self.key.bits == other.key.bits else { return self.key.bits > other.key.bits }
        return self.notAfter - self.notBefore > other.notAfter - other.notBefore
    }
}

/// The deliberate deviations of TLS. Empty on an honest balancer.
package struct TLSQuirks: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static let defaultCertificateAlways = Self(rawValue: 1 << 0)
    package static let unknownNameRefused = Self(rawValue: 1 << 1)
    package static let wildcardAnyDepth = Self(rawValue: 1 << 2)
    package static let rsaPreferred = Self(rawValue: 1 << 3)
    package static let clientOrder = Self(rawValue: 1 << 4)
    package static let clientCertificateNotVerified = Self(rawValue: 1 << 5)
    package static let clientCertificateExpiryIgnored = Self(rawValue: 1 << 6)
    package static let revocationIgnored = Self(rawValue: 1 << 7)
    package static let clientCertificateHeadersMissing = Self(rawValue: 1 << 8)
    package static let validatesTargets = Self(rawValue: 1 << 9)
    package static let certificateKept = Self(rawValue: 1 << 10)
    package static let clientCertificateAlwaysRequired = Self(rawValue: 1 << 11)

    package init(_ quirks: Set<Quirk>) {
        var bits: Self = []
        for (quirk, bit) in Self.bits where quirks.contains(quirk) { bits.insert(bit) }
        self = bits
    }

    private static let bits: [(Quirk, Self)] = [
        (.tlsDefaultCertificateAlways, .defaultCertificateAlways),
        (.tlsUnknownNameRefused, .unknownNameRefused),
        (.tlsWildcardAnyDepth, .wildcardAnyDepth),
        (.tlsRSAPreferred, .rsaPreferred),
        (.tlsClientOrder, .clientOrder),
        (.mtlsNotVerified, .clientCertificateNotVerified),
        (.mtlsExpiryIgnored, .clientCertificateExpiryIgnored),
        (.mtlsRevocationIgnored, .revocationIgnored),
        (.mtlsHeadersMissing, .clientCertificateHeadersMissing),
        (.tlsValidatesTargets, .validatesTargets),
        (.tlsCertificateKept, .certificateKept),
        (.mtlsPassthroughRequires, .clientCertificateAlwaysRequired),
    ]
}
