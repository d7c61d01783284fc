/// A finding against the subject, in the seven parts of a failure message: what was tried, the rule, expected, actual, the
/// evidence, where it is written, where to look next. Never the answer.
package struct Finding: Hashable, Sendable {
    package var tried: String
    package var rule: String
    package var expected: String
    package var actual: String
    /// Raw exchanges and timelines, a few lines each.
    package var evidence: [Evidence]
    /// The AWS page.
    package var read: String
    package var lookAt: String

    package init(
        tried: String,
        rule: String,
        expected: String,
        actual: String,
        evidence: [Evidence] = [],
        read: String,
        lookAt: String
    ) {
        self.tried = tried
        self.rule = rule
        self.expected = expected
        self.actual = actual
        self.evidence = evidence
        self.read = read
        self.lookAt = lookAt
    }

    /// What was seen, as text under a name: `client`, `target web`, `subject output`.
    package struct Evidence: Hashable, Sendable {
        package var name: String
        package var text: String

        package init(_ name: String, _ text: String) {
            self.name = name
            self.text = text
        }
    }
}

/// One check's outcome, as all reports show it.
package struct CheckReport: Sendable {
    package var id: String
    package var title: String
    /// The heading it stands under: `alb.rules.path-pattern`.
    package var feature: String
    package var level: CheckLevel
    /// Rows of the behaviour catalogue.
    package var rows: [String]
    package var reference: String
    package var verdict: Verdict
    /// Set for `fail`; the parts that are known are set for `error` and `timeout` too.
    package var finding: Finding?
    /// Why, for every verdict but `pass` and `fail`: one line.
    package var reason: String?
    package var duration: Duration
    /// Why a failure is no surprise: how this balancer is known to differ from AWS.
    package var note: String?

    package init(
        id: String,
        title: String,
        feature: String,
        level: CheckLevel,
        rows: [String],
        reference: String,
        verdict: Verdict,
        finding: Finding? = nil,
        reason: String? = nil,
        duration: Duration
    ) {
        self.id = id
        self.title = title
        self.feature = feature
        self.level = level
        self.rows = rows
        self.reference = reference
        self.verdict = verdict
        self.finding = finding
        self.reason = reason
        self.duration = duration
    }
}

extension CheckReport {
    /// The kind of load balancer, the first part of the feature.
    package var profile: String { String(self.feature.prefix { $0 != "." }) }
}

/// A whole run, the one source of the console text, the JSON, the JUnit file and the exit code.
package struct RunReport: Sendable {
    /// `embedded`, or the command's name.
    package var subject: String
    package var kind: SubjectCommand.Kind
    /// The subject's own version, if it is known.
    package var version: String?
    package var claims: SubjectClaims
    package var quirks: [String]
    package var seed: UInt64
    package var timeScale: Int
    /// How late the machine's timers fired; `nil` if no check's verdict rests on that.
    package var jitter: HostJitter?
    package var checks: [CheckReport]
    /// Set when the subject could not be judged at all.
    package var notGradable: String?
    package var duration: Duration
    /// The command that repeats the run.
    package var replay: String

    package init(
        subject: String,
        kind: SubjectCommand.Kind = .command,
        version: String? = nil,
        claims: SubjectClaims = .everything,
        quirks: [String] = [],
        seed: UInt64,
        timeScale: Int,
        checks: [CheckReport],
        notGradable: String? = nil,
        duration: Duration,
        replay: String
    ) {
        self.subject = subject
        self.kind = kind
        self.version = version
        self.claims = claims
        self.quirks = quirks
        self.seed = seed
        self.timeScale = timeScale
        self.checks = checks
        self.notGradable = notGradable
        self.duration = duration
        self.replay = replay
    }

    package var verdict: RunVerdict {
        self.notGradable == nil ? RunVerdict(of: self.checks) : .notGradable
    }

    /// The same checks by kind of load balancer and level, in a fixed order; parts without checks are left out.
    package var parts: [Part] {
        let profiles = Set(self.checks.map(\.profile)).sorted()
        return profiles.flatMap { profile in
            CheckLevel.allCases.compactMap { level in
                let checks = self.checks.filter { $0.profile == profile && $0.level == level }
                return checks.isEmpty ? nil : Part(profile: profile, level: level, checks: checks)
            }
        }
    }

    /// What a subject can say of one kind of load balancer and one level: that it conforms only if every check passed.
    package struct Part: Sendable {
        package let profile: String
        package let level: CheckLevel
        package let checks: [CheckReport]

        package func count(_ verdict: Verdict) -> Int { self.checks.count { $0.verdict == verdict } }

        package var result: Result {
            if self.checks.contains(where: { !$0.verdict.isAcceptable }) { return .fails }
            let passes = self.checks.count { $0.verdict == .pass || $0.verdict == .info }
            return passes == self.checks.count ? .conforms : passes == 0 ? .notJudged : .conformsInPart
        }

        package enum Result: String, Sendable {
            case conforms
            /// Nothing failed, but something was left out.
            case conformsInPart = "conforms-in-part"
            case fails
            case notJudged = "not-judged"
        }
    }

    /// How many checks had that verdict.
    package func count(_ verdict: Verdict) -> Int {
        self.checks.count { $0.verdict == verdict }
    }
}
