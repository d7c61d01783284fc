import ELBConformance
import ELBFleet
import ELBModel

/// Runs `body` with one backend that speaks what is said.
func withBackend(
    _ spoken: BackendProtocol,
    tls: BackendTLS? = nil,
    type: InstanceType = .unlimited,
    configuredBy configure: (inout BackendBehaviour) -> Void = { _ in },
    _ body: (Backend, Endpoint) async throws -> Void
) async throws {
    var description = BackendDescription(name: "web", type: type)
    description.behaviour.speaks = spoken
    description.behaviour.tls = tls
    configure(&description.behaviour)
    let backend = try await Backend.start(description)
    do {
        try await body(backend, backend.endpoints[0])
    } catch {
        await backend.stop()
        throw error
    }
    await backend.stop()
}

/// Runs a script on a thread, as the raw clients want it, and gives back what it returns.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await ThreadPool(threads: 1).run { Result { try body() } }.get()
}

/// The head of an ordinary HTTP/2 request.
func h2Fields(_ path: String, method: String = "GET", _ more: [CurlHeader] = []) -> [CurlHeader] {
    [
        CurlHeader(":method", method), CurlHeader(":scheme", "http"), CurlHeader(":path", path),
        CurlHeader(":authority", "web.example"),
    ] + more
}
