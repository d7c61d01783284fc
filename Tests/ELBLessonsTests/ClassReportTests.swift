import ELBConformance
import ELBLessons
import ELBTestSupport
import FoundationEssentials
import Testing

@Suite(.timeLimit(.minutes(1))) struct `What is told of a class` {
    private static let perStudent: [ClassOutput.Format] = [.feedback, .gradescope, .prairielearn, .classroom50]

    private func graded() async throws -> (sample: SampleClass, report: ClassReport) {
        let sample = try SampleClass()
        try sample.hand(in: "right", "kim/01/a-config/answer.yaml")
        try sample.hand(in: "wrong", "lee/01/a-config/answer.yaml")
        try sample.hand(in: "wrong", "oh/01/a-config/answer.yaml")
        try sample.hand(in: "slow", "oh/01/b-code/subject.yaml")
        try sample.hand(in: "crash", "zed/01/a-config/answer.yaml")
        try sample.hand(in: "x", "<b>&'/01/a-config/other.yaml")
        return (sample, try await sample.grade(roster: "student,name\nkim,Kim\nlee,Lee\nmin,Min\n"))
    }

    private static func schema(_ name: String) throws -> JSONSchema {
        let home = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/\($1)" }
        return try JSONSchema(file: "\(home)/fixtures/schemas/\(name).schema.json")
    }

    @Test(arguments: [
        (ClassOutput.Format.gradescope, "results.json"), (.prairielearn, "results.json"), (.classroom50, "result.json"),
    ])
    func `each student's file is what its reader expects`(format: ClassOutput.Format, file: String) async throws {
        let (sample, report) = try await self.graded()
        try sample.written(report, [format])
        let schema = try Self.schema(format.rawValue)
        for student in report.students {
            let text = try sample.text("\(format.rawValue)/\(ResultStore.fileName(student.id))/\(file)")
            #expect(try schema.problems(in: text) == [], "\(student.id)")
            #expect(text.utf8.count < 1 << 20)
        }
    }

    @Test func `the schemas are not content with anything`() throws {
        #expect(
            try !Self.schema("gradescope").problems(in: #"{"score": -1, "tests": [{}], "visibility": "all"}"#).isEmpty
        )
        #expect(
            try !Self.schema("prairielearn").problems(in: #"{"gradable": true, "score": 3, "tests": [], "x": 1}"#)
                .isEmpty
        )
        #expect(
            try !Self.schema("classroom50").problems(in: #"{"schema": "classroom50/result/v1", "score": 0.5}"#).isEmpty
        )
    }

    @Test func `points are the same in every form`() async throws {
        let (sample, report) = try await self.graded()
        try sample.written(report, [.gradescope, .prairielearn, .classroom50])
        #expect(try sample.text("gradescope/kim/results.json").hasPrefix("{\n  \"score\": 7,"))
        #expect(try sample.text("prairielearn/kim/results.json").contains("\"score\" : 0.5"))
        #expect(try sample.text("classroom50/kim/result.json").contains("\"score\": 7,\n  \"max-score\": 14"))
        // Nothing to judge is not the same as nothing right.
        #expect(try sample.text("prairielearn/min/results.json").contains("\"gradable\" : false"))
    }

    @Test func `a hidden check tells its public wording and nothing else, in every form`() async throws {
        let (sample, report) = try await self.graded()
        try sample.written(report, ClassOutput.Format.allCases)
        var texts = try [
            "feedback/lee.md", "feedback/lee.html", "gradescope/lee/results.json", "prairielearn/lee/results.json",
        ]
        .map { try sample.text($0) }
        texts += try ["classroom50/lee/result.json", "classroom50/lee/release-body.md", "junit.xml"].map {
            try sample.text($0)
        }
        for text in texts {
            #expect(text.contains("hidden-1"))
            for leak in ["trap", "secret-s.trap"] { #expect(!text.contains(leak), "\(leak) in \(text)") }
        }
        #expect(texts[0].contains("Something careful") && texts[0].contains("secret-s.open"))
        #expect(texts[2].contains("\"visibility\": \"after_due_date\""))
        // The teacher's own table has the check's name.
        #expect(try sample.text("class.csv").contains("s.trap,fail"))
    }

    @Test func `a check that blocks others is named once`() async throws {
        let (sample, report) = try await self.graded()
        try sample.written(report, [.feedback])
        let page = try sample.text("feedback/lee.md")
        #expect(page.contains("blocked by `hidden-1`: `s.behind`, `s.further`"))
        #expect(page.ranges(of: "blocked by").count == 1)
    }

    @Test func `nothing that a learner's program has said is obeyed`() async throws {
        let (sample, report) = try await self.graded()
        try sample.written(report, ClassOutput.Format.allCases)
        for path in [
            "class.csv", "class.html", "feedback/lee.md", "feedback/lee.html", "junit.xml", "actions/summary.md",
        ] {
            let text = try sample.text(path)
            #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" }, "\(path)")
            let lines = text.split(separator: "\n").map { $0.drop(while: \.isWhitespace) }
            #expect(!lines.contains { $0.hasPrefix("::") }, "\(path)")
        }
        let pages =
            try sample.text("class.html") + sample.text("feedback/lee.html")
            + sample.text("feedback/%3Cb%3E%26%27.html")
        #expect(!pages.contains("<script") && !pages.contains("<b>") && pages.contains("&lt;script&gt;"))
        // The fence is longer than the backticks in it.
        #expect(try sample.text("feedback/lee.md").contains("\n````text\n"))
        let annotations = try sample.text("actions/annotations.txt").split(separator: "\n")
        #expect(
            annotations.allSatisfy {
                $0.hasPrefix("::warning title=") || $0.hasPrefix("::error title=") || $0.hasPrefix("::notice title=")
            }
        )
    }

    @Test func `JUnit counts what it holds, and is well formed`() async throws {
        let (sample, report) = try await self.graded()
        try sample.written(report, [.junit])
        let text = try sample.text("junit.xml")
        let count = { (part: String) in text.ranges(of: part).count }
        let first = try #require(text.split(separator: "\n").dropFirst().first)
        #expect(
            first
                == "<testsuites tests=\"\(count("<testcase "))\" failures=\"\(count("<failure "))\" errors=\"\(count("<error "))\" skipped=\"\(count("<skipped "))\">"
        )
        #expect(count("<testsuite ") == report.students.count && count("</testsuite>") == report.students.count)
        #expect(count("classname=\"01-sample/a-config\"") > 0)
        #expect(count("<failure ") == count("</failure>") && count("<error ") == count("</error>"))
    }

    @Test func `tables have no time in them, and pages no script`() async throws {
        let (sample, report) = try await self.graded()
        try sample.written(report, [.csv, .html, .feedback])
        let first = try ["class.csv", "marks.csv", "class.html", "feedback/kim.html"].map { try sample.text($0) }
        let again = try await sample.grade(roster: "student,name\nkim,Kim\nlee,Lee\nmin,Min\n")
        try sample.written(again, [.csv, .html, .feedback])
        #expect(try ["class.csv", "marks.csv", "class.html", "feedback/kim.html"].map { try sample.text($0) } == first)
        #expect(
            first[2].contains("<th scope=\"row\">") && first[2].contains("<th scope=\"col\">")
                && first[2].contains("<caption>")
        )
        #expect(first[2].contains("href=\"feedback/kim.html#01-sample--a-config\""))
        #expect(!first[2].contains("<script") && !first[2].contains("src="))
    }

    @Test func `an anonymous report has numbers for names, and a key that is apart`() async throws {
        let (sample, report) = try await self.graded()
        let digest = { (bytes: [UInt8]) in "\(bytes.reduce(7) { ($0 &* 31) &+ Int($1) })" }
        let told = report.anonymous(digest)
        try sample.written(report, told: told, [.csv, .html, .junit])
        for path in ["class.csv", "marks.csv", "class.html", "junit.xml"] {
            let text = try sample.text(path)
            for name in ["kim", "Kim", "lee", "Lee", "zed"] { #expect(!text.contains(name), "\(name) in \(path)") }
            #expect(text.contains("student-1"))
        }
        let names = report.names(of: told, digest)
        #expect(Set(names.map { $0[1] }) == Set(report.students.map(\.id)))
        let kim = try #require(names.firstIndex { $0[1] == "kim" })
        #expect(told.cells[kim][0].standing == .pass)
    }
}
