import Glibc

/// The requests of a load and when each is due, in order. Two plans of the same numbers are the same.
struct LoadPlan: Sequence, Sendable {
    /// One request.
    struct Item: Sendable {
        /// From 0.
        let number: Int
        /// Offset from the load's start; `nil`: due as soon as a connection is free.
        let due: Duration?
    }

    /// How many.
    let requests: Int
    /// Requests per second on average; their distances vary as independent clients' do. `nil`: as fast as the connections
    /// allow.
    let rate: Double?
    /// What the distances are drawn from.
    let seed: UInt64

    /// Drawn as needed: a long load keeps no list of its times.
    struct Iterator: IteratorProtocol {
        private let plan: LoadPlan
        private var generator: SplitMix64
        private var number = 0
        private var seconds = 0.0

        init(_ plan: LoadPlan) {
            self.plan = plan
            self.generator = SplitMix64(seed: plan.seed)
        }

        mutating func next() -> Item? {
            guard self.number < self.plan.requests else { return nil }
            defer { self.number += 1 }
            guard let rate = self.plan.rate else { return Item(number: self.number, due: nil) }
            defer { self.seconds += self.generator.nextExponential() / rate }
            return Item(number: self.number, due: .seconds(self.seconds))
        }
    }

    func makeIterator() -> Iterator { Iterator(self) }
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
