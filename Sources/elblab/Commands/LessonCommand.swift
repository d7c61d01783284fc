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
              elblab lesson check         judge your answer; --lang ko for Korean

            ID is a lesson's number or name (04, health-checks); without it, the lesson in hand is meant.
            """,
        subcommands: [
            LessonListCommand.self, LessonStartCommand.self, LessonShowCommand.self, LessonDemoCommand.self,
            LessonCheckCommand.self, LessonHintCommand.self, LessonNextCommand.self, LessonPrevCommand.self,
            LessonResetCommand.self, LessonSolutionCommand.self, LessonProgressCommand.self,
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
        for entry in context.library.index.entries {
            let lesson = try LessonContext.reporting { try context.library.lesson(entry.id) }
            let mark = progress.lessonInHand == entry.id ? "*" : " "
            let title = lesson.manifest.title[context.language]
            let facts = [
                context.say("lesson.minutes", ["minutes": "\(entry.minutes)"]),
                context.say("lesson.difficulty.\(entry.difficulty.rawValue)"),
                LessonProgressCommand.state(progress[entry.id], context),
            ]
            StandardStream.output.printLine(
                "\(mark) \(style.bold(entry.id))  \(title)  (\(facts.joined(separator: ", ")))"
            )
        }
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
        var progress = try context.loadProgress()
        let first = context.library.index.entries.first?.id
        let lesson = try context.lesson(self.id ?? progress.lessonInHand ?? first, progress)
        if let language, !lesson.exercises.contains(where: { $0.manifest.languages.contains(language) }) {
            let known = Set(lesson.exercises.flatMap(\.manifest.languages)).sorted().joined(separator: ", ")
            throw ValidationError(
                known.isEmpty
                    ? "lesson \(lesson.id) has no code exercise" : "--language: one of \(known) in lesson \(lesson.id)"
            )
        }
        try Self.start(lesson, context, &progress, language: self.language)
    }

    static func start(
        _ lesson: Lesson,
        _ context: LessonContext,
        _ progress: inout Progress,
        language: String? = nil
    ) throws {
        let new = try LessonContext.reporting { try context.workspace.start(lesson, in: language) }
        progress.lessonInHand = lesson.id
        progress[lesson.id] = progress[lesson.id]
        try context.save(progress)
        let output = StandardStream.output
        let title = lesson.manifest.title[context.language]
        let folder = context.workspace.folder(of: lesson)
        output.printLine(context.say("lesson.started", ["lesson": lesson.id, "title": title, "folder": folder]))
        if new.isEmpty { output.printLine(context.say("lesson.unchanged")) }
        output.printLine(context.say("lesson.type-there", ["folder": folder]))
        for exercise in lesson.exercises {
            let answer = context.workspace.answer(of: exercise, in: lesson)
            output.printLine(context.say("lesson.start-next", ["answer": answer]))
        }
    }
}

struct LessonShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Print a lesson's page.")

    @Argument(help: "The lesson; the one in hand by default.") var id: String?
    @OptionGroup var options: LessonOptions

    func run() throws {
        let context = try LessonContext(self.options)
        let lesson = try context.lesson(self.id, try context.loadProgress())
        let (page, text) = try LessonContext.reporting { () -> (LessonPage, String) in
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
    @OptionGroup var options: LessonOptions

    func run() throws {
        let context = try LessonContext(self.options)
        var progress = try context.loadProgress()
        let lesson = try context.lesson(self.id, progress)
        let failed = progress[lesson.id].lastFailedCheck
        let asked = lesson.exercises.filter { exercise in exercise.checks.contains { $0.id == failed } }
        for exercise in asked.isEmpty ? lesson.exercises : asked {
            let hints = try LessonContext.reporting { try exercise.hints(context.language) }
            guard let hint = progress.nextHint(for: lesson.id, from: hints) else { continue }
            let about = progress[lesson.id].lastFailedCheck ?? context.say("lesson.hint-any")
            let counts = ["number": "\(hint.number)", "count": "\(hint.of)", "check": about]
            StandardStream.output.printLine(context.say("lesson.hint", counts) + "\n")
            StandardStream.output.printLine(context.reading(hint.text))
            StandardStream.output.printLine(
                context.say(hint.number < hint.of ? "lesson.hint-more" : "lesson.hint-last")
            )
        }
        try context.save(progress)
    }
}

struct LessonNextCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "next", abstract: "Take the next lesson in hand.")

    @OptionGroup var options: LessonOptions

    func run() throws { try Self.move(by: 1, self.options, none: "lesson.no-next") }

    static func move(by step: Int, _ options: LessonOptions, none: String) throws {
        let context = try LessonContext(options)
        var progress = try context.loadProgress()
        let lesson = try context.lesson(nil, progress)
        guard let id = context.library.neighbour(of: lesson.id, by: step) else {
            StandardStream.output.printLine(context.say(none, ["lesson": lesson.id]))
            return
        }
        try LessonStartCommand.start(try LessonFiles.lesson(id, in: context.library), context, &progress)
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
    @OptionGroup var options: LessonOptions

    func run() throws {
        let context = try LessonContext(self.options)
        let lesson = try context.lesson(self.id, try context.loadProgress())
        for exercise in lesson.exercises {
            let kept = try LessonContext.reporting { try context.workspace.reset(exercise, in: lesson) }
            let folder = context.workspace.folder(of: exercise, in: lesson)
            StandardStream.output.printLine(context.say("lesson.reset", ["folder": folder]))
            if let kept { StandardStream.output.printLine(context.say("lesson.kept", ["folder": kept])) }
        }
    }
}

struct LessonSolutionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "solution",
        abstract: "The model answer and its reasons; for who has passed, or asks twice."
    )

    @Argument(help: "The lesson; the one in hand by default.") var id: String?
    @OptionGroup var options: LessonOptions

    func run() throws {
        let context = try LessonContext(self.options)
        var progress = try context.loadProgress()
        let lesson = try context.lesson(self.id, progress)
        let answer = progress.requestSolution(of: lesson.id)
        try context.save(progress)
        guard answer == .shown else {
            StandardStream.output.printLine(context.say("lesson.solution-ask"))
            return
        }
        for exercise in lesson.exercises {
            let reasons = try LessonContext.reporting { try exercise.solutionReasons(context.language) }
            StandardStream.output.write(context.reading(reasons))
            let language = context.workspace.language(of: exercise, in: lesson)
            StandardStream.output.printLine("\n\(exercise.solution(in: language))")
        }
    }
}

struct LessonProgressCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "progress", abstract: "How far you are.")

    @Argument(help: "One lesson; all by default.") var id: String?
    @OptionGroup var options: LessonOptions

    func run() throws {
        let context = try LessonContext(self.options)
        let progress = try context.loadProgress()
        let ids = try self.id.map { [try LessonFiles.lesson($0, in: context.library).id] }
        for id in ids ?? context.library.index.entries.map(\.id) {
            StandardStream.output.printLine("\(id)  \(Self.state(progress[id], context))")
        }
        if let lesson = progress.lessonInHand {
            StandardStream.output.printLine(context.say("lesson.next-is", ["lesson": lesson]))
        }
    }

    static func state(_ progress: Progress.LessonProgress, _ context: LessonContext) -> String {
        if progress.passed { return context.say("lesson.passed") }
        guard progress.attempts > 0 else { return context.say("lesson.open") }
        return context.say(
            "lesson.begun",
            [
                "attempts": "\(progress.attempts)", "points": "\(progress.bestPoints)",
                "max": "\(progress.maxPoints)",
            ]
        )
    }
}
