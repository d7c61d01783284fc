import ELBModel

/// The certificates and trust stores of one template, by ARN, and the listeners' references to them.
struct TemplateCertificates {
    let evaluator: TemplateEvaluator
    let resources: [TemplateResource]
    private var certificates: [String: Certificate] = [:]
    private var trustStores: [String: TrustStore] = [:]

    private var collector: DiagnosticCollector { self.evaluator.collector }
    private var files: PEMReader { PEMReader(file: self.collector.file) }

    init(evaluator: TemplateEvaluator, resources: [TemplateResource]) {
        self.evaluator = evaluator
        self.resources = resources
        for resource in resources where resource.type == .certificate { self.addCertificate(resource) }
        for resource in resources where resource.type == .trustStore { self.addTrustStore(resource) }
        for resource in resources where resource.type == .trustStoreRevocation { self.addRevocation(resource) }
        let holders: Set<ResourceType> = [.listener, .listenerCertificate, .classicLoadBalancer]
        for resource in resources where holders.contains(resource.type) {
            self.addForeignCertificates(resource)
        }
    }

    /// Reads a listener's references to what is here.
    var reader: ListenerTLSReader {
        ListenerTLSReader(certificate: self.certificate, trustStore: self.trustStore)
    }

    private func open(_ resource: TemplateResource) -> ObjectReader? {
        let properties = self.evaluator.resolve(resource.properties)
        return properties.flatMap { ObjectReader($0, as: resource.type.rawValue, self.collector) }
    }

    private func metadata(_ resource: TemplateResource) -> ObjectReader? {
        guard let metadata = resource.metadata.flatMap(self.evaluator.resolve), let lab = metadata["elblab"] else {
            return nil
        }
        return ObjectReader(lab, as: "Metadata.elblab", self.collector)
    }

    // MARK: Certificates

    /// Issued by the lab at once, unless metadata names files.
    private mutating func addCertificate(_ resource: TemplateResource) {
        guard var reader = self.open(resource), let arn = self.evaluator.physicalID(of: resource) else { return }
        reader.requires("DomainName")
        // How ownership is proved and what else AWS keeps has no effect here: the lab owns every name.
        reader.accepts(
            "CertificateExport",
            "CertificateTransparencyLoggingPreference",
            "DomainValidationOptions",
            "Tags",
            "ValidationMethod"
        )
        let name = reader.text("DomainName")
        let others = reader.texts("SubjectAlternativeNames") ?? []
        let algorithm: Certificate.KeyAlgorithm =
            reader.choice("KeyAlgorithm", notInLab: ["RSA_1024", "RSA_3072", "RSA_4096", "EC_secp521r1"]) ?? .rsa2048
        reader.finish(notInLab: ["CertificateAuthorityArn"])
        guard let name else { return }
        var source = Certificate.Source.issued(
            names: [name.value] + others.map(\.value).filter { $0 != name.value },
            keyAlgorithm: algorithm
        )
        if let metadata = self.metadata(resource) { source = self.imported(metadata) ?? source }
        self.certificates[arn] = Certificate(arn: CertificateARN(rawValue: arn), source: source)
    }

    /// `CertificateFile` and `PrivateKeyFile`.
    private func imported(_ source: ObjectReader, besides keys: String...) -> Certificate.Source? {
        var reader = source
        for key in keys { reader.accepts(key) }
        let certificate = self.files.pem("Certificate", &reader)
        let privateKey = self.files.pem("PrivateKey", &reader)
        reader.finish()
        guard let certificate, let privateKey else {
            self.collector.error(
                "a certificate that is not issued here needs 'CertificateFile' and 'PrivateKeyFile'",
                at: reader.location
            )
            return nil
        }
        return .imported(certificate: certificate, privateKey: privateKey)
    }

    /// Certificates that a listener names by an ARN of outside: metadata says which files they are here.
    private mutating func addForeignCertificates(_ resource: TemplateResource) {
        guard var metadata = self.metadata(resource) else { return }
        for source in metadata.objects("Certificates", as: "a certificate") ?? [] {
            var reader = source
            reader.requires("CertificateArn")
            let arn = reader.text("CertificateArn")
            guard let source = self.imported(reader, besides: "CertificateArn"), let arn else { continue }
            self.certificates[arn.value] = Certificate(
                arn: CertificateARN(rawValue: arn.value),
                source: source
            )
        }
        metadata.finish()
    }

    private func certificate(_ arn: Located<String>) -> Certificate? {
        let known = self.certificates[arn.value] ?? self.evaluator.surroundings.certificates[arn.value]
        if let known { return known }
        let own = self.resources.filter { $0.type == .certificate }.compactMap(self.evaluator.physicalID)
        // One that could not be read has its own error.
        guard !own.contains(arn.value) else { return nil }
        self.collector.error(
            "there is no certificate '\(arn.value.prefix(120))' (CertificateNotFound)",
            at: arn.location,
            suggestion: "refer to an AWS::CertificateManager::Certificate of this template with !Ref, or say in the "
                + "listener's Metadata.elblab.Certificates which files it is"
        )
        return nil
    }

    // MARK: Trust stores

    private mutating func addTrustStore(_ resource: TemplateResource) {
        guard var reader = self.open(resource), let arn = self.evaluator.physicalID(of: resource),
            let name = self.evaluator.name(of: resource)
        else { return }
        reader.accepts("Name", "Tags", "CaCertificatesBundleS3ObjectVersion")
        reader.requires("CaCertificatesBundleS3Bucket", "CaCertificatesBundleS3Key")
        _ = reader.text("CaCertificatesBundleS3Bucket")
        _ = reader.text("CaCertificatesBundleS3Key")
        reader.finish()
        guard var metadata = self.metadata(resource) else { return self.missingFile(resource, "CaCertificatesBundle") }
        let bundle = self.files.pem("CaCertificatesBundle", &metadata)
        metadata.finish()
        guard let bundle else { return self.missingFile(resource, "CaCertificatesBundle") }
        self.trustStores[arn] = TrustStore(
            arn: TrustStoreARN(rawValue: arn),
            name: name,
            caCertificates: bundle
        )
    }

    private mutating func addRevocation(_ resource: TemplateResource) {
        guard var reader = self.open(resource) else { return }
        reader.requires("TrustStoreArn", "RevocationContents")
        let store = reader.text("TrustStoreArn")
        for content in reader.objects("RevocationContents", as: "a revocation content") ?? [] {
            var content = content
            content.accepts("S3ObjectVersion")
            for key in ["S3Bucket", "S3Key"] { _ = content.text(key) }
            if let type = content.text("RevocationType"), type.value != "CRL" {
                content.refuse(type, for: "RevocationType", allowed: ["CRL"])
            }
            content.finish()
        }
        reader.finish()
        guard var metadata = self.metadata(resource) else { return self.missingFile(resource, "Revocation") }
        let files = metadata.texts("RevocationFiles")
        metadata.finish()
        guard let files else { return self.missingFile(resource, "Revocation") }
        guard let store, var trustStore = self.trustStore(store) else { return }
        trustStore.revocations += files.map { .file(self.files.path($0.value)) }
        self.trustStores[store.value] = trustStore
    }

    private func missingFile(_ resource: TemplateResource, _ what: String) {
        let key = what == "Revocation" ? "RevocationFiles: [revoked.pem]" : "\(what)File: bundle.pem"
        self.collector.error(
            "'\(resource.logicalID)' names an object in S3, which the lab does not have",
            at: resource.location,
            suggestion: "give it Metadata: { elblab: { \(key) } }"
        )
    }

    private func trustStore(_ arn: Located<String>) -> TrustStore? {
        if let store = self.trustStores[arn.value] { return store }
        let own = self.resources.filter { $0.type == .trustStore }.compactMap(self.evaluator.physicalID)
        guard !own.contains(arn.value) else { return nil }
        self.collector.error(
            "there is no trust store '\(arn.value.prefix(120))' (TrustStoreNotFound)",
            at: arn.location,
            suggestion: "refer to an AWS::ElasticLoadBalancingV2::TrustStore of this template with !Ref"
        )
        return nil
    }
}
