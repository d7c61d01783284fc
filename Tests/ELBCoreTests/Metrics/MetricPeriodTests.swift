import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Metric periods` {
    @Test(
        .covers("ALB-MET-001"),
        arguments: [(60_000_000_000, 60_000_000), (1_000_000_000, 1_000_000), (1, 1000)] as [(UInt64, Int64)]
    )
    func `are a minute of AWS time`(minute: UInt64, length: Int64) {
        let clock = MetricClock(minute: minute)
        #expect(clock.length == length)
        #expect(clock.number(at: 0) == 0)
        #expect(clock.number(at: length - 1) == 0)
        #expect(clock.number(at: length) == 1)
        #expect(clock.start(of: 7) == 7 * length)
    }

    @Test func `are kept to a limit, and their sums for ever`() {
        var history = MetricHistory()
        for number in 0..<Int64(MetricHistory.limit + 20) {
            var period = MetricPeriod(number: number)
            period.counters.newConnectionCount = 1
            period.counters.elbAuthLatency.record(nanoseconds: 1_000_000)
            period.groups = [.init(id: TargetGroupID(rawValue: "a"), counters: TargetGroupCounters(), gauges: .init())]
            period.groups[0].counters.requestCount = 2
            period.groups[0].counters.targetResponseTime.record(nanoseconds: 5_000_000)
            history.close(period)
        }
        #expect(history.periods.count == MetricHistory.limit)
        #expect(history.periods.first?.number == 20)
        #expect(history.total.counters.newConnectionCount == 200)
        #expect(history.total.groups.map(\.counters.requestCount) == [400])
        #expect(history.total.groups.first?.counters.targetResponseTime.count == 200)
        #expect(history.total.counters.elbAuthLatency.count == 200)
        #expect(history.periods.last?.groups.first?.counters.targetResponseTime.percentile(50) == 5_000_000)
    }

    @Test func `forget what was so of a group that is gone, not what it counted`() {
        var history = MetricHistory()
        var period = MetricPeriod(number: 1)
        var counters = TargetGroupCounters()
        counters.requestCount = 3
        period.groups = [.init(id: TargetGroupID(rawValue: "old"), counters: counters, gauges: .init())]
        history.close(period)
        history.close(MetricPeriod(number: 2))
        #expect(history.total.groups.map(\.counters.requestCount) == [3])
        #expect(history.total.groups.first?.gauges == nil)
        let metrics = BalancerMetrics(nodes: [.init(zone: .a, history: history, current: MetricPeriod(number: 3))])
        #expect(metrics.requestCount == 3)
        #expect(!metrics.series().contains { $0.metric == .healthyHostCount && $0.points.isEmpty })
    }
}

@Suite struct `Latency histograms` {
    @Test(
        arguments: [
            0, 1, 999, 1000, 15_999, 16_000, 17_000, 33_000, 1_234_567, 59_999_999_999, 4_000_000_000_000, .max,
        ] as [UInt64]
    )
    func `find a single time again, at most a sixteenth too high`(nanoseconds: UInt64) throws {
        var histogram = LatencyHistogram()
        #expect(histogram.percentile(50) == nil)
        histogram.record(nanoseconds: nanoseconds)
        #expect(histogram.percentile(50) == nanoseconds)
        #expect(histogram.compacted().percentile(99) == nanoseconds)
        // Beside an extreme, what is told is the end of its bucket.
        histogram.record(nanoseconds: .max)
        let told = try #require(histogram.percentile(50))
        #expect(told >= nanoseconds)
        if nanoseconds < 4_000_000_000_000 { #expect(Double(told) <= Double(nanoseconds) * 17 / 16 + 1000) }
    }

    @Test func `add up, compacted or not`() {
        var (one, two) = (LatencyHistogram(), LatencyHistogram())
        for value in 1...100 { one.record(nanoseconds: UInt64(value) * 1_000_000) }
        for value in 101...200 { two.record(nanoseconds: UInt64(value) * 1_000_000) }
        var whole = one
        whole.add(two)
        var parts = LatencyHistogram()
        parts.add(two.compacted())
        parts.add(one.compacted())
        parts.add(LatencyHistogram().compacted())
        #expect(parts == whole)
        #expect(whole.count == 200)
        #expect(whole.minimum == 1_000_000 && whole.maximum == 200_000_000)
        var compact = one.compacted()
        compact.record(nanoseconds: 7)
        #expect(compact.count == 101)
        #expect(compact.minimum == 7)
    }
}
