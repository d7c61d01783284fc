/// Runs side by side as one static page: no script, nothing from elsewhere, readable by a screen reader, in light and dark.
package enum HTMLReport {
    package static func text(_ matrix: ResultMatrix, title: String) -> String {
        let body = [
            "<h1>\(HTMLText.escaped(title))</h1>",
            Self.introduction,
            Self.summary(matrix),
            Self.table(matrix),
            Self.omissions(matrix),
            Self.details(matrix),
        ]
        return HTMLText.page(title: title, body.joined(separator: "\n"))
    }

    private static let introduction = """
        <p>Checks down, subjects across. A word that is a link leads to what was tried, what was expected and what came. <em>unsupported</em>
        is a feature that the subject does not claim; it never counts as a pass. Provisional checks are shown and not counted.</p>
        """

    // MARK: Summary

    private static func summary(_ matrix: ResultMatrix) -> String {
        let verdicts = Verdict.allCases.filter { verdict in
            matrix.runs.indices.contains { matrix.count(verdict, in: $0) > 0 }
        }
        let head = verdicts.map { "<th scope=\"col\">\($0.rawValue)</th>" }.joined()
        let rows = matrix.runs.indices.map { index in
            let run = matrix.runs[index]
            let cells = verdicts.map { "<td class=\"number\">\(matrix.count($0, in: index))</td>" }.joined()
            let reason = run.reason.map { "<br><small>\(HTMLText.escaped($0))</small>" } ?? ""
            let replay = run.replay.map { "<code>\(HTMLText.escaped($0))</code>" } ?? ""
            return """
                <tr><th scope="row">\(HTMLText.escaped(run.subject.title))</th>\
                <td class="\(HTMLText.anchor(run.verdict))">\(HTMLText.escaped(run.verdict))\(reason)</td>\(cells)<td>\(replay)</td></tr>
                """
        }
        return """
            <div class="scroll"><table><caption>Subjects</caption>
            <thead><tr><th scope="col">subject</th><th scope="col">verdict</th>\(head)<th scope="col">again by</th></tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody></table></div>
            """
    }

    // MARK: The matrix

    private static func table(_ matrix: ResultMatrix) -> String {
        let head = matrix.runs.map { "<th scope=\"col\">\(HTMLText.escaped($0.subject.title))</th>" }.joined()
        let bodies = matrix.sections.map { section in
            let rows = section.checks.map { Self.row($0, in: matrix) }.joined(separator: "\n")
            return """
                <tbody><tr><th scope="rowgroup" colspan="\(matrix.runs.count + 1)">\(HTMLText.escaped(section.feature))</th></tr>
                \(rows)
                </tbody>
                """
        }
        return """
            <div class="scroll"><table><caption>Checks</caption>
            <thead><tr><th scope="col">check</th>\(head)</tr></thead>
            \(bodies.joined(separator: "\n"))
            </table></div>
            """
    }

    private static func row(_ row: ResultMatrix.Row, in matrix: ResultMatrix) -> String {
        let source = HTMLText.link(row.reference, row.rows.isEmpty ? "AWS" : row.rows.joined(separator: ", "))
        let level = row.level == "core" ? "" : " · \(HTMLText.escaped(row.level))"
        let cells = row.results.enumerated().map { index, result -> String in
            guard let result else { return "<td class=\"absent\">not run</td>" }
            let text = "\(Self.sign(of: result)) \(HTMLText.escaped(result.status))"
            let name = HTMLText.anchor(result.status)
            if Self.isLeftOut(result, by: matrix.runs[index]) {
                return "<td class=\"\(name)\"><a class=\"\(name)\" href=\"#\(Self.omissions(index))\">\(text)</a></td>"
            }
            guard Self.hasDetails(result) else { return "<td class=\"\(name)\">\(text)</td>" }
            return "<td class=\"\(name)\"><a class=\"\(name)\" href=\"#\(Self.anchor(result, index))\">\(text)</a></td>"
        }
        return """
            <tr><th scope="row">\(HTMLText.escaped(row.title))<br><small><code>\(HTMLText.escaped(row.id))</code>\(level) · \
            \(source)</small></th>\(cells.joined())</tr>
            """
    }

    /// A sign beside the word, so that neither colour nor language is needed to find the failures.
    private static func sign(of result: ResultFile.CheckResult) -> String {
        switch result.verdict {
        case .pass: "✓"
        case .fail: result.note == nil ? "✗" : "≠"
        case .error, .timeout, .blocked: "!"
        case .unsupported, .skipped: "–"
        case .info: "i"
        case nil: "?"
        }
    }

    private static func hasDetails(_ result: ResultFile.CheckResult) -> Bool {
        result.tried != nil || result.reason != nil || result.note != nil
    }

    /// Whether its reason stands where the subject says what it leaves out, once for all checks of the feature.
    private static func isLeftOut(_ result: ResultFile.CheckResult, by run: ResultFile) -> Bool {
        guard result.verdict == .unsupported, let reason = result.reason else { return false }
        return run.subject.leavesOut?.contains { reason.contains(" \($0.feature): \($0.reason)") } ?? false
    }

    private static func omissions(_ run: Int) -> String { HTMLText.anchor("run\(run + 1)", "leaves-out") }

    private static func anchor(_ result: ResultFile.CheckResult, _ run: Int) -> String {
        HTMLText.anchor("run\(run + 1)", result.id)
    }

    // MARK: What the subjects leave out

    private static func omissions(_ matrix: ResultMatrix) -> String {
        let lists = matrix.runs.enumerated().compactMap { index, run -> String? in
            guard let omissions = run.subject.leavesOut, !omissions.isEmpty else { return nil }
            let items = omissions.map {
                "<dt><code>\(HTMLText.escaped($0.feature))</code></dt><dd>\(HTMLText.escaped($0.reason))</dd>"
            }
            return
                "<h3 id=\"\(Self.omissions(index))\">\(HTMLText.escaped(run.subject.title))</h3><dl>\(items.joined())</dl>"
        }
        return lists.isEmpty ? "" : "<h2>What the subjects leave out, and why</h2>\n" + lists.joined(separator: "\n")
    }

    // MARK: Details

    private static func details(_ matrix: ResultMatrix) -> String {
        var articles: [String] = []
        for section in matrix.sections {
            for row in section.checks {
                for (index, result) in row.results.enumerated() {
                    guard let result, Self.hasDetails(result), !Self.isLeftOut(result, by: matrix.runs[index]) else {
                        continue
                    }
                    articles.append(Self.article(result, row, index, matrix))
                }
            }
        }
        return articles.isEmpty ? "" : "<h2>What was seen</h2>\n" + articles.joined(separator: "\n")
    }

    private static func article(
        _ result: ResultFile.CheckResult,
        _ row: ResultMatrix.Row,
        _ index: Int,
        _ matrix: ResultMatrix
    ) -> String {
        let name = matrix.runs[index].subject.title
        var facts: [(String, String)] = []
        for (term, text) in [
            ("tried", result.tried), ("rule", result.rule), ("expected", result.expected), ("actual", result.actual),
            ("because", result.reason), ("known difference", result.note), ("look at", result.lookNext),
        ] {
            if let text, !text.isEmpty { facts.append((term, HTMLText.escaped(text))) }
        }
        if !row.rows.isEmpty || row.reference != nil {
            facts.append(
                ("written", HTMLText.link(row.reference, ([row.reference ?? ""] + row.rows).joined(separator: " ")))
            )
        }
        facts.append(("again by", "<code>\(HTMLText.escaped(matrix.replay(result.id, in: index)))</code>"))
        let list = facts.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" }.joined()
        let evidence = (result.evidence ?? []).map { evidence in
            let drawing = TimelineDrawing(evidence.text).map { "\($0.svg)\n" } ?? ""
            return
                "<p>\(HTMLText.escaped(evidence.name))</p>\n\(drawing)<pre tabindex=\"0\">\(HTMLText.escaped(evidence.text))</pre>"
        }
        return """
            <article id="\(Self.anchor(result, index))">
            <h3>\(HTMLText.escaped(name)): \(HTMLText.escaped(row.title)) — <span class="\(HTMLText.anchor(result.status))">\
            \(HTMLText.escaped(result.status))</span></h3>
            <dl>\(list)</dl>
            \(evidence.joined(separator: "\n"))
            </article>
            """
    }
}
