import ELBConformance

/// A graded answer as `elblab/result/v1`, the one source of all other formats.
package enum GradeJSON {
    /// - Parameter isWhole: for the teacher: with all about checks that learners see only the public wording of.
    package static func text(_ whole: GradeReport, messages: Messages, isWhole: Bool = false) -> String {
        let report = isWhole ? whole : whole.shown
        return JSONText.object([
            ("schema", "elblab/result/v1"),
            ("lesson", .string(report.lesson)),
            ("exercise", .string(report.exercise)),
            ("subject", .object([("kind", "student"), ("id", .string(report.answer))])),
            ("seed", .number(Int(clamping: report.seed))),
            ("timeScale", .number(report.timeScale)),
            ("sandbox", .string(report.sandbox.rawValue)),
            ("durationMs", .number(Int(report.duration / .milliseconds(1)))),
            ("gradable", .boolean(report.notGradable.isEmpty)),
            ("formatErrors", .array(report.notGradable.map { .string($0) })),
            ("verdict", .string(report.verdict.rawValue)),
            ("score", .number(report.points)),
            ("maxScore", .number(report.maxPoints)),
            ("checks", .array(report.checks.map { Self.check($0, messages) })),
            ("review", .array([])),
        ]).text
    }

    private static func check(_ graded: GradedCheck, _ messages: Messages) -> JSONText {
        .object(Self.checkMembers(graded, messages))
    }

    static func checkMembers(_ graded: GradedCheck, _ messages: Messages) -> [(String, JSONText)] {
        var members: [(String, JSONText)] = [
            ("id", .string(graded.check.id)),
            ("uuid", .string(graded.check.uuid)),
            ("level", .string(graded.check.level.rawValue)),
            ("behaviours", .array(graded.check.behaviours.map { .string($0) })),
            ("status", .string(graded.verdict.rawValue)),
            ("points", .number(graded.points)),
            ("maxPoints", .number(graded.maxPoints)),
            ("ref", .string(graded.check.reference)),
        ]
        if graded.verdict == .blocked, let need = graded.reason?.parameters["check"] {
            members.append(("needs", .string(need)))
        } else if let reason = graded.reason {
            members.append(("reason", Self.both(reason, messages)))
        }
        if let found = graded.finding {
            members += [
                ("message", Self.message(found.actual)),
                ("text", Self.both { graded.check.rule(messages, in: $0) }),
                ("tried", Self.both(found.tried, messages)),
                ("expected", Self.both(found.expected, messages)),
                ("actual", Self.both(found.actual, messages)),
                (
                    "evidence",
                    .array(found.evidence.map { .object([("name", .string($0.name)), ("text", .string($0.text))]) })
                ),
                ("lookNext", Self.both { graded.check.look(messages, in: $0) }),
            ]
        }
        return members
    }

    private static func message(_ message: Message) -> JSONText {
        let parameters = message.parameters.sorted { $0.key < $1.key }.map { ($0.key, JSONText.string($0.value)) }
        return .object([("id", .string(message.id)), ("params", .object(parameters))])
    }

    private static func both(_ message: Message, _ messages: Messages) -> JSONText {
        Self.both { messages.text(message, in: $0) }
    }

    private static func both(_ text: (Language) -> String) -> JSONText {
        .object(Language.allCases.map { ($0.rawValue, .string(text($0))) })
    }
}
