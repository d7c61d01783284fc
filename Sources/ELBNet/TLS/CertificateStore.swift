package import ELBCore
package import ELBModel
import Synchronization

/// Certificate Manager's stand-in: turns what a configuration says of certificates and trust stores into material that
/// handshakes can use. What was issued once is issued again unchanged, for as long as the store lives.
package final class CertificateStore: Sendable {
    private struct State {
        var authority: LabAuthority?
        var makeAuthority: @Sendable () throws -> LabAuthority
        var issued: [Certificate.Source: CertificateMaterial] = [:]
        var imported: [[String]: CertificateMaterial] = [:]
        var verifiers: [VerifierKey: ClientCertificateVerifier] = [:]
    }

    private struct VerifierKey: Hashable {
        var texts: [String]
        var ignoresExpiry: Bool
        var advertisesNames: Bool
    }

    /// How much is remembered of configurations that are gone.
    private static let memory = 256

    private let state: Mutex<State>

    /// - Parameter authority: makes what issues certificates, when the first is to be issued.
    package init(authority: @escaping @Sendable () throws -> LabAuthority = { try LabAuthority() }) {
        self.state = Mutex(State(makeAuthority: authority))
    }

    /// What an HTTPS listener shows its clients and asks of them. Reads files and makes keys: not for event loops.
    ///
    /// - Throws: `ModelError` if a file cannot be read or its contents cannot be used.
    package func credentials(for tls: CompiledTLS) throws(ModelError) -> ListenerCredentials {
        var list: [ListenerCredentials.Entry] = []
        for certificate in tls.settings.certificates { list.append(try self.entry(for: certificate)) }
        return ListenerCredentials(
            tls: tls,
            defaultEntry: try self.entry(for: tls.settings.defaultCertificate),
            list: list,
            verifier: try self.verifier(for: tls.settings.mutualAuthentication)
        )
    }

    private func entry(for certificate: Certificate) throws(ModelError) -> ListenerCredentials.Entry {
        do throws(ModelError) {
            return ListenerCredentials.Entry(arn: certificate.arn, material: try self.material(for: certificate.source))
        } catch {
            throw ModelError(error.code, "\(certificate.arn): \(error.message)", at: "Certificates")
        }
    }

    private func material(for source: Certificate.Source) throws(ModelError) -> CertificateMaterial {
        switch source {
        case .imported(let certificate, let privateKey):
            let texts = [try Self.text(of: certificate), try Self.text(of: privateKey)]
            if let known = self.state.withLock({ $0.imported[texts] }) { return known }
            let material = try CertificateMaterial(certificate: texts[0], privateKey: texts[1])
            self.state.withLock { state in
                if state.imported.count >= Self.memory { state.imported = [:] }
                state.imported[texts] = material
            }
            return material
        case .issued(let names, let keyAlgorithm):
            return try self.issue(source, names: names, keyAlgorithm: keyAlgorithm)
        }
    }

    /// The authority's certificate in PEM, for whoever must trust what it issues.
    ///
    /// - Throws: `ModelError` if it cannot be made or read.
    package func authorityCertificate() throws(ModelError) -> String {
        try self.withAuthority { $0.certificatePEM }
    }

    /// A certificate and its key, both in PEM, for a server of the lab that is no load balancer.
    ///
    /// - Parameter names: host names and addresses, the first of them the subject.
    /// - Throws: `ModelError` if it cannot be issued.
    package func serverCertificate(
        names: [String],
        keyAlgorithm: Certificate.KeyAlgorithm = .ecdsaP256
    ) throws(ModelError) -> (certificate: String, privateKey: String) {
        try self.withAuthority { try $0.issueText(names: names, keyAlgorithm: keyAlgorithm) }
    }

    private func withAuthority<Value: Sendable>(
        _ body: (LabAuthority) throws -> sending Value
    ) throws(ModelError) -> Value {
        do {
            return try self.state.withLock { state in
                let authority = try state.authority ?? state.makeAuthority()
                state.authority = authority
                return try body(authority)
            }
        } catch let error as ModelError {
            throw error
        } catch {
            throw ModelError(.invalidConfigurationRequest, "the authority cannot be used: \(error)")
        }
    }

    private func issue(
        _ source: Certificate.Source,
        names: [String],
        keyAlgorithm: Certificate.KeyAlgorithm
    ) throws(ModelError) -> CertificateMaterial {
        do {
            // Under the lock, so that two load balancers that want the same certificate get the same one.
            return try self.state.withLock { state in
                if let known = state.issued[source] { return known }
                let authority = try state.authority ?? state.makeAuthority()
                state.authority = authority
                let material = try authority.issue(names: names, keyAlgorithm: keyAlgorithm)
                if state.issued.count >= Self.memory { state.issued = [:] }
                state.issued[source] = material
                return material
            }
        } catch let error as ModelError {
            throw error
        } catch {
            throw ModelError(.invalidConfigurationRequest, "it cannot be issued: \(error)")
        }
    }

    private func verifier(for mutual: MutualAuthentication) throws(ModelError) -> ClientCertificateVerifier? {
        guard mutual.mode == .verify, let store = mutual.trustStore else { return nil }
        var texts = [try Self.text(of: store.caCertificates)]
        for revocation in store.revocations { texts.append(try Self.text(of: revocation)) }
        let key = VerifierKey(
            texts: texts,
            ignoresExpiry: mutual.ignoreClientCertificateExpiry,
            advertisesNames: mutual.advertiseTrustStoreCANames
        )
        if let known = self.state.withLock({ $0.verifiers[key] }) { return known }
        let verifier = try ClientCertificateVerifier(
            bundle: texts[0],
            revocations: Array(texts.dropFirst()),
            ignoresExpiry: key.ignoresExpiry,
            advertisesNames: key.advertisesNames
        )
        self.state.withLock { state in
            if state.verifiers.count >= Self.memory { state.verifiers = [:] }
            state.verifiers[key] = verifier
        }
        return verifier
    }

    private static func text(of pem: PEM) throws(ModelError) -> String {
        switch pem {
        case .text(let text): text
        case .file(let path): try PEMFile.read(path)
        }
    }
}

/// An HTTPS listener's certificates and what it asks of clients, parsed.
package struct ListenerCredentials: Sendable {
    package let tls: CompiledTLS
    let defaultEntry: Entry
    let list: [Entry]
    /// In verify mode only.
    let verifier: ClientCertificateVerifier?

    struct Entry: Sendable {
        var arn: CertificateARN
        var material: CertificateMaterial
    }

    var mode: MutualAuthentication.Mode { self.tls.settings.mutualAuthentication.mode }
}
