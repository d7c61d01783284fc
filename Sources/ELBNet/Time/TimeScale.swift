package import NIOCore

/// How much faster than the world the lab's clock runs: at factor 50 one AWS second lasts 20 ms. It stretches every
/// duration of the model (intervals, timeouts, delays); wall-clock facts such as log timestamps are never scaled.
package struct TimeScale: Hashable, Sendable {
    /// AWS seconds per real second; more than 0.
    package let factor: Double

    /// `nil` unless `factor` is a finite number from 0.001 to 10,000.
    package init?(factor: Double) {
        guard factor.isFinite, (0.001...10_000).contains(factor) else { return nil }
        self.factor = factor
    }

    private init(trusted factor: Double) {
        self.factor = factor
    }

    /// One AWS second is one second.
    package static let realTime = Self(trusted: 1)

    /// The real time that `seconds` of AWS time take: whole milliseconds, at least 1 ms for anything above zero (a
    /// timer that fires at once would turn an interval into a loop), and zero for zero or less.
    package func timeAmount(seconds: some BinaryInteger) -> TimeAmount {
        guard seconds > 0 else { return .zero }
        // A hundred years is as good as for ever, and keeps the multiplication within Int64.
        let milliseconds = min(Double(seconds) * 1000 / self.factor, 3.2e12)
        return .milliseconds(max(1, Int64(milliseconds.rounded())))
    }

    /// The real time that a duration of AWS time takes, in nanoseconds, for the machines of `ELBCore`, which are told
    /// `now` and hand out deadlines on the same clock.
    package func nanoseconds(seconds: some BinaryInteger) -> UInt64 {
        UInt64(self.timeAmount(seconds: seconds).nanoseconds)
    }
}
