import ELBModel
import ELBNet

/// The balancer's health events, in the order in which its nodes announce them.
struct HealthWatch: Sendable {
    private let changes: AsyncStream<BalancerEvent.HealthChange>
    private let continuation: AsyncStream<BalancerEvent.HealthChange>.Continuation

    init() {
        (self.changes, self.continuation) = AsyncStream.makeStream()
    }

    /// Takes an event on whatever thread it happens.
    func take(_ event: BalancerEvent) {
        if case .healthChanged(let change) = event { self.continuation.yield(change) }
    }

    /// Hands out changes one by one until `isLast` says that enough has been seen, or `limit` of real time is over.
    ///
    /// - Returns: whether the last one came in time.
    func follow(
        limit: Duration,
        until isLast: @escaping @Sendable (BalancerEvent.HealthChange) -> Bool
    ) async -> Bool {
        let changes = self.changes
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await change in changes where isLast(change) { return true }
                return false
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }
}
