import ELBConformance
import FoundationEssentials
internal import Glibc

/// An answer's bytes, read from a file that somebody else may have made: a pipe that nobody fills, a link to another one's answer, a file
/// without end. Each is refused in a line.
enum AnswerFile {
    /// The largest answer that is read.
    private static let largest = 1 << 20

    struct Refusal: Error {
        var line: String
    }

    /// - Parameter submission: the folder out of which no link may lead; `nil` where an answer may lie anywhere.
    static func read(_ path: String, within submission: String?) throws(Refusal) -> [UInt8] {
        let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { throw Refusal(line: "\(path): cannot be read") }
        defer { close(file) }
        guard let status = FileStatus(of: file), status.kind == .file else {
            throw Refusal(line: "\(path): is no file")
        }
        if let submission {
            guard Self.real(path).hasPrefix(Self.real(submission) + "/") else {
                throw Refusal(line: "\(path): is a link that leads out of the submission")
            }
            guard status.names == 1 else {
                throw Refusal(line: "\(path): has other names too (hard links); a copy of it would do")
            }
        }
        guard status.size <= Self.largest else { throw Refusal(line: "\(path): is larger than 1 MiB") }
        var bytes = [UInt8](repeating: 0, count: Self.largest + 1)
        var length = 0
        while length < bytes.count {
            let count = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress! + length, $0.count - length) }
            guard count > 0 else { break }
            length += count
        }
        guard length <= Self.largest else { throw Refusal(line: "\(path): is larger than 1 MiB") }
        return Array(bytes.prefix(length))
    }

    private static func real(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }
}
