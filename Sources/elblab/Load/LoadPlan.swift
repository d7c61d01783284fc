import Glibc

/// When each request of a load is due. Two plans of the same numbers are the same.
struct LoadPlan: Sendable {
    /// Offsets from the start, one per request, in order; all zero without a rate.
    let offsets: [Duration]

    /// - Parameters:
    ///   - requests: how many.
    ///   - rate: requests per second on average; their distances vary as independent clients' do. `nil`: as fast as the
    ///     connections allow.
    ///   - seed: what the distances are drawn from.
    init(requests: Int, rate: Double?, seed: UInt64) {
        guard let rate else {
            self.offsets = Array(repeating: .zero, count: requests)
            return
        }
        var generator = SplitMix64(seed: seed)
        var seconds = 0.0
        self.offsets = (0..<requests).map { _ in
            defer { seconds += generator.nextExponential() / rate }
            return .seconds(seconds)
        }
    }
}

/// A small generator that one number replays (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A value of the exponential distribution with mean 1: the time between events that know nothing of each other.
    mutating func nextExponential() -> Double {
        // 1 - u lies in (0, 1], so the logarithm is finite.
        -log(1 - Double.random(in: 0..<1, using: &self))
    }
}
