import ELBControlAPI
import Glibc

/// Files that a person names on the command line.
enum InputFile {
    /// One byte more than any reader takes, so that a reader sees that a file is too large without all of it in memory.
    private static let most = (1 << 20) + 1

    /// The file's contents; of a file beyond a reader's limit, the beginning.
    ///
    /// - Throws: `CommandFailure` with the system's reason, exit code 2.
    static func read(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < Self.most {
            let count = Glibc.read(descriptor, &buffer, min(buffer.count, Self.most - bytes.count))
            if count < 0 {
                if errno == EINTR { continue }
                throw Self.failure(path)
            }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return bytes
    }

    private static func failure(_ path: String) -> CommandFailure {
        CommandFailure("cannot read '\(path)': \(String(cString: strerror(errno)))", status: .usage)
    }
}

extension DiagnosticsError {
    /// Prints each diagnostic on a line of its own.
    func print() {
        StandardStream.error.write(self.description + "\n")
    }
}
