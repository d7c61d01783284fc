package import ELBModel

/// One metric with one set of dimensions: what CloudWatch calls a metric, with its data points.
package struct MetricSeries: Sendable {
    package var metric: Metric
    package var dimensions: MetricDimensions
    /// CloudWatch's namespace.
    package var namespace: String
    /// The oldest first; periods without data have none (ALB-MET-001).
    package var points: [Point]
    /// Since the start; of what is no count, as it is now, or `nil` if there is nothing to tell any more.
    package var total: MetricValue?

    package struct Point: Sendable {
        /// When the period began, in microseconds since 1970.
        package var start: Int64
        package var value: MetricValue
    }
}

/// The values of the dimensions that a number has.
package struct MetricDimensions: Hashable, Sendable {
    /// `app/NAME/ID`.
    package var loadBalancer: String?
    package var zone: AvailabilityZone?
    /// `targetgroup/NAME/ID`.
    package var targetGroup: String?
    /// A Classic Load Balancer goes by another dimension.
    package var isClassic = false

    /// Name and value, in the order of CloudWatch's reference.
    package var pairs: [(name: String, value: String)] {
        var pairs: [(String, String)] = []
        if let targetGroup { pairs.append(("TargetGroup", targetGroup)) }
        if let zone { pairs.append(("AvailabilityZone", zone.name)) }
        if let loadBalancer { pairs.append((self.isClassic ? "LoadBalancerName" : "LoadBalancer", loadBalancer)) }
        return pairs
    }

    /// The dimension's value for a group: the end of its ARN, or a name made like one.
    package static func targetGroup(_ id: TargetGroupID) -> String {
        if id.rawValue.hasPrefix("arn:"), let start = id.rawValue.lastIndex(of: ":") {
            return String(id.rawValue[id.rawValue.index(after: start)...])
        }
        return "targetgroup/\(id.rawValue)/\(StableHash.hexadecimal(of: id.rawValue))"
    }
}

/// A data point's statistics (ALB-MET-025).
package struct MetricValue: Hashable, Sendable {
    package var sampleCount: Double
    package var sum: Double
    package var minimum: Double
    package var maximum: Double
    /// For times, whose percentiles it knows, in nanoseconds.
    package var distribution: LatencyHistogram?
    /// How many of the histogram's nanoseconds make one of the metric's unit.
    package var nanosecondsPerUnit = 1.0

    /// One sample.
    init(_ value: Double) {
        self.init(sampleCount: 1, sum: value, minimum: value, maximum: value)
    }

    /// As many samples of 1 as were counted.
    init(ones count: Int) {
        self.init(
            sampleCount: Double(count),
            sum: Double(count),
            minimum: count > 0 ? 1 : 0,
            maximum: count > 0 ? 1 : 0
        )
    }

    /// One sample per node.
    init(samples: [Double]) {
        self.init(
            sampleCount: Double(samples.count),
            sum: samples.reduce(0, +),
            minimum: samples.min() ?? 0,
            maximum: samples.max() ?? 0
        )
    }

    init(times: LatencyHistogram, nanosecondsPerUnit: Double) {
        self.init(
            sampleCount: Double(times.count),
            sum: Double(times.sum) / nanosecondsPerUnit,
            minimum: times.count == 0 ? 0 : Double(times.minimum) / nanosecondsPerUnit,
            maximum: Double(times.maximum) / nanosecondsPerUnit
        )
        self.distribution = times
        self.nanosecondsPerUnit = nanosecondsPerUnit
    }

    private init(sampleCount: Double, sum: Double, minimum: Double, maximum: Double) {
        self.sampleCount = sampleCount
        self.sum = sum
        self.minimum = minimum
        self.maximum = maximum
    }

    package var average: Double { self.sampleCount > 0 ? self.sum / self.sampleCount : 0 }

    /// A statistic of it; `nil` for a percentile of something that is no time.
    package func statistic(_ statistic: Metric.Statistic) -> Double? {
        switch statistic {
        case .sum: self.sum
        case .average: self.average
        case .minimum: self.minimum
        case .maximum: self.maximum
        case .sampleCount: self.sampleCount
        case .percentile(let percent):
            self.distribution?.percentile(Double(percent)).map { Double($0) / self.nanosecondsPerUnit }
        }
    }
}
