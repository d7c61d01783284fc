import Glibc
package import Logging

/// Appends access log lines to a file, on a thread of its own; what the disk cannot take in time is dropped, with a warning.
package final class FileAccessLogSink: AccessLogSink {
    /// Bytes that may wait for the disk.
    package static let pendingLimit = 16 << 20

    private let queue: WriteBehind<[UInt8]>

    /// Opens the file for appending; it is created if missing.
    ///
    /// - Throws: `FileAccessLogError` with the system's reason.
    package init(path: String, logger: Logger) throws {
        let file: FileDescriptor
        do throws(FileDescriptor.Failure) {
            file = try FileDescriptor(opening: path, O_WRONLY | O_APPEND | O_CREAT)
        } catch {
            throw FileAccessLogError(path: path, reason: String(cString: strerror(error.code)))
        }
        self.queue = WriteBehind(limit: Self.pendingLimit) { lines in
            do throws(FileDescriptor.Failure) {
                try file.write(lines)
                return 0
            } catch {
                return error.unwrittenBytes
            }
        } report: { dropped in
            logger.warning("access log: dropped \(dropped) bytes that the file could not take")
        }
    }

    package func write(_ lines: [UInt8]) {
        self.queue.submit(lines, bytes: lines.count)
    }

    package func flush() async {
        await self.queue.flush()
    }
}

/// The access log's file cannot be opened.
package struct FileAccessLogError: Error, Hashable, Sendable, CustomStringConvertible {
    package var path: String
    package var reason: String

    package var description: String { "cannot open access log \(self.path): \(self.reason)" }
}
