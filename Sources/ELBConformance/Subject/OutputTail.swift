internal import Synchronization

/// The end of what a subject wrote. It may write for ever; only the last part is kept.
final class OutputTail: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var dropped = 0
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int = 64 * 1024) {
        self.limit = limit
    }

    func append(_ bytes: UnsafeRawBufferPointer) {
        self.state.withLock { state in
            state.bytes.append(contentsOf: bytes)
            // Cut rarely, so that the cost per byte stays constant.
            guard state.bytes.count > 2 * self.limit else { return }
            let excess = state.bytes.count - self.limit
            state.bytes.removeFirst(excess)
            state.dropped += excess
        }
    }

    /// Whether more has come than any balancer has to say.
    var isExcessive: Bool { self.state.withLock { $0.dropped > 8 << 20 } }

    /// At most the limit's bytes, without control sequences; says how many came before.
    var text: String {
        self.state.withLock { state in
            let kept = state.bytes.suffix(self.limit)
            let dropped = state.dropped + state.bytes.count - kept.count
            let text = PlainText.lines(String(decoding: kept, as: UTF8.self))
            return dropped == 0 ? text : "… \(dropped) bytes left out …\n" + text
        }
    }
}
