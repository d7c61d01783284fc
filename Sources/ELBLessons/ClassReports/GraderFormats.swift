import ELBConformance
import FoundationEssentials

/// One student's results in the forms of others' grading systems. Schemas of them lie in `fixtures/schemas`.
struct GraderFormats {
    let student: ClassPlan.Student
    let columns: [ClassPlan.Column]
    let cells: [ClassReport.Cell]
    let words: ClassWords

    /// What every form knows: a name, points, and a text.
    private struct Test {
        var name: String
        var verdict: Verdict
        var points: Int
        var maxPoints: Int
        var text: String
        var visibility: LessonCheck.Visibility
    }

    /// One for each check; one for an exercise that has none to show.
    private var tests: [Test] {
        zip(self.columns, self.cells).flatMap { column, cell -> [Test] in
            let checks = self.words.shown(cell, column)
            guard checks.isEmpty else {
                return checks.map { check in
                    Test(
                        name: "\(column.name) \(check.id): \(PlainText.line(check.rule))",
                        verdict: check.verdict,
                        points: check.points,
                        maxPoints: check.maxPoints,
                        text: check.text(self.words.messages, self.words.language),
                        visibility: check.visibility
                    )
                }
            }
            let verdict: Verdict = cell.standing == .error ? .error : cell.standing == .timeout ? .timeout : .fail
            return [
                Test(
                    name: "\(column.name): \(self.words.word(cell.standing))",
                    verdict: verdict,
                    points: 0,
                    maxPoints: cell.maxPoints,
                    text: self.words.reasons(cell).joined(separator: "\n"),
                    visibility: .visible
                )
            ]
        }
    }

    private var points: Int { self.cells.reduce(0) { $0 + $1.points } }
    private var maxPoints: Int { self.cells.reduce(0) { $0 + $1.maxPoints } }

    // MARK: Gradescope

    /// `results.json`. Standard output is none of Gradescope's business here, so what is hidden stays so.
    var gradescope: String {
        let tests = self.tests.enumerated().map { index, test -> JSONText in
            .object([
                ("score", .number(test.points)),
                ("max_score", .number(test.maxPoints)),
                ("status", test.verdict == .pass ? "passed" : "failed"),
                ("name", .string(test.name)),
                ("name_format", "text"),
                ("number", .string("\(index + 1)")),
                ("output", .string(PlainText.lines(test.text))),
                ("output_format", "text"),
                ("visibility", .string(test.visibility.rawValue)),
            ])
        }
        return JSONText.object([
            ("score", .number(self.points)),
            ("output", .string(self.words.say("class.feedback", ["student": PlainText.line(self.student.name)]))),
            ("output_format", "text"),
            ("visibility", "visible"),
            ("stdout_visibility", "hidden"),
            ("tests", .array(tests)),
        ]).text
    }

    // MARK: PrairieLearn

    /// `results.json` of an external grader. Points stand on every test, as it asks: on all or on none.
    var prairieLearn: String {
        get throws {
            let isGradable = self.cells.contains { $0.standing != .notGradable && $0.standing != .missing }
            let result = PrairieLearnResult(
                gradable: isGradable,
                score: Double(self.points) / Double(max(1, self.maxPoints)),
                message: self.words.say("console.points", ["points": "\(self.points)", "max": "\(self.maxPoints)"]),
                format_errors: self.cells.filter { $0.standing == .notGradable }.flatMap { self.words.reasons($0) },
                tests: self.tests.map { test in
                    .init(
                        name: test.name,
                        points: test.points,
                        max_points: test.maxPoints,
                        message: self.words.word(test.verdict),
                        output: PlainText.short(PlainText.lines(test.text), 4000)
                    )
                }
            )
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(result), as: UTF8.self) + "\n"
        }
    }

    /// Its members have PrairieLearn's names.
    private struct PrairieLearnResult: Encodable {
        var gradable: Bool
        /// 0 to 1.
        var score: Double
        var message: String
        var format_errors: [String]
        var tests: [Test]

        struct Test: Encodable {
            var name: String
            var points: Int
            var max_points: Int
            var message: String
            var output: String
        }
    }

    // MARK: Classroom 50

    /// `result.json` of `classroom50/result/v1`: whole numbers only, and who it is from the environment of its runner. Without that it is a
    /// dry run of the student's folder.
    func classroom50(_ environment: [String: String], datetime: String) -> String {
        let given = { (name: String, other: String) in
            let value = environment[name] ?? ""
            return JSONText.string(value.isEmpty ? other : value)
        }
        let commit = environment["COMMIT_URL"].flatMap { $0.isEmpty ? nil : $0 } ?? "local"
        let tests = self.tests.map { test -> JSONText in
            .object([
                ("test-name", .string(test.name)),
                ("passed", .boolean(test.verdict == .pass)),
                ("score", .number(test.points)),
                ("max-score", .number(test.maxPoints)),
            ])
        }
        return JSONText.object([
            ("schema", "classroom50/result/v1"),
            ("classroom", given("CLASSROOM", "local")),
            ("assignment", given("ASSIGNMENT", Set(self.columns.map(\.lesson.id)).sorted().joined(separator: " "))),
            ("submission", given("SUBMISSION_TAG", PlainText.line(self.student.id))),
            ("commit", .string(commit)),
            ("release", given("RELEASE_URL", commit)),
            ("review", given("REVIEW_URL", commit)),
            ("datetime", .string(datetime)),
            ("score", .number(self.points)),
            ("max-score", .number(self.maxPoints)),
            ("tests", .array(tests)),
        ]).text
    }
}
