import ELBConformance

/// One check's outcome as its learner may read it, in one language.
struct ShownCheck: Sendable {
    var id: String
    /// The rule in one sentence; of a check that is not visible its public wording.
    var rule: String
    var verdict: Verdict
    var points: Int
    var maxPoints: Int
    var visibility: LessonCheck.Visibility
    var reference: String
    /// The check that blocks it.
    var needs: String?
    /// Parts of the failure message, by the names of `console.part`, in their order.
    var parts: [(name: String, text: String)]
    var evidence: [SubmissionResult.Check.Evidence]

    private static let longestEvidence = 2000

    /// All of one submission.
    static func all(
        of cell: ClassReport.Cell,
        _ exercise: Exercise,
        _ messages: Messages,
        _ language: Language
    ) -> [ShownCheck] {
        guard let result = cell.result else { return [] }
        let shown = exercise.checks.shownChecks
        return result.checks.compactMap { check in
            guard let known = exercise.checks.first(where: { $0.id == check.id }) else { return nil }
            let rule = (shown[known.id] ?? known).rule(messages, in: language)
            var one = ShownCheck(
                id: shown[known.id]?.id ?? known.id,
                rule: rule,
                verdict: check.verdict,
                points: check.points,
                maxPoints: check.maxPoints,
                visibility: known.visibility,
                reference: (shown[known.id] ?? known).reference,
                needs: check.needs.map { shown[$0]?.id ?? $0 },
                parts: [],
                evidence: []
            )
            guard known.visibility == .visible else { return one }
            let texts = [
                ("tried", check.tried), ("expected", check.expected), ("actual", check.actual),
                ("look", check.lookNext),
            ]
            one.parts = texts.compactMap { name, text in text?[language.rawValue].map { (name, $0) } }
            if let reason = check.reason?[language.rawValue] { one.parts.append(("actual", reason)) }
            one.evidence = (check.evidence ?? []).map {
                .init(name: $0.name, text: PlainText.short($0.text, Self.longestEvidence))
            }
            return one
        }
    }

    /// The failure on a few lines of plain text, without a word about passing.
    func text(_ messages: Messages, _ language: Language) -> String {
        let labelled = self.parts.map {
            "\(messages.text("console.part.\($0.name)", in: language)): \(PlainText.line($0.text))"
        }
        let proof = self.evidence.map { "\(PlainText.line($0.name)):\n\(PlainText.lines($0.text))" }
        let needs = self.needs.map { [messages.text("grade.blocked", ["check": $0], in: language)] } ?? []
        let read = self.parts.isEmpty ? [] : ["\(messages.text("console.part.read", in: language)): \(self.reference)"]
        return (needs + labelled + read + proof).joined(separator: "\n")
    }
}

/// What every page of a class needs.
struct ClassWords: Sendable {
    var messages: Messages
    var language: Language

    func say(_ id: String, _ parameters: [String: String] = [:]) -> String {
        self.messages.text(id, parameters, in: self.language)
    }

    func word(_ standing: ClassReport.Standing) -> String { self.say("class.standing.\(standing.rawValue)") }

    func word(_ verdict: Verdict) -> String {
        switch verdict {
        case .pass, .fail, .error, .timeout, .blocked: self.say("console.verdict.\(verdict.rawValue)")
        case .unsupported, .skipped, .info: verdict.rawValue
        }
    }

    /// Why a submission has no checks; learners are not told more of our errors than that they are ours.
    func reasons(_ cell: ClassReport.Cell) -> [String] {
        switch cell.standing {
        case .missing: [self.say("class.nothing")]
        case .error: [self.say("class.our-error")]
        case .pass, .fail, .notGradable, .timeout:
            self.messages.lines(cell.reasons, in: self.language).map { PlainText.line($0) }
        }
    }

    func shown(_ cell: ClassReport.Cell, _ column: ClassPlan.Column) -> [ShownCheck] {
        ShownCheck.all(of: cell, column.exercise, self.messages, self.language)
    }

    func review(_ flag: ReviewFlag) -> String {
        let what = self.say("class.review.\(flag.kind.rawValue)", ["others": flag.others.joined(separator: ", ")])
        return flag.evidence.isEmpty ? what : "\(what): \(flag.evidence.joined(separator: "; "))"
    }
}
