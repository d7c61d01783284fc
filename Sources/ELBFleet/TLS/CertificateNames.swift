import Crypto
import SwiftASN1
import X509

/// What a certificate says of itself that a load balancer must be told which looks certificates up by names that stand in its
/// configuration.
package struct CertificateNames: Hashable, Sendable {
    /// The host names that it covers, as it writes them, wildcards among them.
    package let names: [String]
    package let isECDSA: Bool

    /// Reads the first certificate of a text.
    ///
    /// - Returns: `nil` if it holds none.
    package init?(pem text: String) {
        guard let documents = try? PEMDocument.parseMultiple(pemString: text),
            let first = documents.first(where: { $0.discriminator == "CERTIFICATE" }),
            let certificate = try? X509.Certificate(pemDocument: first)
        else { return nil }
        let alternative = (try? certificate.extensions.subjectAlternativeNames).flatMap { $0 } ?? .init()
        self.names = alternative.compactMap { name in
            if case .dnsName(let text) = name { text } else { nil }
        }
        let key = certificate.publicKey
        self.isECDSA =
            P256.Signing.PublicKey(key) != nil || P384.Signing.PublicKey(key) != nil
            || P521.Signing.PublicKey(key) != nil
    }
}
