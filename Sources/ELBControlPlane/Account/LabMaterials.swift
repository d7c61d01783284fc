package import ELBModel

/// What commands need from outside the account before they can be decided on: certificates read and issued, objects of buckets. The
/// program puts the lab's certificate store here. May read files and make keys.
package protocol LabMaterials: Sendable {
    /// A certificate of the lab's authority with its private key in PEM.
    ///
    /// - Parameter names: host names, the first of them the subject.
    func issue(
        names: [String],
        keyAlgorithm: Certificate.KeyAlgorithm
    ) throws(MaterialError) -> (document: CertificateDocument, privateKey: String)

    /// What the first certificate of a text in PEM says; its key must belong to it, and the chain must be certificates.
    func read(certificate: String, privateKey: String, chain: String?) throws(MaterialError) -> CertificateDocument

    /// Throws what is wrong with a bundle of CA certificates in PEM.
    func judge(bundle: String) throws(MaterialError)

    /// How many entries the lists of a text in PEM have.
    func countEntries(ofRevocationLists text: String) throws(MaterialError) -> Int

    /// The text of a bucket's object; `nil` if there is none.
    func object(bucket: String, key: String) -> String?
}

/// Why material cannot be used; each service has codes of its own for it.
package enum MaterialError: Error, Hashable, Sendable {
    case certificate(String)
    case privateKey(String)
    /// Each could be used, but not together.
    case mismatch
    case bundle(String)
    case revocationList(String)
    case tooManyEntries(String)
}

extension MaterialError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .certificate(let reason): "Could not parse certificate: \(reason)"
        case .privateKey(let reason): "Could not parse private key: \(reason)"
        case .mismatch: "The private key does not belong to the certificate"
        case .bundle(let reason): reason
        case .revocationList(let reason): reason
        case .tooManyEntries(let reason): reason
        }
    }
}
