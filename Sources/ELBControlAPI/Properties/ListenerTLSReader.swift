import ELBModel

/// Reads what templates and subject files say alike of an HTTPS or a TLS listener. Where certificates and trust stores are found is the
/// caller's matter.
struct ListenerTLSReader {
    /// The certificate of that ARN, or `nil`, reported.
    let certificate: (Located<String>) -> Certificate?
    /// The trust store of that ARN, or `nil`, reported.
    let trustStore: (Located<String>) -> TrustStore?

    /// The settings, or `nil` when there is no certificate to begin with; the model says who needs one.
    func tls(_ reader: inout ObjectReader, for protocol: Listener.Proto) -> ListenerTLS? {
        let policy = reader.text("SslPolicy")
        let certificates = reader.objects("Certificates", as: "a certificate")
        let mutual = reader.object("MutualAuthentication", as: "MutualAuthentication")
        let alpn = Self.alpnPolicy(&reader)
        guard `protocol`.isSecure else {
            let secure: Listener.Proto = `protocol`.kind == .network ? .tls : .https
            for key in ["SslPolicy", "Certificates", "MutualAuthentication", "AlpnPolicy"]
            where reader.value[key] != nil {
                reader.collector.error(
                    "'\(key)' cannot be specified for \(`protocol`.rawValue) listeners (ValidationError)",
                    at: reader.value.location(ofProperty: key),
                    suggestion: "remove it, or write Protocol: \(secure.rawValue)"
                )
            }
            return nil
        }
        if let certificates, certificates.count > 1 {
            reader.collector.error(
                "a listener has one default certificate, not \(certificates.count) (TooManyCertificates)",
                at: reader.value.location(ofProperty: "Certificates"),
                suggestion: "put the others into the listener's certificate list"
            )
        }
        let found = certificates?.first.flatMap(self.entry)
        let mutualAuthentication = mutual.map(self.mutualAuthentication) ?? .off
        guard let found else { return nil }
        return ListenerTLS(
            sslPolicy: policy?.value ?? SecurityPolicy.defaultName,
            defaultCertificate: found,
            mutualAuthentication: mutualAuthentication,
            alpnPolicy: alpn
        )
    }

    /// A list of one policy, which is how AWS writes it (NLB-TL-017).
    private static func alpnPolicy(_ reader: inout ObjectReader) -> ALPNPolicy {
        guard let names = reader.texts("AlpnPolicy"), let name = names.first else { return .none }
        if names.count > 1 {
            reader.collector.error("a listener has one ALPN policy, not \(names.count)", at: name.location)
        }
        do throws(ModelError) {
            return try ALPNPolicy(named: name.value)
        } catch {
            reader.collector.error(
                "\(error.message) (\(error.code.rawValue))",
                at: name.location,
                suggestion: Suggestion.didYouMean(name.value, among: ALPNPolicy.allCases.map(\.rawValue))
            )
            return .none
        }
    }

    /// One `{CertificateArn}`.
    func entry(_ source: ObjectReader) -> Certificate? {
        var reader = source
        reader.requires("CertificateArn")
        let arn = reader.text("CertificateArn")
        reader.finish(notInLab: ["IsDefault"])
        return arn.flatMap(self.certificate)
    }

    private func mutualAuthentication(_ source: ObjectReader) -> MutualAuthentication {
        var reader = source
        var mutual = MutualAuthentication.off
        mutual.mode = reader.choice("Mode") ?? .off
        mutual.trustStore = reader.text("TrustStoreArn").flatMap(self.trustStore)
        mutual.ignoreClientCertificateExpiry = reader.boolean("IgnoreClientCertificateExpiry")?.value ?? false
        if let text = reader.text("AdvertiseTrustStoreCaNames") {
            switch text.value {
            case "on": mutual.advertiseTrustStoreCANames = true
            case "off": break
            default: reader.refuse(text, for: "AdvertiseTrustStoreCaNames", allowed: ["on", "off"])
            }
        }
        reader.finish()
        return mutual
    }
}

/// Reads where PEM text stands: `Key` holds it, or `KeyFile` names a file.
struct PEMReader {
    /// The file that is being read; other files are found beside it.
    let file: String

    /// Reports when both are given. `nil` if neither is.
    func pem(_ key: String, _ reader: inout ObjectReader) -> PEM? {
        let text = reader.text(key)
        let path = reader.text("\(key)File")
        if text != nil, let path {
            reader.collector.error("'\(key)' and '\(key)File' are both given", at: path.location)
        }
        return text.map { .text($0.value) } ?? path.map { .file(self.path($0.value)) }
    }

    /// A path as written in the file: absolute, or from the file's own folder.
    func path(_ text: String) -> String {
        guard !text.hasPrefix("/"), let slash = self.file.lastIndex(of: "/") else { return text }
        return self.file[...slash] + text
    }
}
