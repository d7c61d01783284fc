import Crypto
package import ELBModel
import FoundationEssentials
import SwiftASN1
import X509

/// A certificate with its key, made on the spot and signed by itself. For backends, and for load balancers under test that
/// must be given one.
package struct ServerCertificate: Sendable {
    /// PEM.
    package let certificate: String
    /// PEM.
    package let privateKey: String

    /// - Parameters:
    ///   - names: host names, the first of them the subject; at least one.
    ///   - addresses: beside the names.
    ///   - isExpired: whether it ended a day ago, in place of in a year.
    package init(names: [String], addresses: [IPAddress] = [], isExpired: Bool = false) throws {
        let key = P256.Signing.PrivateKey()
        let day: TimeInterval = 86400
        let now = Date()
        let subject = try DistinguishedName { CommonName(names.first ?? "") }
        let alternatives: [GeneralName] =
            names.map { .dnsName($0) }
            + addresses.map { .ipAddress(ASN1OctetString(contentBytes: Self.octets($0)[...])) }
        let certificate = try X509.Certificate(
            version: .v3,
            serialNumber: X509.Certificate.SerialNumber(),
            publicKey: .init(key.publicKey),
            notValidBefore: now - 30 * day,
            notValidAfter: isExpired ? now - day : now + 365 * day,
            issuer: subject,
            subject: subject,
            extensions: try X509.Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(digitalSignature: true, keyCertSign: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(alternatives)
            },
            issuerPrivateKey: .init(key)
        )
        self.certificate = try certificate.serializeAsPEM().pemString
        self.privateKey = key.pemRepresentation
    }

    private static func octets(_ address: IPAddress) -> [UInt8] {
        switch address {
        case .v4(let address): [address.octets.0, address.octets.1, address.octets.2, address.octets.3]
        case .v6(let address): address.octets
        }
    }
}
