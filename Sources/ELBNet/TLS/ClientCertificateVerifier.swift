import Crypto
import CryptoExtras
package import ELBCore
package import ELBModel
import FoundationEssentials
import NIOSSL
import SwiftASN1
import X509

/// Judges the certificates that clients present to a listener in verify mode: a trust store, parsed once (ALB-TLS-019).
///
/// A path is looked for from the client's certificate over the presented intermediates to any certificate of the store, which
/// need not be a root. Then come validity, purpose and revocation, in this order; the first failure is the answer.
package final class ClientCertificateVerifier: Sendable {
    /// ALB-TLS-024: certificates from the client's up to, and without, the one that is trusted.
    private static let longestChain = 4
    /// ALB-TLS-024: bytes of one certificate.
    private static let largestCertificate = 16_384

    private let anchors: [X509.Certificate]
    private let lists: [RevocationList]
    private let ignoresExpiry: Bool
    /// For the names in CertificateRequest (ALB-TLS-022).
    let advertised: [NIOSSLCertificate]

    /// - Throws: `InvalidCaCertificatesBundle`, `InvalidRevocationContent` or `TooManyTrustStoreRevocationEntries`.
    package init(
        bundle: String,
        revocations: [String],
        ignoresExpiry: Bool,
        advertisesNames: Bool
    ) throws(ModelError) {
        if let error = TrustStore.judge(bundle: bundle) { throw error }
        do {
            let documents = try PEMDocument.parseMultiple(pemString: bundle)
            self.anchors = try documents.filter { $0.discriminator == "CERTIFICATE" }
                .map { try X509.Certificate(pemDocument: $0) }
            self.advertised = advertisesNames ? try NIOSSLCertificate.fromPEMBytes(Array(bundle.utf8)) : []
        } catch {
            throw ModelError(
                .invalidCaCertificatesBundle,
                "The bundle of CA certificates cannot be read",
                at: "CaCertificatesBundle"
            )
        }
        guard self.anchors.allSatisfy(\.isAuthority) else {
            throw ModelError(
                .invalidCaCertificatesBundle,
                "The bundle has a certificate that is not a CA certificate",
                at: "CaCertificatesBundle"
            )
        }
        var room = TrustStore.mostRevocationEntries
        var lists: [RevocationList] = []
        for text in revocations { lists += try RevocationList.lists(inPEM: text, room: &room) }
        self.lists = lists
        self.ignoresExpiry = ignoresExpiry
    }

    /// - Parameters:
    ///   - presented: what the client sent in DER, its own certificate first.
    ///   - seconds: the wall clock since 1970.
    package func verify(
        _ presented: [[UInt8]],
        at seconds: Int64,
        quirks: TLSQuirks = []
    ) throws(ClientCertificateFailure) {
        guard !quirks.contains(.clientCertificateNotVerified) else { return }
        guard presented.allSatisfy({ $0.count <= Self.largestCertificate }) else { throw .maxSizeExceeded }
        guard presented.count <= Self.longestChain else { throw .maxChainDepthExceeded }
        var chain: [X509.Certificate] = []
        for (index, bytes) in presented.enumerated() {
            do {
                chain.append(try X509.Certificate(derEncoded: bytes))
            } catch {
                // The library knows the algorithms that are let in, RSASSA-PSS excepted, and reads nothing else.
                throw index == 0 && Self.isUnknownAlgorithm(error) ? .typeUnsupported : .invalid
            }
        }
        guard let leaf = chain.first else { throw .invalid }
        guard Self.isSupported(leaf) else { throw .typeUnsupported }
        guard let path = self.path(from: leaf, over: chain.dropFirst()) else { throw .untrusted }
        guard path.count - 1 <= Self.longestChain else { throw .maxChainDepthExceeded }
        try self.checkValidity(path, at: seconds, ignoresExpiry: quirks.contains(.clientCertificateExpiryIgnored))
        guard Self.isForClients(leaf) else { throw .purposeInvalid }
        if !quirks.contains(.revocationIgnored) { try self.checkRevocation(path) }
    }

    // MARK: Path

    /// From the leaf to a trusted certificate, both included.
    private func path(
        from leaf: X509.Certificate,
        over intermediates: ArraySlice<X509.Certificate>
    ) -> [X509.Certificate]? {
        if self.anchors.contains(leaf) { return [leaf] }
        var path = [leaf]
        var rest = Array(intermediates)
        while let last = path.last {
            if let anchor = self.anchors.first(where: { Self.signed(last, by: $0) }) { return path + [anchor] }
            guard let index = rest.firstIndex(where: { $0.isAuthority && Self.signed(last, by: $0) }) else {
                return nil
            }
            path.append(rest.remove(at: index))
        }
        return nil
    }

    private static func signed(_ certificate: X509.Certificate, by issuer: X509.Certificate) -> Bool {
        certificate.issuer == issuer.subject
            && issuer.publicKey.isValidSignature(certificate.signature, for: certificate)
    }

    // MARK: The rest

    private func checkValidity(
        _ path: [X509.Certificate],
        at seconds: Int64,
        ignoresExpiry: Bool
    ) throws(ClientCertificateFailure) {
        for (index, certificate) in path.enumerated() {
            let isForgiven = index == 0 && (self.ignoresExpiry || ignoresExpiry)
            guard Int64(certificate.notValidBefore.timeIntervalSince1970) <= seconds else { throw .notYetValid }
            guard isForgiven || seconds <= Int64(certificate.notValidAfter.timeIntervalSince1970) else {
                throw .expired
            }
        }
    }

    private func checkRevocation(_ path: [X509.Certificate]) throws(ClientCertificateFailure) {
        for (certificate, issuer) in zip(path, path.dropFirst()) {
            for list in self.lists where list.issuer == certificate.issuer {
                guard list.isSigned(by: issuer) else { throw .crlProcessingError }
                guard !list.revokes(certificate) else { throw .crlHit }
            }
        }
    }

    /// ALB-TLS-023: version 3; RSA of 2048 to 8192 bits or one of three curves; a hash from SHA-256 upward.
    private static func isSupported(_ certificate: X509.Certificate) -> Bool {
        guard certificate.version == .v3 else { return false }
        let traits = CertificateTraits(certificate)
        guard [256, 384, 512].contains(traits.hashBits) else { return false }
        switch traits.key {
        case .rsa(let bits): return (2048...8192).contains(bits)
        case .ecdsa: return Curve25519.Signing.PublicKey(certificate.publicKey) == nil
        }
    }

    /// Without the extension a certificate is for everything.
    private static func isForClients(_ certificate: X509.Certificate) -> Bool {
        guard let usage = try? certificate.extensions.extendedKeyUsage else { return true }
        return usage.contains(.clientAuth) || usage.contains(.any)
    }

    private static func isUnknownAlgorithm(_ error: any Error) -> Bool {
        // Keys too short to be worth anything are not even read.
        if error is CryptoKitError { return true }
        guard let error = error as? CertificateError else { return false }
        return error.code == .unsupportedSignatureAlgorithm || error.code == .unsupportedPublicKeyAlgorithm
    }
}

extension ClientCertificate {
    /// What is told of the certificates that a client presented; `nil` if its own cannot be read.
    package init?(presented: [[UInt8]]) {
        guard let first = presented.first, let leaf = try? X509.Certificate(derEncoded: first) else { return nil }
        let blocks = presented.map { PEMDocument(type: "CERTIFICATE", derBytes: $0).pemString + "\n" }
        self.init(
            serialNumber: leaf.serialNumber.bytes.map(Self.hexadecimal).joined(),
            issuer: String(describing: leaf.issuer),
            subject: String(describing: leaf.subject),
            notBefore: Int64(leaf.notValidBefore.timeIntervalSince1970),
            notAfter: Int64(leaf.notValidAfter.timeIntervalSince1970),
            leafPEM: blocks[0],
            chainPEM: blocks.joined()
        )
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
}
