import Crypto
import CryptoExtras
package import ELBModel
import FoundationEssentials
import Glibc
import SwiftASN1
import X509

/// The lab's own certificate authority: what issues the certificates that a template asks Certificate Manager for. Whoever
/// trusts `certificatePEM` trusts every lab that uses this authority.
package final class LabAuthority: Sendable {
    /// The certificate to trust, for `curl --cacert`.
    package let certificatePEM: String
    private let certificate: X509.Certificate
    private let key: P256.Signing.PrivateKey

    /// Certificate Manager's certificates are valid for 13 months, 395 days.
    private static let validity: Double = 395 * 86_400
    /// Clocks differ a little, and curl runs at once.
    private static let margin: Double = 3600

    /// A fresh authority that is kept nowhere.
    package init() throws {
        let key = P256.Signing.PrivateKey()
        self.key = key
        self.certificate = try Self.makeRoot(key)
        self.certificatePEM = try self.certificate.serializeAsPEM().pemString + "\n"
    }

    /// Where the certificate to trust stands in an authority's directory.
    package static func certificatePath(in directory: String) -> String { "\(directory)/ca.pem" }

    /// The authority of a directory, made there if it is not: `ca.pem` to trust, `ca-key.pem` to keep.
    ///
    /// - Throws: `ModelError` if the directory cannot be read or written.
    package init(directory: String) throws(ModelError) {
        let (certificatePath, keyPath) = (Self.certificatePath(in: directory), "\(directory)/ca-key.pem")
        do {
            if let certificate = try? PEMFile.read(certificatePath), let key = try? PEMFile.read(keyPath) {
                self.certificate = try X509.Certificate(pemEncoded: certificate)
                self.key = try P256.Signing.PrivateKey(pemRepresentation: key)
                self.certificatePEM = certificate
            } else {
                let key = P256.Signing.PrivateKey()
                self.key = key
                self.certificate = try Self.makeRoot(key)
                self.certificatePEM = try self.certificate.serializeAsPEM().pemString + "\n"
                try PEMFile.makeDirectory(directory)
                // The key first: a certificate without its key would be taken for a whole authority.
                try PEMFile.write(key.pemRepresentation + "\n", to: keyPath, mode: 0o600)
                try PEMFile.write(self.certificatePEM, to: certificatePath, mode: 0o644)
            }
        } catch let error as ModelError {
            throw error
        } catch {
            throw ModelError(.invalidConfigurationRequest, "the authority in \(directory) cannot be used: \(error)")
        }
    }

    private static func makeRoot(_ key: P256.Signing.PrivateKey) throws -> X509.Certificate {
        let name = try DistinguishedName {
            CommonName("elblab authority \(Self.serial().prefix(8))")
            OrganizationName("elblab")
        }
        let now = Date()
        return try X509.Certificate(
            version: .v3,
            serialNumber: X509.Certificate.SerialNumber(),
            publicKey: .init(key.publicKey),
            notValidBefore: now.addingTimeInterval(-Self.margin),
            notValidAfter: now.addingTimeInterval(3650 * 86_400),
            issuer: name,
            subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try .init {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: X509.Certificate.PublicKey(key.publicKey))
            },
            issuerPrivateKey: .init(key)
        )
    }

    private static func serial() -> String {
        X509.Certificate.SerialNumber().bytes.map { String($0, radix: 16) }.joined()
    }

    /// Makes a key and a certificate for these names, the first of them the subject.
    package func issue(names: [String], keyAlgorithm: ELBModel.Certificate.KeyAlgorithm) throws -> CertificateMaterial {
        let text = try self.issueText(names: names, keyAlgorithm: keyAlgorithm)
        return try CertificateMaterial(certificate: text.certificate, privateKey: text.privateKey)
    }

    /// The same as text in PEM. Names may be addresses.
    func issueText(
        names: [String],
        keyAlgorithm: ELBModel.Certificate.KeyAlgorithm
    ) throws -> (certificate: String, privateKey: String) {
        let privateKey: X509.Certificate.PrivateKey =
            switch keyAlgorithm {
            case .rsa2048: .init(try _RSA.Signing.PrivateKey(keySize: .bits2048))
            case .ecdsaP256: .init(P256.Signing.PrivateKey())
            case .ecdsaP384: .init(P384.Signing.PrivateKey())
            }
        let now = Date()
        let certificate = try X509.Certificate(
            version: .v3,
            serialNumber: X509.Certificate.SerialNumber(),
            publicKey: privateKey.publicKey,
            notValidBefore: now.addingTimeInterval(-Self.margin),
            notValidAfter: now.addingTimeInterval(Self.validity),
            issuer: self.certificate.subject,
            subject: try DistinguishedName { CommonName(names.first ?? "") },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try .init {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true, keyEncipherment: true))
                try ExtendedKeyUsage([.serverAuth, .clientAuth])
                SubjectAlternativeNames(names.map(Self.generalName))
                SubjectKeyIdentifier(hash: privateKey.publicKey)
                AuthorityKeyIdentifier(
                    keyIdentifier: try self.certificate.extensions.subjectKeyIdentifier?.keyIdentifier
                )
            },
            issuerPrivateKey: .init(self.key)
        )
        return (try certificate.serializeAsPEM().pemString, try privateKey.serializeAsPEM().pemString)
    }

    private static func generalName(_ name: String) -> GeneralName {
        guard case .v4(let address)? = IPAddress(name) else { return .dnsName(name) }
        let octets = address.octets
        return .ipAddress(ASN1OctetString(contentBytes: [octets.0, octets.1, octets.2, octets.3]))
    }
}

/// Small files of text.
enum PEMFile {
    /// The largest file that is read: a revocation list and a little more.
    private static let limit = TrustStore.largestRevocationList + 1

    /// - Throws: `ModelError` with the system's reason.
    static func read(_ path: String) throws(ModelError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw self.failure(path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < self.limit {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            if count < 0 {
                guard errno == EINTR else { throw self.failure(path) }
                continue
            }
            bytes += chunk[..<count]
        }
        throw ModelError(.invalidConfigurationRequest, "\(path) is larger than 50 MB")
    }

    /// Writes a new file whole, or leaves what is there.
    static func write(_ text: String, to path: String, mode: mode_t) throws(ModelError) {
        let temporary = "\(path).\(getpid())"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw self.failure(temporary) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else {
                close(descriptor)
                throw self.failure(temporary)
            }
            rest = rest.dropFirst(max(0, count))
        }
        close(descriptor)
        guard rename(temporary, path) == 0 else { throw self.failure(path) }
    }

    /// Makes the directory and those above it.
    static func makeDirectory(_ path: String) throws(ModelError) {
        var prefix = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            prefix += part + "/"
            if mkdir(prefix, 0o755) != 0, errno != EEXIST { throw self.failure(prefix) }
        }
    }

    private static func failure(_ path: String) -> ModelError {
        ModelError(.invalidConfigurationRequest, "\(path): \(String(cString: strerror(errno)))")
    }
}
