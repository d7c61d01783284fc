import Glibc
import Synchronization

/// Standard output and standard error, written at once and whole, so that a reader on a pipe sees each line as it comes.
enum StandardStream: Int32, Sendable {
    case output = 1
    case error = 2

    private static let firstFailure = Mutex<Int32?>(nil)

    /// The `errno` of the first write to standard output that failed; nil while all went well. The program's end reports it.
    static var failure: Int32? { Self.firstFailure.withLock { $0 } }

    /// Writes `text` as it is; add the newline yourself, or use `printLine`.
    func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while let start = rest.baseAddress, rest.count > 0 {
                let written = Glibc.write(self.rawValue, start, rest.count)
                if written < 0 {
                    if errno == EINTR || errno == EAGAIN { continue }
                    if self == .output { Self.keepFailure(errno) }
                    return
                }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
            }
        }
    }

    /// Writes `line` and a newline.
    func printLine(_ line: String = "") {
        self.write(line + "\n")
    }

    private static func keepFailure(_ reason: Int32) {
        Self.firstFailure.withLock { failure in
            if failure == nil { failure = reason }
        }
    }
}
