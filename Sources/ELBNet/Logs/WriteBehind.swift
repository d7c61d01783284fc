import NIOPosix
import Synchronization

/// Hands items to a writer on a thread of its own, in order: a slow disk delays what is written, never who writes it.
///
/// When the disk cannot keep up, or is full, items are dropped beyond a limit, and their bytes counted: a balancer that stops for
/// its logs would be worse.
final class WriteBehind<Item: Sendable>: Sendable {
    private struct State {
        var pending: [Item] = []
        var pendingBytes = 0
        var isWriting = false
        var droppedBytes = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let limit: Int
    private let write: @Sendable (Item) -> Int
    private let report: @Sendable (Int) -> Void
    private let pool = NIOThreadPool(numberOfThreads: 1)
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limit: bytes that may wait for the disk.
    ///   - write: writes an item, on the thread; returns how many of its bytes are lost.
    ///   - report: is told, on the thread, how many bytes have been lost since it was told last.
    init(
        limit: Int,
        write: @escaping @Sendable (Item) -> Int,
        report: @escaping @Sendable (_ droppedBytes: Int) -> Void
    ) {
        self.limit = limit
        self.write = write
        self.report = report
        self.pool.start()
    }

    deinit {
        self.pool.shutdownGracefully { _ in }
    }

    func submit(_ item: Item, bytes count: Int) {
        let mustStart = self.state.withLock { state in
            guard state.pendingBytes + count <= self.limit else {
                state.droppedBytes += count
                return false
            }
            state.pending.append(item)
            state.pendingBytes += count
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if mustStart { self.pool.submit { _ in self.drain() } }
    }

    /// Returns when everything submitted so far has been written or dropped.
    func flush() async {
        await withCheckedContinuation { continuation in
            let isIdle = self.state.withLock { state in
                if state.isWriting { state.waiters.append(continuation) }
                return !state.isWriting
            }
            if isIdle { continuation.resume() }
        }
    }

    private func drain() {
        while true {
            let batch = self.state.withLock { state in
                defer {
                    state.pending = []
                    state.pendingBytes = 0
                }
                return state.pending
            }
            let lost = batch.reduce(0) { $0 + self.write($1) }
            let (isDone, waiters, dropped) = self.state.withLock { state in
                state.droppedBytes += lost
                guard state.pending.isEmpty else { return (false, [CheckedContinuation<Void, Never>](), 0) }
                state.isWriting = false
                defer {
                    state.waiters = []
                    state.droppedBytes = 0
                }
                return (true, state.waiters, state.droppedBytes)
            }
            if dropped > 0 { self.report(dropped) }
            for waiter in waiters { waiter.resume() }
            if isDone { return }
        }
    }
}
