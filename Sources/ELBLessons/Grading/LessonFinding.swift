package import ELBConformance

/// What a judge found. The rule, where it is written and where to look next belong to the check; the rest is here, as
/// messages that can be said in either language.
package struct LessonFinding: Hashable, Sendable {
    package var tried: Message
    package var expected: Message
    package var actual: Message
    package var evidence: [Finding.Evidence]

    package init(tried: Message, expected: Message, actual: Message, evidence: [Finding.Evidence] = []) {
        self.tried = tried
        self.expected = expected
        self.actual = actual
        self.evidence = evidence
    }

    /// The seven parts in one language.
    package func finding(for check: LessonCheck, _ messages: Messages, in language: Language) -> Finding {
        Finding(
            tried: messages.text(self.tried, in: language),
            rule: check.rule(messages, in: language),
            expected: messages.text(self.expected, in: language),
            actual: messages.text(self.actual, in: language),
            evidence: self.evidence,
            read: check.reference,
            lookAt: check.look(messages, in: language)
        )
    }
}

/// How one judge decided.
package enum Judgement: Hashable, Sendable {
    case pass
    case fail(LessonFinding)
    /// Nothing certain can be said; the reason.
    case uncertain(Message)

    var isUncertain: Bool {
        if case .uncertain = self { true } else { false }
    }
}

/// One check of an exercise and what became of it.
package struct GradedCheck: Sendable {
    package var check: LessonCheck
    package var verdict: Verdict
    /// Set for `fail`.
    package var finding: LessonFinding?
    /// Why there is no verdict on the answer: for `blocked`, `error` and `timeout`.
    package var reason: Message?

    package init(
        check: LessonCheck,
        verdict: Verdict,
        finding: LessonFinding? = nil,
        reason: Message? = nil
    ) {
        self.check = check
        self.verdict = verdict
        self.finding = finding
        self.reason = reason
    }

    package var points: Int { self.verdict == .pass && self.check.level != .provisional ? self.check.points : 0 }
    package var maxPoints: Int { self.check.level == .provisional ? 0 : self.check.points }
}

/// Everything about one graded answer; console text, JSON and the exit code are made from it.
package struct GradeReport: Sendable {
    package var lesson: String
    package var exercise: String
    /// The file, as the person named it.
    package var answer: String
    package var seed: UInt64
    package var timeScale: Int
    package var checks: [GradedCheck]
    /// Why the answer could not be judged at all; lines as for an editor.
    package var notGradable: [String]
    package var duration: Duration
    /// What the learner's programs were kept in.
    package var sandbox: SandboxLevel = .none

    package init(
        lesson: String,
        exercise: String,
        answer: String,
        seed: UInt64,
        timeScale: Int,
        checks: [GradedCheck],
        notGradable: [String],
        duration: Duration
    ) {
        self.lesson = lesson
        self.exercise = exercise
        self.answer = answer
        self.seed = seed
        self.timeScale = timeScale
        self.checks = checks
        self.notGradable = notGradable
        self.duration = duration
    }

    package var points: Int { self.checks.reduce(0) { $0 + $1.points } }
    package var maxPoints: Int { self.checks.reduce(0) { $0 + $1.maxPoints } }

    /// The one verdict, from which the last line and the exit code are made.
    package var verdict: RunVerdict {
        guard self.notGradable.isEmpty else { return .notGradable }
        let counted = self.checks.filter { $0.check.level != .provisional }.map(\.verdict)
        if counted.contains(.fail) { return .fail }
        if counted.contains(.error) { return .error }
        if counted.contains(.timeout) { return .timeout }
        return counted.allSatisfy(\.isAcceptable) ? .pass : .fail
    }

    package func ids(_ verdict: Verdict) -> Set<String> {
        Set(self.checks.filter { $0.verdict == verdict }.map(\.check.id))
    }
}

extension GradeReport {
    /// What a learner may see: of checks that are not visible the verdict, the points and their public wording.
    package var shown: GradeReport {
        let names = [LessonCheck](self.checks.map(\.check)).shownChecks
        var report = self
        report.checks = self.checks.map { $0.shown(names) }
        return report
    }
}

extension GradedCheck {
    /// - Parameter names: what learners see of checks that are not visible, by id.
    func shown(_ names: [String: LessonCheck]) -> GradedCheck {
        var shown = self
        if let check = names[self.check.id] {
            shown.check = check
            shown.finding = nil
            if shown.verdict != .blocked { shown.reason = nil }
        }
        if let need = shown.reason?.parameters["check"], let check = names[need] {
            shown.reason?.parameters["check"] = check.id
        }
        return shown
    }
}

extension [LessonCheck] {
    /// The checks as learners see them.
    package var shown: [LessonCheck] {
        let names = self.shownChecks
        return self.map { names[$0.id] ?? $0 }
    }

    /// What learners see of those that are not visible, by id.
    package var shownChecks: [String: LessonCheck] {
        let hidden = self.filter { $0.visibility != .visible }
        return Dictionary(uniqueKeysWithValues: hidden.enumerated().map { ($1.id, $1.shown(as: $0 + 1)) })
    }
}
