package import ELBConformance

/// Draws a watched exercise on a terminal of any size, 80 by 24 in mind. Lines are made of pieces, so that their width is counted before
/// colours are added.
package struct WatchScreen: Sendable {
    package enum Ink: Hashable, Sendable {
        case plain
        case strong
        case faint
        case verdict(Verdict)
    }

    package struct Piece: Hashable, Sendable {
        package var text: String
        package var ink: Ink
    }

    package struct Line: Hashable, Sendable {
        package var pieces: [Piece]

        init(_ text: String, _ ink: Ink = .plain) { self.pieces = [Piece(text: text, ink: ink)] }
        init(_ pieces: [(String, Ink)]) { self.pieces = pieces.map { Piece(text: $0.0, ink: $0.1) } }

        package var text: String { self.pieces.map(\.text).joined() }

        /// At most so many columns; nothing in it moves a cursor.
        func clipped(to columns: Int) -> Line {
            var left = columns
            var line = Line([])
            for piece in self.pieces where left > 0 {
                let text = Columns.clip(PlainText.line(piece.text), to: left)
                left -= Columns.width(of: text)
                line.pieces.append(Piece(text: text, ink: piece.ink))
            }
            return line
        }
    }

    package let messages: Messages
    package let language: Language

    /// Lines that a page key moves by: those of the middle at 24 lines, less one to keep the place.
    static let usualPage = 17
    /// Around the middle: two lines and a rule above, a rule and two lines below.
    private static let frame = 6
    private static let labelWidth = 10
    private static let idWidth = 38

    package init(messages: Messages, language: Language) {
        self.messages = messages
        self.language = language
    }

    /// Exactly `rows` lines of at most `columns`, and how far the middle may be moved down.
    package func draw(_ session: WatchSession, columns: Int, rows: Int) -> (lines: [Line], mostOffset: Int) {
        let height = max(1, rows - Self.frame)
        let middle = self.middle(session, columns: columns, height: height)
        let most = max(0, middle.count - height)
        let offset = max(0, min(session.offset, most))
        let shown = middle.dropFirst(offset).prefix(height)
        let blank = Array(repeating: Line(""), count: height - shown.count)
        var lines =
            self.head(session, columns) + [self.rule(columns, most > 0 ? (offset, shown.count, middle.count) : nil)]
        lines += shown + blank
        lines += [Line(String(repeating: "-", count: columns), .faint), self.status(session), self.keys()]
        // Where there is no room for all, the lines about keys and state matter less than what is shown.
        return (lines.prefix(rows).map { $0.clipped(to: columns) }, most)
    }

    // MARK: Around the middle

    private func head(_ session: WatchSession, _ columns: Int) -> [Line] {
        let name = "\(session.lesson) / \(session.exercise)"
        let state = self.state(session)
        let gap = max(1, columns - Columns.width(of: name) - Columns.width(of: state.text))
        let clock = session.begin.map {
            self.say("console.clock", ["seed": "\($0.seed)", "scale": "\($0.timeScale)"])
        }
        let room = columns - (clock.map { Columns.width(of: $0) + 2 } ?? 0)
        let path = Columns.pad(Columns.clipStart(session.answer, to: room), to: clock == nil ? 0 : room + 2)
        return [
            Line(
                [(name, .strong), (String(repeating: " ", count: gap), .plain)] + state.pieces.map { ($0.text, $0.ink) }
            ),
            Line([(path, .plain), (clock ?? "", .faint)]),
        ]
    }

    private func state(_ session: WatchSession) -> Line {
        switch session.phase {
        case .waiting: Line(self.say("watch.state.waiting"), .faint)
        case .missing: Line(self.say("watch.state.missing"), .verdict(.error))
        case .empty: Line(self.say("watch.state.empty"), .verdict(.error))
        case .checking: Line(self.say("watch.state.checking"), .strong)
        case .broken: Line(self.say("console.verdict.error"), .verdict(.error))
        case .decided(let end):
            switch RunVerdict(rawValue: end.verdict) {
            case .pass?: Line(self.say("watch.state.passed"), .verdict(.pass))
            case .notGradable?: Line(self.say("watch.state.not-gradable"), .verdict(.fail))
            case .fail?, .error?, .timeout?, nil: Line(self.points(session), .verdict(.fail))
            }
        }
    }

    private func rule(_ columns: Int, _ place: (from: Int, count: Int, of: Int)?) -> Line {
        guard let place else { return Line(String(repeating: "-", count: columns), .faint) }
        let numbers = ["from": "\(place.from + 1)", "to": "\(place.from + place.count)", "of": "\(place.of)"]
        let text = "-- " + self.say("watch.more", numbers) + " "
        return Line(text + String(repeating: "-", count: max(0, columns - Columns.width(of: text))), .faint)
    }

    private func status(_ session: WatchSession) -> Line {
        if session.asksForReset { return Line(self.say("watch.reset-sure"), .strong) }
        if let note = session.note { return Line(note, .strong) }
        switch session.phase {
        case .waiting: return Line(self.say("watch.save"))
        case .missing: return Line(self.say("watch.missing"))
        case .empty: return Line(self.say("watch.empty"))
        case .checking: return Line(self.say("watch.checking"), .faint)
        case .broken: return Line(self.say("watch.run-again"))
        case .decided:
            return Line(session.isPassed ? self.say("watch.passed") : self.counts(session))
        }
    }

    private func keys() -> Line {
        let words = WatchKey.letters.map { [("\($0.letter)", Ink.strong), (" \(self.say($0.message))", Ink.plain)] }
        return Line(Array(words.joined(separator: [("  ", Ink.plain)])))
    }

    private func points(_ session: WatchSession) -> String {
        self.say("console.points", ["points": "\(session.points)", "max": "\(session.maxPoints)"])
    }

    private func counts(_ session: WatchSession) -> String {
        let verdicts = session.rows.compactMap(\.decision?.verdict)
        let counts = [Verdict.pass, .fail, .blocked, .error, .timeout].compactMap { verdict -> String? in
            let count = verdicts.count { $0 == verdict }
            return count == 0 ? nil : self.say("console.counts.\(verdict.rawValue)", ["count": "\(count)"])
        }
        return ([self.points(session)] + (counts.isEmpty ? [] : [counts.joined(separator: ", ")])).joined(
            separator: " · "
        )
    }

    // MARK: The middle

    private func middle(_ session: WatchSession, columns: Int, height: Int) -> [Line] {
        switch session.pane {
        case .checks: return self.checks(session, columns, height)
        case .hint, .explanation, .solution, .list:
            return session.paneText.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
                Columns.wrap(String(line), to: columns, breaksWords: true).map { Line($0) }
            }
        }
    }

    private func checks(_ session: WatchSession, _ columns: Int, _ height: Int) -> [Line] {
        var after: [Line] = []
        switch session.phase {
        case .broken(let reason):
            after = Columns.wrap(self.say("watch.broken", ["reason": reason]), to: columns, breaksWords: true).map {
                Line($0)
            }
        case .decided(let end) where !end.formatErrors.isEmpty:
            let lines = [self.say("console.not-gradable")] + self.messages.lines(end.formatErrors, in: self.language)
            return lines.flatMap { Columns.wrap($0, to: columns, breaksWords: true) }.map { Line($0) }
        case .waiting, .missing, .empty, .checking, .decided:
            if let failure = session.firstFailure {
                after = self.parts(of: failure, columns: columns)
            }
        }
        var rows = session.rows.map { self.row($0, session) }
        let passed = session.rows.filter { $0.decision?.verdict == .pass }
        // Where a failure needs the room, those that passed share one line.
        if !after.isEmpty, rows.count + after.count + 1 > height, passed.count > 1 {
            let word = Columns.pad(self.word(.pass), to: 9)
            let points = passed.reduce(0) { $0 + $1.maxPoints }
            let sum = Columns.pad(self.say("watch.passed-checks", ["count": "\(passed.count)"]), to: Self.idWidth)
            rows = [Line([("  ", .plain), (word, .verdict(.pass)), ("\(sum)\(points)/\(points)", .plain)])]
            rows += session.rows.filter { $0.decision?.verdict != .pass }.map { self.row($0, session) }
        }
        return after.isEmpty ? rows : rows + [Line("")] + after
    }

    private func row(_ row: WatchSession.Row, _ session: WatchSession) -> Line {
        guard let decision = row.decision else {
            let isNext = session.phase == .checking && session.rows.first { $0.decision == nil } == row
            let word = self.say(isNext ? "watch.row.running" : "watch.row.waiting")
            return Line([
                ("  ", .plain), (Columns.pad(word, to: 9), .faint),
                ("\(Columns.pad(row.id, to: Self.idWidth))  /\(row.maxPoints)", .plain),
            ])
        }
        let points = "\(decision.points)/\(decision.maxPoints)"
        let reason =
            decision.needs.map { self.say("grade.blocked", ["check": $0]) } ?? decision.reason?[self.language] ?? ""
        return Line([
            ("  ", .plain), (Columns.pad(self.word(decision.verdict), to: 9), .verdict(decision.verdict)),
            ("\(Columns.pad(decision.id, to: Self.idWidth))\(points)", .plain),
            (reason.isEmpty ? "" : "   " + reason, .faint),
        ])
    }

    /// The seven parts.
    private func parts(of decision: CheckEvent.Decision, columns: Int) -> [Line] {
        let pairs: [(String, String?)] = [
            ("tried", decision.tried?[self.language]), ("rule", decision.text?[self.language]),
            ("expected", decision.expected?[self.language]), ("actual", decision.actual?[self.language]),
        ]
        var lines = pairs.flatMap { name, text in text.map { self.part(name, $0, columns) } ?? [] }
        for evidence in decision.evidence ?? [] {
            lines += self.part("evidence", "\(evidence.name):", columns)
            lines += evidence.text.split(whereSeparator: \.isNewline).map { line in
                Line(String(repeating: " ", count: Self.labelWidth) + line)
            }
        }
        lines += self.part("read", decision.ref, columns)
        lines += decision.lookNext.map { self.part("look", $0[self.language], columns) } ?? []
        return lines
    }

    private func part(_ name: String, _ text: String, _ columns: Int) -> [Line] {
        let label = Columns.pad(self.say("console.part.\(name)"), to: Self.labelWidth)
        let blank = String(repeating: " ", count: Self.labelWidth)
        return Columns.wrap(text, to: max(20, columns - Self.labelWidth), breaksWords: true).enumerated().map {
            index,
            line in
            Line([(index == 0 ? label : blank, .strong), (line, .plain)])
        }
    }

    private func word(_ verdict: Verdict) -> String {
        switch verdict {
        case .pass, .fail, .error, .timeout, .blocked: self.say("console.verdict.\(verdict.rawValue)")
        case .unsupported, .skipped, .info: verdict.rawValue
        }
    }

    private func say(_ id: String, _ parameters: [String: String] = [:]) -> String {
        self.messages.text(id, parameters, in: self.language)
    }
}
