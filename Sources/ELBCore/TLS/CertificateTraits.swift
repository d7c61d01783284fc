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
