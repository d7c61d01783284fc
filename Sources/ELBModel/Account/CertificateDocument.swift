/// A certificate that came into the account by the API: its text, and what it says of itself, read once.
package struct CertificateDocument: Hashable, Codable, Sendable {
    /// The certificate alone, in PEM.
    package var body: String
    /// The certificates between it and a root, in PEM.
    package var chain: String?
    package var facts: CertificateFacts

    package init(body: String, chain: String?, facts: CertificateFacts) {
        self.body = body
        self.chain = chain
        self.facts = facts
    }

    /// What a load balancer shows its clients: the certificate first.
    package var fullChain: String {
        guard let chain else { return self.body }
        return self.body + (self.body.hasSuffix("\n") ? "" : "\n") + chain
    }
}

/// What a certificate says of itself.
package struct CertificateFacts: Hashable, Codable, Sendable {
    /// Host names; the subject's common name is the first if it is one.
    package var names: [String]
    /// `CN=www.example.com`.
    package var subject: String
    package var issuer: String
    /// `0a:1b:2c`.
    package var serial: String
    package var notBefore: Timestamp
    package var notAfter: Timestamp
    /// Certificate Manager's name: `RSA_2048`, `EC_prime256v1`.
    package var keyAlgorithm: String
    /// Certificate Manager's name: `SHA256WITHRSA`.
    package var signatureAlgorithm: String

    package init(
        names: [String],
        subject: String,
        issuer: String,
        serial: String,
        notBefore: Timestamp,
        notAfter: Timestamp,
        keyAlgorithm: String,
        signatureAlgorithm: String
    ) {
        self.names = names
        self.subject = subject
        self.issuer = issuer
        self.serial = serial
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.keyAlgorithm = keyAlgorithm
        self.signatureAlgorithm = signatureAlgorithm
    }
}
