/// Encrypts and authenticates what a cookie says, with a key that rotates (ALB-STK-005). The network layer has the
/// cryptography; nodes of one load balancer open each other's seals.
package protocol CookieSealing: AnyObject {
    /// - Parameter now: microseconds since 1970, which decides the key.
    func seal(_ clear: [UInt8], at now: Int64) -> [UInt8]
    /// The clear content, or `nil` for what this load balancer has not sealed, or with a key that is no longer accepted.
    func open(_ sealed: [UInt8], at now: Int64) -> [UInt8]?
}
