import ELBConformance

/// A check of the suite, told as a lesson tells it.
enum ConformanceJudge {
    static func judgement(of report: CheckReport) -> Judgement {
        switch report.verdict {
        case .pass, .info: return .pass
        case .fail:
            guard let finding = report.finding else { return .uncertain(Self.text(report.reason ?? report.id)) }
            return .fail(
                LessonFinding(
                    tried: Self.text(finding.tried),
                    expected: Self.text("\(finding.expected) (\(finding.rule))"),
                    actual: Self.text(finding.actual),
                    evidence: finding.evidence
                )
            )
        case .error, .timeout, .blocked, .unsupported, .skipped:
            // A balancer that does not start, sends no probe, or does not answer in time, is the learner's, not ours.
            let reason = report.reason ?? report.verdict.rawValue
            return .fail(
                LessonFinding(
                    tried: Self.text(report.id),
                    expected: Self.text(report.title),
                    actual: Self.text(reason)
                )
            )
        }
    }

    /// The suite speaks English.
    private static func text(_ text: String) -> Message { Message("conformance.text", ["text": text]) }
}
