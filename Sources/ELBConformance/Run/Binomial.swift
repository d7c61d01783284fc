internal import Glibc

/// What chance may do to a count. Tolerances are computed, never guessed and never retried.
package enum Binomial {
    /// The probability that an honest splitter of `share` sends a number of `requests` outside `range`. Exact up to
    /// rounding: the terms are summed from their logarithms.
    package static func probability(outside range: ClosedRange<Int>, requests: Int, share: Double) -> Double {
        guard share > 0, share < 1 else {
            let certain = share <= 0 ? 0 : requests
            return range.contains(certain) ? 0 : 1
        }
        var outside = 0.0
        for count in 0...requests where !range.contains(count) {
            let logarithm =
                lgamma(Double(requests) + 1) - lgamma(Double(count) + 1) - lgamma(Double(requests - count) + 1)
                + Double(count) * log(share) + Double(requests - count) * log(1 - share)
            outside += exp(logarithm)
        }
        return outside
    }

    /// The counts within `points` percentage points of the share.
    package static func range(requests: Int, share: Double, points: Double) -> ClosedRange<Int> {
        // A bound that is a whole number stays one, whatever 0.3 is in binary.
        let slack = 1e-6
        let low = ((share - points / 100) * Double(requests) - slack).rounded(.up)
        let high = ((share + points / 100) * Double(requests) + slack).rounded(.down)
        return max(0, Int(low))...min(requests, Int(high))
    }
}
