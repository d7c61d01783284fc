import FoundationEssentials

/// What can be said about a lesson's pages without running anything.
package enum PageRules {
    /// The skeleton of every page, in order.
    package static let headings: [Language: [String]] = [
        .en: [
            "In one sentence", "Why it matters", "Idea", "Run it", "Predict, then look", "Exercise", "What is checked",
            "Put the notes right", "On real AWS", "Sources", "Next",
        ],
        .ko: [
            "한 문장으로", "왜 중요한가", "개념", "실행해 보기", "예측하고 확인하기", "연습 문제", "채점 항목",
            "노트 바로잡기", "실제 AWS에서는", "출처", "다음",
        ],
    ]

    /// The longest 'Idea' section, in words.
    package static let longestIdea = 300

    /// The widest drawing, in a terminal's columns: a wider one breaks into pieces.
    package static let widestDrawing = 80

    /// Everything that is wrong with a page by itself.
    package static func problems(of page: LessonPage, text: String, lesson: Lesson, messages: Messages) -> [LessonError]
    {
        var problems: [LessonError] = []
        let found = page.sections.map(\.heading).filter { !$0.isEmpty }
        let wanted = Self.headings[page.language] ?? []
        if found != wanted {
            let first = zip(found, wanted).first { $0 != $1 }.map { "'\($0.0)' stands where '\($0.1)' belongs" }
            let count = "\(found.count) sections, not \(wanted.count)"
            problems.append(LessonError(file: page.file, line: 1, "the skeleton is not kept: \(first ?? count)"))
        }
        if page.language == .en, let idea = page.sections.first(where: { $0.heading == "Idea" }) {
            let words = idea.blocks.reduce(0) { $0 + Self.words(in: $1) }
            if words > Self.longestIdea {
                problems.append(
                    LessonError(
                        file: page.file,
                        line: idea.line,
                        "'Idea' has \(words) words, not at most \(Self.longestIdea)"
                    )
                )
            }
        }
        problems += Self.wideDrawings(in: page)
        for slip in lesson.manifest.slips where !text.contains("<!-- slip: \(slip) -->") {
            problems.append(
                LessonError(file: page.file, "the slip '\(slip)' is not put right (no '<!-- slip: \(slip) -->')")
            )
        }
        for link in Self.relativeLinks(in: text) {
            let path = "\(lesson.folder)/\(link)"
            if !FileManager.default.fileExists(atPath: path) {
                problems.append(LessonError(file: page.file, "links to '\(link)', which is not there"))
            }
        }
        for reference in lesson.manifest.references where !text.contains(reference) {
            problems.append(LessonError(file: page.file, "does not name its source \(reference)"))
        }
        let table = CheckedSection.table(lesson.exercises, messages, in: page.language)
        if CheckedSection.updated(text, table: table) != text {
            problems.append(
                LessonError(
                    file: page.file,
                    "'What is checked' is not what checks.yaml says; run 'elblab dev check --update'"
                )
            )
        }
        return problems + Self.excerptProblems(page, lesson) + Self.predictionProblems(page)
    }

    /// Commands, step by step, must be the same in every language: one run answers for all.
    package static func differences(_ english: LessonPage, _ other: LessonPage) -> [LessonError] {
        let (left, right) = (english.steps, other.steps)
        guard left.map(\.id) == right.map(\.id) else {
            return [LessonError(file: other.file, "has other steps, or in another order, than \(english.file)")]
        }
        var problems = zip(left, right).filter { $0.commands.map(\.text) != $1.commands.map(\.text) }.map {
            LessonError(
                file: other.file,
                line: $1.line,
                "step '\($0.id)' has other commands than \(english.file):\($0.line)"
            )
        }
        let (asked, askedHere) = (english.predictions, other.predictions)
        if asked.map(\.id) != askedHere.map(\.id) || asked.map(\.capture) != askedHere.map(\.capture) {
            problems.append(LessonError(file: other.file, "has other predictions than \(english.file)"))
        }
        return problems
    }

    /// After the steps have run: each prediction's value was captured, and exactly one option stands for it.
    package static func answers(_ page: LessonPage, captures: [String: String]) -> [LessonError] {
        page.predictions.compactMap { prediction in
            guard let value = captures[prediction.capture] else {
                return LessonError(file: page.file, line: prediction.line, "no step captured '\(prediction.capture)'")
            }
            let right = prediction.options.filter { Self.option($0, means: value) }
            guard right.count != 1 else { return nil }
            return LessonError(
                file: page.file,
                line: prediction.line,
                "\(right.count) options stand for \(prediction.capture) = \(value)"
            )
        }
    }

    /// Whether an option, `25 %`, stands for a captured value, `25`.
    package static func option(_ option: String, means value: String) -> Bool {
        option.split(separator: " ").first.map(String.init) == value
    }

    /// Lines of plain fenced blocks that a terminal would break.
    private static func wideDrawings(in page: LessonPage) -> [LessonError] {
        page.sections.flatMap(\.blocks).flatMap { block -> [LessonError] in
            guard case .prose(let prose) = block else { return [] }
            var inFence = false
            let lines = prose.text.split(separator: "\n", omittingEmptySubsequences: false)
            return lines.enumerated().compactMap { index, line in
                if line.hasPrefix("```") { inFence.toggle() }
                let width = Columns.width(of: String(line))
                guard inFence, width > Self.widestDrawing else { return nil }
                let message = "a drawing's line has \(width) columns, not at most \(Self.widestDrawing)"
                return LessonError(file: page.file, line: prose.line + index, message)
            }
        }
    }

    private static func excerptProblems(_ page: LessonPage, _ lesson: Lesson) -> [LessonError] {
        page.sections.flatMap(\.blocks).compactMap { block in
            guard case .file(let excerpt) = block, excerpt.isExcerpt else { return nil }
            guard let whole = try? LabFiles.text("\(lesson.folder)/\(excerpt.name)") else {
                return LessonError(file: page.file, line: excerpt.line, "quotes '\(excerpt.name)', which is not there")
            }
            guard !whole.contains(excerpt.text) else { return nil }
            return LessonError(file: page.file, line: excerpt.line, "these lines do not stand so in '\(excerpt.name)'")
        }
    }

    private static func predictionProblems(_ page: LessonPage) -> [LessonError] {
        let captured = page.steps.flatMap(\.commands).flatMap(\.output).joined(separator: "\n")
        return page.predictions.filter { !captured.contains("<\($0.capture):") }.map {
            LessonError(file: page.file, line: $0.line, "no step captures '\($0.capture)'")
        }
    }

    private static func words(in block: LessonPage.Block) -> Int {
        // A drawing is looked at, not read; its text twin counts.
        guard case .prose(let prose) = block else { return 0 }
        var inFence = false
        return prose.text.split(separator: "\n").reduce(0) { count, line in
            if line.hasPrefix("```") { inFence.toggle() }
            return inFence || line.hasPrefix("```") ? count : count + line.split(separator: " ").count
        }
    }

    /// The targets of links that lead to files beside the page.
    static func relativeLinks(in text: String) -> [String] {
        text.split(separator: "](").dropFirst().compactMap { part in
            guard let close = part.firstIndex(of: ")") else { return nil }
            let link = part[..<close]
            return link.hasPrefix("http") || link.hasPrefix("#") ? nil : String(link)
        }
    }
}
