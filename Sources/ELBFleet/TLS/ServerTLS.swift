import Crypto
import ELBModel
import FoundationEssentials
import NIOCore
import NIOSSL
import SwiftASN1
import X509

/// TLS as a backend's description wants it, with a certificate made at the start.
enum ServerTLS {
    /// - Throws: `BackendError.cannotListen`, which no description of the lab's brings about.
    static func context(for backend: BackendDescription, _ tls: BackendTLS) throws(BackendError) -> NIOSSLContext {
        do {
            let key = P256.Signing.PrivateKey()
            let certificate = try Self.certificate(for: backend, tls.certificate, key)
            var serializer = DER.Serializer()
            try serializer.serialize(certificate)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: [
                    .certificate(try NIOSSLCertificate(bytes: serializer.serializedBytes, format: .der))
                ],
                privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.derRepresentation), format: .der))
            )
            configuration.minimumTLSVersion = NIOSSL.TLSVersion(tls.minimumVersion)
            configuration.maximumTLSVersion = NIOSSL.TLSVersion(tls.maximumVersion)
            configuration.applicationProtocols = backend.behaviour.speaks.isHTTP2 ? ["h2"] : ["http/1.1"]
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw BackendError(.cannotListen, "\(backend.name) cannot do TLS: \(error)")
        }
    }

    private static func octets(_ address: IPAddress) -> [UInt8] {
        switch address {
        case .v4(let address): [address.octets.0, address.octets.1, address.octets.2, address.octets.3]
        case .v6(let address): address.octets
        }
    }

    private static func certificate(
        for backend: BackendDescription,
        _ kind: BackendTLS.Certificate,
        _ key: P256.Signing.PrivateKey
    ) throws -> X509.Certificate {
        let day: TimeInterval = 86400
        let now = Date()
        let name = kind == .wrongName ? "wrong.example" : backend.name
        let subject = try DistinguishedName { CommonName(name) }
        let names: [GeneralName] =
            kind == .wrongName
            ? [.dnsName(name)]
            : [
                .dnsName(name), .dnsName("localhost"),
                .ipAddress(ASN1OctetString(contentBytes: Self.octets(backend.address)[...])),
            ]
        return try X509.Certificate(
            version: .v3,
            serialNumber: X509.Certificate.SerialNumber(),
            publicKey: .init(key.publicKey),
            notValidBefore: now - 30 * day,
            notValidAfter: kind == .expired ? now - day : now + 365 * day,
            issuer: subject,
            subject: subject,
            extensions: try X509.Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(digitalSignature: true, keyCertSign: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(names)
            },
            issuerPrivateKey: .init(key)
        )
    }
}

/// What a connection's handshake agreed on, as its records tell it.
package struct RecordedTLS: Codable, Hashable, Sendable {
    /// `1.3`.
    package var version: String?
    /// The protocol that ALPN chose, `h2`; `nil` if the client offered none that the backend speaks.
    package var applicationProtocol: String?
    /// The name that the client asked for (SNI); `nil` if it asked for none.
    package var serverName: String?

    package init() {}
}

extension BackendProtocol {
    /// Whether it runs over HTTP/2.
    var isHTTP2: Bool {
        switch self {
        case .http, .ws: false
        case .h2, .grpc: true
        }
    }
}

extension NIOSSL.TLSVersion {
    fileprivate init(_ version: BackendTLS.Version) {
        switch version {
        case .v1_0: self = .tlsv1
        case .v1_1: self = .tlsv11
        case .v1_2: self = .tlsv12
        case .v1_3: self = .tlsv13
        }
    }
}
