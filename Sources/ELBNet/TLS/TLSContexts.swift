import ELBCore
package import ELBModel
import ELBWire
import NIOCore
package import NIOSSL

/// The TLS contexts of one node. A context holds the keys that session tickets are made with, so a session is resumed at the node
/// that began it and nowhere else (ALB-TLS-004). Not at all where clients authenticate (ALB-TLS-005), nor at a Network Load Balancer's
/// listener with several certificates (NLB-TL-015): there every connection has a context of its own. Belongs to an event loop; making a context reads no file.
package final class TLSContexts {
    private struct Key: Hashable {
        var material: ObjectIdentifier
        var policy: String
        var versions: [ELBModel.TLSVersion]
        var cipherSuite: TLSCipherSuite?
        var protocols: [String]
        var mode: MutualAuthentication.Mode
    }

    /// Materials are held on to, so that no other can take their identity.
    private var contexts: [Key: (context: NIOSSLContext, material: CertificateMaterial)] = [:]
    /// More than the certificates and suites of a load balancer make.
    private static let capacity = 1024

    private let kind: LoadBalancer.Kind

    package init(of kind: LoadBalancer.Kind = .application) {
        self.kind = kind
    }

    /// Whether sessions of such a listener are resumed.
    package func resumes(_ credentials: ListenerCredentials) -> Bool {
        credentials.mode == .off && (self.kind != .network || credentials.list.isEmpty)
    }

    /// The context for a handshake that has been decided.
    func context(
        for credentials: ListenerCredentials,
        _ material: CertificateMaterial,
        _ negotiation: TLSNegotiation,
        protocols: [String]
    ) throws -> NIOSSLContext {
        let policy = credentials.tls.policy
        let key = Key(
            material: ObjectIdentifier(material),
            policy: policy.name,
            versions: policy.versions,
            cipherSuite: negotiation.cipherSuite,
            protocols: protocols,
            mode: credentials.mode
        )
        let isKept = self.resumes(credentials)
        if isKept, let known = self.contexts[key] { return known.context }
        let context = try Self.makeContext(credentials, material, negotiation, protocols)
        if isKept {
            if self.contexts.count >= Self.capacity { self.contexts = [:] }
            self.contexts[key] = (context, material)
        }
        return context
    }

    private static func makeContext(
        _ credentials: ListenerCredentials,
        _ material: CertificateMaterial,
        _ negotiation: TLSNegotiation,
        _ protocols: [String]
    ) throws -> NIOSSLContext {
        let policy = credentials.tls.policy
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: material.chain.map { .certificate($0) },
            privateKey: .privateKey(material.privateKey)
        )
        configuration.apply(policy, only: negotiation.cipherSuite)
        configuration.applicationProtocols = protocols
        configuration.shutdownTimeout = .seconds(1)
        // Never the system's list: that would be read from disk, and trusted.
        configuration.trustRoots = .certificates([])
        switch credentials.mode {
        case .off: break
        case .passthrough:
            configuration.certificateVerification =
                credentials.tls.quirks.contains(.clientCertificateAlwaysRequired)
                ? .noHostnameVerification : .optionalVerification
        case .verify:
            configuration.certificateVerification =
                credentials.tls.quirks.contains(.clientCertificateNotVerified)
                ? .optionalVerification : .noHostnameVerification
            configuration.trustRoots = .certificates(credentials.verifier?.advertised ?? [])
            configuration.sendCANameList = credentials.verifier?.advertised.isEmpty == false
        }
        return try NIOSSLContext(configuration: configuration)
    }
}

/// How the load balancer speaks TLS to its targets: by the policy that follows from its listeners, without looking at their
/// certificates (ALB-TLS-012, -013), and with renegotiation if a target wants it (ALB-TLS-006).
package struct TargetTLS: Sendable {
    package let context: NIOSSLContext
    /// The same with one protocol to agree on, by its name.
    private let speaking: [String: NIOSSLContext]
    /// Public keys of which a target must show one, as SubjectPublicKeyInfo; `nil` takes any (CLB-TL-006, -007).
    private let publicKeys: Set<[UInt8]>?

    /// - Parameter protocols: what `offering` may be asked for, besides HTTP/2.
    package init(policy: SecurityPolicy, validates: Bool, protocols: [String] = []) throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.apply(policy, only: nil)
        configuration.certificateVerification = validates ? .noHostnameVerification : .none
        configuration.trustRoots = .certificates([])
        configuration.renegotiationSupport = .always
        configuration.shutdownTimeout = .seconds(1)
        self.context = try NIOSSLContext(configuration: configuration)
        var speaking: [String: NIOSSLContext] = [:]
        for name in ["h2"] + protocols where speaking[name] == nil {
            configuration.applicationProtocols = [name]
            speaking[name] = try NIOSSLContext(configuration: configuration)
        }
        self.speaking = speaking
        self.publicKeys = nil
    }

    private init(context: NIOSSLContext) {
        self.context = context
        self.speaking = [:]
        self.publicKeys = nil
    }

    /// For instances that authenticate themselves to a Classic Load Balancer by the key in their certificate; nothing else of it is
    /// looked at (CLB-TL-007).
    ///
    /// - Parameter publicKeys: in base64, without PEM's first and last lines. What cannot be read matches nobody.
    package init(policy: SecurityPolicy, publicKeys: [String]) throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.apply(policy, only: nil)
        configuration.certificateVerification = .noHostnameVerification
        configuration.trustRoots = .certificates([])
        configuration.renegotiationSupport = .always
        configuration.shutdownTimeout = .seconds(1)
        self.context = try NIOSSLContext(configuration: configuration)
        self.speaking = [:]
        self.publicKeys = Set(publicKeys.compactMap(Self.decode))
    }

    private static func decode(_ key: String) -> [UInt8]? {
        let text = Array(key.utf8.filter { $0 > 0x20 })
        return Base64.decode(text.span)
    }

    /// The same, asking for HTTP/2 (ALB-HTTP-012).
    package var speakingHTTP2: Self { self.offering("h2") }

    /// The same, offering one protocol; `nil`, and one that was not named in time, offer none.
    package func offering(_ name: String?) -> Self {
        name.flatMap { self.speaking[$0] }.map { Self(context: $0) } ?? self
    }

    /// The handler to put first into the pipeline of a connection to a target. AWS sends no name: targets are addresses.
    func makeHandler() throws -> NIOSSLClientHandler {
        guard let publicKeys else { return try NIOSSLClientHandler(context: self.context, serverHostname: nil) }
        return try NIOSSLClientHandler(context: self.context, serverHostname: nil) { certificates, promise in
            let key = try? certificates.first?.extractPublicKey().toSPKIBytes()
            promise.succeed(key.map(publicKeys.contains) == true ? .certificateVerified : .failed)
        }
    }
}

extension TLSConfiguration {
    /// The policy's versions, suites and key exchanges, as far as BoringSSL has them.
    ///
    /// - Parameter only: the one suite up to TLS 1.2 that is offered; `nil` offers the policy's.
    fileprivate mutating func apply(_ policy: SecurityPolicy, only suite: TLSCipherSuite?) {
        self.minimumTLSVersion = policy.versions.first?.library ?? .tlsv12
        self.maximumTLSVersion = policy.versions.last?.library ?? .tlsv13
        let suites = suite.map { [$0] } ?? policy.offeredByLab.filter { !$0.isTLS13 }
        // A policy of TLS 1.3 alone has none, which the library does not take; the version rules them out anyway.
        self.cipherSuites =
            suites.isEmpty ? "ECDHE-RSA-AES128-GCM-SHA256" : suites.map(\.name).joined(separator: ":")
        self.curves = policy.keyExchanges.filter { Self.knownGroups.contains($0) }.map {
            NIOTLSCurve(rawValue: $0.rawValue)
        }
    }

    /// The groups that BoringSSL implements; of the three hybrid ones it has X25519MLKEM768.
    private static let knownGroups: Set<TLSKeyExchange> = [
        .secp256r1, .secp384r1, .secp521r1, .x25519, .x25519MLKEM768,
    ]
}

extension ELBModel.TLSVersion {
    fileprivate var library: NIOSSL.TLSVersion {
        switch self {
        case .v10: .tlsv1
        case .v11: .tlsv11
        case .v12: .tlsv12
        case .v13: .tlsv13
        }
    }
}
