import Crypto
import CryptoExtras
import ELBCore
package import ELBModel
import FoundationEssentials
import NIOSSL
import SwiftASN1
import X509

/// What certificates that come in by the API say of themselves.
package enum CertificateInspection {
    /// A text's first certificate.
    ///
    /// - Throws: a sentence for people.
    package static func read(_ text: String) throws(Failure) -> (body: String, facts: CertificateFacts) {
        guard let documents = try? PEMDocument.parseMultiple(pemString: text),
            let first = documents.first(where: { $0.discriminator == "CERTIFICATE" }),
            let certificate = try? X509.Certificate(pemDocument: first)
        else { throw Failure("it is no certificate in PEM format") }
        guard documents.count == 1 else { throw Failure("it holds more than one certificate") }
        return (first.pemString + "\n", CertificateFacts(certificate))
    }

    /// The certificates of a chain, in PEM.
    package static func readChain(_ text: String) throws(Failure) -> String {
        guard let documents = try? PEMDocument.parseMultiple(pemString: text), !documents.isEmpty,
            documents.allSatisfy({
                $0.discriminator == "CERTIFICATE" && (try? X509.Certificate(pemDocument: $0)) != nil
            })
        else { throw Failure("its chain is not a list of certificates in PEM format") }
        return documents.map { $0.pemString + "\n" }.joined()
    }

    /// Whether a text is a private key in PEM without a password.
    package static func isPrivateKey(_ text: String) -> Bool {
        (try? NIOSSLPrivateKey(bytes: Array(text.utf8), format: .pem)) != nil
    }

    /// Throws what AWS refuses about a bundle of CA certificates.
    package static func judge(bundle: String) throws(ModelError) {
        _ = try ClientCertificateVerifier(bundle: bundle, revocations: [], ignoresExpiry: false, advertisesNames: false)
    }

    /// How many entries the lists of a text have.
    package static func countEntries(ofRevocationLists text: String) throws(ModelError) -> Int {
        var room = TrustStore.mostRevocationEntries
        _ = try RevocationList.lists(inPEM: text, room: &room)
        return TrustStore.mostRevocationEntries - room
    }

    /// The text of a file; `nil` if it cannot be read.
    package static func object(_ path: String) -> String? {
        do throws(ModelError) {
            return try PEMFile.read(path)
        } catch {
            return nil
        }
    }

    package struct Failure: Error, Hashable, Sendable {
        package var reason: String
        init(_ reason: String) { self.reason = reason }
    }
}

extension CertificateFacts {
    fileprivate init(_ certificate: X509.Certificate) {
        var names = CertificateTraits(certificate).names
        if let common = certificate.commonName, let index = names.firstIndex(of: common) {
            names.swapAt(0, index)
        }
        if names.isEmpty { names = [certificate.commonName ?? ""].filter { !$0.isEmpty } }
        self.init(
            names: names,
            subject: certificate.subject.description,
            issuer: certificate.issuer.description,
            serial: certificate.serialNumber.bytes.map { byte in
                let digits = String(byte, radix: 16)
                return byte < 16 ? "0" + digits : digits
            }
            .joined(separator: ":"),
            notBefore: Timestamp(seconds: certificate.notValidBefore.timeIntervalSince1970),
            notAfter: Timestamp(seconds: certificate.notValidAfter.timeIntervalSince1970),
            keyAlgorithm: Self.keyAlgorithm(certificate),
            signatureAlgorithm: Self.signatureAlgorithm(certificate.signatureAlgorithm)
        )
    }

    private static func keyAlgorithm(_ certificate: X509.Certificate) -> String {
        switch CertificateTraits(certificate).key {
        case .rsa(let bits): "RSA_\(bits)"
        case .ecdsa(256): "EC_prime256v1"
        case .ecdsa(let bits): "EC_secp\(bits)r1"
        }
    }

    private static func signatureAlgorithm(_ algorithm: X509.Certificate.SignatureAlgorithm) -> String {
        switch algorithm {
        case .ecdsaWithSHA256: "SHA256WITHECDSA"
        case .ecdsaWithSHA384: "SHA384WITHECDSA"
        case .ecdsaWithSHA512: "SHA512WITHECDSA"
        case .sha1WithRSAEncryption: "SHA1WITHRSA"
        case .sha256WithRSAEncryption: "SHA256WITHRSA"
        case .sha384WithRSAEncryption: "SHA384WITHRSA"
        case .sha512WithRSAEncryption: "SHA512WITHRSA"
        default: "\(algorithm)"
        }
    }
}

extension Timestamp {
    fileprivate init(seconds: Double) { self.init(milliseconds: Int64((seconds * 1000).rounded())) }
}
