import Glibc
package import Logging
import NIOPosix
import Synchronization

/// Appends access log lines to a file, on a thread of its own: a slow disk delays lines, never requests.
///
/// When the disk cannot keep up, or is full, lines are dropped beyond `pendingLimit` and one warning tells how many: a balancer
/// that stops for its log would be worse.
package final class FileAccessLogSink: AccessLogSink {
    /// Bytes that may wait for the disk.
    package static let pendingLimit = 16 << 20

    private struct State {
        var pending: [[UInt8]] = []
        var pendingBytes = 0
        var isWriting = false
        var droppedBytes = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let descriptor: CInt
    private let logger: Logger
    private let pool = NIOThreadPool(numberOfThreads: 1)
    private let state = Mutex(State())

    /// Opens the file for appending; it is created if missing.
    ///
    /// - Throws: `FileAccessLogError` with the system's reason.
    package init(path: String, logger: Logger) throws {
        self.descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard self.descriptor >= 0 else {
            throw FileAccessLogError(path: path, reason: String(cString: strerror(errno)))
        }
        self.logger = logger
        self.pool.start()
    }

    deinit {
        self.pool.shutdownGracefully { _ in }
        close(self.descriptor)
    }

    package func write(_ lines: [UInt8]) {
        let mustStart = self.state.withLock { state in
            guard state.pendingBytes + lines.count <= Self.pendingLimit else {
                state.droppedBytes += lines.count
                return false
            }
            state.pending.append(lines)
            state.pendingBytes += lines.count
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if mustStart { self.pool.submit { _ in self.drain() } }
    }

    package func flush() async {
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
            for lines in batch { self.writeAll(lines) }
            let (isDone, waiters, dropped) = self.state.withLock { state in
                guard state.pending.isEmpty else { return (false, [CheckedContinuation<Void, Never>](), 0) }
                state.isWriting = false
                defer {
                    state.waiters = []
                    state.droppedBytes = 0
                }
                return (true, state.waiters, state.droppedBytes)
            }
            if dropped > 0 { self.logger.warning("access log: dropped \(dropped) bytes that the file could not take") }
            for waiter in waiters { waiter.resume() }
            if isDone { return }
        }
    }

    private func writeAll(_ lines: [UInt8]) {
        var rest = lines[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(self.descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                self.state.withLock { $0.droppedBytes += rest.count }
                return
            }
        }
    }
}

/// The access log's file cannot be opened.
package struct FileAccessLogError: Error, Hashable, Sendable, CustomStringConvertible {
    package var path: String
    package var reason: String

    package var description: String { "cannot open access log \(self.path): \(self.reason)" }
}
