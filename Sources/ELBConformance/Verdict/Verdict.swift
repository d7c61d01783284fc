/// What became of a check. Eight words, because "not passed" has many meanings and only one of them is the subject's.
package enum Verdict: String, Hashable, Sendable, CaseIterable {
    /// The subject behaved as the rule says.
    case pass
    /// The subject did something else.
    case fail
    /// The suite's own fault, or nothing certain can be said.
    case error
    /// The suite's limit ran out before the subject's behaviour was known.
    case timeout
    /// A check that this one needs did not pass.
    case blocked
    /// The subject does not claim the feature.
    case unsupported
    /// Left out by choice, such as after `--fail-fast`.
    case skipped
    /// An observation that is neither right nor wrong.
    case info

    /// Whether it lets the run pass.
    package var isAcceptable: Bool {
        switch self {
        case .pass, .unsupported, .skipped, .info: true
        case .fail, .error, .timeout, .blocked: false
        }
    }
}

/// What a check counts for.
package enum CheckLevel: String, Hashable, Sendable, CaseIterable {
    /// What every balancer of the kind does: AWS documents it.
    case core
    /// Documented too, but of features that a balancer may do without.
    case extended
    /// Inferred, not documented, or new: shown, never counted.
    case provisional
}

/// The verdict on a whole run, from which both the last line and the exit code are made.
package enum RunVerdict: String, Hashable, Sendable {
    case pass
    case fail
    /// The subject could not be judged: it did not start, never listened, or claims nothing of what was asked.
    case notGradable = "not-gradable"
    /// We failed.
    case error
    case timeout

    /// 0, 1, 3, 4 and 5; 2 is for wrong usage, which comes before any run.
    package var exitCode: Int32 {
        switch self {
        case .pass: 0
        case .fail: 1
        case .notGradable: 3
        case .error: 4
        case .timeout: 5
        }
    }

    /// Of all checks that count: a failure outweighs our errors, because it is certain. A blocked check follows the
    /// check that blocks it.
    package init(of reports: [CheckReport]) {
        let counted = reports.filter { $0.level != .provisional }
        let verdicts = Set(counted.map(\.verdict))
        if verdicts.contains(.fail) {
            self = .fail
        } else if verdicts.contains(.error) {
            self = .error
        } else if verdicts.contains(.timeout) {
            self = .timeout
        } else if verdicts.contains(.blocked) {
            self = .fail
        } else if !verdicts.isEmpty, verdicts.isSubset(of: [.unsupported, .skipped]) {
            // What was left out says nothing, so a run of nothing else has not been passed.
            self = .notGradable
        } else {
            self = .pass
        }
    }
}
