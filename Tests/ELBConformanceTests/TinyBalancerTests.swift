import ELBConformance
import ELBModel
import ELBTestSupport
import FoundationEssentials
import Glibc
import Testing

/// The learner's balancer in fixtures/subjects/tiny-lb, and the wrong ones beside it.
@Suite(.enabled(if: TinyBalancer.canRun, "needs Python 3.11"), .timeLimit(.minutes(5)), .serialized)
struct `tiny-lb` {
    @Test func `passes everything that it claims`() async throws {
        let subject = try SubjectCommand(file: TinyBalancer.folder + "/subject.yaml")
        let claimed = CheckLibrary.all.filter { subject.claims.include($0.feature) }
        #expect(claimed.count > 50)
        // Checks that watch probes are run below, one at a time: Python is slow for seven clients at once.
        let report = await Runner(subject: subject, seed: 1).run(claimed.filter { !$0.setting.isTimed })
        #expect(report.checks.filter { !$0.verdict.isAcceptable }.map(\.id) == [])
        #expect(report.verdict == .pass)
    }

    @Test func `passes the checks that watch its health checks`() async throws {
        let subject = try SubjectCommand(file: TinyBalancer.folder + "/subject.yaml")
        for check in CheckLibrary.checks(matching: ["health.one-failure", "health.returns", "health.probe.form"]) {
            let report = await Runner(subject: subject, seed: 1, timeScale: 30, jobs: 1).run([check])
            #expect(report.checks.map(\.verdict) == [.pass], "\(check.id)")
        }
    }

    @Test(arguments: TinyBalancer.wrong)
    func `a wrong one is noticed by the check that should notice it`(_ file: String) async throws {
        var subject = try SubjectCommand(file: TinyBalancer.folder + "/subject.yaml")
        let text = try String(contentsOfFile: "\(TinyBalancer.folder)/wrong/\(file)", encoding: .utf8)
        let mark = "Noticed by: "
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(mark) })
        let check = try #require(CheckLibrary.check(String(line.dropFirst(mark.count))))
        subject.arguments[subject.arguments.count - 1] = "wrong/\(file)"
        let report = await Runner(subject: subject, seed: 1, timeScale: 30, jobs: 1).run([check])
        #expect(report.checks.map(\.verdict) == [.fail])
    }

    @Test func `there are at least ten wrong ones`() {
        #expect(TinyBalancer.wrong.count >= 10)
    }
}

private enum TinyBalancer {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../fixtures/subjects/tiny-lb").standardized.path

    static let wrong = ((try? FileManager.default.contentsOfDirectory(atPath: Self.folder + "/wrong")) ?? [])
        .filter { $0.hasSuffix(".py") }.sorted()

    /// `asyncio.timeout` is of Python 3.11.
    static let canRun = system("python3 -c 'import asyncio; asyncio.timeout' 2>&-") == 0
}
