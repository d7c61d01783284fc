internal import ELBModel

extension SubjectConfiguration {
    /// What HTTPS listeners use, each certificate once; listeners refer to them by ARN.
    static func certificates(of listeners: [Listener]) -> [Certificate] {
        var seen: Set<CertificateARN> = []
        let all = listeners.compactMap(\.tls).flatMap { [$0.defaultCertificate] + $0.certificates }
        return all.filter { seen.insert($0.arn).inserted }
    }
}

extension SubjectConfiguration {
    /// What listeners in verify mode trust, each store once; listeners refer to them by name.
    static func trustStores(of listeners: [Listener]) -> [TrustStore] {
        var seen: Set<TrustStoreARN> = []
        return listeners.compactMap(\.tls?.mutualAuthentication.trustStore).filter { seen.insert($0.arn).inserted }
    }
}

extension TrustStore {
    var json: JSONText {
        var members: [(String, JSONText)] = [
            ("Name", .string(self.arn.rawValue)), self.caCertificates.member("CaCertificatesBundle"),
        ]
        let lists: [JSONText] = self.revocations.compactMap {
            if case .text(let text) = $0 { .string(text) } else { nil }
        }
        if !lists.isEmpty { members.append(("Revocations", .array(lists))) }
        return .object(members)
    }
}

extension MutualAuthentication {
    fileprivate var json: JSONText {
        var members: [(String, JSONText)] = [("Mode", .string(self.mode.rawValue))]
        guard let trustStore else { return .object(members) }
        members += [
            ("TrustStoreArn", .string(trustStore.arn.rawValue)),
            ("IgnoreClientCertificateExpiry", .boolean(self.ignoreClientCertificateExpiry)),
            ("AdvertiseTrustStoreCaNames", .string(self.advertiseTrustStoreCANames ? "on" : "off")),
        ]
        return .object(members)
    }
}

extension Certificate {
    /// The suite gives its subjects material, never names for an authority of theirs to issue.
    var json: JSONText {
        var members: [(String, JSONText)] = [("CertificateArn", .string(self.arn.rawValue))]
        if case .imported(let certificate, let privateKey) = self.source {
            members += [certificate.member("Certificate"), privateKey.member("PrivateKey")]
        }
        return .object(members)
    }
}

extension PEM {
    fileprivate func member(_ name: String) -> (String, JSONText) {
        switch self {
        case .text(let text): (name, .string(text))
        case .file(let path): ("\(name)File", .string(path))
        }
    }
}

extension ListenerTLS {
    /// What a listener says beside `Protocol`.
    var members: [(String, JSONText)] {
        let reference = { (certificate: Certificate) in
            JSONText.object([("CertificateArn", .string(certificate.arn.rawValue))])
        }
        let members: [(String, JSONText)] = [
            ("SslPolicy", .string(self.sslPolicy)), ("Certificates", .array([reference(self.defaultCertificate)])),
            ("ListenerCertificates", .array(self.certificates.map(reference))),
        ]
        guard self.mutualAuthentication.mode != .off else { return members }
        return members + [("MutualAuthentication", self.mutualAuthentication.json)]
    }
}
