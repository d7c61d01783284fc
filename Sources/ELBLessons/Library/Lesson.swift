import FoundationEssentials

/// One lesson, read whole.
package struct Lesson: Sendable {
    package let folder: String
    package let manifest: LessonManifest
    package let exercises: [Exercise]

    package init(folder: String, solutions: String) throws {
        self.folder = folder
        self.manifest = try LessonManifest(path: "\(folder)/lesson.yaml")
        let names = LabFiles.names(in: "\(folder)/exercise")
        self.exercises = try names.map { name in
            try Exercise(
                folder: "\(folder)/exercise/\(name)",
                solution: "\(solutions)/\(name)",
                wrong: "\(folder)/wrong",
                isFirst: name == names.first
            )
        }
        var ids: Set<String> = []
        for check in self.exercises.flatMap(\.checks) where !ids.insert(check.id).inserted {
            throw LessonError(file: folder, "two exercises have a check '\(check.id)'")
        }
        for id in LabFiles.names(in: "\(folder)/wrong")
        where !self.exercises.contains(where: { $0.wrongAnswers.contains { $0.id == id } }) {
            throw LessonError(file: "\(folder)/wrong/\(id)/expect.yaml", "names an exercise that the lesson has not")
        }
    }

    package var id: String { self.manifest.id }

    package func pageText(_ language: Language) throws -> String {
        try LabFiles.text(self.pageFile(language))
    }

    package func page(_ language: Language) throws -> LessonPage {
        try PageParser.parse(try self.pageText(language), file: self.pageFile(language), language: language)
    }

    package func pageFile(_ language: Language) -> String {
        "\(self.folder)/\(language.rawValue).md"
    }

    /// Faults of the balancer that the model solution, run on it, must reveal.
    package func quirks() throws -> [(quirk: String, expected: ExpectedFailures)] {
        let path = "\(self.folder)/quirks.yaml"
        return FileManager.default.fileExists(atPath: path) ? try ExpectedFailures.quirks(path: path) : []
    }
}

/// One exercise: what the learner gets, and what the answer is judged by.
package struct Exercise: Sendable {
    package let folder: String
    /// Folder of the model answer and its reasons.
    package let solutionFolder: String
    package let manifest: ExerciseManifest
    package let checks: [LessonCheck]
    package let wrongAnswers: [WrongAnswer]
    /// Whether what names no exercise of its lesson means this one.
    package let isFirst: Bool

    /// A plausible mistake and what it must lead to.
    package struct WrongAnswer: Hashable, Sendable {
        package var id: String
        package var file: String
        package var why: LocalizedText
        package var expected: ExpectedFailures
    }

    /// - Parameter isFirst: whether wrong answers that name no exercise are this one's.
    package init(folder: String, solution: String, wrong: String, isFirst: Bool = true) throws {
        self.folder = folder
        self.solutionFolder = solution
        let manifest = try ExerciseManifest(path: "\(folder)/exercise.yaml")
        self.manifest = manifest
        self.checks = try LessonCheck.read(path: "\(folder)/checks.yaml")
        self.isFirst = isFirst
        self.wrongAnswers = try LabFiles.names(in: wrong).compactMap { id in
            let expectation = try ExpectedFailures.wrongAnswer(path: "\(wrong)/\(id)/expect.yaml")
            guard expectation.expected.exercise.map({ $0 == manifest.id }) ?? isFirst else { return nil }
            return WrongAnswer(
                id: id,
                file: "\(wrong)/\(id)/\(manifest.answer)",
                why: expectation.why,
                expected: expectation.expected
            )
        }
    }

    package var id: String { self.manifest.id }
    package var starter: String { self.starter(in: nil) }
    package var solution: String { self.solution(in: nil) }

    /// The starter's folder in a language of the exercise, or in its usual one.
    package func starter(in language: String?) -> String { "\(self.folder)/starter" + self.subfolder(language) }

    /// The model answer in a language of the exercise, or in its usual one.
    package func solution(in language: String?) -> String {
        self.solutionFolder + self.subfolder(language) + "/" + self.manifest.answer
    }

    private func subfolder(_ language: String?) -> String {
        (language ?? self.manifest.languages.first).map { "/\($0)" } ?? ""
    }

    package func solutionReasons(_ language: Language) throws -> String {
        try LabFiles.text("\(self.solutionFolder)/why.\(language.rawValue).md")
    }

    package func hints(_ language: Language) throws -> Hints {
        let path = "\(self.folder)/hints.\(language.rawValue).md"
        return try Hints(try LabFiles.text(path), file: path)
    }
}

/// `hints.en.md`: for each check, three hints that ask before they tell. A `## check-id` heading opens a check's hints, `## any`
/// those for when no check has failed yet; `### ` separates one hint from the next.
package struct Hints: Hashable, Sendable {
    private let byCheck: [String: [String]]

    /// Hints of the check, or the general ones.
    package func hints(for check: String?) -> [String] {
        check.flatMap { self.byCheck[$0] } ?? self.byCheck["any"] ?? []
    }

    package var checks: [String] { self.byCheck.keys.sorted() }
    /// Every hint, for the author's checks.
    package var all: [String] { self.byCheck.sorted { $0.key < $1.key }.flatMap(\.value) }

    package init(_ text: String, file: String) throws {
        var byCheck: [String: [String]] = [:]
        var check: String?
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.hasPrefix("### ") {
                guard let check else { throw LessonError(file: file, line: number + 1, "a hint before any '## check'") }
                byCheck[check, default: []].append("")
            } else if line.hasPrefix("## ") {
                let name = String(line.dropFirst(3))
                check = name
                byCheck[name] = []
            } else if let check, let last = byCheck[check]?.indices.last {
                byCheck[check]?[last] += line + "\n"
            }
        }
        guard byCheck["any"] != nil else { throw LessonError(file: file, "has no '## any' hints") }
        self.byCheck = byCheck.mapValues { hints in
            hints.map { String($0.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()) }
        }
    }
}
