import ELBControlPlane
import ELBModel

/// Material that is made up: a text is a certificate if it begins with `certificate NAMES`, and a key belongs to it if it names it.
struct TestMaterials: LabMaterials {
    /// By `BUCKET/KEY`.
    var objects: [String: String] = [:]

    func issue(
        names: [String],
        keyAlgorithm: Certificate.KeyAlgorithm
    ) throws(MaterialError) -> (document: CertificateDocument, privateKey: String) {
        let text = "certificate \(names.joined(separator: " "))"
        var document = try self.read(certificate: text, privateKey: "key of \(text)", chain: "authority")
        document.facts.keyAlgorithm = keyAlgorithm.rawValue
        return (document, "key of \(text)")
    }

    func read(
        certificate: String,
        privateKey: String,
        chain: String?
    ) throws(MaterialError) -> CertificateDocument {
        let words = certificate.split(separator: " ").map(String.init)
        guard words.count > 1, words[0] == "certificate" else { throw .certificate("no certificate") }
        guard privateKey.hasPrefix("key of ") else { throw .privateKey("no key") }
        guard privateKey == "key of \(certificate)" else { throw .mismatch }
        let facts = CertificateFacts(
            names: Array(words.dropFirst()),
            subject: "CN=\(words[1])",
            issuer: "CN=authority",
            serial: "01",
            notBefore: Timestamp(milliseconds: 0),
            notAfter: Timestamp(milliseconds: 1_000_000),
            keyAlgorithm: words[1].hasPrefix("rsa4096.") ? "RSA_4096" : "RSA_2048",
            signatureAlgorithm: "SHA256WITHRSA"
        )
        return CertificateDocument(body: certificate, chain: chain, facts: facts)
    }

    func judge(bundle: String) throws(MaterialError) {
        guard bundle.contains("-----BEGIN CERTIFICATE-----") else { throw .bundle("no certificates") }
    }

    func countEntries(ofRevocationLists text: String) throws(MaterialError) -> Int {
        guard text.contains("-----BEGIN X509 CRL-----") else { throw .revocationList("no list") }
        return text.utf8.count { $0 == UInt8(ascii: "!") }
    }

    func object(bucket: String, key: String) -> String? { self.objects["\(bucket)/\(key)"] }
}
