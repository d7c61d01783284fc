import ArgumentParser
import ELBConformance
import ELBLessons
import ELBModel

/// `elblab dev check`: every lesson proved, its steps run, its exercise failed and passed, and every example's commands run.
struct DevCheckCommand: EndsInOrder {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Prove the lessons and the examples: steps run, starters fail, solutions pass, wrong answers fail.",
        discussion: """
            Wrong answers must fail for their reason and no other. Examples are the pages of docs/examples; what their \
            commands print is compared with what the page says.

            Examples:
              elblab dev check --lesson 04 --update
              elblab dev check --example transforms
            """
    )

    @Option(name: .long, help: "One lesson and no example; everything by default.") var lesson: String?
    @Option(name: .long, help: "One page of docs/examples and no lesson; 'all' for all of them.") var example: String?
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
        if self.lesson != nil, self.example != nil {
            throw ValidationError("--lesson and --example exclude each other")
        }
        if let language, language != "ko" { throw ValidationError("--lang: translations are into ko") }
        if self.jobs < 1 { throw ValidationError("--jobs is 1 or more") }
    }

    func run() async throws {
        let files = try LessonFiles()
        let ids = try self.lesson.map { [try files.lesson($0).id] }
        let lessons = ids ?? (self.example == nil ? files.library.index.entries.map(\.id) : [])
        if self.language != nil { return try self.translation(lessons, files) }
        if self.translated { try LessonFiles.reporting { try TranslationRecord.update(lessons, in: files.library) } }
        let isDone: Void? = try await SignalWatch.untilTerminated { try await self.check(lessons, files) }
        guard isDone != nil else { throw CommandFailure("interrupted", status: .internalError) }
    }

    private func check(_ lessons: [String], _ files: LessonFiles) async throws {
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
            // Slow requests of one answer must not keep those of another waiting.
            curl: CurlClient(parallelism: 8 * self.jobs),
            threads: ThreadPool(threads: 6),
            stepSettings: steps,
            update: self.update,
            jobs: self.jobs,
            replay: ScriptReplay.here
        )
        let tally = DevTally()
        if self.example == nil { await check.run(lessons) { tally.add($0) } }
        if self.lesson == nil, !self.noSteps { try await self.examples(tally) }
        StandardStream.output.printLine(tally.summary)
        guard tally.isClean else { throw CommandFailure.reported(.failure) }
    }

    private func examples(_ tally: DevTally) async throws {
        let folder = ExampleCheck.folder
        guard let root = LabFiles.find(folder, executable: Environment.executable, environment: Environment.all)
        else { throw CommandFailure("\(folder) is not found beside the program") }
        let check = ExampleCheck(
            root: root,
            stepSettings: { (folder: String) throws -> StepShell.Settings in
                try LessonSteps.settings(privateFolder: folder)
            },
            update: self.update
        )
        let names = check.names
        let chosen = self.example.map { $0 == "all" ? names : [$0] } ?? names
        for name in chosen where !names.contains(name) {
            let known = names.joined(separator: ", ")
            throw CommandFailure("there is no example '\(name)'", fix: "one of: \(known)", status: .usage)
        }
        await check.run(chosen) { tally.add($0) }
    }

    private func translation(_ lessons: [String], _ files: LessonFiles) throws {
        var lines: [String] = files.messages.gaps.map { "message '\($0.id)' is missing in \($0.missingIn.rawValue)" }
        for id in lessons {
            let lesson = try files.lesson(id)
            lines += try LessonFiles.reporting {
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
