internal import Glibc

/// Copies a submission into its sandbox: files, folders and links as they are. What is neither, or is also somebody else's (a second
/// name of a file), is refused, and so is more than any balancer needs.
struct SubmissionCopy {
    /// Whose the copy is; 0 for the caller.
    let account: UInt32

    private static let mostEntries = 2000
    private static let mostBytes = 32 << 20
    private static let deepest = 16
    /// A history of versions is not what runs, and the files in it may have several names.
    private static let leftOut: Set<String> = [".git"]

    func copy(_ submission: String, to target: String) throws(SubjectFailure) {
        var budget = Budget(submission: submission)
        try self.copy(submission, to: target, depth: 0, &budget)
    }

    private struct Budget {
        let submission: String
        var entries = SubmissionCopy.mostEntries
        var bytes = SubmissionCopy.mostBytes

        func refusal(_ path: String, _ reason: String) -> SubjectFailure {
            let name = path.hasPrefix(self.submission) ? String(path.dropFirst(self.submission.utf8.count + 1)) : path
            // A line break in a name is shown as one: as a blank, it would be another name.
            return .badFile("'\(PlainText.line(name.replacing("\n", with: "\\n")))' \(reason)")
        }
    }

    private func copy(_ folder: String, to target: String, depth: Int, _ budget: inout Budget) throws(SubjectFailure) {
        guard depth <= Self.deepest else { throw budget.refusal(folder, "lies deeper than \(Self.deepest) folders") }
        for name in try Self.names(in: folder, budget) where !Self.leftOut.contains(name) {
            let (from, to) = ("\(folder)/\(name)", "\(target)/\(name)")
            budget.entries -= 1
            guard budget.entries >= 0 else { throw .badFile("the submission has more than \(Self.mostEntries) files") }
            guard let status = FileStatus(of: from, followsLinks: false) else {
                throw budget.refusal(from, "cannot be read")
            }
            switch status.kind {
            case .folder:
                guard mkdir(to, 0o755) == 0 else { throw .ours("the copy of the submission cannot be made: \(to)") }
                try self.copy(from, to: to, depth: depth + 1, &budget)
            case .link: try Self.copyLink(from, to: to, budget)
            case .file: try Self.copyFile(from, to: to, &budget)
            case .other: throw budget.refusal(from, "is neither a file nor a folder")
            }
            if self.account != 0 { lchown(to, self.account, self.account) }
        }
    }

    private static func names(in folder: String, _ budget: Budget) throws(SubjectFailure) -> [String] {
        guard let entries = opendir(folder) else { throw budget.refusal(folder, "cannot be read") }
        defer { closedir(entries) }
        var names: [String] = []
        while let entry = readdir(entries) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name != ".", name != ".." else { continue }
            names.append(name)
            guard names.count <= Self.mostEntries else {
                throw .badFile("the submission has more than \(Self.mostEntries) files")
            }
        }
        return names.sorted()
    }

    private static func copyLink(_ from: String, to: String, _ budget: Budget) throws(SubjectFailure) {
        var target = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard readlink(from, &target, target.count - 1) > 0, symlink(target, to) == 0 else {
            throw budget.refusal(from, "cannot be copied")
        }
    }

    private static func copyFile(_ from: String, to: String, _ budget: inout Budget) throws(SubjectFailure) {
        // What was a file a moment ago may be a pipe now; opening that must not wait for ever.
        let source = open(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard source >= 0 else { throw budget.refusal(from, "cannot be read") }
        defer { close(source) }
        guard let status = FileStatus(of: source), status.kind == .file else {
            throw budget.refusal(from, "is neither a file nor a folder")
        }
        guard status.names == 1 else {
            throw budget.refusal(from, "has other names too (hard links); a copy of it would do")
        }
        budget.bytes -= status.size
        guard budget.bytes >= 0 else {
            throw .badFile("the submission is larger than \(Self.mostBytes >> 20) MiB")
        }
        let target = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, status.permissions | 0o400)
        guard target >= 0 else { throw .ours("the copy of the submission cannot be made: \(to)") }
        defer { close(target) }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var rest = status.size
        while rest > 0 {
            let count = read(source, &buffer, min(rest, buffer.count))
            guard count > 0 else { break }
            guard write(target, buffer, count) == count else {
                throw .ours("the copy of the submission cannot be written: \(to)")
            }
            rest -= count
        }
    }
}
