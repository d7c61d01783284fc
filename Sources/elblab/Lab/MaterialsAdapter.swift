import ELBControlPlane
import ELBModel
import ELBNet

/// The lab's certificate store and folder of buckets, as the account asks them.
struct MaterialsAdapter: LabMaterials {
    let certificates: CertificateStore
    /// The folder of buckets, if there is one.
    let buckets: String?

    func issue(
        names: [String],
        keyAlgorithm: Certificate.KeyAlgorithm
    ) throws(MaterialError) -> (document: CertificateDocument, privateKey: String) {
        do {
            let text = try self.certificates.serverCertificate(names: names, keyAlgorithm: keyAlgorithm)
            let (body, facts) = try CertificateInspection.read(text.certificate)
            let authority = try self.certificates.authorityCertificate()
            return (CertificateDocument(body: body, chain: authority, facts: facts), text.privateKey)
        } catch {
            throw .certificate("\(error)")
        }
    }

    func read(
        certificate: String,
        privateKey: String,
        chain: String?
    ) throws(MaterialError) -> CertificateDocument {
        let document: CertificateDocument
        do throws(CertificateInspection.Failure) {
            let (body, facts) = try CertificateInspection.read(certificate)
            var intermediates: String?
            if let chain { intermediates = try CertificateInspection.readChain(chain) }
            document = CertificateDocument(body: body, chain: intermediates, facts: facts)
        } catch {
            throw .certificate(error.reason)
        }
        guard CertificateInspection.isPrivateKey(privateKey) else {
            throw .privateKey("it is no private key in PEM format without a password")
        }
        guard (try? CertificateMaterial(certificate: document.fullChain, privateKey: privateKey)) != nil else {
            throw .mismatch
        }
        return document
    }

    func judge(bundle: String) throws(MaterialError) {
        do throws(ModelError) {
            try CertificateInspection.judge(bundle: bundle)
        } catch {
            throw .bundle(error.message)
        }
    }

    func countEntries(ofRevocationLists text: String) throws(MaterialError) -> Int {
        do throws(ModelError) {
            return try CertificateInspection.countEntries(ofRevocationLists: text)
        } catch {
            throw error.code == .tooManyTrustStoreRevocationEntries
                ? .tooManyEntries(error.message) : .revocationList(error.message)
        }
    }

    func object(bucket: String, key: String) -> String? {
        guard let buckets, LogDelivery.isBucketName(bucket), LogDelivery.isObjectKey(key) else { return nil }
        return CertificateInspection.object("\(buckets)/\(bucket)/\(key)")
    }
}
