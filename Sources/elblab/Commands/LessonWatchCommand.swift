import ArgumentParser
import ELBLessons

struct LessonWatchCommand: EndsInOrder {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Judge your answer whenever you save it.",
        discussion: """
            Shows one screen: the checks, and of the first that failed what was tried, expected and seen. Keys: n next, h hint, \
            r run again, x reset, s solution, l list, e explain, q quit; space and b turn pages. A check that runs is ended when \
            the answer changes again.

            Without a terminal, with --plain or TERM=dumb it prints one fact a line; keys are then letters followed by Enter.

            Example: elblab lesson watch 04 --lang ko
            """
    )

    @Argument(help: "The lesson; the one in hand by default.") var id: String?
    @Option(name: .long, help: "One exercise of several; the one watched last, or the first that is open, by default.")
    var exercise: String?
    @Flag(name: .long, help: "Only look twice a second, and ask the system for no events about files.") var poll = false
    @OptionGroup var options: LessonOptions
    @OptionGroup var plain: PlainOption

    func run() async throws {
        let context = try LessonContext(self.options)
        let progress = try context.loadProgress()
        let first = context.library.index.entries.first?.id
        let lesson = try context.lesson(self.id ?? (progress.lessonInHand == nil ? first : nil), progress)
        let named = try self.exercise.flatMap { try context.files.exercises(of: lesson, $0).first }
        guard let exercise = named ?? LessonWatch.exercise(of: lesson, progress[lesson.id]) else {
            throw CommandFailure(context.say("error.without-exercise", ["lesson": lesson.id]))
        }
        let isScreen = !self.plain.plain && RawTerminal.isPossible
        var watch = LessonWatch(
            context: context,
            style: TextStyle(terminal: .output, plain: !isScreen),
            isScreen: isScreen,
            usesEvents: !self.poll
        )
        try await watch.run(lesson, exercise)
    }
}
