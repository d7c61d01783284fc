/// A certificate and its key, both in PEM, that a backend shows in place of one made at its start: somebody has to trust it.
package struct BackendCredentials: Codable, Hashable, Sendable {
    package var certificate: String
    package var privateKey: String

    package init(certificate: String, privateKey: String) {
        self.certificate = certificate
        self.privateKey = privateKey
    }
}
