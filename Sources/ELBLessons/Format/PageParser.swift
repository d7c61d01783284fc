/// Reads a lesson's page. The page is Markdown that any viewer shows; only fenced blocks whose info string has `elb` as its
/// second word mean more:
///
///     ```console elb step=NAME [timeout=20s] [background] [needs=netns]
///     ```yaml elb file=NAME  |  yaml elb excerpt=NAME
///     ```predict elb id=NAME shows=CAPTURE
///
/// A comment `<!-- assert EXPRESSION -->` belongs to the console block above it.
///
/// An example's page needs no such words: every console block of it is run (`Dialect.example`).
package struct PageParser {
    private let file: String
    private let dialect: Dialect
    private let lines: [Substring]
    private var index = 0
    private var title: String?
    private var sections: [LessonPage.Section] = []
    private var prose: [Substring] = []
    private var proseLine = 1
    private var stepIDs: Set<String> = []

    /// What a page is.
    package enum Dialect: Hashable, Sendable {
        case lesson
        /// Every console block is a step, `elb` or not. `elblab up` goes on running, and what comes after it runs inside
        /// `elblab shell`, whether the page says so or not.
        case example
    }

    /// - Throws: `LessonError` with the file as given and the line.
    package static func parse(
        _ text: String,
        file: String,
        language: Language,
        dialect: Dialect = .lesson
    ) throws -> LessonPage {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var parser = PageParser(file: file, dialect: dialect, lines: lines)
        return try parser.page(language)
    }

    private init(file: String, dialect: Dialect, lines: [Substring]) {
        self.file = file
        self.dialect = dialect
        self.lines = lines
    }

    private mutating func page(_ language: Language) throws -> LessonPage {
        while self.index < self.lines.count {
            let line = self.lines[self.index]
            if line.hasPrefix("```") {
                try self.fence()
            } else if line.hasPrefix("# "), self.title == nil {
                self.title = String(line.dropFirst(2))
                self.index += 1
            } else if line.hasPrefix("## ") {
                self.endProse()
                self.sections.append(.init(heading: String(line.dropFirst(3)), line: self.index + 1, blocks: []))
                self.index += 1
            } else if line.hasPrefix("<!-- assert ") {
                try self.assertion(line)
            } else {
                self.addProse(line)
                self.index += 1
            }
        }
        self.endProse()
        guard let title = self.title else { throw self.error("has no '# ' heading", at: 1) }
        return LessonPage(file: self.file, language: language, title: title, sections: self.sections)
    }

    // MARK: Prose

    private mutating func addProse(_ line: Substring) {
        if self.prose.isEmpty { self.proseLine = self.index + 1 }
        self.prose.append(line)
    }

    private mutating func endProse() {
        let text = self.prose.joined(separator: "\n")
        self.prose = []
        guard !text.allSatisfy(\.isWhitespace) else { return }
        self.append(.prose(.init(line: self.proseLine, text: text)))
    }

    private mutating func append(_ block: LessonPage.Block) {
        if self.sections.isEmpty { self.sections.append(.init(heading: "", line: 1, blocks: [])) }
        self.sections[self.sections.count - 1].blocks.append(block)
    }

    // MARK: Fenced blocks

    private mutating func fence() throws {
        let opening = self.index
        let info = self.lines[opening].dropFirst(3).split(separator: " ")
        guard let closing = self.lines[(opening + 1)...].firstIndex(where: { $0 == "```" }) else {
            throw self.error("the block opened here is never closed", at: opening + 1)
        }
        let body = self.lines[(opening + 1)..<closing]
        self.index = closing + 1
        let isMarked = info.count >= 2 && info[1] == "elb"
        guard isMarked || (self.dialect == .example && info.first == "console") else {
            if self.prose.isEmpty { self.proseLine = opening + 1 }
            self.prose += self.lines[opening...closing]
            return
        }
        self.endProse()
        let options = Options(info.dropFirst(isMarked ? 2 : 1), file: self.file, line: opening + 1)
        switch info[0] {
        case "console": for step in try self.steps(body, options) { self.append(.console(step)) }
        case "yaml": self.append(.file(try self.fileBlock(body, options)))
        case "predict": self.append(.predict(try self.predict(body, options)))
        default: throw self.error("'\(info[0]) elb' is not a kind of block", at: opening + 1)
        }
    }

    /// One step, or several in an example: the command that starts a lab ends one.
    private mutating func steps(
        _ body: ArraySlice<Substring>,
        _ options: Options
    ) throws -> [LessonPage.ConsoleStep] {
        guard self.dialect == .example else { return [try self.step(self.commands(body), options)] }
        var parts: [[LessonPage.Command]] = [[]]
        for command in try self.commands(body) where command.text != "elblab shell" {
            parts[parts.count - 1].append(command)
            if command.startsLab { parts.append([]) }
        }
        return try parts.filter { !$0.isEmpty }.map { part in
            var step = try self.step(part, options)
            step.entersShell = part.last?.startsLab == true
            step.isBackground = step.isBackground || step.entersShell
            // Without a word about it, a lab is up when it says so.
            if step.entersShell, part.last?.output.isEmpty == true {
                step.commands[step.commands.count - 1].output = ["the lab is up: ...", "..."]
            }
            return step
        }
    }

    private mutating func step(
        _ commands: [LessonPage.Command],
        _ options: Options
    ) throws -> LessonPage.ConsoleStep {
        try options.allow(["step", "timeout", "background", "needs"])
        let number = "\(self.stepIDs.count + 1)"
        let id = try self.dialect == .example ? options.value("step") ?? number : options.required("step")
        guard self.stepIDs.insert(id).inserted else {
            throw self.error("step '\(id)' stands here twice", at: options.line)
        }
        guard !commands.isEmpty else {
            throw self.error("step '\(id)' has no line that starts with '$ '", at: options.line)
        }
        return LessonPage.ConsoleStep(
            id: id,
            line: options.line,
            commands: commands,
            timeoutSeconds: try options.seconds("timeout") ?? 30,
            isBackground: options.has("background"),
            entersShell: false,
            needs: options.value("needs")?.split(separator: ",").map(String.init) ?? [],
            assertions: []
        )
    }

    private func commands(_ body: ArraySlice<Substring>) throws -> [LessonPage.Command] {
        var commands: [LessonPage.Command] = []
        for (index, line) in zip(body.indices, body) {
            if line.hasPrefix("$ ") {
                commands.append(.init(line: index + 1, text: String(line.dropFirst(2)), output: [], exitCode: 0))
                continue
            }
            guard let last = commands.indices.last else {
                throw self.error("the first line of a console block starts with '$ '", at: index + 1)
            }
            if line.hasPrefix("> "), commands[last].output.isEmpty {
                commands[last].text += "\n" + line.dropFirst(2)
            } else if line.hasPrefix("["), line.hasSuffix("]"), let code = Int(line.dropFirst().dropLast()) {
                commands[last].exitCode = code
            } else {
                commands[last].output.append(String(line))
            }
        }
        return commands
    }

    private func fileBlock(_ body: ArraySlice<Substring>, _ options: Options) throws -> LessonPage.FileBlock {
        try options.allow(["file", "excerpt"])
        let excerpt = options.value("excerpt")
        return LessonPage.FileBlock(
            line: options.line,
            name: try excerpt ?? options.required("file"),
            isExcerpt: excerpt != nil,
            text: body.joined(separator: "\n") + "\n"
        )
    }

    private func predict(_ body: ArraySlice<Substring>, _ options: Options) throws -> LessonPage.PredictBlock {
        try options.allow(["id", "shows"])
        let choices = body.filter { $0.hasPrefix("- [ ] ") }.map { String($0.dropFirst(6)) }
        guard choices.count >= 2 else { throw self.error("a prediction needs at least two options", at: options.line) }
        return LessonPage.PredictBlock(
            id: try options.required("id"),
            line: options.line,
            capture: try options.required("shows"),
            question: body.filter { !$0.hasPrefix("- [ ] ") }.joined(separator: "\n"),
            options: choices
        )
    }

    private mutating func assertion(_ line: Substring) throws {
        let number = self.index + 1
        self.index += 1
        guard line.hasSuffix(" -->") else {
            throw self.error("an assertion is one line and ends with ' -->'", at: number)
        }
        self.endProse()
        let text = String(line.dropFirst("<!-- assert ".count).dropLast(" -->".count))
        guard let section = self.sections.indices.last, let block = self.sections[section].blocks.indices.last,
            case .console(var step) = self.sections[section].blocks[block]
        else { throw self.error("an assertion stands directly after a console block", at: number) }
        step.assertions.append(.init(line: number, text: text))
        self.sections[section].blocks[block] = .console(step)
    }

    private func error(_ message: String, at line: Int) -> LessonError {
        LessonError(file: self.file, line: line, message)
    }
}

extension PageParser {
    /// What stands after `elb` in an info string: words, and `key=value`.
    private struct Options {
        let file: String
        let line: Int
        private let values: [String: String]

        init(_ words: ArraySlice<Substring>, file: String, line: Int) {
            self.file = file
            self.line = line
            let pairs = words.map { word in
                let parts = word.split(separator: "=", maxSplits: 1)
                return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
            }
            self.values = Dictionary(pairs) { first, _ in first }
        }

        func has(_ name: String) -> Bool { self.values[name] != nil }

        func value(_ name: String) -> String? { self.values[name] }

        func required(_ name: String) throws -> String {
            guard let value = self.values[name], !value.isEmpty else { throw self.error("'\(name)=' is missing") }
            return value
        }

        /// Reads `20s`.
        func seconds(_ name: String) throws -> Int? {
            guard let text = self.values[name] else { return nil }
            guard text.hasSuffix("s"), let seconds = Int(text.dropLast()), seconds > 0 else {
                throw self.error("'\(name)' is a number of seconds such as 20s")
            }
            return seconds
        }

        func allow(_ names: Set<String>) throws {
            for name in self.values.keys.sorted() where !names.contains(name) {
                throw self.error("unknown option '\(name)'; known: \(names.sorted().joined(separator: ", "))")
            }
        }

        private func error(_ message: String) -> LessonError {
            LessonError(file: self.file, line: self.line, message)
        }
    }
}
