import ArgumentParser
import ELBConformance
import ELBLessons
import ELBModel

/// `elblab dev check`: every lesson proved, its steps run, its exercise failed and passed.
struct DevCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Prove the lessons: steps run, starters fail, solutions pass, wrong answers fail for their reason.",
        discussion: """
            Example: elblab dev check --lesson 04 --update
            """
    )

    @Option(name: .long, help: "One lesson; all by default.") var lesson: String?
    @Option(name: .customLong("lang"), help: "Only say what the translation into this language lacks: ko.")
    var language: String?
    @Flag(name: .long, help: "Rewrite outputs and tables in the pages in place of complaining (not in CI).")
    var update = false
    @Flag(name: .long, help: "Complain, never rewrite; the default, said aloud in CI.") var frozen = false
    @Flag(name: .long, help: "Record that translations were made from the English pages as they are now.")
    var translated = false
    @Flag(name: .long, help: "Leave the pages' steps out.") var noSteps = false
    @Option(name: .long, help: "How many answers are judged at once.") var jobs = 3

    func validate() throws {
        if self.update && self.frozen { throw ValidationError("--update and --frozen exclude each other") }
        if let language, language != "ko" { throw ValidationError("--lang: translations are into ko") }
        if self.jobs < 1 { throw ValidationError("--jobs is 1 or more") }
    }

    func run() async throws {
        let files = try LessonFiles()
        let ids = try self.lesson.map { [try LessonFiles.lesson($0, in: files.library).id] }
        let lessons = ids ?? files.library.index.entries.map(\.id)
        if self.language != nil { return try self.translation(lessons, files) }
        if self.translated { try LessonContext.reporting { try TranslationRecord.update(lessons, in: files.library) } }
        let scratch = try ScratchFolder()
        defer { scratch.remove() }
        var steps: (@Sendable (Lesson, String) throws -> StepShell.Settings)?
        if !self.noSteps {
            steps = { (_: Lesson, folder: String) throws -> StepShell.Settings in
                try LessonSteps.settings(privateFolder: folder)
            }
        }
        let check = DevCheck(
            library: files.library,
            messages: files.messages,
            subject: { (quirks: [Quirk]) throws -> SubjectCommand in try SubjectCommand.embedded(quirks: quirks) },
            curl: CurlClient(),
            threads: ThreadPool(threads: 6),
            stepSettings: steps,
            update: self.update,
            jobs: self.jobs
        )
        let tally = DevTally()
        await check.run(lessons) { tally.add($0) }
        StandardStream.output.printLine(tally.summary)
        guard tally.isClean else { throw CommandFailure.reported(.failure) }
    }

    private func translation(_ lessons: [String], _ files: LessonFiles) throws {
        var lines: [String] = files.messages.gaps.map { "message '\($0.id)' is missing in \($0.missingIn.rawValue)" }
        for id in lessons {
            let lesson = try LessonFiles.lesson(id, in: files.library)
            lines += try LessonContext.reporting {
                Drift.findings(english: try lesson.page(.en), translationText: try lesson.pageText(.ko))
            }.map { (finding: Drift.Finding) -> String in
                switch finding {
                case .missing(let part): "\(id): \(part) is missing"
                case .stale(let part): "\(id): \(part) is stale"
                }
            }
        }
        for line in lines { StandardStream.output.printLine(line) }
        StandardStream.output.printLine("\(lines.count) parts to translate")
        if !lines.isEmpty { throw CommandFailure.reported(.failure) }
    }
}
