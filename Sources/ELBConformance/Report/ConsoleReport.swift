/// A run as text for people. Verdicts are words first; colour only repeats them.
package struct ConsoleReport: Sendable {
    private let usesColour: Bool
    private static let width = 80

    package init(usesColour: Bool) {
        self.usesColour = usesColour
    }

    /// The first line, before anything is known.
    package func header(subject: String, quirks: [String], seed: UInt64, timeScale: Int) -> String {
        let left = "conformance / \(subject)" + (quirks.isEmpty ? "" : " with \(quirks.joined(separator: ", "))")
        let right = "seed \(seed)   clock ×\(timeScale)"
        return left + String(repeating: " ", count: max(3, Self.width - left.count - right.count)) + right + "\n"
    }

    /// One check: a line, and for a failure the seven parts below it.
    package func line(_ report: CheckReport) -> String {
        let word = report.verdict == .fail ? "FAIL" : report.verdict.rawValue
        let mark = report.level == .core ? "" : "  (\(report.level.rawValue))"
        var text = "  \(self.coloured(Self.pad(word, 11), report.verdict)) \(report.id)\(mark)"
        if let reason = report.reason { text += "   \(PlainText.line(reason))" }
        text += "\n"
        guard let finding = report.finding else { return text }
        let evidence = finding.evidence.map(\.name).joined(separator: ", ")
        for (name, part) in [
            ("tried", finding.tried), ("rule", finding.rule), ("expected", finding.expected),
            ("actual", finding.actual), ("evidence", evidence), ("read", finding.read), ("look at", finding.lookAt),
            ("known", report.note ?? ""),
        ] where !part.isEmpty {
            text += "              \(Self.pad(name, 9)) \(PlainText.line(Self.oneLine(part)))\n"
        }
        for piece in finding.evidence {
            for line in piece.text.split(whereSeparator: \.isNewline).prefix(24) {
                text += "              | \(PlainText.line(line))\n"
            }
        }
        return text
    }

    /// The last lines: counts, and how to run it again.
    package func summary(_ report: RunReport) -> String {
        var text = String(repeating: "-", count: Self.width) + "\n"
        if let reason = report.notGradable { text += "not gradable: \(PlainText.line(reason))\n" }
        if let jitter = report.jitter { text += "\(jitter.text)\n" }
        let counts = Verdict.allCases.compactMap { verdict in
            let count = report.count(verdict)
            return count == 0 && verdict != .pass && verdict != .fail ? nil : "\(count) \(verdict.rawValue)"
        }
        let seconds = Double(report.duration.milliseconds) / 1000
        text += counts.joined(separator: ", ") + " · \((seconds * 10).rounded() / 10) s · replay: \(report.replay)\n"
        for part in report.parts {
            let words = part.result.rawValue.split(separator: "-").joined(separator: " ")
            text += "\(Self.pad(part.profile, 4)) \(Self.pad(part.level.rawValue, 11)) \(Self.pad(words, 16)) "
            text += "\(part.count(.pass)) of \(part.checks.count) passed"
            for verdict in [Verdict.fail, .unsupported] where part.count(verdict) > 0 {
                text += ", \(part.count(verdict)) \(verdict == .fail ? "failed" : verdict.rawValue)"
            }
            text += "\n"
        }
        let uncounted = report.checks.filter { $0.level == .provisional && !$0.verdict.isAcceptable }
        if !uncounted.isEmpty {
            text += "not counted, because provisional: \(uncounted.map(\.id).joined(separator: ", "))\n"
        }
        return text
    }

    private func coloured(_ text: String, _ verdict: Verdict) -> String {
        guard self.usesColour else { return text }
        let code =
            switch verdict {
            case .pass: "32"
            case .fail: "31"
            case .error, .timeout: "35"
            case .blocked, .unsupported, .skipped, .info: "33"
            }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func oneLine(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.count <= 400 ? line : line.prefix(400) + "…"
    }
}
