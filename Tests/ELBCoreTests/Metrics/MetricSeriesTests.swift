import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Metrics` {
    private static let web = TargetGroupID(
        rawValue: "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/web/0123456789abcdef"
    )

    /// A period of one node with one group.
    private static func period(
        _ number: Int64 = 1,
        _ change: (inout LoadBalancerCounters, inout TargetGroupCounters, inout TargetGroupGauges) -> Void = {
            _,
            _,
            _ in
        }
    ) -> MetricPeriod {
        var period = MetricPeriod(number: number, start: number * 60_000_000)
        var (counters, gauges) = (TargetGroupCounters(), TargetGroupGauges())
        change(&period.counters, &counters, &gauges)
        period.groups = [.init(id: Self.web, counters: counters, gauges: gauges)]
        return period
    }

    /// Two nodes whose first period is over.
    private static func balancer(_ a: MetricPeriod, _ b: MetricPeriod) -> BalancerMetrics {
        var (historyA, historyB) = (MetricHistory(), MetricHistory())
        historyA.close(a)
        historyB.close(b)
        return BalancerMetrics(
            loadBalancer: "app/lb/1",
            nodes: [
                .init(zone: .a, history: historyA, current: Self.period(2)),
                .init(zone: .b, history: historyB, current: Self.period(2)),
            ]
        )
    }

    private static func values(_ metric: Metric, of balancer: BalancerMetrics) -> [String: MetricValue] {
        Dictionary(
            balancer.series().filter { $0.metric == metric }.compactMap { series in
                series.points.last.map {
                    (series.dimensions.pairs.map { "\($0.name)=\($0.value)" }.joined(separator: " "), $0.value)
                }
            },
            uniquingKeysWith: { first, _ in first }
        )
    }

    private static let lb = "LoadBalancer=app/lb/1"
    private static let tg = "TargetGroup=targetgroup/web/0123456789abcdef"
    private static func az(_ letter: String) -> String { "AvailabilityZone=ap-northeast-2\(letter)" }

    // MARK: Names and dimensions

    @Test func `join every counter with a name`() {
        let counters = Mirror(reflecting: LoadBalancerCounters()).children.count { $0.value is Int }
        let groupCounters = Mirror(reflecting: TargetGroupCounters()).children.count { $0.value is Int }
        var balancer = LoadBalancerCounters()
        // Doubling reaches every field that `add` knows.
        balancer.countOwn(status: 500)
        balancer.paidRuleEvaluations = 1
        let before = Self.sum(balancer)
        balancer.add(balancer)
        #expect(Self.sum(balancer) == 2 * before)
        let named = Metric.allCases.filter {
            $0.isOf(.application) && $0.isCounter && $0 != .targetResponseTime && $0 != .elbAuthLatency
        }
        // `paidRuleEvaluations` is a part of ConsumedLCUs, and three are for Classic Load Balancers alone.
        #expect(named.count == counters - 4 + groupCounters)
    }

    @Test(.covers("CLB-ER-009", "CLB-LG-009", "CLB-LG-010", "CLB-LG-013"))
    func `have other names and one dimension fewer for Classic Load Balancers`() {
        let node = Self.period { counters, group, _ in
            group.requestCount = 2
            group.httpCodeTarget2XXCount = 2
            group.targetConnectionErrorCount = 1
            counters.probeFailureCount = 3
            counters.surgeQueueLength = 5
            counters.countOwn(status: 503)
        }
        var metrics = Self.balancer(node, Self.period())
        metrics.kind = .classic
        metrics.loadBalancer = "shop"
        let series: [MetricSeries] = metrics.series()
        #expect(series.allSatisfy { $0.namespace == "AWS/ELB" })
        let names = series.flatMap { one in one.dimensions.pairs.map { pair in pair.name } }
        #expect(Set(names) == ["AvailabilityZone", "LoadBalancerName"])
        var sums: [String: Double] = [:]
        for one in series where one.dimensions.zone == nil { sums[one.metric.rawValue] = one.total?.sum ?? 0 }
        #expect(sums["RequestCount"] == 2)
        #expect(sums["HTTPCode_Backend_2XX"] == 2)
        #expect(sums["HTTPCode_ELB_5XX"] == 1)
        // Health checks that come to nothing count, too.
        #expect(sums["BackendConnectionErrors"] == 4)
        #expect(series.first { $0.metric == .surgeQueueLength }?.total?.maximum == 5)
        #expect(sums["HTTPCode_ELB_5XX_Count"] == nil && sums["RuleEvaluations"] == nil)
    }

    private static func sum(_ counters: LoadBalancerCounters) -> Int {
        Mirror(reflecting: counters).children.reduce(0) { $0 + ($1.value as? Int ?? 0) }
    }

    @Test(.covers("ALB-MET-002", "ALB-MET-003"))
    func `exist in the published combinations of dimensions only`() {
        let balancer = Self.balancer(
            Self.period { _, group, _ in group.requestCount = 2 },
            Self.period { _, group, _ in group.requestCount = 1 }
        )
        let requests = Self.values(.requestCount, of: balancer).mapValues(\.sum)
        #expect(
            requests == [
                Self.lb: 3, "\(Self.az("a")) \(Self.lb)": 2, "\(Self.az("b")) \(Self.lb)": 1,
                "\(Self.tg) \(Self.lb)": 3,
                "\(Self.tg) \(Self.az("a")) \(Self.lb)": 2, "\(Self.tg) \(Self.az("b")) \(Self.lb)": 1,
            ]
        )
        for metric in Metric.allCases { #expect(!metric.dimensionSets.isEmpty, "\(metric)") }
    }

    @Test(
        .covers(
            "ALB-MET-005",
            "ALB-MET-010",
            "ALB-MET-011",
            "ALB-MET-013",
            "ALB-MET-015",
            "ALB-MET-016",
            "ALB-MET-021"
        ),
        arguments: [
            .httpCodeELB3XXCount, .httpCodeELB4XXCount, .httpCodeELB5XXCount, .httpCodeELB500Count,
            .httpCodeELB502Count,
            .httpCodeELB503Count, .httpCodeELB504Count, .newConnectionCount, .rejectedConnectionCount,
            .clientTLSNegotiationErrorCount, .processedBytes, .ipv6ProcessedBytes, .httpFixedResponseCount,
            .httpRedirectCount, .httpRedirectURLLimitExceededCount, .desyncNonCompliantRequestCount,
            .droppedInvalidHeaderRequestCount, .forwardedInvalidHeaderRequestCount, .nonStickyRequestCount,
            .elbAuthError,
            .elbAuthFailure, .elbAuthRefreshTokenSuccess, .elbAuthSuccess, .elbAuthUserClaimsSizeExceeded,
            .activeConnectionCount, .jwtValidationFailureCount,
        ] as [Metric]
    )
    func `of the load balancer exist for it and for its zones`(metric: Metric) {
        #expect(metric.dimensionSets == [.loadBalancer, [.zone, .loadBalancer]])
    }

    @Test(
        .covers("ALB-MET-006", "ALB-MET-007", "ALB-MET-009"),
        arguments: [
            .httpCodeTarget2XXCount, .httpCodeTarget3XXCount, .httpCodeTarget4XXCount, .httpCodeTarget5XXCount,
            .targetResponseTime, .targetConnectionErrorCount, .targetTLSNegotiationErrorCount, .ipv6RequestCount,
            .unhealthyRoutingRequestCount, .requestCount,
        ] as [Metric]
    )
    func `of both exist for the load balancer, its zones and its groups`(metric: Metric) {
        #expect(
            metric.dimensionSets == [
                .loadBalancer, [.zone, .loadBalancer], [.targetGroup, .loadBalancer],
                [.targetGroup, .zone, .loadBalancer],
            ]
        )
    }

    @Test(
        .covers("ALB-MET-012", "ALB-MET-017", "ALB-MET-020", "ALB-TGH-019", "ALB-ALG-015", "ALB-MET-018", "ALB-MET-019")
    )
    func `of other kinds have dimensions of their own`() {
        for metric in [.consumedLCUs, .ruleEvaluations, .lambdaTargetProcessedBytes] as [Metric] {
            #expect(metric.dimensionSets == [.loadBalancer])
        }
        for metric in [
            .healthyHostCount, .unHealthyHostCount, .anomalousHostCount, .mitigatedHostCount, .healthyStateDNS,
            .healthyStateRouting, .unhealthyStateDNS, .unhealthyStateRouting,
        ] as [Metric] {
            #expect(metric.dimensionSets == [[.targetGroup, .loadBalancer], [.targetGroup, .zone, .loadBalancer]])
        }
        #expect(Metric.grpcRequestCount.dimensionSets.contains([.targetGroup, .zone]))
        #expect(Metric.lambdaUserError.dimensionSets == [.targetGroup, [.targetGroup, .loadBalancer]])
        #expect(Metric.requestCountPerTarget.dimensionSets.allSatisfy { $0.contains(.targetGroup) })
    }

    @Test func `name a group by the end of its ARN`() {
        #expect(MetricDimensions.targetGroup(Self.web) == "targetgroup/web/0123456789abcdef")
        #expect(MetricDimensions.targetGroup(TargetGroupID(rawValue: "api")).hasPrefix("targetgroup/api/"))
    }

    // MARK: Statistics

    @Test(.covers("ALB-MET-025")) func `that count ones have nothing but ones`() throws {
        let balancer = Self.balancer(
            Self.period { counters, group, _ in
                group.requestCount = 40
                counters.httpCodeELB4XXCount = 7
                counters.newConnectionCount = 7
            },
            Self.period { counters, _, _ in counters.newConnectionCount = 3 }
        )
        for metric in [.requestCount, .httpCodeELB4XXCount] as [Metric] {
            let value = try #require(Self.values(metric, of: balancer)[Self.lb])
            #expect(value.minimum == 1 && value.maximum == 1 && value.average == 1)
            #expect(value.sampleCount == value.sum)
        }
        let connections = try #require(Self.values(.newConnectionCount, of: balancer)[Self.lb])
        #expect(connections.sum == 10)
        #expect(connections.minimum == 3 && connections.maximum == 7)
    }

    @Test(.covers("ALB-MET-001")) func `without data are not published`() {
        let silent = Self.balancer(Self.period(), Self.period())
        let names = Set(silent.series().map(\.metric))
        #expect(
            names == [
                .consumedLCUs, .requestCount, .healthyHostCount, .unHealthyHostCount, .anomalousHostCount,
                .mitigatedHostCount, .healthyStateDNS, .healthyStateRouting, .unhealthyStateDNS, .unhealthyStateRouting,
            ]
        )
        #expect(BalancerMetrics(loadBalancer: "app/lb/1").series().isEmpty)
    }

    @Test(.covers("ALB-MET-008")) func `of hosts are samples of the nodes`() throws {
        let balancer = Self.balancer(
            Self.period { _, _, gauges in gauges.healthyHostCount = 3 },
            Self.period { _, _, gauges in gauges.healthyHostCount = 1 }
        )
        let values = Self.values(.healthyHostCount, of: balancer)
        let all = try #require(values["\(Self.tg) \(Self.lb)"])
        #expect(all.minimum == 1 && all.maximum == 3 && all.average == 2)
        #expect(values["\(Self.tg) \(Self.az("b")) \(Self.lb)"]?.average == 1)
        #expect(values[Self.lb] == nil)
        #expect(Metric.healthyHostCount.statistics == [.average, .minimum, .maximum])
    }

    @Test(.covers("ALB-TGH-019", "ALB-MET-019")) func `of health states count zones`() {
        let balancer = Self.balancer(
            Self.period { _, _, gauges in
                gauges.healthyStateDNS = 1
                gauges.unhealthyStateRouting = 1
            },
            Self.period { _, _, gauges in gauges.healthyStateDNS = 1 }
        )
        #expect(Self.values(.healthyStateDNS, of: balancer)["\(Self.tg) \(Self.lb)"]?.maximum == 2)
        #expect(Self.values(.unhealthyStateRouting, of: balancer)["\(Self.tg) \(Self.lb)"]?.minimum == 1)
        #expect(
            Self.values(.unhealthyStateRouting, of: balancer)["\(Self.tg) \(Self.az("b")) \(Self.lb)"]?.minimum == 0
        )
    }

    @Test(
        .covers("ALB-MET-004"),
        arguments: [(2, 4, 6.0), (4, 4, 3.0), (0, 3, 4.0), (0, 0, nil)] as [(Int, Int, Double?)]
    )
    func `per target divide by the healthy, or by all`(healthy: Int, registered: Int, expected: Double?) {
        let balancer = Self.balancer(
            Self.period { _, group, gauges in
                group.requestCount = 7
                gauges.healthyHostCount = healthy
                gauges.registeredHostCount = registered
            },
            Self.period { _, group, gauges in
                group.requestCount = 5
                gauges.healthyHostCount = healthy
                gauges.registeredHostCount = registered
            }
        )
        #expect(Self.values(.requestCountPerTarget, of: balancer)[Self.tg]?.sum == expected)
    }

    @Test(.covers("ALB-MET-004")) func `per target do not exist for functions`() {
        var period = Self.period { _, group, gauges in
            group.requestCount = 7
            gauges.healthyHostCount = 1
        }
        period.groups[0].isLambda = true
        #expect(Self.values(.requestCountPerTarget, of: Self.balancer(period, period)).isEmpty)
    }

    @Test(.covers("ALB-MET-007")) func `of times know average and percentiles`() throws {
        let balancer = Self.balancer(
            Self.period { _, group, _ in
                for milliseconds in 1...99 {
                    group.targetResponseTime.record(nanoseconds: UInt64(milliseconds) * 1_000_000)
                }
            },
            Self.period { _, group, _ in group.targetResponseTime.record(nanoseconds: 2_000_000_000) }
        )
        let value = try #require(Self.values(.targetResponseTime, of: balancer)[Self.lb])
        #expect(value.sampleCount == 100)
        #expect(value.minimum == 0.001 && value.maximum == 2)
        #expect(abs(value.average - 0.0695) < 0.000_001)
        let median = try #require(value.statistic(.percentile(50)))
        #expect((0.05...0.0535).contains(median))
        #expect(value.statistic(.percentile(100)) == 2)
        #expect(Self.values(.targetResponseTime, of: balancer)["\(Self.tg) \(Self.az("b")) \(Self.lb)"]?.sum == 2)
    }

    // MARK: Capacity

    @Test(
        .covers("ALB-MET-014", "ALB-MET-017"),
        arguments: [
            (connections: 3000, bytes: 0, lambdaBytes: 0, rules: 0, units: 2),
            (connections: 0, bytes: 1_000_000_000, lambdaBytes: 0, rules: 0, units: 60),
            (connections: 0, bytes: 1_000_000_000, lambdaBytes: 1_000_000_000, rules: 0, units: 150),
            (connections: 0, bytes: 0, lambdaBytes: 0, rules: 12, units: 2),
            (connections: 0, bytes: 0, lambdaBytes: 0, rules: 10, units: 0),
            (connections: 3000, bytes: 1_000_000_000, lambdaBytes: 0, rules: 12, units: 60),
        ] as [(connections: Int, bytes: Int, lambdaBytes: Int, rules: Int, units: Double)]
    )
    func `consume capacity by the dimension used most`(
        connections: Int,
        bytes: Int,
        lambdaBytes: Int,
        rules: Int,
        units: Double
    ) {
        let busy = Self.period { counters, _, _ in
            counters.newConnectionCount = connections
            counters.processedBytes = bytes
            counters.lambdaTargetProcessedBytes = lambdaBytes
            for _ in 0..<60_000 { counters.countEvaluations(rules) }
        }
        #expect(busy.counters.ruleEvaluations == 60_000 * rules)
        #expect(Self.values(.consumedLCUs, of: Self.balancer(busy, Self.period()))[Self.lb]?.sum == units)
    }
}
