/// One target's warm-up. Its share of turns grows from nothing to a whole one, in a straight line over the period
/// (ALB-SLOW-002; where the line begins is not documented, ALB-OPEN-34).
///
/// No dice are rolled: with every turn the target earns its present share of one, and takes a turn when it has earned a
/// whole one. Between other targets the difference is never more than one request.
package struct SlowStart: Hashable, Sendable {
    private let began: UInt64
    /// Nanoseconds, more than 0.
    private let duration: UInt64
    private var earned = 0.0

    package init(began: UInt64, duration: UInt64) {
        self.began = began
        self.duration = max(1, duration)
    }

    package func isOver(now: UInt64) -> Bool {
        now >= self.began && now - self.began >= self.duration
    }

    /// From 0 to 1.
    package func share(now: UInt64) -> Double {
        guard now > self.began else { return 0 }
        return min(1, Double(now - self.began) / Double(self.duration))
    }

    /// It is the target's turn: whether it takes it.
    package mutating func takesTurn(now: UInt64) -> Bool {
        self.earned += self.share(now: now)
        guard self.earned >= 1 else { return false }
        self.earned -= 1
        return true
    }
}
