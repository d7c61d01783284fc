import FoundationEssentials
import Glibc

/// The folder in which a class's results lie, a file each: `graded/STUDENT/LESSON/EXERCISE.json`. A file is written beside its place,
/// brought to the disk and renamed, so that whatever ends us leaves the old one or the new one and never half of one.
package struct ResultStore: Sendable {
    package let folder: String

    package init(folder: String) {
        self.folder = folder
    }

    /// Nothing more can be kept: a full disk, a folder that may not be written to.
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package var description: String
    }

    package func path(student: String, lesson: String, exercise: String) -> String {
        "\(self.folder)/graded/\(Self.fileName(student))/\(lesson)/\(exercise).json"
    }

    /// The result that is kept, if it still holds.
    package func result(at path: String, key: String) -> SubmissionResult? {
        guard case .success(let bytes) = PlainFolder.contents(of: path, limit: 32 << 20),
            let result = SubmissionResult(bytes), result.key == key
        else { return nil }
        return result
    }

    package func keep(_ result: SubmissionResult, at path: String) throws(Failure) {
        let bytes: [UInt8]
        do {
            bytes = try result.bytes
        } catch {
            throw Failure(description: "\(path): \(error)")
        }
        try Self.write(bytes, to: path)
    }

    /// Writes a file whole or not at all, and makes the folders above it.
    ///
    /// - Parameter mustLast: whether it is on the disk when this returns, and outlives a power cut.
    package static func write(_ bytes: [UInt8], to path: String, mustLast: Bool = true) throws(Failure) {
        let fresh = "\(path).new"
        do {
            try FileManager.default.createDirectory(
                atPath: LabFiles.folder(of: path),
                withIntermediateDirectories: true
            )
        } catch {
            throw Failure(description: "\(LabFiles.folder(of: path)) cannot be made")
        }
        let descriptor = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure(path) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let failure = Self.failure(path)
                close(descriptor)
                unlink(fresh)
                throw failure
            }
            rest = rest.dropFirst(count)
        }
        guard !mustLast || fsync(descriptor) == 0, close(descriptor) == 0, rename(fresh, path) == 0 else {
            let failure = Self.failure(path)
            unlink(fresh)
            throw failure
        }
    }

    private static func failure(_ path: String) -> Failure {
        Failure(description: "'\(path)' cannot be written: \(String(cString: strerror(errno)))")
    }

    /// A file's name for a name of anybody's: letters, digits, `-`, `_` and dots within stay, other bytes are written as in URLs. Different
    /// names give different ones.
    package static func fileName(_ name: String) -> String {
        var result = ""
        for (index, byte) in name.utf8.enumerated() {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: ".") where index > 0: result += "."
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        guard result.utf8.count > 180 else { return result }
        // File systems end names at 255 bytes, of which one may have become three; a digest stands for what is cut off.
        let sum = name.utf8.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        return String(result.prefix(150)) + "~" + String(sum, radix: 16)
    }
}
