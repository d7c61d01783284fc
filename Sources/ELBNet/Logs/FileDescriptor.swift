import Glibc

/// Writes to an open file and closes it in the end.
final class FileDescriptor: Sendable {
    private let number: CInt

    /// What the system says against it.
    struct Failure: Error {
        var code: CInt
        /// What had not been written yet.
        var unwrittenBytes = 0
    }

    init(opening path: String, _ flags: CInt) throws(Failure) {
        self.number = open(path, flags | O_CLOEXEC, 0o644)
        guard self.number >= 0 else { throw Failure(code: errno) }
    }

    deinit {
        if self.number >= 0 { close(self.number) }
    }

    func write(_ bytes: [UInt8]) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(self.number, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                throw Failure(code: errno, unwrittenBytes: rest.count)
            }
        }
    }

    /// Returns when what has been written will survive.
    func sync() throws(Failure) {
        guard fsync(self.number) == 0 else { throw Failure(code: errno) }
    }
}
