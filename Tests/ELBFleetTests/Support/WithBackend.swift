import ELBFleet
import ELBModel

/// Runs `body` with a backend on a port of the system's choice and stops it afterwards.
func withBackend(
    _ description: BackendDescription = BackendDescription(name: "WebA"),
    recordLimit: Int = 100_000,
    _ body: (Backend) async throws -> Void
) async throws {
    let backend = try await Backend.start(description, recordLimit: recordLimit)
    do {
        try await body(backend)
    } catch {
        await backend.stop()
        throw error
    }
    await backend.stop()
}

/// A description with health paths, so that probes and traffic can be told apart.
func withHealthPath(_ path: String = "/health", type: InstanceType = .unlimited) -> BackendDescription {
    var description = BackendDescription(name: "WebA", type: type)
    description.behaviour.healthPaths = [path]
    return description
}
