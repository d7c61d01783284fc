import ELBConformance
import Glibc

/// The files that make up a learner's answer: the answer alone, or, where it is a program, its whole folder.
package struct AnswerFiles: Sendable {
    package let folder: String
    package let answer: String
    private let isWholeFolder: Bool

    /// Bounds for a folder that somebody has filled with something else.
    private static let mostFiles = 500
    private static let mostDepth = 5
    private static let mostBytes = 1 << 20

    package init(folder: String, answer: String, kind: ExerciseManifest.Kind) {
        self.folder = folder
        self.answer = answer
        self.isWholeFolder = kind == .code
    }

    /// Folders whose entries matter, for whoever waits for events in them.
    package var folders: [String] {
        guard self.isWholeFolder else { return [self.folder] }
        var folders = [self.folder]
        self.walk(self.folder, depth: 0) { path, isFolder in
            if isFolder { folders.append(path) }
        }
        return folders
    }

    /// Changes whenever a file is written, replaced, moved or deleted; cheap, but also changes when nothing that is written does.
    package var stamp: UInt64 {
        var hasher = Hasher()
        for path in self.files {
            hasher.combine(path)
            hasher.combine(FileStatus(of: path, followsLinks: true))
        }
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }

    /// Reads all of it.
    package var content: AnswerContent {
        guard let answer = Self.bytes("\(self.folder)/\(self.answer)") else { return .missing }
        guard answer.contains(where: { !($0 == 0x20 || (0x09...0x0D).contains($0)) }) else { return .empty }
        var hasher = Hasher()
        for path in self.files {
            Self.add(path, Self.bytes(path), to: &hasher)
        }
        return .written(UInt64(bitPattern: Int64(hasher.finalize())))
    }

    /// Whether everything that the starter has is as the starter has it.
    package func isAsIn(starter: String) -> Bool {
        self.content == AnswerFiles(folder: starter, self).contentNamed(in: self.folder)
    }

    private init(folder: String, _ other: AnswerFiles) {
        self.folder = folder
        self.answer = other.answer
        self.isWholeFolder = other.isWholeFolder
    }

    /// The content as it would be if these files lay in that folder.
    private func contentNamed(in place: String) -> AnswerContent {
        var hasher = Hasher()
        for path in self.files {
            Self.add(place + path.dropFirst(self.folder.count), Self.bytes(path), to: &hasher)
        }
        return .written(UInt64(bitPattern: Int64(hasher.finalize())))
    }

    /// All bytes: `Data` by itself lets only its first few be hashed.
    private static func add(_ path: String, _ bytes: [UInt8]?, to hasher: inout Hasher) {
        hasher.combine(path)
        hasher.combine(bytes?.count)
        bytes?.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    private var files: [String] {
        guard self.isWholeFolder else { return ["\(self.folder)/\(self.answer)"] }
        var files: [String] = []
        self.walk(self.folder, depth: 0) { path, isFolder in
            if !isFolder { files.append(path) }
        }
        return files
    }

    private func walk(_ folder: String, depth: Int, _ found: (String, _ isFolder: Bool) -> Void) {
        guard depth < Self.mostDepth else { return }
        for name in LabFiles.names(in: folder).filter(Self.isWritten).prefix(Self.mostFiles) {
            let path = "\(folder)/\(name)"
            switch FileStatus(of: path, followsLinks: false)?.kind {
            case .folder:
                found(path, true)
                self.walk(path, depth: depth + 1, found)
            case .file: found(path, false)
            // Starters share files by links.
            case .link where FileStatus(of: path, followsLinks: true)?.kind == .file: found(path, false)
            case .link, .other, nil: break
            }
        }
    }

    /// Whether a learner writes a file of that name; the others are left by editors, interpreters and build systems.
    private static func isWritten(_ name: String) -> Bool {
        let made = ["__pycache__", "node_modules", "target", "4913"]
        let endings = ["~", ".swp", ".swx", ".tmp", ".pyc", ".o", ".class"]
        return !name.hasPrefix(".") && !name.hasPrefix("#") && !made.contains(name)
            && !endings.contains { name.hasSuffix($0) }
    }

    /// `nil` when there is no such file, or it is none that can be read.
    private static func bytes(_ path: String) -> [UInt8]? {
        // Whatever else is there under that name, a pipe for example, must not hold us up.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard FileStatus(of: descriptor)?.kind == .file else { return nil }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= Self.mostBytes {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return bytes
    }
}
