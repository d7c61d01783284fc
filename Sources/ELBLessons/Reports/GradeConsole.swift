package import ELBConformance

/// A graded answer as a person reads it; the summary comes last, where the eye is.
package struct GradeConsole: Sendable {
    package var messages: Messages
    package var language: Language
    /// Colours a verdict's word; the words alone say everything.
    package var paint: @Sendable (Verdict, String) -> String

    package init(
        messages: Messages,
        language: Language,
        paint: @escaping @Sendable (Verdict, String) -> String = { $1 }
    ) {
        self.messages = messages
        self.language = language
        self.paint = paint
    }

    private static let idWidth = 34
    private static let partIndent = String(repeating: " ", count: 11)
    private static let partWidth = 10
    private static let lineWidth = 80
    private static let evidenceLines = 8

    /// - Parameter replay: the command that asks the same questions again.
    package func text(_ whole: GradeReport, replay: String) -> String {
        let report = whole.shown
        guard report.notGradable.isEmpty else {
            let lines = report.notGradable.map { PlainText.line($0) }
            return ([self.say("console.not-gradable")] + lines).joined(separator: "\n") + "\n"
        }
        let clock = self.say("console.clock", ["seed": "\(report.seed)", "scale": "\(report.timeScale)"])
        var lines = [Columns.pad("\(report.lesson) / \(report.exercise)", to: 58) + clock]
        for check in report.checks { lines += self.lines(of: check) }
        lines.append(String(repeating: "-", count: 80))
        lines.append(self.summary(report, replay: replay))
        return lines.joined(separator: "\n") + "\n"
    }

    private func lines(of graded: GradedCheck) -> [String] {
        let word = Columns.pad(self.word(graded.verdict), to: 9)
        let points = "\(graded.points)/\(graded.maxPoints)"
        var note = graded.reason.map { "   " + self.messages.text($0, in: self.language) } ?? ""
        if graded.check.visibility != .visible { note += "   " + graded.check.rule(self.messages, in: self.language) }
        var lines = [
            "  \(self.paint(graded.verdict, word))\(Columns.pad(graded.check.id, to: Self.idWidth))\(points)\(note)"
        ]
        guard let finding = graded.finding?.finding(for: graded.check, self.messages, in: self.language) else {
            return lines
        }
        lines += self.part("tried", finding.tried)
        lines += self.part("rule", finding.rule)
        lines += self.part("expected", finding.expected)
        lines += self.part("actual", finding.actual)
        for evidence in finding.evidence {
            let all = evidence.text.split(whereSeparator: \.isNewline).map(String.init)
            let shown = all.prefix(Self.evidenceLines) + (all.count > Self.evidenceLines ? ["…"] : [])
            lines += self.part("evidence", "\(evidence.name):")
            lines += shown.map { Self.partIndent + String(repeating: " ", count: Self.partWidth) + PlainText.line($0) }
        }
        lines += self.part("read", finding.read)
        lines += self.part("look", finding.lookAt)
        return lines
    }

    private func part(_ name: String, _ text: String) -> [String] {
        let label = Columns.pad(self.say("console.part.\(name)"), to: Self.partWidth)
        let width = Self.lineWidth - Self.partIndent.count - Self.partWidth
        return Columns.wrap(PlainText.line(text), to: width).enumerated().map { index, line in
            Self.partIndent + (index == 0 ? label : String(repeating: " ", count: Self.partWidth)) + line
        }
    }

    private func word(_ verdict: Verdict) -> String {
        switch verdict {
        case .pass, .fail, .error, .timeout, .blocked: self.say("console.verdict.\(verdict.rawValue)")
        case .unsupported, .skipped, .info: verdict.rawValue
        }
    }

    private func summary(_ report: GradeReport, replay: String) -> String {
        let points = self.say("console.points", ["points": "\(report.points)", "max": "\(report.maxPoints)"])
        let counts = [Verdict.pass, .fail, .blocked, .error, .timeout].compactMap { verdict -> String? in
            let count = report.ids(verdict).count
            return count == 0 ? nil : self.say("console.counts.\(verdict.rawValue)", ["count": "\(count)"])
        }
        let again = self.say("console.replay", ["command": replay])
        return "\(points) · \(counts.joined(separator: ", ")) · \(again)"
    }

    private func say(_ id: String, _ parameters: [String: String] = [:]) -> String {
        self.messages.text(id, parameters, in: self.language)
    }
}
