/// What a learner's answer is at one moment, as far as a watcher cares.
package enum AnswerContent: Hashable, Sendable {
    /// The file is not there: moved, deleted, or between an editor's two steps.
    case missing
    /// The file is there and says nothing: emptied, or between truncation and writing.
    case empty
    /// What is written, by its hash.
    case written(UInt64)

    fileprivate var isHole: Bool {
        switch self {
        case .missing, .empty: true
        case .written: false
        }
    }
}

/// Decides when a changed answer is ready to be judged.
///
/// Editors save in steps: they truncate and write, or write beside the file and rename, or both, and events arrive for each. What counts
/// is the content: it is ready when it differs from what was told last and has stayed the same for a moment. A file that is missing or empty
/// is given longer, since that is what a save looks like from outside. Touching a file, or writing what was there, is no change.
package struct ChangeDebounce: Sendable {
    /// How long content must stay the same.
    package static let quiet = Duration.milliseconds(200)
    /// How long a file may be missing or empty before that is what the learner means.
    package static let patience = Duration.seconds(2)

    package enum Outcome: Hashable, Sendable {
        case nothing
        /// Something is under way; look again after this time even if no event comes.
        case lookAgain(after: Duration)
        /// The answer is now this.
        case changed(AnswerContent)
    }

    private var told: AnswerContent
    private var pending: (content: AnswerContent, since: ContinuousClock.Instant)?

    /// - Parameter told: what the learner's answer is known to be.
    package init(told: AnswerContent) {
        self.told = told
    }

    /// The folder was looked at.
    package mutating func saw(_ content: AnswerContent, at now: ContinuousClock.Instant) -> Outcome {
        guard content != self.told else {
            self.pending = nil
            return .nothing
        }
        let wait = content.isHole ? Self.patience : Self.quiet
        guard let pending = self.pending, pending.content == content else {
            self.pending = (content, now)
            return .lookAgain(after: wait)
        }
        let rest = wait - (now - pending.since)
        guard rest <= .zero else { return .lookAgain(after: rest) }
        self.told = content
        self.pending = nil
        return .changed(content)
    }
}
