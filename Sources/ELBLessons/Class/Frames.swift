internal import Synchronization

/// What a judge has said so far; of the whole reports only the last is kept.
final class Frames: Sendable {
    private struct State {
        var open: [UInt8] = []
        var last: [UInt8]?
        var isBroken = false
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: for one report; what is longer is none, and neither is anything after it.
    init(limit: Int) {
        self.limit = limit
    }

    func append(_ bytes: UnsafeRawBufferPointer) {
        self.state.withLock { state in
            guard !state.isBroken else { return }
            for part in bytes.split(separator: 0, omittingEmptySubsequences: false).enumerated() {
                if part.offset > 0 {
                    state.last = state.open
                    state.open = []
                }
                state.open += part.element
            }
            if state.open.count > self.limit { (state.isBroken, state.open) = (true, []) }
        }
    }

    /// The last whole report, and whether it is the final one.
    var last: (json: [UInt8]?, isFinal: Bool) {
        self.state.withLock { state in
            guard let last = state.last, let kind = last.first else { return (nil, false) }
            return (Array(last.dropFirst()), [kind] == Array(SubmissionRun.Report.final.rawValue.utf8))
        }
    }
}
