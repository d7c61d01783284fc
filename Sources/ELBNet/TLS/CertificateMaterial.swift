import Crypto
import CryptoExtras
package import ELBCore
package import ELBModel
import FoundationEssentials
import NIOSSL
import SwiftASN1
import X509

/// A certificate with its key, parsed once and ready to be used in handshakes.
package final class CertificateMaterial: Sendable {
    /// The certificate first, then the intermediates that came with it.
    let chain: [NIOSSLCertificate]
    let privateKey: NIOSSLPrivateKey
    package let traits: CertificateTraits

    /// - Parameters:
    ///   - certificate: one certificate or more in PEM.
    ///   - privateKey: its key in PEM, not encrypted.
    /// - Throws: `ModelError` if either cannot be read or they do not belong together.
    package init(certificate: String, privateKey: String) throws(ModelError) {
        guard let chain = try? NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)), !chain.isEmpty,
            let leaf = try? X509.Certificate(pemEncoded: Self.firstBlock(of: certificate))
        else { throw Self.invalid("it has no certificate in PEM format") }
        guard let key = try? NIOSSLPrivateKey(bytes: Array(privateKey.utf8), format: .pem) else {
            throw Self.invalid("its private key cannot be read")
        }
        self.chain = chain
        self.privateKey = key
        self.traits = CertificateTraits(leaf)
        // BoringSSL compares the two when they meet in a context.
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.trustRoots = .certificates([])
        do {
            _ = try NIOSSLContext(configuration: configuration)
        } catch {
            throw Self.invalid("its private key does not belong to it")
        }
    }

    private static func invalid(_ reason: String) -> ModelError {
        ModelError(.invalidConfigurationRequest, "The certificate cannot be used: \(reason)", at: "Certificates")
    }

    private static func firstBlock(of text: String) throws -> String {
        guard
            let block = try PEMDocument.parseMultiple(pemString: text).first(where: {
                $0.discriminator == "CERTIFICATE"
            })
        else { return "" }
        return block.pemString
    }
}

extension CertificateTraits {
    /// What the certificate says of itself. Names are those of the subject alternative name extension; the subject's
    /// common name counts where there is none, as old certificates have it.
    init(_ certificate: X509.Certificate) {
        let alternative = (try? certificate.extensions.subjectAlternativeNames).flatMap { $0 } ?? .init()
        var names = alternative.compactMap { name in
            if case .dnsName(let text) = name { text } else { nil }
        }
        if names.isEmpty, let common = certificate.commonName { names = [common] }
        self.init(
            names: names,
            key: Self.key(of: certificate),
            hashBits: Self.hashBits(of: certificate.signatureAlgorithm),
            notBefore: Int64(certificate.notValidBefore.timeIntervalSince1970),
            notAfter: Int64(certificate.notValidAfter.timeIntervalSince1970)
        )
    }

    private static func key(of certificate: X509.Certificate) -> Key {
        if let rsa = _RSA.Signing.PublicKey(certificate.publicKey) { return .rsa(rsa.keySizeInBits) }
        if P256.Signing.PublicKey(certificate.publicKey) != nil { return .ecdsa(256) }
        if P384.Signing.PublicKey(certificate.publicKey) != nil { return .ecdsa(384) }
        return .ecdsa(521)
    }

    private static func hashBits(of algorithm: X509.Certificate.SignatureAlgorithm) -> Int {
        switch algorithm {
        case .ecdsaWithSHA256, .sha256WithRSAEncryption: 256
        case .ecdsaWithSHA384, .sha384WithRSAEncryption: 384
        case .ecdsaWithSHA512, .sha512WithRSAEncryption: 512
        case .sha1WithRSAEncryption: 160
        default: 128
        }
    }
}

extension X509.Certificate {
    /// The first common name of the subject.
    var commonName: String? {
        for attribute in self.subject.joined() where attribute.type == .RDNAttributeType.commonName {
            return String(describing: attribute.value)
        }
        return nil
    }

    /// Whether it may sign other certificates.
    var isAuthority: Bool {
        guard case .some(.isCertificateAuthority) = try? self.extensions.basicConstraints else { return false }
        guard let usage = try? self.extensions.keyUsage else { return true }
        return usage.keyCertSign
    }
}
