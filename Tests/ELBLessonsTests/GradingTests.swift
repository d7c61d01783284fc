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

    @Test func `a gap falls back to English and is listed`() {
        #expect(self.messages.text("b", in: .ko) == "only English")
        #expect(self.messages.gaps.map(\.id) == ["b"])
        #expect(self.messages.text("nowhere", in: .ko) == "nowhere")
    }
}
