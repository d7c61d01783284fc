import ELBConformance
import ELBLessons
import Glibc

/// `elblab lesson watch`: keys, files, signals and checks come in, and what `WatchSession` decides about them is done and drawn.
struct LessonWatch {
    private enum Happening: Sendable {
        case key(WatchKey)
        case signal(SignalWatch.Signal)
        /// About the exercise of that number.
        case exercise(Int, WatchSession.Event)
    }

    private let context: LessonContext
    private let style: TextStyle
    private let isScreen: Bool
    private let usesEvents: Bool
    private let screen: WatchScreen
    private let lines: WatchLines
    private let happenings: AsyncStream<Happening>
    private let sender: AsyncStream<Happening>.Continuation

    private var place: Place?
    /// Exercises watched so far; what comes late from the one before counts for nothing.
    private var number = 0
    private var check: Task<Void, Never>?

    /// The exercise under watch.
    private struct Place {
        var lesson: Lesson
        var exercise: Exercise
        var files: AnswerFiles
        var session: WatchSession
        var watch: AnswerWatch
    }

    /// - Parameters:
    ///   - isScreen: whether the terminal is ours; otherwise facts are printed line by line.
    ///   - usesEvents: whether the system is asked for events about files.
    init(context: LessonContext, style: TextStyle, isScreen: Bool, usesEvents: Bool) {
        self.context = context
        self.style = style
        self.isScreen = isScreen
        self.usesEvents = usesEvents
        self.screen = WatchScreen(messages: context.messages, language: context.language)
        self.lines = WatchLines(messages: context.messages, language: context.language)
        (self.happenings, self.sender) = AsyncStream.makeStream(of: Happening.self)
    }

    /// The exercise to go on with: the one watched last unless it has passed, or the first that has not.
    static func exercise(of lesson: Lesson, _ progress: Progress.LessonProgress) -> Exercise? {
        let last = lesson.exercises.first { $0.id == progress.exerciseInHand }
        if let last, progress.exercises[last.id]?.passed != true { return last }
        return lesson.exercises.first { progress.exercises[$0.id]?.passed != true } ?? last ?? lesson.exercises.first
    }

    /// Watches until the learner has enough of it, or a signal ends it. Nothing runs afterwards, and the terminal is as it was.
    mutating func run(_ lesson: Lesson, _ exercise: Exercise) async throws {
        let signals = SignalWatch(
            [.interrupt, .terminate, .hangUp, .suspend, .goOn] + (self.isScreen ? [.resize] : [])
        )
        let sender = self.sender
        let signalTask = Task { for await signal in signals.signals { sender.yield(.signal(signal)) } }
        defer { signalTask.cancel() }
        let readsKeys = isatty(0) == 0 || tcgetpgrp(0) == getpgrp()
        try self.begin(lesson, exercise, readsKeys: readsKeys)
        if self.isScreen { RawTerminal.enter() }
        defer { RawTerminal.leave() }
        if readsKeys {
            let keys = KeyInput.keys(isRaw: self.isScreen)
            Task { for await key in keys { sender.yield(.key(key)) } }
        }
        self.draw()
        for await happening in self.happenings {
            guard await self.handle(happening) else { break }
            self.draw()
        }
        await self.end()
    }

    private mutating func end() async {
        // First the terminal: a check may take a moment to leave nothing behind.
        RawTerminal.leave()
        self.place?.watch.stop()
        self.check?.cancel()
        await self.check?.value
        guard self.isScreen, let session = self.place?.session, session.checksDone > 0 else { return }
        let points = ["points": "\(session.points)", "max": "\(session.maxPoints)"]
        let state = session.isPassed ? self.context.say("lesson.passed") : self.context.say("console.points", points)
        StandardStream.output.printLine("\(session.lesson) / \(session.exercise): \(state)")
    }

    // MARK: An exercise

    private mutating func begin(_ lesson: Lesson, _ exercise: Exercise, readsKeys: Bool = false) throws {
        let workspace = self.context.workspace
        if workspace.obstacle(to: exercise, in: lesson) == nil { _ = try LessonStartCommand.take(lesson, self.context) }
        try self.context.update { progress in
            progress.lessonInHand = lesson.id
            progress[lesson.id].exerciseInHand = exercise.id
        }
        let files = AnswerFiles(
            folder: workspace.folder(of: exercise, in: lesson),
            answer: exercise.manifest.answer,
            kind: exercise.manifest.kind
        )
        let answer = workspace.answer(of: exercise, in: lesson)
        self.place?.watch.stop()
        self.number += 1
        let content = files.content
        self.place = Place(
            lesson: lesson,
            exercise: exercise,
            files: files,
            session: WatchSession(lesson: lesson.id, exercise: exercise, answer: answer),
            watch: self.watch(files, told: content)
        )
        if !self.isScreen, let session = self.place?.session {
            self.print(self.lines.opening(session, readsKeys: readsKeys))
        }
        if let copy = workspace.staleTemplate(of: exercise, in: lesson) {
            self.say(self.context.say("lesson.stale-template", ["file": copy]))
        }
        // A starter that nobody has touched has nothing to be told about it.
        guard !files.isAsIn(starter: exercise.starter(in: workspace.language(of: exercise, in: lesson))) else { return }
        self.tell(.answer(content))
    }

    private func watch(_ files: AnswerFiles, told: AnswerContent) -> AnswerWatch {
        let watch = AnswerWatch(files, told: told, usesEvents: self.usesEvents)
        let (sender, number) = (self.sender, self.number)
        Task { for await content in watch.changes { sender.yield(.exercise(number, .answer(content))) } }
        return watch
    }

    // MARK: What happens

    /// - Returns: whether to go on.
    private mutating func handle(_ happening: Happening) async -> Bool {
        switch happening {
        case .key(let key): return self.tell(.key(key))
        case .exercise(let number, let event): return number == self.number ? self.tell(event) : true
        case .signal(let signal):
            switch signal {
            case .interrupt, .terminate, .hangUp: return false
            case .resize: return true
            case .goOn:
                if self.isScreen { RawTerminal.enter() }
                return true
            case .suspend:
                await self.suspend()
                return true
            }
        }
    }

    /// A check is no part of a process that stands still: it is ended before, and made again afterwards.
    private mutating func suspend() async {
        RawTerminal.leave()
        self.check?.cancel()
        await self.check?.value
        RawTerminal.suspend()
        if self.isScreen { RawTerminal.enter() }
        let directives = self.place?.session.wasSuspended() ?? []
        for directive in directives { _ = self.perform(directive) }
    }

    @discardableResult
    private mutating func tell(_ event: WatchSession.Event) -> Bool {
        guard let directives = self.place?.session.handle(event) else { return true }
        if !self.isScreen, let session = self.place?.session {
            self.print(self.lines.lines(event, session))
            if session.asksForReset { self.print([self.context.say("watch.reset-sure")]) }
        }
        for directive in directives where !self.perform(directive) { return false }
        return true
    }

    /// - Returns: whether to go on.
    private mutating func perform(_ directive: WatchSession.Directive) -> Bool {
        do {
            switch directive {
            case .start(let run): self.start(run)
            case .cancel: self.check?.cancel()
            case .show(let pane): try self.show(pane)
            case .reset: try self.reset()
            case .next: try self.next()
            case .quit: return false
            }
        } catch let failure as CommandFailure {
            self.say(failure.message)
        } catch {
            self.say("\(error)")
        }
        return true
    }

    /// Starts a check; the one before may still put its children to rest, and is waited for with this one.
    private mutating func start(_ run: Int) {
        guard let place = self.place else { return }
        let child = CheckChild(arguments: [
            "lesson", "check", place.lesson.id, "--exercise", place.exercise.id, "--stream", "--workspace",
            self.context.workspace.folder, "--lang", self.context.language.rawValue,
        ])
        let (before, sender, number) = (self.check, self.sender, self.number)
        self.check = Task {
            let reason = await child.run { sender.yield(.exercise(number, .check(run: run, $0))) }
            sender.yield(.exercise(number, .checkGone(run: run, reason: reason)))
            await before?.value
        }
    }

    // MARK: What is asked for

    private mutating func show(_ pane: WatchSession.Pane) throws {
        guard let place = self.place else { return }
        let desk = self.context.desk
        switch pane {
        case .checks: self.present(pane, "")
        case .list: self.present(pane, try desk.list(try self.context.loadProgress()))
        case .hint:
            var text = ""
            try self.context.update { text = try desk.hint(place.lesson, place.exercise, &$0, command: false) }
            self.present(pane, text)
        case .explanation:
            let failed = place.session.firstFailure?.id
            let checks = place.exercise.checks.shown.filter { failed == nil || $0.id == failed }
            let texts = checks.map { desk.explain($0, of: place.exercise, in: place.lesson) }
            self.present(pane, texts.joined(separator: "\n\n"))
        case .solution:
            var solution = (text: "", isShown: false)
            try self.context.update {
                solution = try desk.solution(place.lesson, place.exercise, &$0, force: false)
            }
            if solution.isShown {
                self.present(pane, solution.text)
            } else {
                self.say(self.context.say("watch.solution-ask"))
            }
        }
    }

    private mutating func present(_ pane: WatchSession.Pane, _ text: String) {
        self.place?.session.show(pane, text)
        if !self.isScreen { self.print([text]) }
    }

    private mutating func reset() throws {
        guard let place = self.place else { return }
        // Whatever the files are from now on is our doing, until the learner writes again.
        place.watch.stop()
        self.number += 1
        let kept = try self.context.reporting {
            try self.context.workspace.reset(place.exercise, in: place.lesson)
        }
        let watch = self.watch(place.files, told: place.files.content)
        self.place?.watch = watch
        self.place?.session.wasReset()
        self.say(kept.map { self.context.say("lesson.kept", ["folder": $0]) } ?? self.context.say("lesson.unchanged"))
    }

    private mutating func next() throws {
        guard let place = self.place else { return }
        let exercises = place.lesson.exercises
        let index = exercises.firstIndex { $0.id == place.exercise.id } ?? 0
        if exercises.indices.contains(index + 1) { return try self.begin(place.lesson, exercises[index + 1]) }
        guard let id = self.context.library.neighbour(of: place.lesson.id, by: 1) else {
            return self.say(self.context.say("lesson.no-next", ["lesson": place.lesson.id]))
        }
        let lesson = try self.context.files.lesson(id)
        let progress = try self.context.loadProgress()
        guard let exercise = Self.exercise(of: lesson, progress[lesson.id]) else { return }
        try self.begin(lesson, exercise)
        self.say(self.context.say("watch.read-page", ["lesson": lesson.id]))
    }

    // MARK: What is seen

    private mutating func say(_ note: String) {
        self.place?.session.say(note)
        if !self.isScreen { self.print([note]) }
    }

    private func print(_ lines: [String]) {
        for line in lines { StandardStream.output.printLine(line) }
    }

    private mutating func draw() {
        guard self.isScreen, let session = self.place?.session else { return }
        let size = RawTerminal.size
        let (lines, mostOffset) = self.screen.draw(session, columns: size.columns, rows: size.rows)
        self.place?.session.keepOffset(within: mostOffset)
        // Each line is emptied before it is written: a full one leaves the cursor on its last column.
        let text = lines.map { "\u{1B}[2K" + $0.pieces.map(self.painted).joined() }.joined(separator: "\r\n")
        StandardStream.output.write("\u{1B}[H" + text)
    }

    private func painted(_ piece: WatchScreen.Piece) -> String {
        switch piece.ink {
        case .plain: return piece.text
        case .strong: return self.style.bold(piece.text)
        case .faint: return self.style.dim(piece.text)
        case .verdict(let verdict):
            switch verdict {
            case .pass: return self.style.green(piece.text)
            case .fail: return self.style.red(piece.text)
            case .error, .timeout, .blocked, .unsupported, .skipped, .info: return self.style.yellow(piece.text)
            }
        }
    }
}
