import ELBConformance
import ELBLessons
import FoundationEssentials
import Glibc
import Subprocess

/// Grades hostile submissions as a teacher's class is graded, each by a process of this program, and looks for what they must not get,
/// stop or leave behind.
struct HostileRound: Sendable {
    let level: SandboxLevel
    /// The project's folder.
    let root: String
    let scratch: String
    /// What nobody but the grader knows: it stands in another one's answer, in the grader's environment, and behind a listener.
    let secret: String
    private let seed = 7

    /// What came of one submission; no complaint is what must come.
    struct Outcome: Sendable {
        var submission: HostileSubmission
        var complaints: [String]
        /// Why it was not graded.
        var skipped: String?
        var duration = Duration.zero
    }

    /// Real time for one submission, including what its own limits take.
    private static let limit = Duration.seconds(90)

    init(level: SandboxLevel, root: String, scratch: String) throws {
        self.level = level
        self.root = root
        self.scratch = scratch
        self.secret = "SECRET-\(UInt64.random(in: 0..<(1 << 60)))"
        for folder in ["home", "tmp", "grader", "submitted/other/a-config"] {
            try FileManager.default.createDirectory(
                atPath: "\(scratch)/\(folder)",
                withIntermediateDirectories: true
            )
        }
        try TextFile.write("# \(self.secret)\n", to: self.otherAnswer)
        for (name, path) in [("lessons", "fixtures/hostile/lessons"), ("fixtures", "fixtures")] {
            symlink("\(root)/\(path)", "\(scratch)/home/\(name)")
        }
    }

    private var otherAnswer: String { "\(self.scratch)/submitted/other/a-config/answer.yaml" }

    /// Grades one, and looks around afterwards.
    func grade(_ submission: HostileSubmission) async -> Outcome {
        var outcome = Outcome(submission: submission, complaints: [])
        if let program = submission.needs, MachineProbe.find(program) == nil {
            outcome.skipped = "\(program) is not installed"
            return outcome
        }
        let begin = ContinuousClock.now
        do {
            let folder = try HandedIn(submission, self).folder
            let (code, text) = try await self.run(submission, folder)
            outcome.complaints = self.complaints(submission, code: code, text: text)
        } catch {
            outcome.complaints = ["\(error)"]
        }
        outcome.duration = ContinuousClock.now - begin
        return outcome
    }

    private func run(_ submission: HostileSubmission, _ folder: String) async throws -> (code: Int32, text: String) {
        var arguments = [
            "grade", folder, "--lesson", "00", "--exercise", submission.exercise, "--seed", "\(self.seed)",
            "--sandbox", self.level.rawValue, "--sandbox-memory", "256",
        ]
        arguments.append(submission.isShownPlain ? "--plain" : "--json")
        var environment = [
            "HOME": "\(self.scratch)/grader", "TMPDIR": "\(self.scratch)/tmp", "ELBLAB_HOME": "\(self.scratch)/home",
            "ELBLAB_SECRET": self.secret, "LANG": "C.UTF-8",
        ]
        environment["PATH"] = Environment.value("PATH") ?? "/usr/bin:/bin"
        var options = PlatformOptions()
        options.processGroupID = 0
        let launch = options
        let pairs = environment.map { (Subprocess.Environment.Key(stringLiteral: $0.key), $0.value) }
        return try await withThrowingTaskGroup(of: (code: Int32, text: String)?.self) { group in
            group.addTask { [arguments] in
                let done = try await Subprocess.run(
                    .path(ThisProgram.filePath(ThisProgram.path)),
                    arguments: Arguments(arguments),
                    environment: .custom(Dictionary(uniqueKeysWithValues: pairs)),
                    platformOptions: launch,
                    output: .string(limit: 4 << 20),
                    error: .string(limit: 4 << 20)
                )
                let code: Int32 =
                    switch done.terminationStatus {
                    case .exited(let code): code
                    case .signaled(let signal): -signal
                    }
                return (code, done.standardOutput + done.standardError)
            }
            group.addTask {
                try await Task.sleep(for: Self.limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let result = first else {
                throw CommandFailure("its grade does not end within \(Self.limit)")
            }
            return result
        }
    }

    // MARK: What must not be

    private func complaints(_ submission: HostileSubmission, code: Int32, text: String) -> [String] {
        var complaints: [String] = []
        let expected: ExitStatus =
            switch submission.ends {
            case .passes: .success
            case .fails: .failure
            case .notGradable: .notGradable
            }
        if code != expected.rawValue {
            complaints.append("the grade ended with \(code), not \(expected.rawValue): \(Self.end(of: text))")
        }
        let score = Self.score(in: text)
        if let score, score > submission.points { complaints.append("it got \(score) points") }
        if submission.points > 0, score != submission.points {
            complaints.append("it got \(score ?? 0) points and not the \(submission.points) that it earned")
        }
        if text.contains(self.secret) { complaints.append("it knows the secret") }
        if let line = text.split(separator: "\n").first(where: { $0.contains("GOT:") }) {
            complaints.append("it got through: \(PlainText.line(line.drop { $0 == " " }.prefix(300)))")
        }
        if let says = submission.says, !text.contains(says) {
            complaints.append("nothing says '\(says)': \(Self.end(of: text))")
        }
        if submission.isShownPlain, let line = Self.obeyed(in: text) {
            complaints.append("a reader would obey: \(PlainText.line(line))")
        }
        complaints += self.traces(of: submission)
        if (try? InputFile.read(self.otherAnswer)) != Array("# \(self.secret)\n".utf8) {
            complaints.append("another one's answer is changed")
        }
        return complaints
    }

    private static func end(of text: String) -> String {
        PlainText.line(text.split(separator: "\n").suffix(3).joined(separator: " | ").suffix(400))
    }

    private static func score(in text: String) -> Int? {
        guard let range = text.firstRange(of: "\"score\":") else { return nil }
        return Int(text[range.upperBound...].drop { $0 == " " }.prefix { $0.isNumber })
    }

    /// A line with a control sequence, or one that build servers take for a command.
    private static func obeyed(in text: String) -> Substring? {
        text.split(separator: "\n").first { line in
            line.drop { $0 == " " || $0 == "\t" }.hasPrefix("::") || line.contains("##[") || line.contains("##vso")
                || line.unicodeScalars.contains { $0.value < 0x20 && $0 != "\t" || (0x7F...0x9F).contains($0.value) }
        }
    }

    /// What is still there of what it was to leave.
    func traces(of submission: HostileSubmission) -> [String] {
        submission.leaves.compactMap { trace in
            switch trace {
            case .file(let path): Self.isThere(path) ? "it left the file \(path)" : nil
            case .process(let line): Self.runs(line) ? "it left a process: \(line)" : nil
            case .port(let port): Self.isTaken(port) ? "it left a listener at port \(port)" : nil
            }
        }
    }

    private static func isThere(_ path: String) -> Bool {
        guard path.hasSuffix("*") else { return access(path, F_OK) == 0 }
        let folder = LabFiles.folder(of: path)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.contains { "\(folder)/\($0)".hasPrefix(path.dropLast()) }
    }

    private static func runs(_ line: String) -> Bool {
        let wanted = line.split(separator: " ").joined(separator: "\0")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.contains { name in
            guard pid_t(name) != nil, let text = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") else {
                return false
            }
            return String(decoding: text, as: UTF8.self).contains(wanted)
        }
    }

    private static func isTaken(_ port: Int) -> Bool {
        let wanted = ":" + String(port, radix: 16, uppercase: true) + " "
        let table = FileManager.default.contents(atPath: "/proc/net/tcp") ?? Data()
        return String(decoding: table, as: UTF8.self).split(separator: "\n").contains {
            $0.contains(wanted) && $0.contains(" 0A ")
        }
    }

    /// What all of them together have left in the grader's folders.
    var leftovers: [String] {
        ["tmp", "grader"].flatMap { folder in
            ((try? FileManager.default.contentsOfDirectory(atPath: "\(self.scratch)/\(folder)")) ?? []).map {
                "left behind: \(PlainText.line("\(folder)/\($0)"))"
            }
        }
    }
}
