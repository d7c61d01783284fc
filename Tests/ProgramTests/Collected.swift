import Synchronization

/// What a `@Sendable` body found out.
final class Collected<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])

    var all: [Value] { self.values.withLock { $0 } }

    func add(_ more: [Value]) { self.values.withLock { $0 += more } }
}
