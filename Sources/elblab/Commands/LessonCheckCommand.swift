import ArgumentParser
import ELBConformance
import ELBLessons
import ELBModel
import Synchronization

struct LessonCheckCommand: EndsInOrder {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Judge your answer.",
        discussion: """
            Exit codes: 0 all checks pass, 1 some fail, 2 wrong usage, 3 the answer cannot be graded, 4 an error of ours, 5 time \
            limit.

            Example: elblab lesson check --seed 4217
            """
    )

    @Argument(help: "The lesson; the one in hand by default.") var id: String?
    @Option(name: .long, help: "One exercise of several, a-config for example; all by default.") var exercise: String?
    @Flag(name: .long, help: "Print one JSON object a line as each check is decided, for other programs.")
    var stream = false
    @OptionGroup var options: LessonOptions
    @OptionGroup var grading: GradingOptions

    func validate() throws {
        if self.stream, self.grading.json.json { throw ValidationError("--stream and --json exclude each other") }
    }

    func run() async throws {
        let context = try LessonContext(self.options)
        let worst = try await SignalWatch.untilTerminated(orInputEnds: self.stream) { try await self.check(context) }
        guard let worst else { throw context.files.interrupted }
        try GradingOptions.end(worst)
    }

    private func check(_ context: LessonContext) async throws -> RunVerdict {
        let lesson = try context.lesson(self.id, try context.loadProgress())
        let exercises = try context.files.exercises(of: lesson, self.exercise)
        for exercise in exercises {
            guard case .noAnswer(let file)? = context.workspace.obstacle(to: exercise, in: lesson) else { continue }
            throw CommandFailure(
                context.say("lesson.answer-missing", ["file": file]),
                fix: context.say("lesson.answer-missing-fix"),
                status: .notGradable
            )
        }
        let sandbox = try await self.grading.sandbox(for: exercises, in: context.library)
        let new = try LessonStartCommand.take(lesson, context)
        if !self.stream, !self.grading.json.json { self.tell(new, exercises, lesson, context) }
        var worst = RunVerdict.pass
        var reports: [GradeReport] = []
        for exercise in exercises {
            let report = try await self.grade(exercise, lesson, context, sandbox)
            reports.append(report)
            if report.verdict.exitCode > worst.exitCode { worst = report.verdict }
        }
        let moment = WallClock.now().iso8601
        let progress = try context.update { [reports] in $0.record(reports, of: lesson, at: moment) }
        if !self.grading.json.json, !self.stream {
            if progress[lesson.id].passed, worst == .pass {
                StandardStream.output.printLine(context.say("lesson.well-done"))
            } else if worst == .pass {
                let open = context.desk.allOpen(lesson, progress[lesson.id]).map(\.id).joined(separator: ", ")
                StandardStream.output.printLine(context.say("lesson.exercise-done", ["exercise": open]))
            }
        }
        return worst
    }

    /// What was put in place, and what no longer is as the kit has it.
    private func tell(_ new: [String], _ exercises: [Exercise], _ lesson: Lesson, _ context: LessonContext) {
        if !new.isEmpty {
            let folder = context.workspace.folder(of: lesson)
            StandardStream.error.printLine(context.say("lesson.put-in-place", ["folder": folder]))
        }
        for exercise in exercises {
            guard let copy = context.workspace.staleTemplate(of: exercise, in: lesson) else { continue }
            StandardStream.error.printLine(context.say("lesson.stale-template", ["file": copy]))
        }
    }

    private func grade(
        _ exercise: Exercise,
        _ lesson: Lesson,
        _ context: LessonContext,
        _ sandbox: Sandbox?
    ) async throws -> GradeReport {
        let file = context.workspace.answer(of: exercise, in: lesson)
        var grading = self.grading
        let seed = grading.seed ?? UInt64.random(in: 1...9999)
        grading.seed = seed
        let (messages, isStream) = (context.messages, self.stream)
        if isStream { StandardStream.output.write(GradeJSON.began(lesson.id, exercise, seed: seed)) }
        let bar = ProgressBar(exercise.id, total: exercise.checks.count, enabled: !isStream)
        let decided = Mutex(0)
        let report = try await grading.grade(file, exercise, lesson, sandbox) { graded in
            if isStream { StandardStream.output.write(GradeJSON.decided(graded, of: exercise, messages)) }
            bar.update(
                decided.withLock { count in
                    count += 1
                    return count
                }
            )
        }
        bar.finish()
        // What a check that was cut short finds is its end and nothing about the answer.
        try Task.checkCancellation()
        if isStream {
            StandardStream.output.write(GradeJSON.ended(report))
        } else {
            let only = self.exercise.map { " --exercise \($0)" } ?? ""
            let replay = "elblab lesson check \(lesson.id.prefix { $0.isNumber })\(only) --seed \(report.seed)"
            grading.show(report, messages, context.language, replay: replay)
        }
        return report
    }
}

/// What both ways of grading take.
struct GradingOptions: ParsableArguments {
    @Option(name: .long, help: "The seed of random questions; the same seed asks the same.") var seed: UInt64?
    @OptionGroup var sandboxOption: SandboxOption
    @OptionGroup var json: JSONOption
    @OptionGroup var plain: PlainOption

    /// What the learner's programs are kept in; nil for none. At the level `netns` this starts the command once more.
    func sandbox(for exercises: [Exercise], in library: LessonLibrary) async throws -> Sandbox? {
        let runsPrograms = exercises.contains { [.code, .cli].contains($0.manifest.kind) }
        return try await self.sandboxOption.prepare(hidden: [library.root], runsPrograms: runsPrograms)
    }

    /// - Parameters:
    ///   - submission: the folder that was handed in, out of which no link may lead.
    ///   - progress: told each check as it is decided.
    func grade(
        _ file: String,
        within submission: String? = nil,
        _ exercise: Exercise,
        _ lesson: Lesson,
        _ sandbox: Sandbox?,
        progress: @Sendable (GradedCheck) -> Void = { _ in }
    ) async throws -> GradeReport {
        let seed = self.seed ?? UInt64.random(in: 1...9999)
        let subject: SubjectCommand
        do {
            subject = try SubjectCommand.embedded()
        } catch {
            throw CommandFailure("\(error)")
        }
        let grader = Grader(
            subject: subject,
            curl: CurlClient(),
            threads: ThreadPool(threads: 4),
            replay: { try await ScriptReplay.run($0, template: $1, sandbox: $2) },
            sandbox: sandbox
        )
        return await grader.grade(
            file: file,
            within: submission,
            exercise: exercise,
            lesson: lesson.id,
            seed: seed,
            progress: progress
        )
    }

    func show(_ report: GradeReport, _ messages: Messages, _ language: Language, replay: String) {
        if self.json.json {
            StandardStream.output.write(GradeJSON.text(report, messages: messages))
            return
        }
        let style = self.plain.style
        let console = GradeConsole(messages: messages, language: language, isPlain: self.plain.plain) { verdict, word in
            switch verdict {
            case .pass: style.green(word)
            case .fail: style.red(word)
            case .error, .timeout, .blocked, .unsupported, .skipped, .info: style.yellow(word)
            }
        }
        StandardStream.output.write(console.text(report, replay: replay))
    }

    static func end(_ verdict: RunVerdict) throws {
        guard verdict != .pass else { return }
        throw CommandFailure.reported(ExitStatus(rawValue: verdict.exitCode) ?? .internalError)
    }

    /// The answer's file: the path itself, or the exercise's file in that folder.
    static func answer(at path: String, of exercise: Exercise) -> String? {
        switch PathKind(path) {
        case .file: return path
        case .folder:
            let files = ["\(path)/\(exercise.id)/\(exercise.manifest.answer)", "\(path)/\(exercise.manifest.answer)"]
            return files.first { PathKind($0) == .file }
        case .missing: return nil
        }
    }
}
