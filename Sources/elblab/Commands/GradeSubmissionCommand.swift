import ArgumentParser
import ELBConformance
import ELBLessons
import Synchronization

/// `elblab grade-submission`: the child process in which `grade --class` judges one submission. It says what it has found after each
/// check, so that what was found before its end, whatever ends it, is not lost, and it ends with its standard input.
struct GradeSubmissionCommand: EndsInOrder {
    static let configuration = CommandConfiguration(
        commandName: "grade-submission",
        abstract: "Judge one submission of a class, for 'grade --class'.",
        discussion: """
            Prints the result as JSON after every check, each time after a letter (p, or f for the final one) and before a NUL.

            Example: sleep 60 | elblab grade-submission answer.yaml --lesson 07 --exercise a-config --seed 1
            """,
        shouldDisplay: false
    )

    @Argument(help: "The answer.") var file: String
    @Option(help: "The lesson.") var lesson: String
    @Option(help: "The exercise.") var exercise: String
    @OptionGroup var grading: GradingOptions

    func run() async throws {
        let files = try LessonFiles()
        let lesson = try files.lesson(self.lesson)
        guard let exercise = try files.exercises(of: lesson, self.exercise).first else { return }
        let decided = Decided(
            lesson: lesson.id,
            exercise: exercise,
            seed: self.grading.seed ?? 0,
            sandbox: self.grading.sandboxOption.level,
            messages: files.messages
        )
        let sandbox = try await self.grading.sandbox(for: [exercise], in: files.library)
        let report = try await SignalWatch.untilTerminated(orInputEnds: true) {
            try await self.grading.grade(self.file, within: ".", exercise, lesson, sandbox) { check in
                decided.add(check)
            }
        }
        guard let report else { throw CommandFailure.reported(.internalError) }
        Self.say(.final, report, files.messages)
    }

    private static func say(_ kind: SubmissionRun.Report, _ report: GradeReport, _ messages: Messages) {
        StandardStream.output.write(kind.frame(GradeJSON.text(report, messages: messages, isWhole: true)))
    }

    /// The checks decided so far.
    private final class Decided: Sendable {
        private let report: Mutex<GradeReport>
        private let messages: Messages

        init(lesson: String, exercise: Exercise, seed: UInt64, sandbox: SandboxLevel, messages: Messages) {
            self.messages = messages
            var report = GradeReport(
                lesson: lesson,
                exercise: exercise.id,
                answer: exercise.manifest.answer,
                seed: seed,
                timeScale: exercise.manifest.timeScale,
                checks: [],
                notGradable: [],
                duration: .zero
            )
            report.sandbox = sandbox
            self.report = Mutex(report)
        }

        func add(_ check: GradedCheck) {
            let report = self.report.withLock { report in
                report.checks.append(check)
                return report
            }
            GradeSubmissionCommand.say(.partial, report, self.messages)
        }
    }
}
