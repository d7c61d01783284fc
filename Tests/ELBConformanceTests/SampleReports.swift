import ELBConformance

/// A report with one check of every verdict.
enum SampleReports {
    static let finding = Finding(
        tried: "GET /a",
        rule: "A rule & its <limits>.",
        expected: "200",
        actual: "\"404\"",
        evidence: [.init("client", "> GET /a\n< 404\u{0}")],
        read: "https://docs.aws.amazon.com/x.html",
        lookAt: "the path"
    )

    static func check(_ verdict: Verdict, level: CheckLevel = .core) -> CheckReport {
        CheckReport(
            id: "sample.\(verdict.rawValue)",
            title: "A rule.",
            feature: "alb.sample",
            level: level,
            rows: ["ALB-RULE-003"],
            reference: "https://docs.aws.amazon.com/x.html",
            verdict: verdict,
            finding: verdict == .fail ? Self.finding : nil,
            reason: verdict == .pass || verdict == .fail ? nil : "because",
            duration: .milliseconds(1234)
        )
    }

    static func run(_ checks: [CheckReport], notGradable: String? = nil) -> RunReport {
        RunReport(
            subject: "sample",
            seed: 7,
            timeScale: 50,
            checks: checks,
            notGradable: notGradable,
            duration: .milliseconds(5678),
            replay: "elblab conformance run --seed 7"
        )
    }
}
