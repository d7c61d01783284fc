import ArgumentParser
import ELBConformance
import ELBLessons

struct LessonCheckCommand: AsyncParsableCommand {
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
    @OptionGroup var options: LessonOptions
    @OptionGroup var grading: GradingOptions

    func run() async throws {
        let context = try LessonContext(self.options)
        var progress = try context.loadProgress()
        let lesson = try context.lesson(self.id, progress)
        try LessonContext.reporting { _ = try context.workspace.start(lesson) }
        progress.lessonInHand = lesson.id
        var worst = RunVerdict.pass
        var reports: [GradeReport] = []
        let only = self.exercise.map { " --exercise \($0)" } ?? ""
        let exercises = try GradingOptions.exercises(of: lesson, self.exercise)
        let sandbox = try await self.grading.sandbox(for: exercises, in: context.library)
        for exercise in exercises {
            let file = context.workspace.answer(of: exercise, in: lesson)
            let report = try await self.grading.grade(file, exercise, lesson, sandbox)
            reports.append(report)
            let replay = "elblab lesson check \(lesson.id.prefix { $0.isNumber })\(only) --seed \(report.seed)"
            self.grading.show(report, context.messages, context.language, replay: replay)
            if report.verdict.exitCode > worst.exitCode { worst = report.verdict }
        }
        self.record(reports, of: lesson, &progress)
        try context.save(progress)
        if worst == .pass, !self.grading.json.json {
            StandardStream.output.printLine(context.say("lesson.well-done"))
        }
        try GradingOptions.end(worst)
    }

    /// A lesson counts as a whole: it is passed when all its exercises pass in one check.
    private func record(_ reports: [GradeReport], of lesson: Lesson, _ progress: inout Progress) {
        progress[lesson.id].attempts += 1
        progress[lesson.id].lastFailedCheck =
            reports.flatMap(\.checks).first { $0.verdict == .fail }?.check.id
        guard reports.count == lesson.exercises.count else { return }
        progress[lesson.id].maxPoints = reports.reduce(0) { $0 + $1.maxPoints }
        let points = reports.reduce(0) { $0 + $1.points }
        progress[lesson.id].bestPoints = max(progress[lesson.id].bestPoints, points)
        if reports.allSatisfy({ $0.verdict == .pass }) { progress[lesson.id].passed = true }
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

    func show(_ report: GradeReport, _ messages: Messages, _ language: ELBLessons.Language, replay: String) {
        if self.json.json {
            StandardStream.output.write(GradeJSON.text(report, messages: messages))
            return
        }
        let style = self.plain.style
        let console = GradeConsole(messages: messages, language: language) { verdict, word in
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

    /// The exercise of that id, or all of the lesson's.
    static func exercises(of lesson: Lesson, _ id: String?) throws -> [Exercise] {
        guard let id else { return lesson.exercises }
        let found = lesson.exercises.filter { $0.id == id }
        guard !found.isEmpty else {
            let known = lesson.exercises.map(\.id).joined(separator: ", ")
            throw CommandFailure("there is no exercise '\(id)'", fix: "one of: \(known)", status: .usage)
        }
        return found
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
