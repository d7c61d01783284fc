import ELBCore
import ELBModel

// What a node counts, period by period.
extension NodeRuntime {
    /// What was counted up to now.
    func metrics() -> BalancerMetrics.Node {
        BalancerMetrics.Node(zone: self.node.zone, history: self.metricHistory, current: self.currentMetrics())
    }

    private func currentMetrics() -> MetricPeriod {
        var period = MetricPeriod(number: self.metricPeriod, start: self.metricClock.start(of: self.metricPeriod))
        period.counters = self.counters
        period.counters.surgeQueueLength = self.surgeQueue.depth
        let targetConnections = (self.groups + self.retiredGroups).reduce(0) { $0 + $1.connectionCount }
        period.gauges.activeConnectionCount = self.clients.count + targetConnections
        period.groups = self.groups.enumerated().map { index, group in
            MetricPeriod.Group(
                id: group.state.group.id,
                counters: group.counters,
                // Instances of a Classic Load Balancer are counted once, whatever its listeners.
                gauges: self.snapshot.classicRole(ofGroup: index) == .follower ? nil : group.state.gauges,
                isLambda: group.state.group.targetType == .lambda
            )
        }
        for group in self.retiredGroups where group.counters != TargetGroupCounters() {
            period.groups.append(MetricPeriod.Group(id: group.state.group.id, counters: group.counters))
        }
        return period
    }

    func closeMetricPeriod(next: Int64) {
        self.metricHistory.close(self.currentMetrics())
        self.counters = LoadBalancerCounters()
        self.surgeQueue.periodEnds()
        for group in self.groups + self.retiredGroups { group.counters = TargetGroupCounters() }
        self.metricPeriod = next
    }
}
