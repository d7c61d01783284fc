import ELBConformance
import Glibc

/// What one student has handed in for one exercise: the answer, and for an exercise of kind `code` everything beside it. Read once, so
/// that what is judged is what was read, whatever happens to the folder meanwhile.
package struct Submission: Sendable {
    /// Sorted by path.
    package let files: [File]
    /// The answer's path in `files`.
    package let answer: String

    /// One file of it.
    package struct File: Hashable, Sendable {
        /// From the submission's folder.
        package var path: String
        package var bytes: [UInt8]
        package var isExecutable: Bool
    }

    package init(files: [File], answer: String) {
        self.files = files
        self.answer = answer
    }

    /// Why a submission is none: lines as for an editor.
    package struct Unreadable: Error, Hashable, Sendable {
        package var lines: [String]
    }

    static let largestAnswer = 1 << 20
    static let largestWhole = 32 << 20
    static let mostFiles = 1000
    static let deepest = 12

    /// Reads what stands in a folder.
    ///
    /// - Parameters:
    ///   - isWhole: everything in it, and not the answer alone.
    ///   - isOurs: for the lessons' own files, which share some by links.
    package static func read(
        folder: String,
        answer: String,
        isWhole: Bool,
        isOurs: Bool = false
    ) throws(Unreadable) -> Submission {
        var reading = SubmissionReading(root: folder, followsLinks: isOurs)
        switch PlainFolder.kind(of: "\(folder)/\(answer)", followsLinks: isOurs) {
        case .file:
            if isWhole { reading.collect("", depth: 0) } else { reading.add(answer, limit: Self.largestAnswer) }
        case .link: reading.problems.append("\(answer): is a symbolic link; hand in the file itself")
        case .folder, .other, .missing: reading.problems.append("\(answer): is no file")
        }
        guard reading.problems.isEmpty else { throw Unreadable(lines: reading.problems) }
        return Submission(files: reading.files, answer: answer)
    }

    /// All of it as bytes from which no other submission can be told apart.
    var identity: [UInt8] {
        var bytes: [UInt8] = []
        for file in self.files {
            bytes += Array(
                "\(file.path.utf8.count) \(file.path) \(file.isExecutable ? 1 : 0) \(file.bytes.count)\n".utf8
            )
            bytes += file.bytes
        }
        return bytes
    }

    /// The same without what does not change a program's or a template's meaning: comments, blank lines, and blanks at lines' ends.
    var normalised: [UInt8] {
        var bytes: [UInt8] = []
        for file in self.files {
            guard let text = String(validating: file.bytes, as: UTF8.self) else {
                bytes += file.bytes
                continue
            }
            for line in text.split(whereSeparator: \.isNewline) {
                var kept = line[...]
                if let comment = kept.firstRange(of: " #") { kept = kept[..<comment.lowerBound] }
                while let last = kept.last, last.isWhitespace { kept = kept.dropLast() }
                let first = kept.drop(while: \.isWhitespace)
                if first.isEmpty || first.hasPrefix("#") || first.hasPrefix("//") { continue }
                bytes += Array(kept.utf8) + [0x0A]
            }
        }
        return bytes
    }

    /// Writes all files below a folder of ours, which is thrown away soon.
    func write(to folder: String) throws(ResultStore.Failure) {
        for file in self.files {
            let path = "\(folder)/\(file.path)"
            try ResultStore.write(file.bytes, to: path, mustLast: false)
            if file.isExecutable { chmod(path, 0o755) }
        }
    }
}

/// What has been read of a folder so far. The first problem ends it.
private struct SubmissionReading {
    let root: String
    let followsLinks: Bool
    var files: [Submission.File] = []
    var problems: [String] = []
    private var rest = Submission.largestWhole

    init(root: String, followsLinks: Bool) {
        self.root = root
        self.followsLinks = followsLinks
    }

    mutating func collect(_ folder: String, depth: Int) {
        let (names, unreadable) = PlainFolder.names(in: folder.isEmpty ? self.root : "\(self.root)/\(folder)")
        if unreadable > 0 { self.problems.append("\(folder)/: \(unreadable) names are not UTF-8") }
        for name in names where self.problems.isEmpty {
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            let shown = PlainText.short(PlainText.line(path), 80)
            switch PlainFolder.kind(of: "\(self.root)/\(path)", followsLinks: self.followsLinks) {
            // What a build and Python leave when the learner tries it out.
            case .folder where name == ".build" || name == "__pycache__" || name == ".git": continue
            case .folder where depth >= Submission.deepest: self.problems.append("\(shown): stands too deep")
            case .folder: self.collect(path, depth: depth + 1)
            case .file where self.files.count >= Submission.mostFiles:
                self.problems.append("\(shown): there are more than \(Submission.mostFiles) files")
            case .file: self.add(path, limit: self.rest)
            case .link: self.problems.append("\(shown): is a symbolic link; hand in the file itself")
            case .other: self.problems.append("\(shown): is neither a file nor a folder")
            case .missing: continue
            }
        }
    }

    mutating func add(_ path: String, limit: Int) {
        let (place, shown) = ("\(self.root)/\(path)", PlainText.short(PlainText.line(path), 80))
        switch PlainFolder.contents(of: place, limit: limit, followsLinks: self.followsLinks) {
        case .success(let bytes):
            self.files.append(.init(path: path, bytes: bytes, isExecutable: PlainFolder.isExecutable(place)))
            self.rest -= bytes.count
        case .failure(.tooLarge) where limit == Submission.largestAnswer:
            self.problems.append("\(shown): is larger than \(limit >> 20) MiB")
        case .failure(.tooLarge):
            self.problems.append("\(shown): with it the files are larger than \(Submission.largestWhole >> 20) MiB")
        case .failure(.failed(let reason)): self.problems.append("\(shown): \(reason)")
        }
    }
}
