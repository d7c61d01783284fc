package import ELBConformance
import FoundationEssentials

/// A check of an answer as it goes on, one JSON object a line: what `lesson check --stream` prints and `lesson watch` reads.
package enum CheckEvent: Hashable, Sendable {
    case began(Begin)
    case decided(Decision)
    case ended(End)

    package struct Begin: Hashable, Sendable, Codable {
        package var lesson: String
        package var exercise: String
        package var seed: UInt64
        package var timeScale: Int
    }

    /// One check and what became of it, in the words of `elblab/result/v1`.
    package struct Decision: Hashable, Sendable, Codable {
        package var id: String
        package var status: String
        package var points: Int
        package var maxPoints: Int
        package var ref: String
        /// The check that must pass first.
        package var needs: String?
        package var reason: Texts?
        /// The rule; this and what follows is there when the check has failed.
        package var text: Texts?
        package var tried: Texts?
        package var expected: Texts?
        package var actual: Texts?
        package var evidence: [Evidence]?
        package var lookNext: Texts?

        package var verdict: Verdict { Verdict(rawValue: self.status) ?? .error }
    }

    package struct Texts: Hashable, Sendable, Codable {
        package var en: String
        package var ko: String

        package subscript(_ language: Language) -> String {
            switch language {
            case .en: self.en
            case .ko: self.ko
            }
        }
    }

    package struct Evidence: Hashable, Sendable, Codable {
        package var name: String
        package var text: String
    }

    package struct End: Hashable, Sendable, Codable {
        package var verdict: String
        package var score: Int
        package var maxScore: Int
        /// Lines as for an editor, when the answer cannot be judged.
        package var formatErrors: [String]
    }

    /// The event of one line; `nil` when the line is none.
    package init?(line: String) {
        struct Kind: Codable { var event: String }
        let data = Data(line.utf8)
        let decoder = JSONDecoder()
        guard line.hasPrefix("{"), let kind = try? decoder.decode(Kind.self, from: data) else { return nil }
        switch kind.event {
        case "begin": self.init(try? decoder.decode(Begin.self, from: data)) { .began($0) }
        case "check": self.init(try? decoder.decode(Decision.self, from: data)) { .decided($0) }
        case "end": self.init(try? decoder.decode(End.self, from: data)) { .ended($0) }
        case _: return nil
        }
    }

    private init?<Body>(_ body: Body?, _ make: (Body) -> Self) {
        guard let body else { return nil }
        self = make(body)
    }
}

extension GradeJSON {
    /// The lines of `CheckEvent`, each with its line break.
    package static func began(_ lesson: String, _ exercise: Exercise, seed: UInt64) -> String {
        JSONText.object([
            ("event", "begin"),
            ("lesson", .string(lesson)),
            ("exercise", .string(exercise.id)),
            ("seed", .number(Int(clamping: seed))),
            ("timeScale", .number(exercise.manifest.timeScale)),
        ]).oneLine
    }

    package static func decided(_ graded: GradedCheck, of exercise: Exercise, _ messages: Messages) -> String {
        let shown = graded.shown(exercise.checks.shownChecks)
        return JSONText.object([("event", "check")] + Self.checkMembers(shown, messages)).oneLine
    }

    package static func ended(_ report: GradeReport) -> String {
        JSONText.object([
            ("event", "end"),
            ("verdict", .string(report.verdict.rawValue)),
            ("score", .number(report.points)),
            ("maxScore", .number(report.maxPoints)),
            ("formatErrors", .array(report.notGradable.map { .string($0) })),
        ]).oneLine
    }
}

extension JSONText {
    /// The same on one line, with its line break. Texts have no line breaks of their own once they are quoted.
    var oneLine: String {
        self.text.split(separator: "\n").map { $0.drop { $0 == " " } }.joined() + "\n"
    }
}
