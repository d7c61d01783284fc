package import ELBConformance

/// A graded answer as a person reads it; the summary comes last, where the eye is.
package struct GradeConsole: Sendable {
    package var messages: Messages
    package var language: Language
    /// Colours a verdict's word; the words alone say everything.
    package var paint: @Sendable (Verdict, String) -> String
    /// One fact a line: nothing drawn, nothing aligned, no line broken.
    package var isPlain: Bool

    package init(
        messages: Messages,
        language: Language,
        isPlain: Bool = false,
        paint: @escaping @Sendable (Verdict, String) -> String = { $1 }
    ) {
        self.messages = messages
        self.language = language
        self.isPlain = isPlain
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
            let lines = self.messages.lines(report.notGradable, in: self.language).map { PlainText.line($0) }
            return ([self.say("console.not-gradable")] + lines).joined(separator: "\n") + "\n"
        }
        let clock = self.say("console.clock", ["seed": "\(report.seed)", "scale": "\(report.timeScale)"])
        if self.isPlain {
            var lines = ["\(report.lesson) / \(report.exercise)", clock]
            for check in report.checks { lines += self.lines(of: check) }
            return (lines + self.summary(report, replay: replay)).joined(separator: "\n") + "\n"
        }
        var lines = [Columns.pad("\(report.lesson) / \(report.exercise)", to: 58) + clock]
        for check in report.checks { lines += self.lines(of: check) }
        lines.append(String(repeating: "-", count: 80))
        let summary = self.summary(report, replay: replay)
        let line = summary.joined(separator: " · ")
        lines +=
            Columns.width(of: line) <= Self.lineWidth
            ? [line] : [summary.dropLast().joined(separator: " · "), summary.last ?? ""]
        return lines.joined(separator: "\n") + "\n"
    }

    private func lines(of graded: GradedCheck) -> [String] {
        let word = Columns.pad(self.word(graded.verdict), to: 9)
        let points = "\(graded.points)/\(graded.maxPoints)"
        var notes = graded.reason.map { [PlainText.line(self.messages.text($0, in: self.language))] } ?? []
        if graded.check.visibility != .visible { notes.append(graded.check.rule(self.messages, in: self.language)) }
        let note = notes.isEmpty ? nil : notes.joined(separator: "   ")
        let id = self.isPlain ? graded.check.id + " " : Columns.pad(graded.check.id, to: Self.idWidth)
        var lines: [String]
        if self.isPlain {
            lines = ["\(self.word(graded.verdict)) \(id)\(points)" + (note.map { ", " + $0 } ?? "")]
        } else {
            lines = ["  \(self.paint(graded.verdict, word))\(id)\(points)"]
            let room = Self.lineWidth - 2 - Columns.width(of: word + id + points) - 3
            if let note, Columns.width(of: note) <= room {
                lines[0] += "   " + note
            } else if let note {
                lines += Columns.wrap(Self.partIndent + note, to: Self.lineWidth)
            }
        }
        guard let finding = graded.finding?.finding(for: graded.check, self.messages, in: self.language) else {
            return lines
        }
        lines += self.part("tried", finding.tried)
        lines += self.part("rule", finding.rule)
        lines += self.part("expected", finding.expected)
        lines += self.part("actual", finding.actual)
        for evidence in finding.evidence {
            let all = evidence.text.split(whereSeparator: \.isNewline).map { PlainText.line(String($0)) }
            let shown = all.prefix(Self.evidenceLines) + (all.count > Self.evidenceLines ? ["…"] : [])
            lines += self.part("evidence", "\(evidence.name):")
            lines += shown.map {
                self.isPlain ? $0 : Self.partIndent + String(repeating: " ", count: Self.partWidth) + $0
            }
        }
        lines += self.part("read", finding.read)
        lines += self.part("look", finding.lookAt)
        return lines
    }

    private func part(_ name: String, _ text: String) -> [String] {
        let text = PlainText.line(text)
        guard !self.isPlain else { return ["\(self.say("console.part.\(name)")): \(text)"] }
        let label = Columns.pad(self.say("console.part.\(name)"), to: Self.partWidth)
        let width = Self.lineWidth - Self.partIndent.count - Self.partWidth
        return Columns.wrap(text, to: width).enumerated().map { index, line in
            Self.partIndent + (index == 0 ? label : String(repeating: " ", count: Self.partWidth)) + line
        }
    }

    private func word(_ verdict: Verdict) -> String {
        switch verdict {
        case .pass, .fail, .error, .timeout, .blocked: self.say("console.verdict.\(verdict.rawValue)")
        case .unsupported, .skipped, .info: verdict.rawValue
        }
    }

    private func summary(_ report: GradeReport, replay: String) -> [String] {
        let points = self.say("console.points", ["points": "\(report.points)", "max": "\(report.maxPoints)"])
        let counts = [Verdict.pass, .fail, .blocked, .error, .timeout].compactMap { verdict -> String? in
            let count = report.ids(verdict).count
            return count == 0 ? nil : self.say("console.counts.\(verdict.rawValue)", ["count": "\(count)"])
        }
        let again = self.say("console.replay", ["command": replay])
        return [points] + (counts.isEmpty ? [] : [counts.joined(separator: ", ")]) + [again]
    }

    private func say(_ id: String, _ parameters: [String: String] = [:]) -> String {
        self.messages.text(id, parameters, in: self.language)
    }
}
