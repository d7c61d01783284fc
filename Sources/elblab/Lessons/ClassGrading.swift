import ArgumentParser
import ELBConformance
import ELBLessons
import ELBNet
import FoundationEssentials
import Glibc

/// `elblab grade --class`: plans, judges, writes and tells.
struct ClassGrading: Sendable {
    let files: LessonFiles
    let options: ClassOptions
    let grading: GradingOptions

    private static let usualLimit = 300

    func run(lessons: [String]) async throws {
        guard let folder = self.options.folder, let out = self.options.out else { return }
        let plan = try self.plan(folder, lessons)
        let sandbox = try await self.sandbox(of: plan)
        let place = try ClassPlace(out, of: folder, seed: self.grading.seed)
        defer { place.leave() }
        let grader = ClassGrader(
            store: ResultStore(folder: out),
            seed: place.seed,
            jobs: self.options.jobs ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))),
            version: self.version(sandbox),
            digest: Self.digest,
            ownDigest: Self.ownDigest,
            judge: self.judge(seed: place.seed, sandbox, scratch: place.scratch)
        )
        let bar = ProgressBar("grading", total: 100, enabled: !self.grading.plain.plain)
        let report: ClassReport?
        do {
            report = try await SignalWatch.untilTerminated {
                try await grader.run(plan) { done, all in bar.update(all == 0 ? 100 : done * 100 / all) }
            }
        } catch let error as ResultStore.Failure {
            bar.finish()
            throw CommandFailure(
                self.files.say("error.class.kept", ["reason": "\(error)"]),
                fix: self.files.say("error.class.make-room")
            )
        } catch let error as LessonError {
            bar.finish()
            throw CommandFailure(self.files.messages.line(error.description, in: self.files.language))
        }
        bar.finish()
        guard let report else {
            throw CommandFailure(
                self.files.say("error.class.interrupted"),
                fix: self.files.say("error.class.go-on")
            )
        }
        try self.tell(report, out)
    }

    // MARK: Before

    private func plan(_ folder: String, _ lessons: [String]) throws -> ClassPlan {
        guard PathKind(folder) == .folder else {
            throw CommandFailure(
                self.files.say("error.class.no-folder", ["folder": folder]),
                fix: self.files.say("error.class.no-folder-fix"),
                status: .usage
            )
        }
        let plan: ClassPlan
        do {
            let roster = try self.options.roster.map { file in
                try Roster(String(decoding: try InputFile.read(file, limit: 8 << 20), as: UTF8.self), file: file)
            }
            plan = try ClassPlan(folder: folder, roster: roster, library: self.files.library, lessons: lessons)
        } catch let error as LessonError {
            let reason = self.files.messages.line(error.description, in: self.files.language)
            throw CommandFailure(reason, status: .usage)
        }
        guard !plan.students.isEmpty else {
            throw CommandFailure(
                self.files.say("error.class.no-student", ["folder": folder]),
                fix: self.files.say("error.class.no-student-fix"),
                status: .usage
            )
        }
        guard !plan.columns.isEmpty else {
            throw CommandFailure(
                self.files.say("error.class.no-lesson", ["folder": folder]),
                fix: self.files.say("error.class.no-lesson-fix"),
                status: .usage
            )
        }
        return plan
    }

    /// What the students' programs are kept in; where there are none, nothing is asked of the machine.
    private func sandbox(of plan: ClassPlan) async throws -> SandboxLevel {
        let runsPrograms = plan.columns.indices.contains { column in
            guard [.code, .cli].contains(plan.columns[column].exercise.manifest.kind) else { return false }
            return plan.cells.contains { $0[column] != .missing }
        }
        return runsPrograms ? try await self.grading.sandboxOption.levelOfClass() : self.grading.sandboxOption.level
    }

    /// What a result depends on beside the submission, the exercise and the seed.
    private func version(_ sandbox: SandboxLevel) -> String {
        "elblab \(Elblab.configuration.version), sandbox \(sandbox.rawValue)"
    }

    private static let digest: @Sendable ([UInt8]) -> String = { bytes in
        MessageDigests.sha256(bytes).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    private static let ownDigest = (try? InputFile.read(Environment.executable, limit: 1 << 30)).map(Self.digest)

    private func judge(
        seed: UInt64,
        _ sandbox: SandboxLevel,
        scratch: String
    ) -> @Sendable (Submission, ClassPlan.Column) async throws -> SubmissionResult {
        let root = self.files.library.root
        let home = root.lastIndex(of: "/").map { String(root[..<$0]) } ?? "."
        let sandbox = self.grading.sandboxOption.arguments(sandbox)
        let run = SubmissionRun(
            program: Environment.executable,
            arguments: { answer, column in
                [
                    "grade-submission", "--lesson", column.lesson.id, "--exercise", column.exercise.id, "--seed",
                    "\(seed)",
                ] + sandbox + ["--", answer]
            },
            variables: ["ELBLAB_HOME": AWSCallRecord.absolute(home)],
            limit: .seconds(self.options.timeLimit ?? Self.usualLimit),
            scratch: AWSCallRecord.absolute(scratch)
        )
        let hasCommand = ScriptReplay.here != nil
        return { submission, column in
            guard hasCommand || column.exercise.manifest.kind != .cli else {
                return SubmissionResult(
                    lesson: column.lesson.id,
                    exercise: column.exercise,
                    seed: seed,
                    verdict: .error,
                    reason: "the aws command is not on PATH, and nothing else can carry out the answer"
                )
            }
            return try await run.judge(submission, column, seed: seed)
        }
    }

    // MARK: After

    private func tell(_ report: ClassReport, _ out: String) throws {
        let told = self.options.anonymous ? report.anonymous(Self.digest) : report
        let output = ClassOutput(
            folder: out,
            messages: self.files.messages,
            language: self.files.language,
            environment: Environment.all,
            datetime: Date().formatted(.iso8601)
        )
        var written: [String]
        do {
            written = try output.write(
                report,
                told: told,
                isAnonymous: self.options.anonymous,
                try self.options.formats
            )
            if self.options.anonymous {
                let names = report.names(of: told, Self.digest)
                written.append(
                    try output.write(CSVText.text([["number", "student", "name"]] + names), to: "names.csv")
                )
            }
        } catch let error as ResultStore.Failure {
            throw CommandFailure(
                self.files.say("error.class.results-kept", ["reason": "\(error)"]),
                fix: self.files.say("error.class.make-room")
            )
        }
        let summary = ClassSummary(
            report: told,
            messages: self.files.messages,
            language: self.files.language,
            style: self.grading.plain.style
        )
        StandardStream.output.write(summary.text(written: written))
        try GradingOptions.end(report.verdict)
    }
}

/// The folder of a class's results, which one run at a time uses.
struct ClassPlace: Sendable {
    let seed: UInt64
    /// For copies of submissions; what an earlier run left there is thrown away.
    let scratch: String
    private let lock: Int32

    /// What runs have in common, in `class.json`.
    private struct Settings: Codable {
        var schema = "elblab/class/v1"
        var seed: UInt64
    }

    /// - Parameter seed: the seed of the run; without one that of the run before, without one any.
    init(_ out: String, of folder: String, seed: UInt64?) throws {
        do {
            try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure(
                "'\(out)' cannot be made: \(LessonError.reason(error))",
                fix: "give --out a folder that you may write to"
            )
        }
        guard !Self.contains(folder, out) else {
            throw CommandFailure(
                "--out lies in the folder of the class",
                fix: "give it another place, or it is taken for a student",
                status: .usage
            )
        }
        let path = "\(out)/class.json"
        let lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard lock >= 0 else {
            throw CommandFailure("'\(path)' cannot be written: \(String(cString: strerror(errno)))")
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw CommandFailure("another run is grading into '\(out)'", fix: "wait for it, or give another --out")
        }
        let known = (try? InputFile.read(path)).flatMap { try? JSONDecoder().decode(Settings.self, from: Data($0)) }
        let chosen = seed ?? known?.seed ?? UInt64.random(in: 1...9999)
        if known?.seed != chosen {
            // Into the same file: its lock goes with it.
            let bytes = (try? JSONEncoder().encode(Settings(seed: chosen))) ?? Data()
            guard ftruncate(lock, 0) == 0, pwrite(lock, Array(bytes), bytes.count, 0) == bytes.count else {
                let reason = String(cString: strerror(errno))
                close(lock)
                throw CommandFailure(
                    "'\(path)' cannot be written: \(reason)",
                    fix: "make room there and give the same command again"
                )
            }
        }
        self.lock = lock
        self.seed = chosen
        self.scratch = "\(out)/.scratch"
        FileTree.remove(self.scratch)
    }

    func leave() {
        FileTree.remove(self.scratch)
        close(self.lock)
    }

    private static func contains(_ folder: String, _ inner: String) -> Bool {
        guard let outside = Self.real(folder), let inside = Self.real(inner) else { return false }
        return inside == outside || inside.hasPrefix(outside + "/")
    }

    private static func real(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
