import ELBConformance
import ELBTestSupport
import Testing

/// The look at the machine before checks that rest on its timers.
@Suite(.timeLimit(.minutes(1))) struct `A machine that stalls` {
    private func report(_ worst: Duration) async -> RunReport {
        // Never started where the checks are refused.
        let subject = SubjectCommand(name: "nobody", executable: "/nonexistent")
        var runner = Runner(subject: subject, seed: 1)
        runner.jitter = HostJitter(worst: worst)
        return await runner.run(CheckLibrary.checks(matching: ["health.returns", "health.removed-by-status"]))
    }

    @Test func `gets no verdict on probes, and the subject is not blamed`() async {
        let report = await self.report(.milliseconds(500))
        // The second needs the first.
        #expect(report.checks.map(\.verdict) == [.error, .blocked])
        #expect(report.checks[0].reason?.contains("500 ms late") == true)
        #expect(report.verdict == .error)
        let text = ConsoleReport(usesColour: false).summary(report)
        #expect(text.contains("timers of this machine fire up to 500 ms late"))
        #expect(JSONReport.text(report).contains("\"timersLateMs\": 500"))
    }

    @Test func `gets its verdicts more slowly while it stalls little`() {
        #expect(HostJitter(worst: .milliseconds(3)).pace == .usual)
        #expect(HostJitter(worst: .milliseconds(100)).pace == .slowed(2))
        #expect(HostJitter(worst: .milliseconds(300)).pace == .slowed(4))
        #expect(HostJitter(worst: .milliseconds(401)).pace == .refused)
        #expect(HostJitter(worst: .milliseconds(100)).text.contains("2 times as slowly"))
    }

    @Test func `is not looked at for checks that watch no probes`() async {
        let subject = SubjectCommand(name: "nobody", executable: "/nonexistent")
        let report = await Runner(subject: subject, seed: 1).run(CheckLibrary.checks(matching: ["routing.path.star"]))
        #expect(report.jitter == nil)
        #expect(report.checks.map(\.verdict) == [.fail])
    }

    @Test func `is measured by timers that were late`() async {
        let jitter = await HostJitter.measure(for: .milliseconds(30))
        #expect(jitter.worst > .zero)
    }
}
