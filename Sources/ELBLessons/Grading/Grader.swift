package import ELBConformance
package import ELBModel

/// Judges an answer: reads it, runs what it describes on the reference balancer with the lesson's fleet, and asks each check's
/// judge. Results are the grader's own; nothing the answer says about itself is believed.
package struct Grader: Sendable {
    package var subject: SubjectCommand
    package var curl: CurlClient
    package var threads: ThreadPool
    /// Carries out a script of `aws` calls on an empty account that begins with this template, and tells what has become of it.
    /// Without it `cli` exercises cannot be graded.
    package var replay: Replay?
    /// Keeps the learner's programs from the rest of the machine; `nil` starts them like any others.
    package var sandbox: Sandbox?

    package typealias Replay =
        @Sendable (_ script: String, _ template: String, _ sandbox: Sandbox?) async throws -> Topology

    package init(
        subject: SubjectCommand,
        curl: CurlClient,
        threads: ThreadPool,
        replay: Replay? = nil,
        sandbox: Sandbox? = nil
    ) {
        self.subject = subject
        self.curl = curl
        self.threads = threads
        self.replay = replay
        self.sandbox = sandbox
    }

    /// - Parameters:
    ///   - file: the answer.
    ///   - submission: the folder that was handed in, out of which no link may lead; `nil` for what its owner has graded.
    ///   - seed: draws whatever the judges draw; the same seed asks the same questions.
    ///   - progress: told each check as it is decided.
    package func grade(
        file: String,
        within submission: String? = nil,
        exercise: Exercise,
        lesson: String,
        seed: UInt64,
        progress: @Sendable (GradedCheck) -> Void = { _ in }
    ) async -> GradeReport {
        let started = ContinuousClock.now
        var report = GradeReport(
            lesson: lesson,
            exercise: exercise.id,
            answer: file,
            seed: seed,
            timeScale: exercise.manifest.timeScale,
            checks: [],
            notGradable: [],
            duration: .zero
        )
        report.sandbox = self.sandbox?.level ?? .none
        switch await self.read(file, within: submission, exercise, seed) {
        case .answer(let answer): report.checks = await self.decide(exercise.checks, answer, progress)
        case .notGradable(let lines): report.notGradable = lines.map { PlainText.line($0) }
        }
        report.duration = ContinuousClock.now - started
        return report
    }

    private func decide(
        _ checks: [LessonCheck],
        _ answer: AnswerBench,
        _ progress: @Sendable (GradedCheck) -> Void
    ) async -> [GradedCheck] {
        var decided: [GradedCheck] = []
        for check in checks {
            // Whoever ended this wants no verdicts any more, and must not wait for them.
            guard !Task.isCancelled else {
                let reason = Message("grade.not-reached")
                decided.append(GradedCheck(check: check, verdict: .error, reason: reason))
                continue
            }
            let blocker = check.needs.first { need in
                !decided.contains { $0.check.id == need && $0.verdict == .pass }
            }
            let result: GradedCheck
            if let blocker {
                result = GradedCheck(
                    check: check,
                    verdict: .blocked,
                    reason: Message("grade.blocked", ["check": blocker])
                )
            } else {
                result = await self.decide(check, answer)
            }
            if !Task.isCancelled { progress(result) }
            decided.append(result)
        }
        return decided
    }

    private func decide(_ check: LessonCheck, _ answer: AnswerBench) async -> GradedCheck {
        do {
            switch try await answer.judge(check.judge) {
            case .pass: return GradedCheck(check: check, verdict: .pass)
            case .fail(let finding): return GradedCheck(check: check, verdict: .fail, finding: finding)
            case .uncertain(let reason): return GradedCheck(check: check, verdict: .error, reason: reason)
            }
        } catch let error as TopologyLab.Unrunnable {
            return GradedCheck(check: check, verdict: .fail, finding: Self.finding(for: error))
        } catch let error as RouteJudge.NoPlace {
            let finding = LessonFinding(
                tried: Message("unrunnable.tried"),
                expected: Message("unrunnable.expected-place", ["place": error.place]),
                actual: Message("unrunnable.no-place", ["place": error.place])
            )
            return GradedCheck(check: check, verdict: .fail, finding: finding)
        } catch {
            return GradedCheck(check: check, verdict: .error, reason: Message("grade.error", ["error": "\(error)"]))
        }
    }

    private static func finding(for error: TopologyLab.Unrunnable) -> LessonFinding {
        let actual: Message
        switch error.reason {
        case .loadBalancers(let count): actual = Message("unrunnable.balancers", ["count": "\(count)"])
        case .noListener: actual = Message("unrunnable.listener")
        case .noFreePort: actual = Message("unrunnable.port")
        case .secureClassicListener: actual = Message("unrunnable.classic-tls")
        }
        return LessonFinding(
            tried: Message("unrunnable.tried"),
            expected: Message("unrunnable.expected"),
            actual: actual
        )
    }
}
