import ELBConformance

/// A class in the forms of continuous integration.
struct ContinuousFormats {
    let report: ClassReport
    let words: ClassWords

    // MARK: GitHub Actions

    /// For `$GITHUB_STEP_SUMMARY`.
    var summary: String {
        let heads = self.report.columns.map { PlainText.markdown($0.shortName) }
        var lines = ["# \(PlainText.markdown(self.words.say("class.title")))", ""]
        lines.append(
            "| \(([self.words.say("class.student")] + heads + [self.words.say("class.total")]).joined(separator: " | ")) |"
        )
        lines.append("|---|" + self.report.columns.map { _ in "---|" }.joined() + "---:|")
        for (index, student) in self.report.students.enumerated() {
            let cells = self.report.cells[index].map { "\(self.words.word($0.standing)) \($0.points)/\($0.maxPoints)" }
            let total = "\(self.report.points(of: index))/\(self.report.maxPoints)"
            lines.append("| \(([PlainText.markdown(student.name)] + cells + [total]).joined(separator: " | ")) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Annotations, as commands that a step prints: what could not be judged, and what a person should look at. They are the only commands
    /// in it, whatever stands in a submission.
    var annotations: String {
        var lines: [String] = []
        for (student, cells) in zip(self.report.students, self.report.cells) {
            for (column, cell) in zip(self.report.columns, cells) {
                let title = "\(student.name), \(column.name)"
                switch cell.standing {
                case .pass, .fail, .missing: break
                case .notGradable: lines.append(Self.command("warning", title, cell.reasons.joined(separator: "; ")))
                case .error, .timeout: lines.append(Self.command("error", title, cell.reasons.joined(separator: "; ")))
                }
                for flag in cell.review { lines.append(Self.command("notice", title, self.words.review(flag))) }
            }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func command(_ name: String, _ title: String, _ text: String) -> String {
        let data = PlainText.line(PlainText.short(text, 500)).replacing("%", with: "%25")
        let property = PlainText.line(title).replacing("%", with: "%25").replacing(":", with: "%3A").replacing(
            ",",
            with: "%2C"
        )
        return "::\(name) title=\(property)::\(data)"
    }

    // MARK: JUnit

    /// A suite for each student, a case for each check. Failures are failures, our errors and time-outs are errors, blocked is skipped.
    var junit: String {
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        let suites = zip(self.report.students, self.report.cells).map { self.suite($0, $1) }
        let sum = { (key: KeyPath<Suite, Int>) in suites.reduce(0) { $0 + $1[keyPath: key] } }
        text += "<testsuites \(Self.counts(sum(\.tests), sum(\.failures), sum(\.errors), sum(\.skipped)))>\n"
        for suite in suites {
            let counts = Self.counts(suite.tests, suite.failures, suite.errors, suite.skipped)
            text += "  <testsuite name=\"\(Self.escaped(suite.name))\" \(counts)>\n\(suite.cases)  </testsuite>\n"
        }
        return text + "</testsuites>\n"
    }

    private struct Suite {
        var name: String
        var tests = 0
        var failures = 0
        var errors = 0
        var skipped = 0
        var cases = ""
    }

    private static func counts(_ tests: Int, _ failures: Int, _ errors: Int, _ skipped: Int) -> String {
        "tests=\"\(tests)\" failures=\"\(failures)\" errors=\"\(errors)\" skipped=\"\(skipped)\""
    }

    private func suite(_ student: ClassPlan.Student, _ cells: [ClassReport.Cell]) -> Suite {
        var suite = Suite(name: student.name)
        for (column, cell) in zip(self.report.columns, cells) {
            let checks = self.words.shown(cell, column)
            for check in checks {
                let message = check.verdict == .blocked ? "blocked: \(check.needs ?? "")" : check.rule
                let text = check.text(self.words.messages, self.words.language)
                Self.add(check.verdict, check.id, column, message, text, to: &suite)
            }
            guard checks.isEmpty else { continue }
            let verdict: Verdict = cell.standing == .error ? .error : cell.standing == .timeout ? .timeout : .fail
            let reasons = self.words.reasons(cell).joined(separator: "\n")
            Self.add(verdict, "submission", column, self.words.word(cell.standing), reasons, to: &suite)
        }
        return suite
    }

    private static func add(
        _ verdict: Verdict,
        _ name: String,
        _ column: ClassPlan.Column,
        _ message: String,
        _ text: String,
        to suite: inout Suite
    ) {
        suite.tests += 1
        suite.cases += "    <testcase name=\"\(Self.escaped(name))\" classname=\"\(Self.escaped(column.name))\""
        let message = Self.escaped(PlainText.line(message))
        let text = Self.escaped(PlainText.lines(text))
        switch verdict {
        case .pass, .info:
            suite.cases += "/>\n"
            return
        case .fail:
            suite.failures += 1
            suite.cases += ">\n      <failure message=\"\(message)\" type=\"fail\">\(text)</failure>\n"
        case .error, .timeout:
            suite.errors += 1
            suite.cases += ">\n      <error message=\"\(message)\" type=\"\(verdict.rawValue)\">\(text)</error>\n"
        case .blocked, .unsupported, .skipped:
            suite.skipped += 1
            suite.cases += ">\n      <skipped message=\"\(message)\"/>\n"
        }
        suite.cases += "    </testcase>\n"
    }

    private static func escaped(_ text: String) -> String { HTMLText.escaped(text) }
}
