/// A cipher suite of AWS's security policies by its IANA number.
package struct TLSCipherSuite: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// How the two sides prove who they are, which decides what kind of certificate serves.
    package enum Authentication: Hashable, Sendable {
        /// TLS 1.3: any certificate, agreed on apart from the suite.
        case any
        case ecdsa
        case rsa
    }

    package static let aes128GCM = Self(rawValue: 0x1301)
    package static let aes256GCM = Self(rawValue: 0x1302)
    package static let chacha20 = Self(rawValue: 0x1303)

    /// OpenSSL's name, the one AWS uses in policies, logs and headers; for a suite of no policy the number in hexadecimal.
    package var name: String {
        Self.byNumber[self.rawValue]?.name ?? Self.hexadecimal(self.rawValue)
    }

    package var authentication: Authentication {
        Self.byNumber[self.rawValue]?.authentication ?? .any
    }

    /// Whether the suite is TLS 1.3's; all others serve up to TLS 1.2.
    package var isTLS13: Bool { self.rawValue >> 8 == 0x13 }

    /// Whether the suite exists before TLS 1.2: those that name a hash beyond SHA-1 do not (RFC 5246, section 1.2).
    package var isBeforeTLS12: Bool {
        !self.isTLS13 && self.name.hasSuffix("-SHA")
    }

    /// The suite of that OpenSSL name, if a policy has it.
    package init?(named name: String) {
        guard let known = Self.table.first(where: { $0.name == name }) else { return nil }
        self.rawValue = known.number
    }

    /// In no order that means anything.
    package static let all = Self.table.map { Self(rawValue: $0.number) }

    private static let table: [(number: UInt16, name: String, authentication: Authentication)] = [
        (0x1301, "TLS_AES_128_GCM_SHA256", .any),
        (0x1302, "TLS_AES_256_GCM_SHA384", .any),
        (0x1303, "TLS_CHACHA20_POLY1305_SHA256", .any),
        (0xc02b, "ECDHE-ECDSA-AES128-GCM-SHA256", .ecdsa),
        (0xc02f, "ECDHE-RSA-AES128-GCM-SHA256", .rsa),
        (0xc023, "ECDHE-ECDSA-AES128-SHA256", .ecdsa),
        (0xc027, "ECDHE-RSA-AES128-SHA256", .rsa),
        (0xc009, "ECDHE-ECDSA-AES128-SHA", .ecdsa),
        (0xc013, "ECDHE-RSA-AES128-SHA", .rsa),
        (0xc02c, "ECDHE-ECDSA-AES256-GCM-SHA384", .ecdsa),
        (0xc030, "ECDHE-RSA-AES256-GCM-SHA384", .rsa),
        (0xc024, "ECDHE-ECDSA-AES256-SHA384", .ecdsa),
        (0xc028, "ECDHE-RSA-AES256-SHA384", .rsa),
        (0xc00a, "ECDHE-ECDSA-AES256-SHA", .ecdsa),
        (0xc014, "ECDHE-RSA-AES256-SHA", .rsa),
        (0x009c, "AES128-GCM-SHA256", .rsa),
        (0x003c, "AES128-SHA256", .rsa),
        (0x002f, "AES128-SHA", .rsa),
        (0x009d, "AES256-GCM-SHA384", .rsa),
        (0x003d, "AES256-SHA256", .rsa),
        (0x0035, "AES256-SHA", .rsa),
    ]

    private static let byNumber = Dictionary(uniqueKeysWithValues: Self.table.map { ($0.number, $0) })

    private static func hexadecimal(_ number: UInt16) -> String {
        let digits = String(number, radix: 16, uppercase: true)
        return "0x" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
    }
}

/// A key exchange of TLS by its IANA number: a curve, or a curve and ML-KEM together.
package struct TLSKeyExchange: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let secp256r1 = Self(rawValue: 0x0017)
    package static let secp384r1 = Self(rawValue: 0x0018)
    package static let secp521r1 = Self(rawValue: 0x0019)
    package static let x25519 = Self(rawValue: 0x001d)
    package static let secp256r1MLKEM768 = Self(rawValue: 0x11eb)
    package static let x25519MLKEM768 = Self(rawValue: 0x11ec)
    package static let secp384r1MLKEM1024 = Self(rawValue: 0x11ed)

    /// IANA's name, as the connection log's `tls_keyexchange` has it (ALB-CLOG-004).
    package var name: String {
        switch self {
        case .secp256r1: "secp256r1"
        case .secp384r1: "secp384r1"
        case .secp521r1: "secp521r1"
        case .x25519: "x25519"
        case .secp256r1MLKEM768: "SecP256r1MLKEM768"
        case .x25519MLKEM768: "X25519MLKEM768"
        case .secp384r1MLKEM1024: "SecP384r1MLKEM1024"
        default: "group-\(self.rawValue)"
        }
    }
}
