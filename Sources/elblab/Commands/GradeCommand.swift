import ArgumentParser
import ELBConformance
import ELBLessons

/// `elblab grade FILE --lesson ID` judges one submission, without a workspace; `elblab grade --class FOLDER --out FOLDER` a class of them.
struct GradeCommand: EndsInOrder {
    static let configuration = CommandConfiguration(
        commandName: "grade",
        abstract: "Judge one submission, without a workspace, or a class of them.",
        discussion: """
            FILE is an answer; a folder holds one under the exercise's own name, and where the lesson has several exercises, in a \
            folder of the exercise's id. The checks are those of 'lesson check'.

            With --class, a folder holds one for each student, and those hold answers as the learners' own folder does: \
            kim/07-listener-rules/a-config/answer.yaml. Marks, feedback and every result go to the folder --out. The same command again \
            judges only what has changed, and goes on where another run was stopped; docs/grading.md tells the whole.

            Exit codes: 0 all checks pass, 1 some fail, 2 wrong usage, 3 nothing can be graded, 4 an error of ours or of this machine \
            (run it again), 5 time limit.

            Examples:
              elblab grade submitted/kim/answer.yaml --lesson 07 --json
              elblab grade --class submitted --roster roster.csv --out graded
            """
    )

    @Argument(help: "The answer, or the folder that holds it.") var path: String?
    @Option(
        name: .long,
        help: "The lesson's number or name; of a class several may be given, and all are graded by default."
    )
    var lesson: [String] = []
    @Option(name: .long, help: "One exercise of several, a-config for example; all by default.") var exercise: String?
    @OptionGroup var lang: LanguageOption
    @OptionGroup var grading: GradingOptions
    @OptionGroup var ofClass: ClassOptions

    func validate() throws {
        if self.ofClass.folder != nil {
            guard self.path == nil else { throw ValidationError("give an answer or --class, not both") }
            guard self.exercise == nil else {
                throw ValidationError("--exercise is for one submission; --lesson chooses of a class")
            }
            guard !self.grading.json.json else {
                throw ValidationError("--json is for one submission; --out gets every result")
            }
        } else {
            if let option = self.ofClass.given { throw ValidationError("\(option) is for a class: --class FOLDER") }
            guard self.path != nil else { throw ValidationError("say what to grade: an answer, or --class FOLDER") }
            guard self.lesson.count == 1 else { throw ValidationError("say of which lesson: --lesson ID") }
        }
        try self.ofClass.check()
    }

    func run() async throws {
        let files = try LessonFiles(self.lang.language())
        if self.ofClass.folder != nil {
            let grading = ClassGrading(files: files, options: self.ofClass, grading: self.grading)
            try await grading.run(lessons: try self.lesson.map { try files.lesson($0).id })
        } else if let path, let name = self.lesson.first {
            let isDone: Void? = try await SignalWatch.untilTerminated {
                try await self.gradeOne(path, name, files)
            }
            guard isDone != nil else { throw files.interrupted }
        }
    }

    private func gradeOne(_ path: String, _ name: String, _ files: LessonFiles) async throws {
        let lesson = try files.lesson(name)
        var worst = RunVerdict.pass
        let exercises = try files.exercises(of: lesson, self.exercise)
        if exercises.count > 1, case .file = PathKind(path) {
            let known = exercises.map(\.id).joined(separator: ", ")
            throw CommandFailure(
                files.say("error.several-exercises"),
                fix: "--exercise, " + files.say("error.one-of", ["names": known]),
                status: .usage
            )
        }
        let sandbox = try await self.grading.sandbox(for: exercises, in: files.library)
        for exercise in exercises {
            let file = GradingOptions.answer(at: path, of: exercise)
            guard let file else {
                throw CommandFailure(
                    files.say("error.no-answer", ["path": path, "file": exercise.manifest.answer]),
                    status: .usage
                )
            }
            let submission = PathKind(path) == .folder ? path : LabFiles.folder(of: path)
            let report = try await self.grading.grade(file, within: submission, exercise, lesson, sandbox)
            // What a check that was cut short finds is its end and nothing about the answer.
            try Task.checkCancellation()
            let only = lesson.exercises.count > 1 ? " --exercise \(exercise.id)" : ""
            let replay = "elblab grade \(path) --lesson \(name)\(only) --seed \(report.seed)"
            self.grading.show(report, files.messages, files.language, replay: replay)
            if report.verdict.exitCode > worst.exitCode { worst = report.verdict }
        }
        try GradingOptions.end(worst)
    }
}
