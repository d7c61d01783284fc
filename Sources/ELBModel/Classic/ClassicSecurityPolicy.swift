/// A predefined security policy of Classic Load Balancers. They know more, and older, than those of the other kinds: policies with
/// SSL 3.0 and export ciphers are still described, though nobody should use them (CLB-TL-002).
package struct ClassicSecurityPolicy: Hashable, Sendable {
    /// `ELBSecurityPolicy-2016-08`, `ELBSample-ELBDefaultCipherPolicy`.
    package let name: String
    /// From oldest to newest.
    package let versions: [TLSVersion]
    /// The lab speaks it as little as any current TLS library does.
    package let hasSSL3: Bool
    /// Whether the server's order of ciphers decides, or the client's (CLB-TL-003).
    package let serverOrder: Bool
    /// OpenSSL's names, in the order of preference.
    package let cipherSuites: [String]

    /// What a secure listener is given when nobody says otherwise (CLB-TL-001).
    package static let defaultName = SecurityPolicy.defaultName

    /// The policy of that name, if AWS has it.
    package static func named(_ name: String) -> Self? { Self.all.first { $0.name == name } }

    /// In the order in which AWS describes them, the newest first.
    package static let all: [Self] =
        ["2016-08", "TLS-1-2-2017-01", "TLS-1-1-2017-01"].compactMap {
            Self(SecurityPolicy.named("ELBSecurityPolicy-\($0)"))
        }
        + [
            Self("2015-05", current + ["DES-CBC3-SHA"]),
            Self("2015-03", current + finite + ["DES-CBC3-SHA"]),
            Self("2015-02", current + finite),
            Self("2014-10", current + finite + ["DES-CBC3-SHA", "ECDHE-RSA-RC4-SHA", "RC4-SHA"]),
            Self("2014-01", current + finite + ["DES-CBC3-SHA", "ECDHE-RSA-RC4-SHA", "RC4-SHA"], hasSSL3: true),
            Self(early: "ELBSecurityPolicy-2011-08", august2011),
            Self(early: "ELBSample-ELBDefaultCipherPolicy", sample),
            Self(
                early: "ELBSample-OpenSSLDefaultCipherPolicy",
                ["AES128-SHA", "AES256-SHA", "DES-CBC3-SHA", "RC4-SHA", "RC4-MD5"]
            ),
        ]

    /// Those that load balancers of the other kinds have too are the same there.
    private init?(_ policy: SecurityPolicy?) {
        guard let policy else { return nil }
        self.name = policy.name
        self.versions = policy.versions
        self.hasSSL3 = false
        self.serverOrder = true
        self.cipherSuites = policy.cipherSuites.map(\.name)
    }

    private init(_ date: String, _ suites: [String], hasSSL3: Bool = false) {
        self.name = "ELBSecurityPolicy-\(date)"
        self.versions = [.v10, .v11, .v12]
        self.hasSSL3 = hasSSL3
        self.serverOrder = true
        self.cipherSuites = Self.known.filter(suites.contains)
    }

    /// From before TLS 1.1 and before the server's order counted.
    private init(early name: String, _ suites: [String]) {
        self.name = name
        self.versions = [.v10]
        self.hasSSL3 = true
        self.serverOrder = false
        self.cipherSuites = Self.known.filter(suites.contains)
    }

    private static let current = SecurityPolicy.named(Self.defaultName)?.cipherSuites.map(\.name) ?? []
    /// Key exchange by Diffie and Hellman over a finite field.
    private static let finite = ["DHE-RSA-AES128-SHA", "DHE-DSS-AES128-SHA"]
    /// The guide's table of it has gone; these are what several published judgements of it agree on.
    private static let august2011 = [
        "DHE-RSA-AES128-SHA", "AES128-SHA", "AES256-SHA", "CAMELLIA128-SHA", "EDH-RSA-DES-CBC3-SHA", "DES-CBC3-SHA",
        "RC4-SHA",
    ]
    /// As recorded from the API: all but anonymous key exchange, IDEA, SSL 2.0 and what TLS 1.2 brought.
    private static let sample = Self.known.filter { name in
        !Self.sinceTLS12OrElliptic.contains(name) && !name.hasPrefix("ADH-") && !name.hasPrefix("EXP-ADH-")
            && !["IDEA-CBC-SHA", "DES-CBC3-MD5", "DES-CBC-MD5", "RC2-CBC-MD5"].contains(name)
    }
    private static let sinceTLS12OrElliptic = Self.known.filter { name in
        name.hasPrefix("ECDHE-") || name.hasSuffix("-SHA256") || name.hasSuffix("-SHA384")
    }

    /// Every cipher that a policy may name: AWS's attributes of `SSLNegotiationPolicyType`, in AWS's order.
    package static let known = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA256",
        "ECDHE-RSA-AES128-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "DHE-RSA-AES128-SHA",
        "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES256-SHA384",
        "ECDHE-RSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA", "ECDHE-ECDSA-AES256-SHA", "AES128-GCM-SHA256",
        "AES128-SHA256", "AES128-SHA", "AES256-GCM-SHA384", "AES256-SHA256", "AES256-SHA", "DHE-DSS-AES128-SHA",
        "CAMELLIA128-SHA", "EDH-RSA-DES-CBC3-SHA", "DES-CBC3-SHA", "ECDHE-RSA-RC4-SHA", "RC4-SHA",
        "ECDHE-ECDSA-RC4-SHA", "DHE-DSS-AES256-GCM-SHA384", "DHE-RSA-AES256-GCM-SHA384", "DHE-RSA-AES256-SHA256",
        "DHE-DSS-AES256-SHA256", "DHE-RSA-AES256-SHA", "DHE-DSS-AES256-SHA", "DHE-RSA-CAMELLIA256-SHA",
        "DHE-DSS-CAMELLIA256-SHA", "CAMELLIA256-SHA", "EDH-DSS-DES-CBC3-SHA", "DHE-DSS-AES128-GCM-SHA256",
        "DHE-RSA-AES128-GCM-SHA256", "DHE-RSA-AES128-SHA256", "DHE-DSS-AES128-SHA256", "DHE-RSA-CAMELLIA128-SHA",
        "DHE-DSS-CAMELLIA128-SHA", "ADH-AES128-GCM-SHA256", "ADH-AES128-SHA", "ADH-AES128-SHA256",
        "ADH-AES256-GCM-SHA384", "ADH-AES256-SHA", "ADH-AES256-SHA256", "ADH-CAMELLIA128-SHA", "ADH-CAMELLIA256-SHA",
        "ADH-DES-CBC3-SHA", "ADH-DES-CBC-SHA", "ADH-RC4-MD5", "ADH-SEED-SHA", "DES-CBC-SHA", "DHE-DSS-SEED-SHA",
        "DHE-RSA-SEED-SHA", "EDH-DSS-DES-CBC-SHA", "EDH-RSA-DES-CBC-SHA", "IDEA-CBC-SHA", "RC4-MD5", "SEED-SHA",
        "DES-CBC3-MD5", "DES-CBC-MD5", "RC2-CBC-MD5", "PSK-AES256-CBC-SHA", "PSK-3DES-EDE-CBC-SHA",
        "KRB5-DES-CBC3-SHA", "KRB5-DES-CBC3-MD5", "PSK-AES128-CBC-SHA", "PSK-RC4-SHA", "KRB5-RC4-SHA", "KRB5-RC4-MD5",
        "KRB5-DES-CBC-SHA", "KRB5-DES-CBC-MD5", "EXP-EDH-RSA-DES-CBC-SHA", "EXP-EDH-DSS-DES-CBC-SHA",
        "EXP-ADH-DES-CBC-SHA", "EXP-DES-CBC-SHA", "EXP-RC2-CBC-MD5", "EXP-KRB5-RC2-CBC-SHA", "EXP-KRB5-DES-CBC-SHA",
        "EXP-KRB5-RC2-CBC-MD5", "EXP-KRB5-DES-CBC-MD5", "EXP-ADH-RC4-MD5", "EXP-RC4-MD5", "EXP-KRB5-RC4-SHA",
        "EXP-KRB5-RC4-MD5",
    ]
}

extension ClassicPolicy.Negotiation {
    /// The versions, the ciphers by preference and whose order decides; `nil` for a policy that AWS does not have.
    package var settings: (versions: [TLSVersion], cipherSuites: [String], serverOrder: Bool)? {
        switch self {
        case .predefined(let name):
            ClassicSecurityPolicy.named(name).map { ($0.versions, $0.cipherSuites, $0.serverOrder) }
        case .custom(let versions, let suites, let serverOrder): (versions, suites, serverOrder)
        }
    }
}
