import ELBConformance

/// Tells of a watched exercise where there is no screen, or nobody looks at one: one fact a line, in the order in which it happens.
package struct WatchLines: Sendable {
    package let messages: Messages
    package let language: Language

    package init(messages: Messages, language: Language) {
        self.messages = messages
        self.language = language
    }

    /// Said when the watch begins.
    package func opening(_ session: WatchSession, readsKeys: Bool) -> [String] {
        let keys = WatchKey.letters.map { "\($0.letter) \(self.say($0.message))" }.joined(separator: ", ")
        return [
            "\(session.lesson) / \(session.exercise)", self.say("watch.plain.file", ["file": session.answer]),
            self.say("watch.save"),
        ] + (readsKeys ? [self.say("watch.plain.keys", ["keys": keys])] : [])
    }

    /// What an event means, once the session has handled it.
    package func lines(_ event: WatchSession.Event, _ session: WatchSession) -> [String] {
        switch event {
        case .key: return []
        case .answer(.missing): return [self.say("watch.missing")]
        case .answer(.empty): return [self.say("watch.empty")]
        case .answer(.written): return []
        case .check(_, .began(let begin)):
            let clock = self.say("console.clock", ["seed": "\(begin.seed)", "scale": "\(begin.timeScale)"])
            return [self.say("watch.state.checking"), clock]
        case .check(_, .decided(let decision)): return self.lines(of: decision)
        case .check(_, .ended(let end)):
            guard end.formatErrors.isEmpty else {
                return [self.say("console.not-gradable")] + self.messages.lines(end.formatErrors, in: self.language)
            }
            let points = ["points": "\(end.score)", "max": "\(end.maxScore)"]
            return [self.say("console.points", points)] + (session.isPassed ? [self.say("watch.passed")] : [])
        case .checkGone:
            guard case .broken(let reason) = session.phase else { return [] }
            return [self.say("watch.broken", ["reason": reason]), self.say("watch.run-again")]
        }
    }

    private func lines(of decision: CheckEvent.Decision) -> [String] {
        let verdict = decision.verdict
        let word =
            switch verdict {
            case .pass, .fail, .error, .timeout, .blocked: self.say("console.verdict.\(verdict.rawValue)")
            case .unsupported, .skipped, .info: verdict.rawValue
            }
        var lines = ["\(word) \(decision.id) \(decision.points)/\(decision.maxPoints)"]
        if let need = decision.needs {
            lines[0] += ", " + self.say("grade.blocked", ["check": need])
        } else if let reason = decision.reason {
            lines[0] += ", " + reason[self.language]
        }
        guard verdict == .fail else { return lines }
        let parts: [(String, String?)] = [
            ("tried", decision.tried?[self.language]), ("rule", decision.text?[self.language]),
            ("expected", decision.expected?[self.language]), ("actual", decision.actual?[self.language]),
        ]
        for (name, text) in parts { lines += text.map { [self.part(name, $0)] } ?? [] }
        for evidence in decision.evidence ?? [] {
            lines.append(self.part("evidence", evidence.name))
            lines += evidence.text.split(whereSeparator: \.isNewline).map { PlainText.line(String($0)) }
        }
        lines.append(self.part("read", decision.ref))
        lines += decision.lookNext.map { [self.part("look", $0[self.language])] } ?? []
        return lines
    }

    private func part(_ name: String, _ text: String) -> String {
        "\(self.say("console.part.\(name)")): \(PlainText.line(text))"
    }

    private func say(_ id: String, _ parameters: [String: String] = [:]) -> String {
        self.messages.text(id, parameters, in: self.language)
    }
}
