import FoundationEssentials

/// The files of a new lesson, with the pages' skeleton and everything that must be filled marked `TODO`.
package struct LessonScaffold: Sendable {
    private let id: String
    private let kind: ExerciseManifest.Kind
    private let root: String

    package init(id: String, kind: ExerciseManifest.Kind, root: String) {
        self.id = id
        self.kind = kind
        self.root = root
    }

    /// Two digits, a hyphen, and words of lower-case letters and digits.
    package static func isID(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count > 1 && parts[0].count == 2 && parts[0].allSatisfy { $0.isASCII && $0.isNumber }
            && parts.dropFirst().allSatisfy { part in
                !part.isEmpty && part.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber) }
            }
    }

    /// Writes what is not there yet.
    /// - Returns: the paths written.
    package func write() throws -> [String] {
        var written: [String] = []
        for (path, text) in self.files.sorted(by: { $0.key < $1.key }) {
            let file = "\(self.root)/\(path)"
            guard !FileManager.default.fileExists(atPath: file) else { continue }
            do {
                try FileManager.default.createDirectory(
                    atPath: LabFiles.folder(of: file),
                    withIntermediateDirectories: true
                )
                try Data(text.utf8).write(to: URL(filePath: file), options: .atomic)
            } catch {
                throw LessonError(file: file, "cannot be written: \(LessonError.reason(error))")
            }
            written.append(file)
        }
        return written
    }

    private var exercise: String { "a-\(self.kind.rawValue)" }

    private var answer: String {
        switch self.kind {
        case .config, .predict: "answer.yaml"
        case .cli: "answer.sh"
        case .code: "subject.yaml"
        }
    }

    private var files: [String: String] {
        let lesson = self.id
        let exercise = "\(lesson)/exercise/\(self.exercise)"
        let solution = "solutions/\(lesson)/\(self.exercise)"
        var files = [
            "\(lesson)/lesson.yaml": self.manifest,
            "\(lesson)/demo/lb.yaml": Self.template,
            "\(lesson)/quirks.yaml": "quirks: []\n",
            "\(exercise)/exercise.yaml": self.exerciseManifest,
            "\(exercise)/checks.yaml": Self.checks,
            "\(exercise)/starter/\(self.answer)": self.starter,
            "\(lesson)/wrong/w-todo/expect.yaml":
                "why: { en: \"TODO\", ko: \"TODO\" }\nfails: [todo.first]\nexercise: \(self.exercise)\n",
            "\(lesson)/wrong/w-todo/\(self.answer)": self.starter,
            "\(solution)/\(self.answer)": self.starter,
        ]
        if self.kind == .predict || self.kind == .cli { files["\(exercise)/starter/lb.yaml"] = Self.template }
        for language in Language.allCases {
            files["\(lesson)/\(language.rawValue).md"] = self.page(language)
            files["\(exercise)/hints.\(language.rawValue).md"] = Self.hints
            files["\(solution)/why.\(language.rawValue).md"] = "TODO\n"
        }
        return files
    }

    private func page(_ language: Language) -> String {
        var text = "# TODO\n"
        for (index, heading) in (PageRules.headings[language] ?? []).enumerated() {
            text += "\n## \(heading)\n\n"
            text += index == 6 ? "\(CheckedSection.opening)\n\(CheckedSection.closing)\n" : "TODO\n"
        }
        return text
    }

    private var manifest: String {
        """
        id: \(self.id)
        title: { en: TODO, ko: TODO }
        goals:
          - { en: TODO, ko: TODO }
        features: []
        references: []
        slips: []

        """
    }

    private var exerciseManifest: String {
        let template = self.kind == .predict || self.kind == .cli ? "template: lb.yaml\n" : ""
        return """
            id: \(self.exercise)
            kind: \(self.kind.rawValue)
            title: { en: TODO, ko: TODO }
            answer: \(self.answer)
            time-scale: 25
            fleet: []
            \(template)
            """
    }

    private var starter: String {
        switch self.kind {
        case .config: Self.template
        case .predict: "# TODO: a question in a comment\nquestion: \"?\"\n"
        case .cli: "#!/usr/bin/env bash\n# TODO: aws elbv2 …\n"
        case .code: "Name: my-balancer\nCommand: [python3, balancer.py]\n"
        }
    }

    private static let template = "AWSTemplateFormatVersion: \"2010-09-09\"\nDescription: TODO\nResources: {}\n"

    private static let hints = """
        ## any

        ### 1
        TODO

        ## todo.first

        ### 1
        TODO

        ### 2
        TODO

        ### 3
        TODO

        """

    private static let checks = """
        checks:
          - id: todo.first
            uuid: TODO
            level: core
            feature: TODO
            points: 1
            behaviours: []
            ref: https://docs.aws.amazon.com/elasticloadbalancing/
            rule: { en: TODO, ko: TODO }
            look: { en: TODO, ko: TODO }
            judge: reachable
            with: { zones: 2 }

        """
}
