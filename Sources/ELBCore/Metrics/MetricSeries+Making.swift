import ELBModel

// Joins what nodes counted with the names and dimensions under which CloudWatch publishes it.
extension BalancerMetrics {
    /// Every published combination of metric and dimensions that has data, with the periods that are over and the sum since the
    /// start.
    package func series() -> [MetricSeries] {
        let total = self.nodes.map { (zone: $0.zone, period: $0.total) }
        let periods = self.periods
        return self.scopes(self.groupIDs).compactMap { metric, scope in
            let points = periods.compactMap { nodes in
                self.value(metric, scope, nodes).map {
                    MetricSeries.Point(start: nodes.first?.period.start ?? 0, value: $0)
                }
            }
            // Capacity is used per time; there is no such thing as its sum.
            let sum = metric == .consumedLCUs ? points.last?.value : self.value(metric, scope, total)
            guard sum != nil || !points.isEmpty else { return nil }
            return MetricSeries(
                metric: metric,
                dimensions: scope.dimensions(self.loadBalancer, isClassic: self.kind == .classic),
                namespace: Metric.namespace(of: self.kind),
                points: points,
                total: sum
            )
        }
    }

    /// The nodes' periods that are over, joined by their numbers, the oldest first.
    private var periods: [[NodePeriod]] {
        var joined: [Int64: [NodePeriod]] = [:]
        for node in self.nodes {
            for period in node.history.periods { joined[period.number, default: []].append((node.zone, period)) }
        }
        return joined.sorted { $0.key < $1.key }.map(\.value)
    }

    /// What a number is about.
    private struct Scope {
        var set: DimensionSet
        var zone: AvailabilityZone?
        var group: TargetGroupID?

        func dimensions(_ loadBalancer: String, isClassic: Bool) -> MetricDimensions {
            MetricDimensions(
                loadBalancer: self.set.contains(.loadBalancer) ? loadBalancer : nil,
                zone: self.zone,
                targetGroup: self.group.map { MetricDimensions.targetGroup($0) },
                isClassic: isClassic
            )
        }
    }

    private typealias NodePeriod = (zone: AvailabilityZone, period: MetricPeriod)

    private var groupIDs: [TargetGroupID] {
        var known: Set<TargetGroupID> = []
        let all = self.nodes.flatMap { node in (node.history.total.groups + node.current.groups).map(\.id) }
        return all.filter { known.insert($0).inserted }
    }

    private func scopes(_ groups: [TargetGroupID]) -> [(Metric, Scope)] {
        var zones: [AvailabilityZone] = []
        for node in self.nodes where !zones.contains(node.zone) { zones.append(node.zone) }
        let metrics = Metric.allCases.filter { $0.isOf(self.kind) }
        return metrics.flatMap { metric in
            metric.dimensionSets(of: self.kind).flatMap { set in
                (set.contains(.targetGroup) ? groups.map(Optional.some) : [nil]).flatMap { group in
                    (set.contains(.zone) ? zones.map(Optional.some) : [nil]).map { zone in
                        (metric, Scope(set: set, zone: zone, group: group))
                    }
                }
            }
        }
    }

    /// `nil` if there is nothing to publish.
    private func value(_ metric: Metric, _ scope: Scope, _ all: [NodePeriod]) -> MetricValue? {
        let nodes = scope.zone.map { zone in all.filter { $0.zone == zone } } ?? all
        let groups = nodes.map { node in
            node.period.groups.filter { scope.group == nil || $0.id == scope.group }
        }
        switch metric.source {
        case .balancer(let path):
            return Self.counted(metric, nodes.map { $0.period.counters[keyPath: path] })
        case .group(let path):
            guard groups.contains(where: { !$0.isEmpty }) else { return nil }
            return Self.counted(metric, groups.map { $0.reduce(0) { $0 + $1.counters[keyPath: path] } })
        case .balancerGauge(let path):
            return Self.counted(metric, nodes.map { $0.period.gauges[keyPath: path] })
        case .groupGauge(let path):
            let samples = groups.joined().compactMap { $0.gauges }.map { Double($0[keyPath: path]) }
            guard !samples.isEmpty, metric.isAlwaysReported || samples.contains(where: { $0 != 0 }) else { return nil }
            return MetricValue(samples: samples)
        case .zones(let path):
            let known = groups.joined().filter { !$0.isLambda }.compactMap { $0.gauges }
            guard !known.isEmpty else { return nil }
            return MetricValue(Double(known.reduce(0) { $0 + $1[keyPath: path] }))
        case .responseTime:
            var times = LatencyHistogram()
            for group in groups.joined() { times.add(group.counters.targetResponseTime) }
            return times.count == 0 ? nil : MetricValue(times: times, nanosecondsPerUnit: 1e9)
        case .authLatency:
            var times = LatencyHistogram()
            for node in nodes { times.add(node.period.counters.elbAuthLatency) }
            return times.count == 0 ? nil : MetricValue(times: times, nanosecondsPerUnit: 1e6)
        case .flows(let path):
            return Self.counted(metric, nodes.map { $0.period.flows[keyPath: path] })
        case .flowGauge(let path):
            return Self.counted(metric, nodes.map { $0.period.flows[keyPath: path] })
        case .classic(let path):
            return Self.counted(metric, nodes.map { $0.period[keyPath: path] })
        case .surgeQueue:
            let lengths = nodes.map { Double($0.period.counters.surgeQueueLength) }
            return lengths.allSatisfy { $0 == 0 } ? nil : MetricValue(samples: lengths)
        case .zonalHealth:
            let samples = nodes.compactMap(\.period.isZoneHealthy).map { $0 ? 1.0 : 0 }
            return samples.isEmpty ? nil : MetricValue(samples: samples)
        case .perTarget:
            return Self.perTarget(groups.flatMap { $0 })
        case .capacity:
            return MetricValue(
                self.kind == .network
                    ? NetworkCapacity(nodes.map(\.period.flows)).units : ConsumedCapacity(nodes.map(\.period)).units
            )
        }
    }

    private static func counted(_ metric: Metric, _ counts: [Int]) -> MetricValue? {
        let sum = counts.reduce(0, +)
        guard sum != 0 || metric.isAlwaysReported else { return nil }
        if metric.countsOnes { return MetricValue(ones: sum) }
        // A node with nothing to tell sends no sample.
        return MetricValue(samples: counts.filter { $0 != 0 }.map(Double.init))
    }

    /// The requests of a group by its healthy targets, or by all that are registered if none is healthy (ALB-MET-004). Nodes that
    /// see different targets healthy divide by what most of them see.
    private static func perTarget(_ groups: [MetricPeriod.Group]) -> MetricValue? {
        let known = groups.filter { !$0.isLambda }
        guard !known.isEmpty else { return nil }
        let requests = known.reduce(0) { $0 + $1.counters.requestCount }
        let healthy = known.compactMap { $0.gauges?.healthyHostCount }.max() ?? 0
        let registered = known.compactMap { $0.gauges?.registeredHostCount }.max() ?? 0
        let targets = healthy > 0 ? healthy : registered
        return targets > 0 ? MetricValue(Double(requests) / Double(targets)) : nil
    }
}

/// Load balancer capacity units by the published formula: of four dimensions the one that is used most
/// (https://aws.amazon.com/elasticloadbalancing/pricing/). One unit holds 25 new connections a second, 3,000 active connections,
/// 1 GB an hour (0.4 GB for Lambda functions), and 1,000 rule evaluations a second beside the ten that each request has free.
package struct ConsumedCapacity: Hashable, Sendable {
    package var newConnections: Double
    package var activeConnections: Double
    package var processedBytes: Double
    package var ruleEvaluations: Double

    /// - Parameter nodes: the same period of each node.
    package init(_ nodes: [MetricPeriod]) {
        let seconds = 60.0
        var counters = LoadBalancerCounters()
        for node in nodes { counters.add(node.counters) }
        let active = nodes.reduce(0) { $0 + $1.gauges.activeConnectionCount }
        let lambda = Double(counters.lambdaTargetProcessedBytes)
        let others = max(0, Double(counters.processedBytes) - lambda)
        self.newConnections = Double(counters.newConnectionCount) / seconds / 25
        self.activeConnections = Double(active) / 3000
        self.processedBytes = (others / 1e9 + lambda / 0.4e9) / seconds * 3600
        self.ruleEvaluations = Double(counters.paidRuleEvaluations) / seconds / 1000
    }

    package var units: Double {
        max(max(self.newConnections, self.activeConnections), max(self.processedBytes, self.ruleEvaluations))
    }
}
