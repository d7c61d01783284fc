import ArgumentParser
import ELBLessons
import ELBModel

struct LessonProgressCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "progress",
        abstract: "How far you are.",
        discussion: """
            --report writes a file to hand in: .md, .json or .html. It says what you have passed, with how many attempts and hints, \
            and the seeds with which anybody can ask the same questions again.

            Example: elblab lesson progress --report progress.html --name "Kim Ara"
            """
    )

    @Argument(help: "One lesson; all by default.") var id: String?
    @Option(name: .long, help: "Write a report to this file: .md, .json or .html.") var report: String?
    @Option(name: .long, help: "The name to put on the report.") var name: String?
    @OptionGroup var options: LessonOptions

    func validate() throws {
        if self.name != nil, self.report == nil { throw ValidationError("--name goes with --report") }
        if let report, ProgressReport.Format(path: report) == nil {
            throw ValidationError("--report: the file's name must end in .md, .json or .html")
        }
    }

    func run() throws {
        let context = try LessonContext(self.options)
        let progress = try context.loadProgress()
        let ids = try self.id.map { [try context.files.lesson($0).id] }
        let chosen = ids ?? context.library.index.entries.map(\.id)
        if let report, let format = ProgressReport.Format(path: report) {
            let lessons = try context.reporting { try chosen.map { try context.library.lesson($0) } }
            let text = ProgressReport(
                progress,
                lessons,
                learner: self.name,
                moment: WallClock.now().iso8601,
                messages: context.messages,
                language: context.language
            ).text(format)
            try TextFile.write(text, to: report)
            StandardStream.output.printLine(context.say("report.written", ["file": report]))
            return
        }
        for id in chosen { StandardStream.output.printLine("\(id)  \(context.desk.state(progress[id]))") }
        if let lesson = progress.lessonInHand {
            StandardStream.output.printLine(context.say("lesson.next-is", ["lesson": lesson]))
        }
    }
}
