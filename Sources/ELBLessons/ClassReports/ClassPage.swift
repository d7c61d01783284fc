import ELBConformance

/// The class as one static page: students down, exercises across; then the checks that most fail, and what a person should look at.
struct ClassPage {
    let report: ClassReport
    let words: ClassWords
    /// Where a student's page lies; `nil` for an anonymous report, which leads nowhere.
    let feedback: ((ClassPlan.Student) -> String)?

    var text: String {
        let title = self.words.say("class.title")
        let body = [
            "<h1>\(HTMLText.escaped(title))</h1>", self.introduction, self.matrix, self.hardest, self.review,
            self.remarks,
        ]
        return HTMLText.page(title: title, language: self.words.language.rawValue, body.joined(separator: "\n"))
    }

    private func escaped(_ id: String, _ parameters: [String: String] = [:]) -> String {
        HTMLText.escaped(self.words.say(id, parameters))
    }

    private var introduction: String {
        let text = self.words.say(
            "class.introduction",
            [
                "students": "\(self.report.students.count)", "exercises": "\(self.report.columns.count)",
                "seed": "\(self.report.seed)",
            ]
        )
        return "<p>\(HTMLText.escaped(text))</p>"
    }

    // MARK: The matrix

    private var matrix: String {
        let heads = self.report.columns.map { column in
            "<th scope=\"col\">\(HTMLText.escaped(column.name))<br><small>\(column.exercise.maxPoints)</small></th>"
        }
        let rows = self.report.students.indices.map { self.row($0) }
        return """
            <div class="scroll"><table><caption>\(self.escaped("class.matrix"))</caption>
            <thead><tr><th scope="col">\(self.escaped("class.student"))</th>\(heads.joined())\
            <th scope="col">\(self.escaped("class.total"))<br><small>\(self.report.maxPoints)</small></th></tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody></table></div>
            """
    }

    private func row(_ index: Int) -> String {
        let student = self.report.students[index]
        let name = student.name == student.id ? "" : "<br><small>\(HTMLText.escaped(student.id))</small>"
        let page = self.feedback?(student)
        let link = page.map { "<a href=\"\(HTMLText.escaped($0))\">\(HTMLText.escaped(student.name))</a>" }
        let cells = zip(self.report.columns, self.report.cells[index]).map { column, cell -> String in
            let standing = cell.standing
            let flag = cell.review.isEmpty ? "" : " <small>\(self.escaped("class.flag"))</small>"
            let text = "\(Self.sign(of: standing)) \(HTMLText.escaped(self.words.word(standing))) \(cell.points)"
            let name = Self.styleClass(of: standing)
            guard let page, standing != .missing else { return "<td class=\"\(name)\">\(text)\(flag)</td>" }
            let target = HTMLText.escaped("\(page)#\(HTMLText.anchor(column.lesson.id, column.exercise.id))")
            return "<td class=\"\(name)\"><a class=\"\(name)\" href=\"\(target)\">\(text)</a>\(flag)</td>"
        }
        return """
            <tr><th scope="row">\(link ?? HTMLText.escaped(student.name))\(name)</th>\(cells.joined())\
            <td class="number">\(self.report.points(of: index))</td></tr>
            """
    }

    /// A sign beside the word, so that neither colour nor language is needed to find the failures.
    private static func sign(of standing: ClassReport.Standing) -> String {
        switch standing {
        case .pass: "✓"
        case .fail: "✗"
        case .notGradable, .timeout, .error: "!"
        case .missing: "–"
        }
    }

    private static func styleClass(of standing: ClassReport.Standing) -> String {
        switch standing {
        case .pass: "pass"
        case .fail, .notGradable: "fail"
        case .timeout: "timeout"
        case .error: "error"
        case .missing: "absent"
        }
    }

    // MARK: Checks

    /// What a teacher reads first: which checks fail, most often first.
    private var hardest: String {
        var rows: [(fails: Int, text: String)] = []
        for (number, column) in self.report.columns.enumerated() {
            let results = self.report.cells.compactMap { $0[number].result }
            for check in column.exercise.checks {
                let verdicts = results.flatMap(\.checks).filter { $0.id == check.id }.map(\.verdict)
                let count = { (verdict: Verdict) in verdicts.count { $0 == verdict } }
                guard verdicts.contains(where: { !$0.isAcceptable }) else { continue }
                let numbers = [Verdict.pass, .fail, .blocked].map { "<td class=\"number\">\(count($0))</td>" }.joined()
                let rule = check.rule(self.words.messages, in: self.words.language)
                let text = """
                    <tr><th scope="row">\(HTMLText.escaped(rule))<br><small>\(HTMLText.escaped(column.name)) <code>\
                    \(HTMLText.escaped(check.id))</code></small></th>\(numbers)</tr>
                    """
                rows.append((count(.fail), text))
            }
        }
        guard !rows.isEmpty else { return "" }
        // Sorting keeps no order of equals, so their places decide.
        let sorted = rows.enumerated().sorted { ($1.element.fails, $0.offset) < ($0.element.fails, $1.offset) }
        let heads = [Verdict.pass, .fail, .blocked].map {
            "<th scope=\"col\">\(HTMLText.escaped(self.words.word($0)))</th>"
        }
        return """
            <div class="scroll"><table><caption>\(self.escaped("class.hardest"))</caption>
            <thead><tr><th scope="col">\(self.escaped("checked.check"))</th>\(heads.joined())</tr></thead>
            <tbody>
            \(sorted.map(\.element.text).joined(separator: "\n"))
            </tbody></table></div>
            """
    }

    // MARK: What a person should look at

    private var review: String {
        var items: [String] = []
        for (student, cells) in zip(self.report.students, self.report.cells) {
            for (column, cell) in zip(self.report.columns, cells) {
                for flag in cell.review {
                    let text = "\(student.name), \(column.name): \(self.words.review(flag))"
                    items.append("<li>\(HTMLText.escaped(text))</li>")
                }
            }
        }
        guard !items.isEmpty else { return "" }
        return """
            <h2>\(self.escaped("class.review"))</h2>
            <p>\(self.escaped("class.review.note"))</p>
            <ul>
            \(items.joined(separator: "\n"))
            </ul>
            """
    }

    private var remarks: String {
        guard !self.report.remarks.isEmpty else { return "" }
        let items = self.report.remarks.map { "<li>\(HTMLText.escaped($0))</li>" }
        return "<h2>\(self.escaped("class.remarks"))</h2>\n<ul>\n\(items.joined(separator: "\n"))\n</ul>"
    }
}
