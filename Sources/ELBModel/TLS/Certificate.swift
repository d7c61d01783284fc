/// A certificate as AWS Certificate Manager has it: a name, and where the material behind the name comes from. Renewal changes
/// the material and keeps the ARN (INT-AC-006).
package struct Certificate: Hashable, Codable, Sendable {
    package var arn: CertificateARN
    package var source: Source

    package init(arn: CertificateARN, source: Source) {
        self.arn = arn
        self.source = source
    }

    /// Where key and certificate come from.
    package enum Source: Hashable, Codable, Sendable {
        /// Given, as by `ImportCertificate`. The certificate comes first in its text, intermediates may follow.
        case imported(certificate: PEM, privateKey: PEM)
        /// Made by the lab's own authority for these names, the first of them the subject, as by `RequestCertificate`.
        case issued(names: [String], keyAlgorithm: KeyAlgorithm)
    }

    /// What kinds of key the lab's authority makes; the raw value is the API's.
    package enum KeyAlgorithm: String, Hashable, Codable, Sendable, CaseIterable {
        case rsa2048 = "RSA_2048"
        case ecdsaP256 = "EC_prime256v1"
        case ecdsaP384 = "EC_secp384r1"
    }
}

/// `arn:aws:acm:ap-northeast-2:123456789012:certificate/…`, or a server certificate of IAM's.
package struct CertificateARN: Hashable, Codable, Sendable, RawRepresentable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }

    /// The region an ACM certificate belongs to; `nil` for IAM's, which serve everywhere, and for texts that are no ARN.
    package var region: String? {
        let parts = self.rawValue.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "acm" else { return nil }
        return String(parts[3])
    }
}

extension CertificateARN: CustomStringConvertible {
    package var description: String { self.rawValue }
}

/// Text in the PEM format, or the file that it stands in.
package enum PEM: Hashable, Codable, Sendable {
    case text(String)
    /// Read when the configuration is applied, and again with every change of configuration.
    case file(String)
}

/// How a listener asks its clients for certificates.
package struct MutualAuthentication: Hashable, Codable, Sendable {
    package var mode: Mode
    /// Whose clients are let in; verify mode only.
    package var trustStore: TrustStore?
    /// Whether clients with expired certificates are let in (ALB-TLS-021); verify mode only.
    package var ignoreClientCertificateExpiry: Bool
    /// Whether the client is told which authorities are trusted (ALB-TLS-022); verify mode only.
    package var advertiseTrustStoreCANames: Bool

    package static let off = Self(mode: .off)

    package init(
        mode: Mode,
        trustStore: TrustStore? = nil,
        ignoreClientCertificateExpiry: Bool = false,
        advertiseTrustStoreCANames: Bool = false
    ) {
        self.mode = mode
        self.trustStore = trustStore
        self.ignoreClientCertificateExpiry = ignoreClientCertificateExpiry
        self.advertiseTrustStoreCANames = advertiseTrustStoreCANames
    }

    /// The raw value is the API's (ALB-TLS-015).
    package enum Mode: String, Hashable, Codable, Sendable, CaseIterable {
        case off
        case passthrough
        case verify
    }
}

/// The authorities that a listener in verify mode trusts, and what they have revoked.
package struct TrustStore: Hashable, Codable, Sendable {
    package var arn: TrustStoreARN
    package var name: String
    /// 1 to 25 CA certificates, one behind the other (ALB-TLS-026).
    package var caCertificates: PEM
    /// At most 30 lists (ALB-TLS-025).
    package var revocations: [PEM]

    package init(arn: TrustStoreARN, name: String, caCertificates: PEM, revocations: [PEM] = []) {
        self.arn = arn
        self.name = name
        self.caCertificates = caCertificates
        self.revocations = revocations
    }
}

/// `arn:aws:elasticloadbalancing:…:truststore/NAME/ID`; in a subject's configuration file the store's name.
package struct TrustStoreARN: Hashable, Codable, Sendable, RawRepresentable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

extension TrustStoreARN: CustomStringConvertible {
    package var description: String { self.rawValue }
}

/// What makes a listener an HTTPS or a TLS listener.
package struct ListenerTLS: Hashable, Codable, Sendable {
    /// The name of a predefined policy.
    package var sslPolicy: String
    /// Used when the client asks for no name, or for one that nothing in the list covers (ALB-TLS-008).
    package var defaultCertificate: Certificate
    /// The list that names are looked up in (ALB-TLS-007). The default takes part only if it is here too (INT-AC-004).
    package var certificates: [Certificate]
    package var mutualAuthentication: MutualAuthentication
    /// What a TLS listener agrees on by ALPN (NLB-TL-017); an HTTPS listener has `none`, it knows by itself what it speaks.
    package var alpnPolicy: ALPNPolicy

    package init(
        sslPolicy: String = SecurityPolicy.defaultName,
        defaultCertificate: Certificate,
        certificates: [Certificate] = [],
        mutualAuthentication: MutualAuthentication = .off,
        alpnPolicy: ALPNPolicy = .none
    ) {
        self.alpnPolicy = alpnPolicy
        self.sslPolicy = sslPolicy
        self.defaultCertificate = defaultCertificate
        self.certificates = certificates
        self.mutualAuthentication = mutualAuthentication
    }

    /// The policy by name; `nil` if AWS has none of that name.
    package var policy: SecurityPolicy? { SecurityPolicy.named(self.sslPolicy) }
}
