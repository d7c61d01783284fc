import ELBModel
import NIOCore
import NIOSSL

/// TLS as a backend's description wants it, with a certificate made at the start.
enum ServerTLS {
    /// - Throws: `BackendError.cannotListen`, which no description of the lab's brings about.
    static func context(for backend: BackendDescription, _ tls: BackendTLS) throws(BackendError) -> NIOSSLContext {
        do {
            let shown = try backend.credentials ?? Self.credentials(for: backend, tls.certificate)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(shown.certificate.utf8))
                    .map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(shown.privateKey.utf8), format: .pem))
            )
            configuration.minimumTLSVersion = NIOSSL.TLSVersion(tls.minimumVersion)
            configuration.maximumTLSVersion = NIOSSL.TLSVersion(tls.maximumVersion)
            configuration.applicationProtocols = backend.behaviour.speaks.isHTTP2 ? ["h2"] : ["http/1.1"]
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw BackendError(.cannotListen, "\(backend.name) cannot do TLS: \(error)")
        }
    }

    private static func credentials(
        for backend: BackendDescription,
        _ kind: BackendTLS.Certificate
    ) throws -> BackendCredentials {
        let isMisnamed = kind == .wrongName
        let made = try ServerCertificate(
            names: isMisnamed ? ["wrong.example"] : [backend.name, "localhost"],
            addresses: isMisnamed ? [] : [backend.address],
            isExpired: kind == .expired
        )
        return BackendCredentials(certificate: made.certificate, privateKey: made.privateKey)
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
        case .http, .ws, .oidc, .tcp, .udp: false
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
