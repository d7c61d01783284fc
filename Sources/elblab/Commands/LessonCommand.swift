import ArgumentParser
import ELBLessons

/// `elblab lesson`: learn, one exercise at a time.
struct LessonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lesson",
        abstract: "Learn: pages with steps that run, demos, graded exercises, hints.",
        discussion: """
            Example:
              elblab lesson start 04      put the files of lesson 04 in ./elblab-lessons and take it in hand
              elblab lesson show          read its page
              elblab lesson watch         judge your answer whenever you save it; --lang ko for Korean

            ID is a lesson's number or name (04, health-checks); without it, the lesson in hand is meant.
            """,
        subcommands: [
            LessonListCommand.self, LessonStartCommand.self, LessonShowCommand.self, LessonDemoCommand.self,
            LessonCheckCommand.self, LessonWatchCommand.self, LessonHintCommand.self, LessonExplainCommand.self,
            LessonNextCommand.self, LessonPrevCommand.self, LessonResetCommand.self, LessonSolutionCommand.self,
            LessonProgressCommand.self,
        ]
    )
}

/// What every lesson command takes.
struct LessonOptions: ParsableArguments {
    @OptionGroup var lang: LanguageOption

    @Option(name: .long, help: "The learner's folder (default: ELBLAB_WORKSPACE, then ./elblab-lessons).")
    var workspace: String?
}

struct LessonListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "All lessons, and how far you are.")

    @OptionGroup var options: LessonOptions
    @OptionGroup var plain: PlainOption

    func run() throws {
        let context = try LessonContext(self.options)
        let progress = try context.loadProgress()
        let style = self.plain.style
        StandardStream.output.printLine(try context.desk.list(progress, bold: style.bold))
    }
}

struct LessonStartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Put a lesson's files in the workspace and take it in hand.",
        discussion: """
            Example:
              elblab lesson start 04 --workspace ~/elb
              elblab lesson start 04 --language swift    write the balancer of its code exercise in Swift
            """
    )

    @Argument(help: "The lesson's number or name; the first by default.") var id: String?
    @Option(
        name: .long,
        help: """
            The language of code exercises: python (the default) or swift. What was begun in another one is put aside, not \
            lost.
            """
    )
    var language: String?
    @OptionGroup var options: LessonOptions

    func run() throws {
        let context = try LessonContext(self.options)
        let progress = try context.loadProgress()
        let first = context.library.index.entries.first?.id
        let lesson = try context.lesson(self.id ?? (progress.lessonInHand == nil ? first : nil), progress)
        if let language, !lesson.exercises.contains(where: { $0.manifest.languages.contains(language) }) {
            let known = Set(lesson.exercises.flatMap(\.manifest.languages)).sorted().joined(separator: ", ")
            throw ValidationError(
                known.isEmpty
                    ? "lesson \(lesson.id) has no code exercise" : "--language: one of \(known) in lesson \(lesson.id)"
            )
        }
        try Self.start(lesson, context, language: self.language)
    }

    static func start(_ lesson: Lesson, _ context: LessonContext, language: String? = nil) throws {
        let new = try Self.take(lesson, context, language: language)
        let output = StandardStream.output
        let title = lesson.manifest.title[context.language]
        let folder = context.workspace.folder(of: lesson)
        output.printLine(context.say("lesson.started", ["lesson": lesson.id, "title": title, "folder": folder]))
        if new.isEmpty { output.printLine(context.say("lesson.unchanged")) }
        output.printLine(context.say("lesson.type-there", ["folder": folder]))
        for exercise in lesson.exercises {
            let answer = context.workspace.edited(of: exercise, in: lesson)
            output.printLine(context.say("lesson.start-next", ["answer": answer]))
            if let copy = context.workspace.staleTemplate(of: exercise, in: lesson) {
                output.printLine(context.say("lesson.stale-template", ["file": copy]))
            }
        }
    }

    /// Puts the files in place and the lesson in hand.
    /// - Returns: the files that were new.
    @discardableResult
    static func take(_ lesson: Lesson, _ context: LessonContext, language: String? = nil) throws -> [String] {
        let new = try context.reporting { try context.workspace.start(lesson, in: language) }
        try context.update { progress in
            progress.lessonInHand = lesson.id
            progress[lesson.id] = progress[lesson.id]
            if let chosen = context.chosenLanguage { progress.language = chosen.rawValue }
        }
        return new
    }
}

struct LessonShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Print a lesson's page.")

    @Argument(help: "The lesson; the one in hand by default.") var id: String?
    @OptionGroup var options: LessonOptions

    func run() throws {
        let context = try LessonContext(self.options)
        let lesson = try context.lesson(self.id, try context.loadProgress())
        let (page, text) = try context.reporting { () -> (LessonPage, String) in
            let text = try lesson.pageText(context.language)
            return (try lesson.page(.en), text)
        }
        if context.language != .en {
            let stale = Drift.findings(english: page, translationText: text).map { finding in
                switch finding {
                case .missing(let part), .stale(let part): part
                }
            }
            if !stale.isEmpty {
                StandardStream.output.printLine(context.say("lesson.stale", ["parts": stale.joined(separator: ", ")]))
            }
        }
        StandardStream.output.write(context.reading(text))
    }
}

struct LessonHintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hint",
        abstract: "One more hint about what failed last."
    )

    @Argument(help: "The lesson; the one in hand by default.") var id: String?
    @Option(name: .long, help: "One exercise of several; that of the check that failed last by default.")
    var exercise: String?
    @OptionGroup var options: LessonOptions

    func run() throws {
        let context = try LessonContext(self.options)
        let lesson = try context.lesson(self.id, try context.loadProgress())
        let asked = try self.exercise.flatMap { try context.files.exercises(of: lesson, $0).first }
        try context.update { StandardStream.output.printLine(try context.desk.hint(lesson, asked, &$0)) }
    }
}

struct LessonExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "What a check is about, and where that is written.",
        discussion: """
            Without a check, the one that failed last, or else all of the lesson's. Shows the rule, AWS's page, and the rows of \
            the behaviour catalogue with their sources.

            Example: elblab lesson explain hc.one-blip
            """
    )

    @Argument(help: "The check's id, as 'lesson check' prints it.") var check: String?
    @Option(name: .customLong("lesson"), help: "The lesson; the one in hand by default.") var id: String?
    @OptionGroup var options: LessonOptions

    func run() throws {
        let context = try LessonContext(self.options)
        let progress = try context.loadProgress()
        let lesson = try context.lesson(self.id, progress)
        let wanted = self.check ?? progress[lesson.id].lastFailedCheck
        let pairs = lesson.exercises.flatMap { exercise in exercise.checks.shown.map { (exercise: exercise, check: $0) }
        }
        var chosen = pairs.filter { $0.check.id == wanted }
        if chosen.isEmpty, let name = self.check {
            let names = ["lesson": lesson.id, "name": name]
            throw context.files.unknown("error.no-check", names, among: pairs.map(\.check.id))
        }
        if chosen.isEmpty { chosen = pairs }
        let texts = chosen.map { context.desk.explain($0.check, of: $0.exercise, in: lesson) }
        StandardStream.output.printLine(texts.joined(separator: "\n\n"))
    }
}

struct LessonNextCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "next", abstract: "Take the next lesson in hand.")

    @OptionGroup var options: LessonOptions

    func run() throws { try Self.move(by: 1, self.options, none: "lesson.no-next") }

    static func move(by step: Int, _ options: LessonOptions, none: String) throws {
        let context = try LessonContext(options)
        let lesson = try context.lesson(nil, try context.loadProgress())
        guard let id = context.library.neighbour(of: lesson.id, by: step) else {
            StandardStream.output.printLine(context.say(none, ["lesson": lesson.id]))
            return
        }
        try LessonStartCommand.start(try context.files.lesson(id), context)
    }
}

struct LessonPrevCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "prev", abstract: "Take the lesson before in hand.")

    @OptionGroup var options: LessonOptions

    func run() throws { try LessonNextCommand.move(by: -1, self.options, none: "lesson.no-previous") }
}

struct LessonResetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset",
        abstract: "Put the starter back; what you wrote is kept beside it."
    )

    @Argument(help: "The lesson; the one in hand by default.") var id: String?
    @Option(name: .long, help: "One exercise of several, a-config for example; all by default.") var exercise: String?
    @OptionGroup var options: LessonOptions

    func run() throws {
        let context = try LessonContext(self.options)
        let lesson = try context.lesson(self.id, try context.loadProgress())
        for exercise in try context.files.exercises(of: lesson, self.exercise) {
            let kept = try context.reporting { try context.workspace.reset(exercise, in: lesson) }
            let folder = context.workspace.folder(of: exercise, in: lesson)
            StandardStream.output.printLine(context.say("lesson.reset", ["folder": folder]))
            if let kept { StandardStream.output.printLine(context.say("lesson.kept", ["folder": kept])) }
        }
    }
}

struct LessonSolutionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "solution",
        abstract: "The model answer and its reasons; for who has passed, has seen all hints, or asks twice.",
        discussion: "Example: elblab lesson solution --exercise b-predict"
    )

    @Argument(help: "The lesson; the one in hand by default.") var id: String?
    @Option(name: .long, help: "One exercise of several, a-config for example; all by default.") var exercise: String?
    @Flag(name: .long, help: "Show it now.") var force = false
    @OptionGroup var options: LessonOptions

    func run() throws {
        let context = try LessonContext(self.options)
        let lesson = try context.lesson(self.id, try context.loadProgress())
        let exercises = try context.files.exercises(of: lesson, self.exercise)
        try context.update { progress in
            var texts: [String] = []
            for exercise in exercises {
                let text = try context.desk.solution(lesson, exercise, &progress, force: self.force).text
                if !texts.contains(text) { texts.append(text) }
            }
            StandardStream.output.printLine(texts.joined(separator: "\n\n"))
        }
    }
}
