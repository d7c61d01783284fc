/// TLS at a listener: which versions are spoken, and which certificate is shown to whom. This file is yours.
final class SecureContext {
    private let usual: TLSContext

    init(_ listener: Listener, material: [CertificateMaterial]) throws {
        let known = Dictionary(material.map { ($0.certificateArn, $0) }) { $1 }
        // TODO: `versions(of: listener.sslPolicy)` gives the oldest and the newest version of the policy.
        let context = TLSContext(oldest: "1.0", newest: "1.3")
        for entry in (listener.certificates ?? []).compactMap({ known[$0.certificateArn] }) { try context.load(entry) }
        // TODO: `listener.listenerCertificates` lists further certificates. `names` of one tells the names that it is made out to; a
        // name may have a * for its first label, and two certificates, with keys of different kinds, may have the same name. A context
        // holds one certificate for each kind of key, and `choose` is asked during the handshake: openssl.swift says how.
        self.usual = context
    }

    func accept(_ descriptor: Int32) throws -> Connection { try self.usual.accept(descriptor) }
}
