import ELBConformance

/// How far a learner is, as a file to hand in. It is the learner's own word: a teacher who wants to be sure grades the answers again, with
/// the seeds that it names.
package struct ProgressReport: Sendable {
    package enum Format: String, Hashable, Sendable, CaseIterable {
        case markdown = "md"
        case json
        case html

        /// By the ending of a file's name.
        package init?(path: String) {
            guard let dot = path.lastIndex(of: ".") else { return nil }
            self.init(rawValue: path[path.index(after: dot)...].lowercased())
        }
    }

    private struct Row {
        var lesson: String
        var title: LocalizedText
        var exercise: String
        var progress: Progress.ExerciseProgress
        var maxPoints: Int
        var hints: Int
    }

    private let rows: [Row]
    private let learner: String?
    private let moment: String
    private let messages: Messages
    private let language: Language

    /// - Parameters:
    ///   - learner: the name to put on it, if any.
    ///   - moment: of the report, as `2026-11-20T09:12:03Z`.
    package init(
        _ progress: Progress,
        _ lessons: [Lesson],
        learner: String?,
        moment: String,
        messages: Messages,
        language: Language
    ) {
        self.learner = learner
        self.moment = moment
        self.messages = messages
        self.language = language
        self.rows = lessons.flatMap { lesson in
            lesson.exercises.map { exercise in
                let state = progress[lesson.id]
                var own = state[exercise.id]
                // Programs before did not note exercises by themselves.
                if state.exercises.isEmpty, state.passed { own.passed = true }
                for (check, count) in state.hintsShown where own.hintsShown[check] == nil {
                    if exercise.checks.contains(where: { $0.id == check }) { own.hintsShown[check] = count }
                }
                return Row(
                    lesson: lesson.id,
                    title: lesson.manifest.title,
                    exercise: exercise.id,
                    progress: own,
                    maxPoints: exercise.checks.reduce(0) { $0 + ($1.level == .provisional ? 0 : $1.points) },
                    hints: own.hintsShown.values.reduce(0, +)
                )
            }
        }
    }

    package func text(_ format: Format) -> String {
        switch format {
        case .markdown: self.markdown
        case .json: self.json
        case .html: self.html
        }
    }

    private var passed: Int { self.rows.count { $0.progress.passed } }

    private var summary: String {
        self.say(
            "report.summary",
            [
                "passed": "\(self.passed)", "count": "\(self.rows.count)",
                "points": "\(self.rows.reduce(0) { $0 + $1.progress.bestPoints })",
                "max": "\(self.rows.reduce(0) { $0 + $1.maxPoints })",
            ]
        )
    }

    private var title: String {
        self.learner.map { self.say("report.title-of", ["name": PlainText.line($0)]) } ?? self.say("report.title")
    }

    private var columns: [String] {
        ["lesson", "exercise", "state", "points", "attempts", "hints", "passed-at", "seed"].map {
            self.say("report.\($0)")
        }
    }

    private func cells(_ row: Row) -> [String] {
        let state = row.progress
        let word = state.passed ? "lesson.passed" : state.attempts > 0 ? "report.tried" : "lesson.open"
        return [
            "\(row.lesson) \(row.title[self.language])", row.exercise, self.say(word),
            "\(state.bestPoints)/\(row.maxPoints)",
            "\(state.attempts)", "\(row.hints)", state.passedAt ?? "", state.attempts > 0 ? "\(state.lastSeed)" : "",
        ]
    }

    private var markdown: String {
        var lines = ["# \(PlainText.markdown(self.title))", "", "\(self.summary) · \(self.moment)", ""]
        lines.append("| " + self.columns.joined(separator: " | ") + " |")
        lines.append(String(repeating: "|---", count: self.columns.count) + "|")
        lines += self.rows.map { "| " + self.cells($0).map(PlainText.markdown).joined(separator: " | ") + " |" }
        return (lines + ["", self.say("report.note")]).joined(separator: "\n") + "\n"
    }

    private var json: String {
        JSONText.object([
            ("schema", "elblab/progress-report/v1"),
            ("learner", self.learner.map { .string($0) } ?? .null),
            ("made", .string(self.moment)),
            ("passed", .number(self.passed)),
            (
                "exercises",
                .array(
                    self.rows.map { row in
                        .object([
                            ("lesson", .string(row.lesson)),
                            ("exercise", .string(row.exercise)),
                            ("passed", .boolean(row.progress.passed)),
                            ("bestPoints", .number(row.progress.bestPoints)),
                            ("maxPoints", .number(row.maxPoints)),
                            ("attempts", .number(row.progress.attempts)),
                            ("hints", .number(row.hints)),
                            ("lastVerdict", .string(row.progress.lastVerdict)),
                            ("lastSeed", .number(Int(clamping: row.progress.lastSeed))),
                            ("lastChecked", .string(row.progress.lastChecked)),
                            ("passedAt", row.progress.passedAt.map { .string($0) } ?? .null),
                        ])
                    }
                )
            ),
        ]).text
    }

    private var html: String {
        let head = self.columns.map { "<th scope=\"col\">\(Self.escaped($0))</th>" }.joined()
        let body = self.rows.map { row in
            let cells = self.cells(row)
            let first = "<th scope=\"row\">\(Self.escaped(cells[0]))</th>"
            return "<tr>\(first)\(cells.dropFirst().map { "<td>\(Self.escaped($0))</td>" }.joined())</tr>"
        }.joined(separator: "\n")
        return """
            <!doctype html>
            <html lang="\(self.language.rawValue)">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>\(Self.escaped(self.title))</title>
            <style>:root { color-scheme: light dark } body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem }
            table { border-collapse: collapse } th, td { border: 1px solid #8886; padding: .3rem .6rem; text-align: left }</style></head>
            <body><main><h1>\(Self.escaped(self.title))</h1>
            <p>\(Self.escaped(self.summary)) · \(Self.escaped(self.moment))</p>
            <table><thead><tr>\(head)</tr></thead><tbody>
            \(body)
            </tbody></table>
            <p>\(Self.escaped(self.say("report.note")))</p></main></body></html>

            """
    }

    private func say(_ id: String, _ parameters: [String: String] = [:]) -> String {
        self.messages.text(id, parameters, in: self.language)
    }

    private static func escaped(_ text: String) -> String {
        PlainText.line(text).replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
    }
}
