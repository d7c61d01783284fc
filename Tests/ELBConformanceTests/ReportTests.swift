import ELBConformance
import ELBTestSupport
import FoundationEssentials
import Testing

@Suite struct `Reports` {
    let report = SampleReports.run(Verdict.allCases.map { SampleReports.check($0) })

    @Test func `the console shows the seven parts of a failure`() {
        let text = ConsoleReport(usesColour: false).line(SampleReports.check(.fail))
        #expect(
            text
                == """
                  FAIL        sample.fail
                              tried     GET /a
                              rule      A rule & its <limits>.
                              expected  200
                              actual    "404"
                              evidence  client
                              read      https://docs.aws.amazon.com/x.html
                              look at   the path
                              | > GET /a
                              | < 404\\u{0}

                """.replacing("  FAIL", with: "  FAIL")
        )
    }

    @Test func `without colour there is no escape character, with colour the words stay`() {
        let plain = ConsoleReport(usesColour: false)
        let coloured = ConsoleReport(usesColour: true)
        for check in self.report.checks {
            #expect(!plain.line(check).contains("\u{1B}"))
            #expect(coloured.line(check).contains("\u{1B}["))
            #expect(coloured.line(check).contains(check.id))
        }
    }

    @Test func `the summary counts every verdict and names the replay`() {
        let text = ConsoleReport(usesColour: false).summary(self.report)
        for verdict in Verdict.allCases { #expect(text.contains("1 \(verdict.rawValue)")) }
        #expect(text.contains("replay: elblab conformance run --seed 7"))
    }

    @Test func `JUnit tells failures, errors and skipped tests apart`() {
        let text = JUnitReport.text(self.report)
        #expect(text.contains("tests=\"8\" failures=\"1\" errors=\"2\" skipped=\"3\" time=\"5.678\""))
        #expect(text.components(of: "<testcase name=\"") == 8)
        #expect(text.components(of: "classname=\"alb.sample\"") == 8)
        #expect(text.contains("A rule &amp; its &lt;limits&gt;. Actual: &quot;404&quot;"))
        // XML 1.0 has no NUL, escaped or not.
        #expect(!text.contains("\u{0}"))
    }

    @Test func `JSON has every member that the schema requires`() throws {
        let data = Data(JSONReport.text(self.report).utf8)
        let result = try JSONDecoder().decode(Result.self, from: data)
        #expect(result.schema == "elblab/result/v1")
        #expect(result.seed == "7" && result.timeScale == 50 && result.durationMs == 5678)
        #expect(result.gradable && result.verdict == "fail" && result.score == 1 && result.maxScore == 8)
        #expect(result.checks.map(\.status) == Verdict.allCases.map(\.rawValue))
        let failed = try #require(result.checks.first { $0.status == "fail" })
        #expect(failed.tried == "GET /a" && failed.expected == "200" && failed.actual == "\"404\"")
        #expect(failed.evidence?.first?.text == "> GET /a\n< 404\u{0}")
        #expect(failed.lookNext == "the path" && failed.rows == ["ALB-RULE-003"] && failed.level == "core")
    }

    private struct Result: Decodable {
        struct Check: Decodable {
            struct Evidence: Decodable {
                var name: String
                var text: String
            }

            var id: String
            var title: String
            var feature: String
            var level: String
            var rows: [String]
            var status: String
            var durationMs: Int
            var ref: String
            var tried: String?
            var expected: String?
            var actual: String?
            var evidence: [Evidence]?
            var lookNext: String?
        }

        var schema: String
        var quirks: [String]
        var seed: String
        var timeScale: Int
        var durationMs: Int
        var gradable: Bool
        var reason: String?
        var verdict: String
        var score: Int
        var maxScore: Int
        var replay: String
        var checks: [Check]
    }
}

extension String {
    fileprivate func components(of part: String) -> Int { self.ranges(of: part).count }
}
