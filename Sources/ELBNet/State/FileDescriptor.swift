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

    init(opening path: String, _ flags: CInt, mode: mode_t = 0o644) throws(Failure) {
        self.number = open(path, flags | O_CLOEXEC, mode)
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

    func readAll() throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = part.withUnsafeMutableBytes { read(self.number, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes += part[..<count]
            } else if count == 0 {
                return bytes
            } else if errno != EINTR {
                throw Failure(code: errno)
            }
        }
    }

    /// Whether this process has the file for itself now; it keeps it until it closes the file or ends.
    func lock() throws(Failure) -> Bool {
        if flock(self.number, LOCK_EX | LOCK_NB) == 0 { return true }
        guard errno == EWOULDBLOCK else { throw Failure(code: errno) }
        return false
    }

    /// Makes the file so long, with zeros at its end that the disk has set room aside for.
    func reserve(_ length: Int) throws(Failure) {
        let code = posix_fallocate(self.number, 0, off_t(length))
        guard code == 0 else { throw Failure(code: code) }
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let place = off_t(offset + rest.startIndex)
            let written = rest.withUnsafeBytes { pwrite(self.number, $0.baseAddress, $0.count, place) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                throw Failure(code: errno, unwrittenBytes: rest.count)
            }
        }
    }

    func cut(to length: Int) throws(Failure) {
        guard ftruncate(self.number, off_t(length)) == 0 else { throw Failure(code: errno) }
    }
}
