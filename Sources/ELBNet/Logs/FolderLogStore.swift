package import ELBCore
import ELBWire
import Glibc
package import Logging

/// Buckets as folders: `ROOT/BUCKET/KEY`. Compresses what is to be compressed, and writes on a thread of its own: a slow disk delays files, never requests.
///
/// A file appears under its name whole or not at all, also when the machine stops meanwhile: it is written under another name,
/// synced, and renamed. Whatever a crash leaves behind begins with a dot and ends in `.part`, and is in nobody's way.
package final class FolderLogStore: LogStore {
    /// Bytes that may wait for the disk; more is dropped, and a warning tells how much.
    package static let pendingLimit = 64 << 20

    private let queue: WriteBehind<LogFile.Object>

    /// - Parameter root: the folder of buckets; created if missing.
    /// - Throws: `LogStoreError` with the system's reason if it cannot be written to.
    package init(root: String, logger: Logger) throws {
        try Self.makeFolders(root)
        guard access(root, W_OK | X_OK) == 0 else { throw LogStoreError(path: root, code: errno) }
        self.queue = WriteBehind(limit: Self.pendingLimit) { object in
            do throws(LogStoreError) {
                try Self.write(object, below: root)
            } catch {
                logger.warning("\(error)")
            }
            return 0
        } report: { dropped in
            logger.warning("logs: dropped \(dropped) bytes that the disk could not take")
        }
    }

    package func deliver(_ object: LogFile.Object) {
        self.queue.submit(object, bytes: object.chunks.reduce(0) { $0 + $1.count })
    }

    package func flush() async {
        await self.queue.flush()
    }

    // MARK: One file

    private static func write(_ object: LogFile.Object, below root: String) throws(LogStoreError) {
        let path = "\(root)/\(object.key)"
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let folder = String(path[..<slash])
        try self.makeFolders(folder)
        let part = "\(folder)/.\(path[path.index(after: slash)...]).part"
        var whole: [UInt8] = []
        whole.reserveCapacity(object.chunks.reduce(0) { $0 + $1.count })
        for chunk in object.chunks { whole += chunk }
        do throws(FileDescriptor.Failure) {
            let file = try FileDescriptor(opening: part, O_WRONLY | O_CREAT | O_TRUNC)
            try file.write(object.isCompressed ? GzipWriter.compress(whole) : whole)
            try file.sync()
            guard rename(part, path) == 0 else { throw FileDescriptor.Failure(code: errno) }
            // The new name itself must survive, too.
            try? FileDescriptor(opening: folder, O_RDONLY | O_DIRECTORY).sync()
        } catch {
            unlink(part)
            throw LogStoreError(path: path, code: error.code)
        }
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
