/// Tells when a connection has been silent for too long (NLB-TO-001).
///
/// Bytes are seen when they pass. Keepalive packets count too (NLB-TO-004) and carry none: the system answers them and counts
/// segments. So a silent connection is looked at several times within its timeout, and one whose count has grown meanwhile has been
/// active since the last look.
package struct IdleWatch: Hashable, Sendable {
    /// Looks per timeout. With that many the end of keepalive packets is noticed an eighth too late at most.
    private static let looks: UInt64 = 8

    /// Nanoseconds.
    private let timeout: UInt64
    /// When anything was last known to have come.
    private var lastActivity: UInt64
    private var segments: UInt64 = 0
    private var lastLook: UInt64
    private var lookBefore: UInt64
    /// Whether segments have come that carried nothing and answered nothing: keepalive packets. What came within a look of bytes may
    /// have acknowledged them.
    package private(set) var hasKeepalives = false

    package init(timeout: UInt64, now: UInt64) {
        self.timeout = max(1, timeout)
        self.lastActivity = now
        self.lastLook = now
        self.lookBefore = now
    }

    package enum Verdict: Hashable, Sendable {
        case expired
        case lookAgain(at: UInt64)
    }

    /// - Parameters:
    ///   - lastBytes: when bytes last passed.
    ///   - segments: what both sides have sent since the beginning, in segments.
    package mutating func look(now: UInt64, lastBytes: UInt64, segments: UInt64) -> Verdict {
        if segments != self.segments {
            // Those that carried the last bytes are among them; what came without bytes came at an unknown time since.
            if self.segments != 0, lastBytes <= self.lastActivity { self.lastActivity = now }
            if self.segments != 0, lastBytes < self.lookBefore { self.hasKeepalives = true }
            self.segments = segments
        }
        self.lookBefore = self.lastLook
        self.lastLook = now
        self.lastActivity = max(self.lastActivity, lastBytes)
        let end = self.lastActivity &+ self.timeout
        guard now < end else { return .expired }
        return .lookAgain(at: min(end, now &+ max(1, self.timeout / Self.looks)))
    }
}
