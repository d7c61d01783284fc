/// Requests and connections of one node of a Classic Load Balancer that wait for a connection to an instance. There may be so many;
/// whoever comes then is turned away, and counted (CLB-RT-008).
package struct SurgeQueue: Hashable, Sendable {
    /// AWS's.
    package static let usualLimit = 1024

    private let limit: Int
    private var length = 0
    /// The longest that it was since this was last asked for.
    private var longest = 0

    package init(limit: Int = Self.usualLimit) {
        self.limit = limit
    }

    /// Somebody begins to wait.
    ///
    /// - Returns: whether there was room.
    package mutating func join() -> Bool {
        guard self.length < self.limit else { return false }
        self.length += 1
        self.longest = max(self.longest, self.length)
        return true
    }

    /// Somebody waits no more, whatever came of it.
    package mutating func leave() {
        self.length -= 1
    }

    /// The longest that it was since the period began.
    package var depth: Int { self.longest }

    /// Another period begins.
    package mutating func periodEnds() {
        self.longest = self.length
    }
}
