import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Metrics of a Network Load Balancer` {
    private static func metrics(_ periods: [FlowCounters]) -> BalancerMetrics {
        var history = MetricHistory()
        for (number, flows) in periods.enumerated() {
            var period = MetricPeriod(number: Int64(number), start: Int64(number) * 60_000_000)
            period.flows = flows
            period.counters.processedBytes = flows.bytes
            history.close(period)
        }
        let current = MetricPeriod(number: Int64(periods.count), start: Int64(periods.count) * 60_000_000)
        return BalancerMetrics(
            loadBalancer: "net/gate/1",
            nodes: [.init(zone: .a, history: history, current: current)],
            kind: .network
        )
    }

    /// Values of the metric over all zones, by period.
    private static func points(_ metric: Metric, _ periods: [FlowCounters]) -> [Double]? {
        let series = Self.metrics(periods).series().first { $0.metric == metric && $0.dimensions.zone == nil }
        return series?.points.map { $0.value.maximum }
    }

    @Test(.covers("NLB-MT-002", "NLB-MT-004")) func `come by the minute, and some only with something to tell`() {
        var busy = FlowCounters()
        busy.newTCP = 3
        busy.bytesTCP = 100
        busy.packetsTCP = 2
        busy.unhealthyRouting = 1
        let series = Self.metrics([busy, FlowCounters()]).series().filter { $0.dimensions.zone == nil }
        func starts(_ metric: Metric) -> [Int64] {
            series.first { $0.metric == metric }?.points.map(\.start) ?? []
        }
        #expect(starts(.newFlowCount) == [0, 60_000_000])
        #expect(starts(.processedPackets) == [0, 60_000_000])
        #expect(starts(.newFlowCountTCP) == [0])
        #expect(starts(.unhealthyRoutingFlowCount) == [0])
        #expect(starts(.newFlowCountUDP) == [])
    }

    @Test(.covers("NLB-MT-003", "NLB-MT-008")) func `are always reported where AWS says so, also after an idle minute`()
    {
        let idle = Self.metrics([FlowCounters()]).series().filter { $0.dimensions.zone == nil }.map(\.metric)
        let always: Set<Metric> = [
            .activeFlowCount, .newFlowCount, .processedPackets, .peakBytesPerSecond, .peakPacketsPerSecond,
            .portAllocationErrorCount, .rejectedFlowCount, .tcpClientResetCount, .tcpELBResetCount,
            .tcpTargetResetCount, .consumedLCUs,
        ]
        #expect(always.isSubset(of: idle))
    }

    @Test(.covers("NLB-MT-007")) func `count headers with the bytes, and health checks with the packets`() {
        var checked = FlowCounters()
        checked.probes = 5
        #expect(checked.bytes == 0)
        #expect(checked.processedPackets == 10)
        var busy = FlowCounters()
        busy.bytesTCP = 1000
        busy.packetsTCP = 2
        busy.bytesUDP = 100
        busy.packetsUDP = 1
        #expect(busy.wireBytesTCP == 1080)
        #expect(busy.wireBytesUDP == 128)
        #expect(busy.bytes == 1208)
    }

    @Test(.covers("NLB-MT-008")) func `know the busiest ten seconds`() {
        var watch = PeakWatch(secondLength: 100, now: 0)
        #expect(!watch.isDue(at: 999))
        #expect(watch.look(now: 999, bytes: 5000, packets: 50) == nil)
        let first = watch.look(now: 1000, bytes: 5000, packets: 50)
        #expect(first?.bytes == 500 && first?.packets == 5)
        // Late, and so over more seconds.
        let second = watch.look(now: 3000, bytes: 9000, packets: 50)
        #expect(second?.bytes == 200 && second?.packets == 0)
        var (one, other) = (FlowCounters(), FlowCounters())
        one.peakBytes = 500
        other.peakBytes = 200
        #expect(Self.points(.peakBytesPerSecond, [one, other]) == [500, 200])
        one.add(other)
        #expect(one.peakBytes == 500)
    }

    @Test(.covers("NLB-MT-003")) func `tell capacity by the dimension that is used most, of each protocol`() {
        var minute = FlowCounters()
        minute.newTCP = 800 * 60
        minute.activeTCP = 50_000
        minute.newTLS = 25 * 60
        minute.activeTLS = 6000
        minute.bytesUDP = 50_000_000
        let capacity = NetworkCapacity([minute])
        #expect(capacity.tcp == 1)
        #expect(capacity.tls == 2)
        #expect(capacity.udp == 3)
        #expect(capacity.units == 6)
        #expect(Self.points(.consumedLCUs, [minute]) == [6])
    }
}
