/// A certificate of Certificate Manager or IAM.
package struct CertificateRecord: AccountRecord {
    package var owner: RecordOwner
    package var created: Timestamp
    package var tags: [ResourceTag] = []
    package var certificate: Certificate
    package var kind: Kind
    /// What came by the API; `nil` for certificates of templates, which are issued, or read from files, when they are used.
    package var document: CertificateDocument?
    /// When it was imported once more.
    package var replaced: Timestamp?
    /// Makes a repeated RequestCertificate the same one.
    package var clientToken: String?

    package init(
        owner: RecordOwner,
        created: Timestamp,
        certificate: Certificate,
        kind: Kind? = nil,
        document: CertificateDocument? = nil
    ) {
        self.owner = owner
        self.created = created
        self.certificate = certificate
        self.kind = kind ?? Self.kind(of: certificate)
        self.document = document
    }

    package var id: String { self.certificate.arn.rawValue }

    /// Which service has it, and how it came there.
    package enum Kind: Hashable, Codable, Sendable {
        /// Certificate Manager's, by RequestCertificate.
        case issued
        /// Certificate Manager's, by ImportCertificate.
        case imported
        /// IAM's.
        case server(ServerCertificate)

        package var isACM: Bool {
            switch self {
            case .issued, .imported: true
            case .server: false
            }
        }
    }

    /// What IAM knows its certificates by.
    package struct ServerCertificate: Hashable, Codable, Sendable {
        package var name: String
        /// `/`, or `/shop/`.
        package var path: String
        /// `ASCA` and more letters.
        package var id: String

        package init(name: String, path: String, id: String) {
            self.name = name
            self.path = path
            self.id = id
        }

        package var arn: String { "arn:aws:iam::\(Account.number):server-certificate\(self.path)\(self.name)" }
    }

    private static func kind(of certificate: Certificate) -> Kind {
        switch certificate.source {
        case .issued: .issued
        case .imported: .imported
        }
    }

    /// Its host names, the domain name first; empty for a template's file.
    package var names: [String] {
        if let document { return document.facts.names }
        switch self.certificate.source {
        case .issued(let names, _): return names
        case .imported: return []
        }
    }

    /// Certificate Manager's name of it.
    package var keyAlgorithm: String {
        if let document { return document.facts.keyAlgorithm }
        switch self.certificate.source {
        case .issued(_, let algorithm): return algorithm.rawValue
        case .imported: return Certificate.KeyAlgorithm.rsa2048.rawValue
        }
    }
}
