import ELBConformance

/// What one student is told, as Markdown and as HTML: every exercise, every check, and of what failed the parts of the failure message.
/// Nothing of other students and nothing for the teacher's eyes is on it.
struct FeedbackPage {
    let student: ClassPlan.Student
    let columns: [ClassPlan.Column]
    let cells: [ClassReport.Cell]
    let words: ClassWords

    private var title: String { self.words.say("class.feedback", ["student": PlainText.line(self.student.name)]) }

    private var sum: String {
        self.words.say(
            "console.points",
            [
                "points": "\(self.cells.reduce(0) { $0 + $1.points })",
                "max": "\(self.cells.reduce(0) { $0 + $1.maxPoints })",
            ]
        )
    }

    private func points(_ cell: ClassReport.Cell) -> String {
        self.words.say("console.points", ["points": "\(cell.points)", "max": "\(cell.maxPoints)"])
    }

    /// Checks that one check blocks, named once.
    private func blocked(_ checks: [ShownCheck]) -> [(by: String, names: [String])] {
        var order: [String] = []
        var names: [String: [String]] = [:]
        for check in checks where check.verdict == .blocked {
            let needs = check.needs ?? ""
            if names[needs] == nil { order.append(needs) }
            names[needs, default: []].append(check.id)
        }
        return order.map { ($0, names[$0] ?? []) }
    }

    // MARK: Markdown

    var markdown: String {
        var lines = ["# \(PlainText.markdown(self.title))", "", self.sum, ""]
        for (column, cell) in zip(self.columns, self.cells) {
            lines.append("## \(column.name): \(self.words.word(cell.standing)), \(self.points(cell))")
            lines.append("")
            let reasons = self.words.reasons(cell)
            if !reasons.isEmpty { lines += reasons.map { "- \(PlainText.markdown($0))" } + [""] }
            let checks = self.words.shown(cell, column)
            for check in checks where check.verdict == .pass {
                lines.append("- \(self.words.word(Verdict.pass)) `\(check.id)` \(check.points)/\(check.maxPoints)")
            }
            if checks.contains(where: { $0.verdict == .pass }) { lines.append("") }
            for check in checks where check.verdict != .pass && check.verdict != .blocked {
                lines += self.markdown(check)
            }
            for (by, names) in self.blocked(checks) {
                let list = names.map { "`\($0)`" }.joined(separator: ", ")
                lines += [self.words.say("class.blocked", ["check": "`\(by)`", "checks": list]), ""]
            }
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines.joined(separator: "\n") + "\n"
    }

    private func markdown(_ check: ShownCheck) -> [String] {
        var lines = ["### \(self.words.word(check.verdict)) `\(check.id)` \(check.points)/\(check.maxPoints)", ""]
        lines += [PlainText.markdown(check.rule), ""]
        for (name, text) in check.parts {
            lines.append("- **\(self.words.say("console.part.\(name)"))** \(PlainText.markdown(text))")
        }
        if !check.parts.isEmpty { lines += ["- **\(self.words.say("console.part.read"))** <\(check.reference)>", ""] }
        for evidence in check.evidence {
            lines += [PlainText.markdown(evidence.name), "", PlainText.fenced(evidence.text), ""]
        }
        return lines
    }

    // MARK: HTML

    var html: String {
        var body = ["<h1>\(HTMLText.escaped(self.title))</h1>", "<p>\(HTMLText.escaped(self.sum))</p>"]
        for (column, cell) in zip(self.columns, self.cells) { body.append(self.section(column, cell)) }
        return HTMLText.page(title: self.title, language: self.words.language.rawValue, body.joined(separator: "\n"))
    }

    private func section(_ column: ClassPlan.Column, _ cell: ClassReport.Cell) -> String {
        let heading = "\(column.name): \(self.words.word(cell.standing)), \(self.points(cell))"
        var parts = [
            "<h2 id=\"\(HTMLText.anchor(column.lesson.id, column.exercise.id))\">\(HTMLText.escaped(heading))</h2>"
        ]
        let reasons = self.words.reasons(cell).map { "<li>\(HTMLText.escaped($0))</li>" }
        if !reasons.isEmpty { parts.append("<ul>\(reasons.joined())</ul>") }
        let checks = self.words.shown(cell, column)
        if !checks.isEmpty { parts.append(self.table(checks)) }
        for check in checks where check.verdict != .pass && check.verdict != .blocked {
            parts.append(self.article(check))
        }
        for (by, names) in self.blocked(checks) {
            let text = self.words.say("class.blocked", ["check": by, "checks": names.joined(separator: ", ")])
            parts.append("<p>\(HTMLText.escaped(text))</p>")
        }
        return "<section>\n\(parts.joined(separator: "\n"))\n</section>"
    }

    private func table(_ checks: [ShownCheck]) -> String {
        let heads = ["checked.check", "checked.rule", "class.verdict", "checked.points"].map {
            "<th scope=\"col\">\(HTMLText.escaped(self.words.say($0)))</th>"
        }
        let rows = checks.map { check in
            """
            <tr><th scope="row"><code>\(HTMLText.escaped(check.id))</code></th><td>\(HTMLText.link(check.reference, check.rule))</td>\
            <td class="\(check.verdict.rawValue)">\(HTMLText.escaped(self.words.word(check.verdict)))</td>\
            <td class="number">\(check.points)/\(check.maxPoints)</td></tr>
            """
        }
        return """
            <div class="scroll"><table><caption>\(HTMLText.escaped(self.words.say("class.checks")))</caption>
            <thead><tr>\(heads.joined())</tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody></table></div>
            """
    }

    private func article(_ check: ShownCheck) -> String {
        var facts = [(self.words.say("console.part.rule"), HTMLText.escaped(check.rule))]
        facts += check.parts.map {
            (self.words.say("console.part.\($0.name)"), HTMLText.escaped(PlainText.lines($0.text)))
        }
        if !check.parts.isEmpty {
            facts.append((self.words.say("console.part.read"), HTMLText.link(check.reference, check.reference)))
        }
        let list = facts.map { "<dt>\(HTMLText.escaped($0.0))</dt><dd>\($0.1)</dd>" }.joined()
        let evidence = check.evidence.map {
            "<p>\(HTMLText.escaped($0.name))</p>\n<pre tabindex=\"0\">\(HTMLText.escaped(PlainText.lines($0.text)))</pre>"
        }
        return """
            <article>
            <h3><code>\(HTMLText.escaped(check.id))</code>: <span class="\(check.verdict.rawValue)">\
            \(HTMLText.escaped(self.words.word(check.verdict)))</span></h3>
            <dl>\(list)</dl>
            \(evidence.joined(separator: "\n"))
            </article>
            """
    }
}
