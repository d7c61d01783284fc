package import ELBCore
import ELBWire
import Glibc
package import Logging
import NIOPosix
import Synchronization

/// Buckets as folders: `ROOT/BUCKET/KEY`. Compresses and writes on a thread of its own: a slow disk delays files, never requests.
///
/// A file appears under its name whole or not at all, also when the machine stops meanwhile: it is written under another name,
/// synced, and renamed. Whatever a crash leaves behind begins with a dot and ends in `.part`, and is in nobody's way.
package final class FolderLogStore: LogStore {
    /// Bytes that may wait for the disk; more is dropped, and a warning tells how much.
    package static let pendingLimit = 64 << 20

    private struct State {
        var pending: [LogFile.Object] = []
        var pendingBytes = 0
        var isWriting = false
        var droppedBytes = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let root: String
    private let logger: Logger
    private let pool = NIOThreadPool(numberOfThreads: 1)
    private let state = Mutex(State())

    /// - Parameter root: the folder of buckets; created if missing.
    /// - Throws: `LogStoreError` with the system's reason if it cannot be written to.
    package init(root: String, logger: Logger) throws {
        self.root = root
        self.logger = logger
        try Self.makeFolders(root)
        guard access(root, W_OK | X_OK) == 0 else { throw LogStoreError(path: root, code: errno) }
        self.pool.start()
    }

    deinit {
        self.pool.shutdownGracefully { _ in }
    }

    package func deliver(_ object: LogFile.Object) {
        let count = object.chunks.reduce(0) { $0 + $1.count }
        let mustStart = self.state.withLock { state in
            guard state.pendingBytes + count <= Self.pendingLimit else {
                state.droppedBytes += count
                return false
            }
            state.pending.append(object)
            state.pendingBytes += count
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
            for object in batch {
                do throws(LogStoreError) {
                    try self.write(object)
                } catch {
                    self.logger.warning("\(error)")
                }
            }
            let (isDone, waiters, dropped) = self.state.withLock { state in
                guard state.pending.isEmpty else { return (false, [CheckedContinuation<Void, Never>](), 0) }
                state.isWriting = false
                defer {
                    state.waiters = []
                    state.droppedBytes = 0
                }
                return (true, state.waiters, state.droppedBytes)
            }
            if dropped > 0 { self.logger.warning("logs: dropped \(dropped) bytes that the disk could not take") }
            for waiter in waiters { waiter.resume() }
            if isDone { return }
        }
    }

    // MARK: One file

    private func write(_ object: LogFile.Object) throws(LogStoreError) {
        let path = "\(self.root)/\(object.key)"
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let folder = String(path[..<slash])
        try Self.makeFolders(folder)
        let part = "\(folder)/.\(path[path.index(after: slash)...]).part"
        let descriptor = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw LogStoreError(path: part, code: errno) }
        defer { close(descriptor) }
        var whole: [UInt8] = []
        whole.reserveCapacity(object.chunks.reduce(0) { $0 + $1.count })
        for chunk in object.chunks { whole += chunk }
        do throws(LogStoreError) {
            try Self.writeAll(GzipWriter.compress(whole), to: descriptor, path: part)
            guard fsync(descriptor) == 0, rename(part, path) == 0 else { throw LogStoreError(path: path, code: errno) }
        } catch {
            unlink(part)
            throw error
        }
        Self.syncFolder(folder)
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: CInt, path: String) throws(LogStoreError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                throw LogStoreError(path: path, code: errno)
            }
        }
    }

    /// The new name itself must survive, too.
    private static func syncFolder(_ folder: String) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func makeFolders(_ path: String) throws(LogStoreError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made == "/" ? "\(part)" : "/\(part)"
            guard mkdir(made, 0o755) == 0 || errno == EEXIST else { throw LogStoreError(path: made, code: errno) }
        }
    }
}

/// A log file, or the folder for it, cannot be written.
package struct LogStoreError: Error, Hashable, Sendable, CustomStringConvertible {
    package var path: String
    /// The system's words.
    package var reason: String

    init(path: String, code: CInt) {
        self.path = path
        self.reason = String(cString: strerror(code))
    }

    package var description: String { "cannot write logs to \(self.path): \(self.reason)" }
}
