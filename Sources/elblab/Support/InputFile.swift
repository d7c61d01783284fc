import ELBControlAPI
import Glibc

/// Files that a person names on the command line.
enum InputFile {
    /// What most readers take at most.
    private static let most = 1 << 20

    /// The file's contents. Of a file beyond the limit one byte more, so that a reader sees that it is too large without all of it in
    /// memory.
    ///
    /// - Throws: `CommandFailure` with the system's reason, exit code 2.
    static func read(_ path: String, limit: Int = InputFile.most) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &buffer, min(buffer.count, limit + 1 - bytes.count))
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
