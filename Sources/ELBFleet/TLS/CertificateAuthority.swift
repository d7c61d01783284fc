import Crypto
import CryptoExtras
import FoundationEssentials
import SwiftASN1
import X509

/// An authority for one test or check: it issues certificates to servers and clients, good ones and every kind of bad one, and
/// revokes them.
package struct CertificateAuthority: Sendable {
    /// PEM, what is to be trusted.
    package let certificate: String
    /// This authority's certificate and those above it, without the first of all: what a client sends beside its own.
    package let chain: String
    private let parsed: X509.Certificate
    private let key: P256.Signing.PrivateKey

    private static let day: TimeInterval = 86_400

    /// A root of its own.
    package init(name: String = "authority") throws {
        let key = P256.Signing.PrivateKey()
        let subject = try DistinguishedName { CommonName(name) }
        let parsed = try Self.make(subject, key, issuer: subject, signer: key)
        self.init(parsed, key, chain: "")
    }

    private init(_ parsed: X509.Certificate, _ key: P256.Signing.PrivateKey, chain: String) {
        self.parsed = parsed
        self.key = key
        self.certificate = Self.pem(parsed)
        self.chain = chain
    }

    /// An authority below this one.
    package func intermediate(name: String) throws -> CertificateAuthority {
        let key = P256.Signing.PrivateKey()
        let subject = try DistinguishedName { CommonName(name) }
        let parsed = try Self.make(subject, key, issuer: self.parsed.subject, signer: self.key)
        return CertificateAuthority(parsed, key, chain: Self.pem(parsed) + self.chain)
    }

    private static func make(
        _ subject: DistinguishedName,
        _ key: P256.Signing.PrivateKey,
        issuer: DistinguishedName,
        signer: P256.Signing.PrivateKey
    ) throws -> X509.Certificate {
        try X509.Certificate(
            version: .v3,
            serialNumber: X509.Certificate.SerialNumber(),
            publicKey: .init(key.publicKey),
            notValidBefore: Date() - 400 * Self.day,
            notValidAfter: Date() + 3650 * Self.day,
            issuer: issuer,
            subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try X509.Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: X509.Certificate.PublicKey(key.publicKey))
            },
            issuerPrivateKey: .init(signer)
        )
    }

    private static func pem(_ certificate: X509.Certificate) -> String {
        ((try? certificate.serializeAsPEM().pemString) ?? "") + "\n"
    }

    // MARK: Certificates

    /// What kind of key a certificate has.
    package enum Key: Hashable, Sendable {
        case ecdsaP256
        case ecdsaP384
        case rsa(bits: Int)
    }

    /// When a certificate is valid.
    package enum Validity: Hashable, Sendable {
        /// From a month ago until so many days from now.
        case current(days: Int)
        /// Until a day ago.
        case expired
        /// From tomorrow.
        case future
    }

    /// What a certificate says that it is for.
    package enum Purpose: Hashable, Sendable {
        case server
        case client
    }

    /// A certificate with its key, both in PEM.
    package struct Issued: Hashable, Sendable {
        package var certificate: String
        package var privateKey: String
        /// In hexadecimal, upper case.
        package var serialNumber: String
        /// RFC 2253.
        package var subject: String
        package var issuer: String
        /// Seconds since 1970.
        package var notBefore: Int64
        package var notAfter: Int64
    }

    /// - Parameters:
    ///   - names: host names, the first of them the subject's common name.
    package func issue(
        _ names: String...,
        for purpose: Purpose = .server,
        key: Key = .ecdsaP256,
        validity: Validity = .current(days: 365)
    ) throws -> Issued {
        try self.issue(names: names, for: purpose, key: key, validity: validity)
    }

    /// The same for names in a list.
    package func issue(
        names: [String],
        for purpose: Purpose = .server,
        key kind: Key = .ecdsaP256,
        validity: Validity = .current(days: 365)
    ) throws -> Issued {
        let key: X509.Certificate.PrivateKey =
            switch kind {
            case .ecdsaP256: .init(P256.Signing.PrivateKey())
            case .ecdsaP384: .init(P384.Signing.PrivateKey())
            case .rsa(let bits): .init(try _RSA.Signing.PrivateKey(unsafeKeySize: .init(bitCount: bits)))
            }
        let now = Date()
        let span =
            switch validity {
            case .current(let days): (now - 30 * Self.day, now + Double(days) * Self.day)
            case .expired: (now - 30 * Self.day, now - Self.day)
            case .future: (now + Self.day, now + 30 * Self.day)
            }
        let certificate = try X509.Certificate(
            version: .v3,
            serialNumber: X509.Certificate.SerialNumber(),
            publicKey: key.publicKey,
            notValidBefore: span.0,
            notValidAfter: span.1,
            issuer: self.parsed.subject,
            subject: try DistinguishedName {
                CountryName("KR")
                OrganizationName("elblab")
                CommonName(names.first ?? "")
            },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try X509.Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true, keyEncipherment: true))
                try ExtendedKeyUsage([purpose == .server ? .serverAuth : .clientAuth])
                SubjectAlternativeNames(names.map { .dnsName($0) })
            },
            issuerPrivateKey: .init(self.key)
        )
        return Issued(
            certificate: Self.pem(certificate),
            privateKey: try key.serializeAsPEM().pemString + "\n",
            serialNumber: Self.hexadecimal(certificate.serialNumber.bytes),
            subject: String(describing: certificate.subject),
            issuer: String(describing: certificate.issuer),
            notBefore: Int64(certificate.notValidBefore.timeIntervalSince1970),
            notAfter: Int64(certificate.notValidAfter.timeIntervalSince1970)
        )
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
    }

    // MARK: Revocation

    /// A list in PEM of certificates that are revoked, signed by this authority (RFC 5280, section 5).
    package func revocationList(_ revoked: [Issued]) throws -> String {
        // Any time of the past will do.
        let then = try UTCTime(year: 2025, month: 1, day: 1, hours: 0, minutes: 0, seconds: 0)
        let algorithm: ASN1ObjectIdentifier = [1, 2, 840, 10045, 4, 3, 2]
        var toSign = DER.Serializer()
        try toSign.appendConstructedNode(identifier: .sequence) { list in
            try list.serialize(1)
            try list.appendConstructedNode(identifier: .sequence) { try $0.serialize(algorithm) }
            try list.serialize(self.parsed.subject)
            try list.serialize(then)
            guard !revoked.isEmpty else { return }
            try list.appendConstructedNode(identifier: .sequence) { entries in
                for issued in revoked {
                    let serial = try X509.Certificate(pemEncoded: issued.certificate).serialNumber
                    try entries.appendConstructedNode(identifier: .sequence) { entry in
                        entry.appendPrimitiveNode(identifier: .integer) { bytes in
                            // A number that is not negative begins with a zero bit.
                            if (serial.bytes.first ?? 0) >= 0x80 { bytes.append(0) }
                            bytes += serial.bytes
                        }
                        try entry.serialize(then)
                    }
                }
            }
        }
        let signature = try self.key.signature(for: toSign.serializedBytes).derRepresentation
        var outer = DER.Serializer()
        try outer.appendConstructedNode(identifier: .sequence) { list in
            list.serializeRawBytes(toSign.serializedBytes)
            try list.appendConstructedNode(identifier: .sequence) { try $0.serialize(algorithm) }
            try list.serialize(ASN1BitString(bytes: Array(signature)[...]))
        }
        return PEMDocument(type: "X509 CRL", derBytes: outer.serializedBytes).pemString + "\n"
    }
}
