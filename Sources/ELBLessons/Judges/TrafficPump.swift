import ELBConformance
import ELBModel

/// Keeps clients asking while something else is watched.
enum TrafficPump {
    /// Sends one request after another to the first node until `body` returns.
    /// - Returns: what `body` returned.
    static func during<Value: Sendable>(
        _ lab: TopologyLab,
        _ body: @Sendable @escaping () async throws -> Value
    ) async throws -> Value {
        let url = "http://\(lab.endpoint)/"
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    let batch = Array(repeating: CurlRequest("GET", url), count: 8)
                    _ = await lab.curl.performInOrder(batch)
                }
                return nil
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let value = result { return value }
            }
            throw CancellationError()
        }
    }
}
