internal import ELBFleet
internal import ELBModel
internal import FoundationEssentials

// What engines need of an HTTPS listener: certificates with their keys, and a security policy in the words that TLS libraries share.

/// A certificate with its key, both in PEM.
struct EngineCertificate: Hashable, Sendable {
    var chain: String
    var key: String

    /// Key and certificate in one file, so that there is no moment at which one is new and the other old.
    var pem: String { "\(self.chain)\n\(self.key)\n" }

    /// What it is for, where the engine cannot read that itself.
    func names() throws(Inexpressible) -> CertificateNames {
        guard let names = CertificateNames(pem: self.chain) else {
            throw Inexpressible("a certificate of the configuration cannot be read")
        }
        return names
    }
}

extension Listener {
    /// Its certificates, the default first, then those that clients may ask for by name. None if it speaks no TLS.
    func certificates() throws(Inexpressible) -> [EngineCertificate] {
        guard let tls = self.tls else { return [] }
        var found: [EngineCertificate] = []
        for certificate in [tls.defaultCertificate] + tls.certificates {
            guard case .imported(let chain, let key) = certificate.source else {
                throw Inexpressible(
                    "the lab makes \(certificate.arn) itself, and keeps the key; only certificates that are given to it are "
                        + "exported, by CertificateFile and PrivateKeyFile"
                )
            }
            found.append(EngineCertificate(chain: try chain.content(), key: try key.content()))
        }
        return found
    }

    /// What each file is called: `port-443-0.pem` is the default one's.
    func certificateName(_ index: Int) -> String { "port-\(self.port)-\(index).pem" }

    func certificateFiles() throws(Inexpressible) -> [EngineFile] {
        try self.certificates().enumerated().map { EngineFile(name: self.certificateName($0), text: $1.pem) }
    }

    var scheme: String { self.protocol == .https ? "https" : "http" }
}

extension PEM {
    fileprivate func content() throws(Inexpressible) -> String {
        switch self {
        case .text(let text): return text
        case .file(let path):
            guard let data = try? Data(contentsOf: URL(filePath: path)) else {
                throw Inexpressible("\(path) cannot be read")
            }
            return String(decoding: data, as: UTF8.self)
        }
    }
}

extension ListenerTLS {
    func knownPolicy() throws(Inexpressible) -> SecurityPolicy {
        guard let policy = self.policy else { throw Inexpressible("there is no security policy \(self.sslPolicy)") }
        return policy
    }
}

extension SecurityPolicy {
    var oldest: TLSVersion { self.versions.first ?? .v12 }
    var newest: TLSVersion { self.versions.last ?? .v13 }

    /// For OpenSSL, which has TLS 1.0 and 1.1 only where nothing asks for more than they can; `nil` for a policy of TLS 1.3 alone.
    var ciphers: String? {
        let names = self.cipherSuites.filter { !$0.isTLS13 }.map(\.name)
        guard !names.isEmpty else { return nil }
        return ((self.oldest < .v12 ? ["@SECLEVEL=0"] : []) + names).joined(separator: ":")
    }

    /// The same for TLS 1.3.
    var ciphers13: String? {
        let names = self.cipherSuites.filter(\.isTLS13).map(\.name)
        return names.isEmpty ? nil : names.joined(separator: ":")
    }
}

extension Listener {
    /// Headers by which a load balancer tells targets of TLS. What a client says in them is not for targets.
    ///
    /// - Parameters:
    ///   - version: how the engine writes the version that a request came by.
    ///   - cipherSuite: and the suite.
    /// - Returns: names, with the value where there is one.
    func tlsHeaders(
        _ attributes: LoadBalancerAttributes,
        version: String,
        cipherSuite: String
    ) -> [(name: String, value: String?)] {
        guard self.tls != nil else { return [] }
        return ListenerAttributes.RequestHeader.allCases.map { header in
            guard attributes.tlsVersionAndCipherSuiteEnabled else { return (header.rawValue, nil) }
            switch header {
            case .tlsVersion: return (header.rawValue, version)
            case .tlsCipherSuite: return (header.rawValue, cipherSuite)
            case .clientCertificateSerialNumber, .clientCertificateIssuer, .clientCertificateSubject,
                .clientCertificateValidity, .clientCertificateLeaf, .clientCertificate:
                return (header.rawValue, nil)
            }
        }
    }

    /// What a client may choose from by ALPN, the preferred one first.
    func alpnProtocols(_ attributes: LoadBalancerAttributes) -> [String] {
        (attributes.http2Enabled ? ["h2"] : []) + ["http/1.1"]
    }
}
