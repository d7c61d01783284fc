import ELBConformance
import Testing

@Suite struct `Results side by side` {
    /// Two subjects; the second fails one check, with a timeline and words that a page must not take for markup.
    private static func file(_ subject: String, _ more: String = "") -> String {
        """
        {"schema": "elblab/result/v1", "subject": {"kind": "command", "id": "\(subject)", "version": "1.0",
         "leavesOut": [{"feature": "alb.tls", "reason": "it speaks <plain> text only"}]},
         "quirks": [], "seed": "7", "timeScale": 50, "verdict": "pass",
         "checks": [
           {"id": "routing.path", "title": "A path decides", "feature": "alb.routing", "level": "core",
            "rows": ["ALB-COND-001"], "status": "pass", "ref": "https://docs.aws.amazon.com/x.html"}\(more)]}
        """
    }

    private static let failure = """
        , {"id": "hc.removed", "title": "Two failures remove", "feature": "alb.health", "level": "core",
           "rows": ["ALB-HC-010"], "status": "fail", "ref": "javascript:alert(1)", "tried": "<script>alert(1)</script>",
           "expected": "none after probe 2", "actual": "4 requests", "note": "it | counts to three",
           "evidence": [{"name": "timeline of target", "text": "0 ms  probe 1: 500; then 2 requests\\n100 ms  probe 2: 500; then 4 requests"}]}
        """

    private static func matrix() throws -> ResultMatrix {
        ResultMatrix([
            try ResultFile(Array(Self.file("ours").utf8), name: "a.json"),
            try ResultFile(Array(Self.file("theirs", Self.failure).utf8), name: "b.json"),
        ])
    }

    @Test func `join checks by their names, and leave open what a subject was not asked`() throws {
        let matrix = try Self.matrix()
        #expect(matrix.sections.map(\.feature) == ["alb.health", "alb.routing"])
        #expect(matrix.sections[0].checks[0].results.map { $0?.status } == [nil, "fail"])
        #expect(matrix.count(.fail, in: 1) == 1)
        #expect(
            matrix.replay("hc.removed", in: 1) == "elblab conformance run --subject theirs --only hc.removed --seed 7"
        )
    }

    @Test func `make a page that runs nothing, loads nothing and shows everything`() throws {
        let page = HTMLReport.text(try Self.matrix(), title: "A & B")
        #expect(page.contains("<h1>A &amp; B</h1>"))
        #expect(!page.contains("<script"))
        #expect(page.contains("&lt;script&gt;alert(1)"))
        #expect(!page.contains("href=\"javascript"))
        #expect(page.contains("href=\"https://docs.aws.amazon.com/x.html\""))
        #expect(!page.contains("src="))
        // The picture, and the text that says the same.
        #expect(page.contains("<svg"))
        #expect(page.contains("100 ms  probe 2: 500; then 4 requests"))
        #expect(page.contains("href=\"#run2--hc.removed\""))
        #expect(page.contains("id=\"run2--hc.removed\""))
        #expect(page.contains("it speaks &lt;plain&gt; text only"))
    }

    @Test func `make a summary that no cell can break out of`() throws {
        let text = MarkdownReport.text(try Self.matrix(), title: "Results")
        #expect(text.contains("| theirs 1.0 | pass | 1 | 1 |"))
        #expect(text.contains("Known: it \\| counts to three"))
        #expect(!text.contains("](javascript"))
    }

    @Test func `make a report as the Gateway API has them`() throws {
        let run = try ResultFile(Array(Self.file("theirs", Self.failure).utf8), name: "b.json")
        let text = try YAMLReport.text(run)
        #expect(text.contains("kind: ConformanceReport"))
        #expect(text.contains("result: failure"))
        #expect(text.contains("failedTests:"))
        #expect(text.contains("- hc.removed"))
    }

    @Test(arguments: [
        ("", "not JSON"), ("{}", "no schema"), ("[1]", "wrong type"),
        (
            "{\"schema\": \"other\", \"subject\": {\"kind\": \"a\", \"id\": \"b\"}, \"verdict\": \"pass\", \"checks\": []}",
            "schema is 'other'"
        ),
        ("{\"schema\": \"elblab/result/v1\", \"subject\": 3, \"verdict\": \"pass\", \"checks\": []}", "subject"),
    ]) func `are refused with a reason when they are none`(text: String, reason: String) throws {
        let error = #expect(throws: ResultFile.Unreadable.self) {
            try ResultFile(Array(text.utf8), name: "x.json")
        }
        #expect(error?.description.hasPrefix("x.json: ") == true)
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }
}
