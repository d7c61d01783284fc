import ELBConformance
import ELBLessons
import FoundationEssentials
import Glibc
import Synchronization

/// A class in a folder that goes with it, a kit of one lesson with a hidden check among its checks, and a judge that judges by a glance
/// at the answer: `right`, `wrong`, `crash`, `slow`.
final class SampleClass: Sendable {
    let folder: String
    private let judged = Mutex<[String]>([])

    init() throws {
        self.folder = FileManager.default.temporaryDirectory.appending(path: "elblab-test-\(UUID().uuidString)").path
        for path in ["submitted", "out"] {
            try FileManager.default.createDirectory(atPath: "\(self.folder)/\(path)", withIntermediateDirectories: true)
        }
        try self.writeKit()
    }

    deinit { try? FileManager.default.removeItem(atPath: self.folder) }

    var submitted: String { "\(self.folder)/submitted" }
    var out: String { "\(self.folder)/out" }
    /// What was judged so far, by the answers' texts.
    var answers: [String] { self.judged.withLock { $0 } }

    func hand(in text: String, _ path: String) throws { try self.hand(in: Array(text.utf8), path) }

    func hand(in bytes: [UInt8], _ path: String) throws { try self.write(bytes, "submitted/\(path)") }

    private func write(_ bytes: [UInt8], _ path: String) throws {
        let file = "\(self.folder)/\(path)"
        let parent = String(file[..<(file.lastIndex(of: "/") ?? file.endIndex)])
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: file))
    }

    // MARK: The kit

    private func writeKit() throws {
        let lesson = "lessons/01-sample"
        let texts = [
            "lessons/index.yaml": """
            lessons:
              - { id: 01-sample, minutes: 1, difficulty: easy, needs: [], notes: { en: "1", ko: "1" } }

            """,
            "\(lesson)/lesson.yaml": """
            id: 01-sample
            title: { en: Sample, ko: 예 }
            goals: []
            features: []
            references: []
            slips: []

            """,
            "\(lesson)/exercise/a-config/exercise.yaml": self.exercise("a-config", "config", "answer.yaml"),
            "\(lesson)/exercise/a-config/checks.yaml": Self.checks("s"),
            "\(lesson)/exercise/a-config/starter/answer.yaml": "start: here\n",
            "\(lesson)/exercise/b-code/exercise.yaml": self.exercise("b-code", "code", "subject.yaml"),
            "\(lesson)/exercise/b-code/checks.yaml": Self.checks("c"),
            "\(lesson)/exercise/b-code/starter/subject.yaml": "Command: [./start.sh]\n",
            "\(lesson)/exercise/b-code/starter/start.sh": "elblab lesson check\n",
        ]
        for (path, text) in texts { try self.write(Array(text.utf8), path) }
    }

    private func exercise(_ id: String, _ kind: String, _ answer: String) -> String {
        """
        id: \(id)
        kind: \(kind)
        title: { en: Sample, ko: 예 }
        answer: \(answer)
        time-scale: 10
        fleet: []

        """
    }

    private static func checks(_ prefix: String) -> String {
        let check = { (name: String, points: Int, more: String) in
            """
              - id: \(prefix).\(name)
                uuid: \(prefix)-\(name)
                level: core
                feature: f
                points: \(points)
                behaviours: []
                ref: https://docs.aws.amazon.com/\(name)
                rule: { en: "Rule of \(name) <b>", ko: "규칙 \(name)" }
                look: { en: "Look at \(name)", ko: "\(name) 보기" }
                judge: registered-once
            \(more)
            """
        }
        return "checks:\n" + check("open", 2, "")
            + check(
                "trap",
                3,
                "    visibility: after_due_date\n    shown-as: { en: Something careful, ko: 세심한 것 }\n"
            )
            + check("behind", 1, "    needs: [\(prefix).trap]\n") + check("further", 1, "    needs: [\(prefix).trap]\n")
    }

    // MARK: Grading

    func library() throws -> LessonLibrary { try LessonLibrary(root: "\(self.folder)/lessons") }

    func plan(roster: String? = nil) throws -> ClassPlan {
        let roster = try roster.map { try Roster($0, file: "roster.csv") }
        return try ClassPlan(folder: self.submitted, roster: roster, library: try self.library(), lessons: [])
    }

    /// - Parameter stop: called before each judging; may throw, as a signal or a full disk would.
    func grade(
        roster: String? = nil,
        seed: UInt64 = 1,
        version: String = "1",
        jobs: Int = 2,
        stop: @escaping @Sendable () throws -> Void = {}
    ) async throws -> ClassReport {
        let grader = ClassGrader(
            store: ResultStore(folder: self.out),
            seed: seed,
            jobs: jobs,
            version: version,
            // Weak, and strong enough for a dozen short texts.
            digest: { bytes in
                let sum = bytes.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
                return String(sum, radix: 16)
            },
            ownDigest: nil,
            judge: { submission, column in
                try stop()
                let answer = submission.files.first { $0.path == submission.answer }?.bytes ?? []
                let text = String(decoding: answer, as: UTF8.self)
                self.judged.withLock { $0.append(text) }
                return Self.result(text, column, seed)
            }
        )
        return try await grader.run(try self.plan(roster: roster))
    }

    /// What a learner's program may have said.
    static let mischief =
        "\u{1B}[2J::error::pwned\n::stop-commands::x\n</pre><script>alert(1)</script>\n```\n=HYPERLINK(\"x\")"

    private static func result(_ text: String, _ column: ClassPlan.Column, _ seed: UInt64) -> SubmissionResult {
        var result = SubmissionResult(
            lesson: column.lesson.id,
            exercise: column.exercise,
            seed: seed,
            verdict: text.contains("right") ? .pass : text.contains("crash") ? .error : .fail,
            reason: text.contains("crash") ? "its judge ended by signal 11" : nil
        )
        guard !text.contains("crash") else { return result }
        if text.contains("slow") {
            result.endByTimeout(column.exercise, reason: "not judged within 1 s")
            return result
        }
        let isRight = text.contains("right")
        result.checks = column.exercise.checks.map { check in
            let fails = !isRight && check.needs.isEmpty
            var one = SubmissionResult.Check(
                id: check.id,
                level: check.level.rawValue,
                status: isRight ? .pass : fails ? .fail : .blocked,
                points: isRight ? check.points : 0,
                maxPoints: check.points
            )
            one.needs = isRight || fails ? nil : check.needs.first
            guard fails else { return one }
            one.tried = ["en": "tried secret-\(check.id)", "ko": "시도"]
            one.expected = ["en": "expected", "ko": "기대"]
            one.actual = ["en": "::warning::\(Self.mischief)", "ko": "실제"]
            one.evidence = [.init(name: "output", text: Self.mischief)]
            one.lookNext = ["en": "look", "ko": "보기"]
            return one
        }
        result.score = result.checks.reduce(0) { $0 + $1.points }
        return result
    }

    /// Files that were written, by name.
    func written(_ report: ClassReport, told: ClassReport? = nil, _ formats: [ClassOutput.Format]) throws {
        let home = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/\($1)" }
        let output = ClassOutput(
            folder: self.out,
            messages: try Messages(folder: home + "/fixtures/locale"),
            language: .en,
            environment: [:],
            datetime: "2026-11-27T00:00:00Z"
        )
        _ = try output.write(report, told: told ?? report, isAnonymous: told != nil, formats)
    }

    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: "\(self.out)/\(name)")), as: UTF8.self)
    }
}
