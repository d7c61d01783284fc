import ELBConformance
import ELBLessons
import ELBModel

/// What a learner is told about a lesson in hand, as text: the same from `lesson hint`, `explain`, `solution` and `list`, and while an answer
/// is watched.
struct LessonDesk {
    let context: LessonContext

    private func say(_ id: String, _ parameters: [String: String] = [:]) -> String {
        self.context.say(id, parameters)
    }

    // MARK: Lists

    /// One line for each lesson: which is in hand, and how far each is.
    func list(_ progress: Progress, bold: (String) -> String = { $0 }) throws -> String {
        try self.context.library.index.entries.map { entry in
            let lesson = try self.context.reporting { try self.context.library.lesson(entry.id) }
            let mark = progress.lessonInHand == entry.id ? "*" : " "
            let facts = [
                self.say("lesson.minutes", ["minutes": "\(entry.minutes)"]),
                self.say("lesson.difficulty.\(entry.difficulty.rawValue)"),
                self.state(progress[entry.id]),
            ]
            let title = lesson.manifest.title[self.context.language]
            return "\(mark) \(bold(entry.id))  \(title)  (\(facts.joined(separator: ", ")))"
        }.joined(separator: "\n")
    }

    func state(_ progress: Progress.LessonProgress) -> String {
        if progress.passed { return self.say("lesson.passed") }
        guard progress.attempts > 0 else { return self.say("lesson.open") }
        return self.say(
            "lesson.begun",
            [
                "attempts": "\(progress.attempts)", "points": "\(progress.bestPoints)",
                "max": "\(progress.maxPoints)",
            ]
        )
    }

    // MARK: Hints

    /// One more hint about what failed last; of the exercise given, or of that which the failed check belongs to.
    ///
    /// - Parameter command: whether to tell how to get the next one by a command.
    func hint(
        _ lesson: Lesson,
        _ exercise: Exercise? = nil,
        _ progress: inout Progress,
        command: Bool = true
    ) throws -> String {
        let failed = progress[lesson.id].lastFailedCheck
        let owner = lesson.exercises.first { exercise in exercise.checks.contains { $0.id == failed } }
        guard let asked = exercise ?? owner ?? self.open(lesson, progress[lesson.id]) else { return "" }
        let hints = try self.context.reporting { try asked.hints(self.context.language) }
        guard let hint = progress.nextHint(for: asked.id, in: lesson.id, from: hints) else { return "" }
        let about = hint.check ?? self.say("lesson.hint-any")
        let counts = ["number": "\(hint.number)", "count": "\(hint.count)", "check": about]
        var parts = [self.say("lesson.hint", counts), "", self.context.reading(hint.text)]
        if hint.number == hint.count {
            parts += ["", self.say("lesson.hint-last")]
        } else if command {
            parts += ["", self.say("lesson.hint-more")]
        }
        return parts.joined(separator: "\n")
    }

    /// The first exercise that has not passed.
    func open(_ lesson: Lesson, _ progress: Progress.LessonProgress) -> Exercise? {
        self.allOpen(lesson, progress).first ?? lesson.exercises.first
    }

    /// Every exercise that has not passed.
    func allOpen(_ lesson: Lesson, _ progress: Progress.LessonProgress) -> [Exercise] {
        lesson.exercises.filter { progress.exercises[$0.id]?.passed != true }
    }

    // MARK: Explanations

    /// What a check is about and where that is written; never what the answer is.
    func explain(_ check: LessonCheck, of exercise: Exercise, in lesson: Lesson) -> String {
        let (messages, language) = (self.context.messages, self.context.language)
        let needs = check.needs.joined(separator: ", ")
        let names = ["level": check.level.rawValue, "points": "\(check.points)"]
        var parts: [(String, String)] = [
            ("check", check.id), ("exercise", "\(lesson.id) / \(exercise.id)"),
            ("rule", check.rule(messages, in: language)),
            ("worth", self.say("explain.points", names)),
        ]
        if !needs.isEmpty { parts.append(("needs", needs)) }
        parts += [("read", check.reference), ("look", check.look(messages, in: language))]
        var lines = parts.flatMap { name, text in self.part(name, text) }
        for row in self.rows(check.behaviours) {
            lines += self.part("row", "\(row.id)  \(row.statement)")
            for source in row.sources { lines.append(Self.indent + "\(source.title): \(source.url)") }
        }
        return lines.joined(separator: "\n")
    }

    private static let indent = String(repeating: " ", count: 10)

    private func part(_ name: String, _ text: String) -> [String] {
        let label = ELBLessons.Columns.pad(self.say("explain.\(name)"), to: Self.indent.count)
        // An address stays whole, so that it can be followed.
        return ELBLessons.Columns.wrap(text, to: 80 - Self.indent.count).enumerated().map { index, line in
            (index == 0 ? label : Self.indent) + line
        }
    }

    /// Rows of the behaviour catalogue; none where it is not at hand.
    private func rows(_ ids: [String]) -> [Behaviour] {
        guard !ids.isEmpty, let root = ProjectFiles.root(),
            let catalogue = try? BehaviourCatalogue(directory: root + "/fixtures/behaviour")
        else { return [] }
        return ids.compactMap { BehaviourID($0).flatMap { catalogue[$0] } }
    }

    // MARK: Solutions

    /// The model answer and its reasons, or, asked too early, what to do first.
    func solution(
        _ lesson: Lesson,
        _ exercise: Exercise,
        _ progress: inout Progress,
        force: Bool
    ) throws -> (
        text: String, isShown: Bool
    ) {
        let language = self.context.language
        let hints = try self.context.reporting { try exercise.hints(language) }
        if !force, progress.requestSolution(of: exercise.id, in: lesson.id, hints: hints) == .askAgain {
            return (self.say("lesson.solution-ask"), false)
        }
        let reasons = try self.context.reporting { try exercise.solutionReasons(language) }
        return (
            "\(self.context.reading(reasons))\n\(exercise.solution(in: self.context.workspace.language(of: exercise, in: lesson)))",
            true
        )
    }
}
