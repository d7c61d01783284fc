import ELBModel

/// The certificates and trust stores that stand at a subject file's root, by what listeners call them.
struct SubjectCertificates {
    private var certificates: [String: Certificate] = [:]
    private var trustStores: [String: TrustStore] = [:]
    private let collector: DiagnosticCollector

    init(_ reader: inout ObjectReader) {
        self.collector = reader.collector
        let files = PEMReader(file: self.collector.file)
        for source in reader.objects("Certificates", as: "a certificate") ?? [] {
            var entry = source
            entry.requires("CertificateArn")
            let arn = entry.text("CertificateArn")?.value
            let certificate = files.pem("Certificate", &entry)
            let privateKey = files.pem("PrivateKey", &entry)
            entry.finish()
            guard let arn, let certificate, let privateKey else {
                self.collector.error("a certificate needs 'Certificate' and 'PrivateKey'", at: entry.location)
                continue
            }
            self.certificates[arn] = Certificate(
                arn: CertificateARN(rawValue: arn),
                source: .imported(certificate: certificate, privateKey: privateKey)
            )
        }
        for source in reader.objects("TrustStores", as: "a trust store") ?? [] {
            var entry = source
            entry.requires("Name")
            let name = entry.text("Name")?.value
            let bundle = files.pem("CaCertificatesBundle", &entry)
            var revocations = (entry.texts("Revocations") ?? []).map { PEM.text($0.value) }
            revocations += (entry.texts("RevocationFiles") ?? []).map { .file(files.path($0.value)) }
            entry.finish()
            guard let name, let bundle else {
                self.collector.error("a trust store needs 'CaCertificatesBundle'", at: entry.location)
                continue
            }
            self.trustStores[name] = TrustStore(
                arn: TrustStoreARN(rawValue: name),
                name: name,
                caCertificates: bundle,
                revocations: revocations
            )
        }
    }

    /// Reads a listener's references to what is here.
    var reader: ListenerTLSReader {
        ListenerTLSReader(
            certificate: { arn in
                self.find(arn, in: self.certificates, "certificate", "CertificateNotFound")
            },
            trustStore: { arn in
                self.find(arn, in: self.trustStores, "trust store", "TrustStoreNotFound")
            }
        )
    }

    private func find<Value>(
        _ name: Located<String>,
        in known: [String: Value],
        _ what: String,
        _ code: String
    ) -> Value? {
        if let value = known[name.value] { return value }
        self.collector.error(
            "there is no \(what) '\(name.value.prefix(120))' (\(code))",
            at: name.location,
            suggestion: Suggestion.didYouMean(name.value, among: known.keys)
        )
        return nil
    }
}
