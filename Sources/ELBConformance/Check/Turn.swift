internal import Glibc
internal import Synchronization

/// Lets a script on a thread and a check in a task take turns: once there, once back.
final class Turn: Sendable {
    private let state = Mutex(State())

    private struct State {
        var isPassed = false
        var isOver = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    /// On the thread: it is the task's turn.
    func pass() {
        let waiting = self.state.withLock { state in
            state.isPassed = true
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }

    /// On the thread: blocks until the task's turn is over.
    func wait() {
        while !self.state.withLock({ $0.isOver }) { usleep(1000) }
    }

    /// In the task: returns when the turn has come.
    func passed() async {
        await withCheckedContinuation { continuation in
            let isPassed = self.state.withLock { state in
                if !state.isPassed { state.waiting = continuation }
                return state.isPassed
            }
            if isPassed { continuation.resume() }
        }
    }

    /// In the task: the turn is over.
    func end() {
        self.state.withLock { $0.isOver = true }
    }
}
