/// Runs side by side as Markdown: a table of counts and a list of what failed. Short enough for a pull request or a CI's summary.
package enum MarkdownReport {
    package static func text(_ matrix: ResultMatrix, title: String) -> String {
        let verdicts = Verdict.allCases.filter { verdict in
            matrix.runs.indices.contains { matrix.count(verdict, in: $0) > 0 }
        }
        var lines = ["# \(Self.escaped(title))", ""]
        lines.append("| subject | verdict | " + verdicts.map(\.rawValue).joined(separator: " | ") + " |")
        lines.append("|---|---|" + verdicts.map { _ in "---:|" }.joined())
        for (index, run) in matrix.runs.enumerated() {
            let counts = verdicts.map { "\(matrix.count($0, in: index))" }.joined(separator: " | ")
            lines.append("| \(Self.escaped(run.subject.title)) | \(Self.escaped(run.verdict)) | \(counts) |")
        }
        for (index, run) in matrix.runs.enumerated() {
            let failed = run.checks.filter { $0.verdict.map { !$0.isAcceptable } ?? true }
            guard !failed.isEmpty else { continue }
            lines += ["", "## What \(Self.escaped(run.subject.title)) does otherwise", ""]
            for check in failed {
                let what = check.actual ?? check.reason ?? ""
                let why = check.note.map { " Known: \(Self.escaped($0))" } ?? ""
                let rows = (check.rows ?? []).joined(separator: ", ")
                let source = check.ref.flatMap { $0.hasPrefix("https://") ? "[\(rows)](\($0))" : nil } ?? rows
                lines.append("- `\(check.id)` **\(check.status)** (\(source)): \(Self.escaped(what))\(why)")
                lines.append("  `\(matrix.replay(check.id, in: index))`")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// On one line, and taken for nothing but text.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n", "\r", "\t": result += " "
            case "|", "*", "_", "`", "<", ">", "[", "]", "#", "\\": result += "\\\(scalar)"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value): result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
