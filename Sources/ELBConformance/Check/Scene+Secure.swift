internal import ELBFleet
package import ELBModel
internal import Synchronization

extension Scene {
    /// Opens an HTTPS listener on a fresh port of every node, with a certificate that the suite made.
    /// - Returns: where clients connect, the first zone's node.
    package func secureListener(rules: [ListenerRule] = [], default action: RuleAction) throws -> Endpoint {
        guard let certificate = Self.certificate else { throw Problem.uncertain("no certificate could be made") }
        let endpoint = try self.listener(rules: rules, default: action)
        self.state.withLock { state in
            let last = state.part.listeners.count - 1
            state.part.listeners[last].protocol = .https
            state.part.listeners[last].tls = ListenerTLS(defaultCertificate: certificate)
        }
        return endpoint
    }

    /// Opens an HTTPS listener with certificates of the check's own, and client authentication as it says.
    /// - Returns: where clients connect, the first zone's node.
    package func secureListener(
        _ tls: ListenerTLS,
        default action: RuleAction,
        attributes: ListenerAttributes = .init()
    ) throws -> Endpoint {
        let endpoint = try self.listener(default: action, attributes: attributes)
        self.state.withLock { state in
            let last = state.part.listeners.count - 1
            state.part.listeners[last].protocol = .https
            state.part.listeners[last].tls = tls
        }
        return endpoint
    }

    /// As `send`, by HTTPS and HTTP/1.1 on a connection of its own, for a name that the listener's node stands for.
    package func sendSecure(
        _ path: String = "/",
        as name: String,
        to listener: Endpoint,
        headers: [CurlHeader] = [],
        tls: CurlTLS,
        configure: (inout CurlRequest) -> Void = { _ in }
    ) async -> Exchange {
        await self.send("GET", path, to: listener, headers: headers) { request in
            request.url = request.url.replacing("http://\(listener)", with: "https://\(name):\(listener.port)")
            request.resolve = ["\(name):\(listener.port):\(listener.address)"]
            request.connection = .fresh
            request.tls = tls
            configure(&request)
        }
    }

    /// One for all: making a key takes a while, and nothing of it is judged.
    private static let certificate: Certificate? = {
        guard let made = try? ServerCertificate(names: ["www.example.com", "*.example.com"]) else { return nil }
        return Certificate(
            arn: CertificateARN(rawValue: "arn:aws:acm:ap-northeast-2:123456789012:certificate/conformance"),
            source: .imported(certificate: .text(made.certificate), privateKey: .text(made.privateKey))
        )
    }()

    /// As `send`, by HTTPS: HTTP/2 where ALPN chooses it. The certificate is not verified.
    package func sendSecure(
        _ method: String = "GET",
        _ path: String,
        to listener: Endpoint,
        headers: [CurlHeader] = [],
        configure: (inout CurlRequest) -> Void = { _ in }
    ) async -> Exchange {
        await self.send(method, path, to: listener, headers: headers) { request in
            request.url = request.url.replacing("http://", with: "https://", maxReplacements: 1)
            request.version = .http2
            request.verifiesCertificate = false
            configure(&request)
        }
    }

    /// Runs a script on an HTTP/2 connection of its own, by TLS.
    package func http2<Value: Sendable>(
        to listener: Endpoint,
        script: @escaping @Sendable (HTTP2Connection) -> Value
    ) async throws -> Value {
        try await self.onStream(to: listener, tls: .http2()) { script(HTTP2Connection(over: $0)) }
    }
}
