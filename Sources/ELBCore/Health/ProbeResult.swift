/// How one health probe ended.
package enum ProbeResult: Hashable, Sendable {
    /// A status that the matcher accepts.
    case passed(status: Int)
    /// A well-formed answer with another status.
    case mismatch(status: Int)
    /// No complete head within the timeout.
    case timedOut
    /// Connection refused, reset or closed early, or an answer that is not HTTP.
    case failed
}
