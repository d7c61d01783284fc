import ELBTestSupport
import FoundationEssentials
import Testing

@Suite(.timeLimit(.minutes(1))) struct `The doctor` {
    private struct Report: Decodable {
        let findings: [Finding]
        struct Finding: Decodable {
            let area: String
            let name: String
            let state: String
            let cost: String?
        }
    }

    @Test func `looks at every part of the machine and finds that the lab works`() async throws {
        let outcome = try await Program.run("doctor", "--json")
        #expect(outcome.code == 0)
        let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
        let areas = Set(report.findings.map(\.area))
        #expect(areas == ["addresses", "ports", "limits", "isolation", "libcurl", "programs"])
        #expect(report.findings.allSatisfy { ($0.state == "ok") == ($0.cost == nil) })
    }

    @Test func `names what is missing, and what that costs`() async throws {
        let outcome = try await Program.run("doctor", "--plain", environment: ["PATH": "/nowhere"])
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("programs: curl  not found\n  cost: the steps of the lessons call it"))
        #expect(outcome.output.contains("things are missing or limited."))
    }
}
