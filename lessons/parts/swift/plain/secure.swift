// No TLS: a listener that asks for it cannot be opened. Lesson 10 builds it.

final class SecureContext {
    init(_ listener: Listener, material: [CertificateMaterial]) throws {
        fatalError("port \(listener.port): this balancer does not speak TLS")
    }

    func accept(_ descriptor: Int32) throws -> Connection { Connection(descriptor) }
}
