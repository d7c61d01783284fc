/// How long things took: exact sum, extremes and count, and percentiles that are at most a sixteenth too high.
///
///     microseconds   0 1 2 … 15 | 16 17 … 31 | 32 34 … 62 | 64 68 … 124 | …
///     bucket         0 1 2 … 15 | 16 17 … 31 | 32 33 … 47 | 48 49 …     |
///
/// Below 16 µs each microsecond has a bucket of its own; above, every power of two is cut into sixteen. Counting is a shift and
/// an addition. The buckets exist from the first value on.
package struct LatencyHistogram: Hashable, Sendable {
    /// Up to 2^32 µs, longer than any timeout; what is longer is counted in the last one.
    private static let bucketCount = 16 * 29

    /// Nanoseconds.
    package private(set) var sum: UInt64 = 0
    package private(set) var count = 0
    package private(set) var minimum: UInt64 = .max
    package private(set) var maximum: UInt64 = 0
    /// All of them, or in a compacted histogram those from `firstBucket` on that are not all zero.
    private var buckets: [UInt32] = []
    private var firstBucket = 0

    package init() {}

    package mutating func record(nanoseconds: UInt64) {
        if self.buckets.count < Self.bucketCount { self.expand() }
        self.sum &+= nanoseconds
        self.count &+= 1
        if nanoseconds < self.minimum { self.minimum = nanoseconds }
        if nanoseconds > self.maximum { self.maximum = nanoseconds }
        self.buckets[Self.bucket(of: nanoseconds / 1000)] &+= 1
    }

    package mutating func add(_ other: Self) {
        guard other.count > 0 else { return }
        if self.buckets.count < Self.bucketCount { self.expand() }
        self.sum &+= other.sum
        self.count += other.count
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)
        for index in other.buckets.indices { self.buckets[other.firstBucket + index] &+= other.buckets[index] }
    }

    /// The same without the buckets around what was counted, to be kept for long.
    package func compacted() -> Self {
        guard let first = self.buckets.firstIndex(where: { $0 > 0 }),
            let last = self.buckets.lastIndex(where: { $0 > 0 })
        else { return Self() }
        var compact = self
        compact.buckets = Array(self.buckets[first...last])
        compact.firstBucket = self.firstBucket + first
        return compact
    }

    private mutating func expand() {
        var all = Array(repeating: UInt32(0), count: Self.bucketCount)
        for index in self.buckets.indices { all[self.firstBucket + index] = self.buckets[index] }
        self.buckets = all
        self.firstBucket = 0
    }

    /// The time in nanoseconds that `percent` of a hundred did not exceed, by nearest rank; `nil` if there is none.
    ///
    /// - Parameter percent: more than 0, at most 100.
    package func percentile(_ percent: Double) -> UInt64? {
        guard self.count > 0 else { return nil }
        let rank = max(1, Int((Double(self.count) * percent / 100).rounded(.up)))
        var seen = 0
        for index in self.buckets.indices {
            seen += Int(self.buckets[index])
            guard seen >= rank else { continue }
            let end = Self.end(of: self.firstBucket + index) * 1000
            return min(max(end, self.minimum), self.maximum)
        }
        return self.maximum
    }

    private static func bucket(of microseconds: UInt64) -> Int {
        guard microseconds >= 16 else { return Int(truncatingIfNeeded: microseconds) }
        let exponent = 63 - microseconds.leadingZeroBitCount
        let index = (exponent - 3) * 16 + Int(truncatingIfNeeded: microseconds >> UInt64(exponent - 4)) - 16
        return min(index, Self.bucketCount - 1)
    }

    /// The first microsecond behind the bucket.
    private static func end(of bucket: Int) -> UInt64 {
        guard bucket >= 16 else { return UInt64(bucket) + 1 }
        let exponent = bucket / 16 + 3
        return UInt64(bucket % 16 + 17) << UInt64(exponent - 4)
    }
}
