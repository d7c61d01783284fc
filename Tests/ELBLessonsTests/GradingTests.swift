import ELBConformance
import ELBLessons
import ELBModel
import Testing

@Suite struct `Reading checks` {
    @Test func `a grade's verdict, points and exit code come from its checks`() throws {
        let checks = try LessonCheck.read(
            path: `The learner's workspace`.lessons + "/04-health-checks/exercise/a-config/checks.yaml"
        )
        let report = { (verdicts: [Verdict]) in
            GradeReport(
                lesson: "04",
                exercise: "a",
                answer: "f",
                seed: 1,
                timeScale: 25,
                checks: zip(checks, verdicts).map { GradedCheck(check: $0, verdict: $1) },
                notGradable: [],
                duration: .zero
            )
        }
        #expect(report([.pass, .pass]).verdict == .pass)
        #expect(report([.pass, .fail, .error]).verdict == .fail)
        #expect(report([.pass, .error]).verdict.exitCode == 4)
        #expect(report([.pass, .blocked]).verdict == .fail)
        #expect(report([.pass, .fail]).points == checks[0].points)
        var refused = report([])
        refused.notGradable = ["answer.yaml:3:1: error"]
        #expect(refused.verdict.exitCode == 3)
    }

    @Test func `every check names rows that are written as the catalogue writes them`() throws {
        let library = try LessonLibrary(root: `The learner's workspace`.lessons)
        for entry in library.index.entries {
            for check in try library.lesson(entry.id).exercises.flatMap(\.checks) {
                // How servers scale is not a load balancer's behaviour, so the catalogue has no rows for it.
                #expect(
                    (check.feature.hasPrefix("fleet.") || !check.behaviours.isEmpty)
                        && check.behaviours.allSatisfy { id in
                            ["ALB-", "NLB-", "CLB-", "INT-"].contains { id.hasPrefix($0) }
                        }
                )
                #expect(check.reference.hasPrefix("https://docs.aws.amazon.com/"))
            }
        }
    }
}

@Suite struct `Messages in two languages` {
    private let messages = Messages(texts: [
        .en: ["a": "{count} of {all}", "b": "only English"], .ko: ["a": "{all} 중 {count}"],
    ])

    @Test func `parameters are filled in where the language wants them`() {
        let values = ["count": "1", "all": "3"]
        #expect(self.messages.text("a", values, in: .en) == "1 of 3")
        #expect(self.messages.text("a", values, in: .ko) == "3 중 1")
    }

    @Test(arguments: [("0", "0 attempts"), ("1", "1 attempt"), ("2", "2 attempts"), ("11", "11 attempts")])
    func `a word that goes with a count has its form`(count: String, expected: String) {
        let text = "{count} {count|attempt|attempts}"
        let messages = Messages(texts: [.en: ["a": text], .ko: ["a": "{count}번 시도"]])
        #expect(messages.text("a", ["count": count], in: .en) == expected)
        #expect(messages.text("a", ["count": count], in: .ko) == "\(count)번 시도")
        #expect(messages.unevenParameters == [])
    }

    @Test func `what a learner has begun is told in words that fit the count`() throws {
        let messages = try Messages(folder: `The learner's workspace`.lessons + "/../fixtures/locale")
        let values = ["attempts": "1", "points": "2", "max": "17"]
        #expect(messages.text("lesson.begun", values, in: .en) == "1 attempt, best 2 of 17")
        #expect(messages.text("lesson.begun", values, in: .ko) == "1번 시도, 최고 17점 중 2점")
    }

    @Test(arguments: [
        (
            "a.yaml:3:1: error: unknown property 'Prot' of L; did you mean 'Port'?",
            "a.yaml:3:1: L에 없는 속성: 'Prot' (혹시 'Port'인가요?)"
        ),
        ("a.yaml: error: there is no target group 'g' (NotFound)", "a.yaml: 없는 대상 그룹: 'g' (NotFound)"),
        ("a.yaml:2: is empty", "a.yaml:2: 비어 있습니다"),
        ("a.yaml: error: there is no zone 'e' in the lab", "a.yaml: 이 실습 환경에 없는 가용 영역: 'e'"),
        ("the build failed: make", "빌드하지 못했습니다: make"),
        ("Balancer must be a mapping, not a list", "Balancer: 매핑이어야 합니다(지금은 목록)"),
    ])
    func `what others say in English is recognised`(english: String, korean: String) throws {
        let messages = try Messages(folder: `The learner's workspace`.lessons + "/../fixtures/locale")
        #expect(messages.line(english, in: .ko) == korean)
        #expect(messages.line(english, in: .en) == english)
    }

    @Test func `what is not recognised stays, and is said to`() throws {
        let messages = try Messages(folder: `The learner's workspace`.lessons + "/../fixtures/locale")
        let lines = ["a.yaml:1:1: error: a mistake that nobody foresaw", "a.yaml: is empty"]
        #expect(messages.lines(lines, in: .en) == lines)
        #expect(messages.lines(lines, in: .ko) == [lines[0], "a.yaml: 비어 있습니다", "영어로 된 줄은 원문 그대로입니다"])
    }

    @Test func `what the suite says is marked as English, and the rule is the lesson's own`() throws {
        let messages = try Messages(folder: `The learner's workspace`.lessons + "/../fixtures/locale")
        let lesson = try LessonLibrary(root: `The learner's workspace`.lessons).lesson("04-health-checks")
        let exercise = try #require(lesson.exercises.first { $0.manifest.kind == .code })
        let check = try #require(exercise.checks.first)
        let said = Message("conformance.text", ["text": "a request was lost"])
        var report = GradeReport(
            lesson: lesson.id,
            exercise: exercise.id,
            answer: "subject.yaml",
            seed: 1,
            timeScale: 50,
            checks: [],
            notGradable: [],
            duration: .zero
        )
        let finding = LessonFinding(tried: said, expected: said, actual: said)
        report.checks = [GradedCheck(check: check, verdict: .fail, finding: finding)]
        let console = GradeConsole(messages: messages, language: .ko, isPlain: true)
        let text = console.text(report, replay: "again")
        #expect(text.contains("실제: (영어 원문) a request was lost"))
        #expect(text.contains("규칙: \(check.rule(messages, in: .ko))"))
        #expect(text.contains("살펴볼 곳: \(check.look(messages, in: .ko))"))
        #expect(check.rule(messages, in: .ko) != check.rule(messages, in: .en))
    }

    @Test func `a gap falls back to English and is listed`() {
        #expect(self.messages.text("b", in: .ko) == "only English")
        #expect(self.messages.gaps.map(\.id) == ["b"])
        #expect(self.messages.text("nowhere", in: .ko) == "nowhere")
    }
}
