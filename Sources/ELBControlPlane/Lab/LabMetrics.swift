package import ELBCore

/// CloudWatch's metrics of the lab, as `GET /_lab/metrics` tells them.
package struct LabMetrics: Codable, Hashable, Sendable {
    package var schema = "elblab/metrics/v1"
    package var metrics: [Series]

    /// One metric with one set of dimensions.
    package struct Series: Codable, Hashable, Sendable {
        /// CloudWatch's, `AWS/ApplicationELB`.
        package var namespace: String
        package var name: String
        package var unit: String
        package var dimensions: [String: String]
        /// Since the start; of what is no count, as it is now. Missing if there is nothing to tell any more.
        package var total: Statistics?
        /// Periods of 60 AWS seconds that are over, the oldest first; those without data are missing.
        package var periods: [Period]
        /// Those of the statistics that say something; in the words of `Statistics`.
        package var useful: [String]
    }

    package struct Period: Codable, Hashable, Sendable {
        /// When it began: `2015-05-13T23:39:43.945958Z`, on the wall clock, which is not scaled.
        package var start: String
        package var statistics: Statistics
    }

    /// CloudWatch's statistics.
    package struct Statistics: Codable, Hashable, Sendable {
        package var sampleCount: Double
        package var sum: Double
        package var average: Double
        package var minimum: Double
        package var maximum: Double
        /// For times only.
        package var p50: Double?
        package var p90: Double?
        package var p99: Double?
    }

    package init(_ balancers: [BalancerMetrics]) {
        var clock = WallClockText()
        self.metrics = balancers.flatMap { $0.series() }.map { series in
            Series(
                namespace: series.namespace,
                name: series.metric.rawValue,
                unit: series.metric.unit.rawValue,
                dimensions: Dictionary(series.dimensions.pairs.map { ($0.name, $0.value) }) { first, _ in first },
                total: series.total.map { Statistics($0) },
                periods: series.points.map { point in
                    var start: [UInt8] = []
                    clock.appendTimestamp(microseconds: point.start, to: &start)
                    return Period(start: String(decoding: start, as: UTF8.self), statistics: Statistics(point.value))
                },
                useful: series.metric.statistics.map(Self.name)
            )
        }
    }

    private static func name(_ statistic: Metric.Statistic) -> String {
        switch statistic {
        case .sampleCount: "sampleCount"
        case .sum, .average, .minimum, .maximum, .percentile: statistic.suffix
        }
    }
}

extension LabMetrics.Statistics {
    init(_ value: MetricValue) {
        self.sampleCount = value.sampleCount
        self.sum = value.sum
        self.average = value.average
        self.minimum = value.minimum
        self.maximum = value.maximum
        self.p50 = value.statistic(.percentile(50))
        self.p90 = value.statistic(.percentile(90))
        self.p99 = value.statistic(.percentile(99))
    }

    /// The statistic of that name; `nil` if it has none.
    package subscript(name: String) -> Double? {
        switch name {
        case "sampleCount": self.sampleCount
        case "sum": self.sum
        case "average": self.average
        case "minimum": self.minimum
        case "maximum": self.maximum
        case "p50": self.p50
        case "p90": self.p90
        case "p99": self.p99
        default: nil
        }
    }
}
