import ELBConformance

/// One exercise under watch, as a value: what happens goes in, what is to be done comes out. It starts nothing, reads no file and draws
/// nothing; `WatchScreen` and `WatchLines` say what there is to see.
package struct WatchSession: Sendable {
    package enum Event: Hashable, Sendable {
        case key(WatchKey)
        /// The answer on disk is now this.
        case answer(AnswerContent)
        /// A check of that number says something.
        case check(run: Int, CheckEvent)
        /// A check of that number has ended; without having come to its end, if there is a reason.
        case checkGone(run: Int, reason: String?)
    }

    package enum Directive: Hashable, Sendable {
        case start(run: Int)
        /// The check that runs says nothing any more and leaves nothing behind.
        case cancel
        case show(Pane)
        case reset
        case next
        case quit
    }

    /// What the middle of the screen is for.
    package enum Pane: Hashable, Sendable {
        case checks
        case hint
        case explanation
        case solution
        case list
    }

    package enum Phase: Hashable, Sendable {
        /// Nothing has been judged: the answer is the starter.
        case waiting
        case missing
        case empty
        case checking
        case decided(CheckEvent.End)
        /// The check ended without an end; why.
        case broken(String)
    }

    /// A check of the exercise; without a decision while it waits for its turn.
    package struct Row: Hashable, Sendable {
        package var id: String
        package var maxPoints: Int
        package var decision: CheckEvent.Decision?
    }

    package let lesson: String
    package let exercise: String
    package let answer: String
    package private(set) var rows: [Row]
    package private(set) var phase: Phase = .waiting
    package private(set) var pane: Pane = .checks
    /// What the pane says, and how far down it is; empty for the checks, which say it themselves.
    package private(set) var paneText = ""
    package private(set) var offset = 0
    /// A line about what was done last; gone with the next key.
    package private(set) var note: String?
    package private(set) var begin: CheckEvent.Begin?
    package private(set) var checksDone = 0
    /// Whether the answer is to be put back at the next `x`.
    package private(set) var asksForReset = false
    private var run = 0
    private var isRunning = false

    package init(lesson: String, exercise: Exercise, answer: String) {
        self.lesson = lesson
        self.exercise = exercise.id
        self.answer = answer
        self.rows = exercise.checks.shown.map { check in
            Row(id: check.id, maxPoints: check.level == .provisional ? 0 : check.points)
        }
    }

    package mutating func handle(_ event: Event) -> [Directive] {
        switch event {
        case .key(let key): return self.pressed(key)
        case .answer(let content): return self.changed(content)
        case .check(let run, let event):
            if run == self.run { self.heard(event) }
            return []
        case .checkGone(let run, let reason):
            guard run == self.run, self.isRunning else { return [] }
            self.isRunning = false
            if case .decided = self.phase { return [] }
            self.phase = .broken(reason ?? "")
            return []
        }
    }

    /// Shows a text in place of the checks.
    package mutating func show(_ pane: Pane, _ text: String) {
        self.pane = pane
        self.paneText = text
        self.offset = 0
    }

    package mutating func say(_ note: String) { self.note = note }

    /// - Parameter limit: the first line that is shown at the bottom's end; known to who has drawn it.
    package mutating func keepOffset(within limit: Int) {
        self.offset = max(0, min(self.offset, limit))
    }

    /// The check that failed first, of which the details are.
    package var firstFailure: CheckEvent.Decision? {
        self.rows.lazy.compactMap(\.decision).first { $0.verdict == .fail }
    }

    package var points: Int { self.rows.reduce(0) { $0 + ($1.decision?.points ?? 0) } }
    package var maxPoints: Int { self.rows.reduce(0) { $0 + $1.maxPoints } }
    package var isPassed: Bool {
        guard case .decided(let end) = self.phase else { return false }
        return end.verdict == RunVerdict.pass.rawValue
    }

    // MARK: Events

    private mutating func changed(_ content: AnswerContent) -> [Directive] {
        let cancel: [Directive] = self.isRunning ? [.cancel] : []
        switch content {
        case .missing, .empty:
            self.isRunning = false
            self.run += 1
            self.forget()
            self.phase = content == .missing ? .missing : .empty
            return cancel
        case .written: return cancel + self.start()
        }
    }

    private mutating func start() -> [Directive] {
        self.run += 1
        self.isRunning = true
        self.phase = .checking
        self.begin = nil
        self.note = nil
        self.forget()
        self.show(.checks, "")
        return [.start(run: self.run)]
    }

    private mutating func forget() {
        for index in self.rows.indices { self.rows[index].decision = nil }
    }

    private mutating func heard(_ event: CheckEvent) {
        switch event {
        case .began(let begin): self.begin = begin
        case .decided(let decision):
            guard let index = self.rows.firstIndex(where: { $0.id == decision.id }) else { return }
            self.rows[index].decision = decision
        case .ended(let end):
            self.phase = .decided(end)
            self.checksDone += 1
        }
    }

    private mutating func pressed(_ key: WatchKey) -> [Directive] {
        let isSure = self.asksForReset
        self.asksForReset = false
        self.note = nil
        switch key {
        case .quit: return (self.isRunning ? [.cancel] : []) + [.quit]
        case .next: return (self.isRunning ? [.cancel] : []) + [.next]
        case .runAgain: return (self.isRunning ? [.cancel] : []) + self.start()
        case .reset:
            self.asksForReset = !isSure
            return isSure ? (self.isRunning ? [.cancel, .reset] : [.reset]) : []
        case .hint: return [.show(.hint)]
        case .solution: return [.show(.solution)]
        case .list: return self.toggle(.list)
        case .explain: return self.toggle(.explanation)
        case .back:
            self.show(.checks, "")
            return []
        case .scroll(let lines):
            self.offset += lines
            return []
        case .page(let pages):
            self.offset += pages * WatchScreen.usualPage
            return []
        case .redraw, .other: return []
        }
    }

    /// The same key again leads back.
    private mutating func toggle(_ pane: Pane) -> [Directive] {
        guard self.pane == pane else { return [.show(pane)] }
        self.show(.checks, "")
        return []
    }

    /// After a reset the answer is the starter again, and nobody has judged it.
    package mutating func wasReset() {
        self.isRunning = false
        self.run += 1
        self.begin = nil
        self.forget()
        self.phase = .waiting
        self.show(.checks, "")
    }

    /// The process stood still, and its check was ended before.
    package mutating func wasSuspended() -> [Directive] {
        guard self.isRunning else { return [] }
        return self.start()
    }
}
