internal import ELBFleet
internal import ELBModel

/// Certificates that the checks of TLS give to subjects and clients. Made once per run: keys take a while.
enum TLSMaterial {
    struct Authorities: Sendable {
        var servers: CertificateAuthority
        var clients: CertificateAuthority
        /// Trusted by nobody.
        var strangers: CertificateAuthority
    }

    /// - Throws: an uncertain result when no keys can be made.
    static func authorities() throws -> Authorities {
        guard let made = Self.made else { throw Problem.uncertain("no certificates could be made") }
        return made
    }

    private static let made: Authorities? = try? Authorities(
        servers: CertificateAuthority(name: "servers"),
        clients: CertificateAuthority(name: "clients"),
        strangers: CertificateAuthority(name: "strangers")
    )

    /// A server's certificate for these names as the subject gets it, and what tells it from others.
    static func server(
        _ label: String,
        _ name: String,
        key: CertificateAuthority.Key = .ecdsaP256,
        validity: CertificateAuthority.Validity = .current(days: 90)
    ) throws -> Server {
        let issued = try Self.authorities().servers.issue(name, key: key, validity: validity)
        return Server(
            certificate: Certificate(
                arn: CertificateARN(
                    rawValue: "arn:aws:acm:ap-northeast-2:123456789012:certificate/\(label)-\(issued.serialNumber)"
                ),
                source: .imported(certificate: .text(issued.certificate), privateKey: .text(issued.privateKey))
            ),
            serialNumber: String(issued.serialNumber.drop { $0 == "0" })
        )
    }

    struct Server: Sendable {
        var certificate: Certificate
        /// Without leading zeros, as `ShownCertificate` has it.
        var serialNumber: String
    }

    /// What a client says that trusts our servers and shows nothing of itself.
    static func client() throws -> CurlTLS {
        CurlTLS(authorities: try Self.authorities().servers.certificate)
    }

    /// What a client says that shows a certificate.
    static func client(_ issued: CertificateAuthority.Issued, chain: String = "") throws -> CurlTLS {
        var tls = try Self.client()
        tls.certificate = issued.certificate + chain
        tls.privateKey = issued.privateKey
        return tls
    }
}

extension Exchange {
    /// Which certificate the client was shown.
    var shownSerialNumber: String? {
        guard case .success(let response) = self.outcome else { return nil }
        return response.certificates.first?.serialNumber
    }

    /// Whether there was no answer because the connection failed, by the handshake or just after it: in TLS 1.3 a client hears of
    /// its certificate's fate only when it reads.
    var wasRefused: Bool {
        guard case .failure(let failure) = self.outcome else { return false }
        switch failure.kind {
        case .tlsFailed, .connectionLost, .emptyReply: return true
        case .connectionRefused, .timeout, .malformedAnswer, .notSent, .other: return false
        }
    }

    /// In one sentence, for findings.
    var ending: String {
        switch self.outcome {
        case .success(let response): "an answer, \(response.status)"
        case .failure(let failure): "no answer: \(failure.message)"
        }
    }
}
