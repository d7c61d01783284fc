/// Draws places by weight: each draw is independent, a place's share is its weight over the sum. With equal weights that
/// is `weighted_random` as AWS has it without mitigation: an even spread in random order (ALB-ALG-008).
package struct WeightedLottery: Hashable, Sendable {
    /// Running sums of the weights, one per place.
    private let bounds: [Int]

    /// Weights are not negative.
    package init(_ weights: [Int]) {
        var sum = 0
        self.bounds = weights.map { weight in
            sum += weight
            return sum
        }
    }

    /// `nil` if no place has a weight.
    package func draw(using generator: inout SplitMix64) -> Int? {
        guard let total = self.bounds.last, total > 0 else { return nil }
        let draw = generator.next(below: total)
        // The first place whose running sum is above the draw.
        var low = 0
        var high = self.bounds.count - 1
        while low < high {
            let middle = (low + high) / 2
            if self.bounds[middle] > draw { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
