/// TLS at a listener: which versions are spoken, and which certificate is shown to whom.
final class SecureContext {
    private let usual: TLSContext
    private let byName: [String: TLSContext]

    init(_ listener: Listener, material: [CertificateMaterial]) throws {
        let known = Dictionary(material.map { ($0.certificateArn, $0) }) { $1 }
        let policy = versions(of: listener.sslPolicy)
        func made(of entries: [CertificateMaterial]) throws -> TLSContext {
            let context = TLSContext(oldest: policy.oldest, newest: policy.newest)
            for entry in entries { try context.load(entry) }
            return context
        }
        // Certificates for the same name stand in one context, which then shows the one that the client can use.
        var listed: [String: [CertificateMaterial]] = [:]
        for entry in (listener.listenerCertificates ?? []).compactMap({ known[$0.certificateArn] }) {
            for name in entry.names { listed[name.lowercased(), default: []].append(entry) }
        }
        self.byName = try listed.mapValues { try made(of: $0) }
        self.usual = try made(of: (listener.certificates ?? []).compactMap { known[$0.certificateArn] })
        self.usual.choose = { [byName = self.byName] name in covering(byName, name) }
    }

    func accept(_ descriptor: Int32) throws -> Connection { try self.usual.accept(descriptor) }
}

/// The context of the name itself, or of the wildcard that stands for its first label; `nil` without either.
private func covering(_ contexts: [String: TLSContext], _ name: String?) -> TLSContext? {
    guard let name = name?.lowercased() else { return nil }
    return contexts[name] ?? contexts["*." + name.drop { $0 != "." }.dropFirst()]
}
