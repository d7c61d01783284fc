/// Why a check's script ends early.
package enum Problem: Error, Sendable {
    /// The subject broke the rule.
    case broken(tried: String, expected: String, actual: String, evidence: [Finding.Evidence])
    /// Nothing certain can be said, and the reason is ours or the machine's.
    case uncertain(String)
    /// Our own limit ran out while we waited for something.
    case timedOut(String)
    /// An observation that is neither right nor wrong.
    case observed(String)
}
