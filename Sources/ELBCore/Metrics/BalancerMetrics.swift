package import ELBModel

/// Everything that a load balancer has counted, node by node, under CloudWatch's names. The sums over all nodes are properties:
/// `metrics.requestCount`, `metrics.httpCodeELB502Count`.
@dynamicMemberLookup
package struct BalancerMetrics: Sendable {
    /// The dimension's value, `app/NAME/ID`.
    package var loadBalancer: String
    package var nodes: [Node]
    package var kind: LoadBalancer.Kind

    package init(loadBalancer: String = "", nodes: [Node] = [], kind: LoadBalancer.Kind = .application) {
        self.loadBalancer = loadBalancer
        self.nodes = nodes
        self.kind = kind
    }

    /// What one node counted.
    package struct Node: Sendable {
        package var zone: AvailabilityZone
        /// The periods that are over.
        package var history: MetricHistory
        /// The one under way.
        package var current: MetricPeriod

        package init(zone: AvailabilityZone, history: MetricHistory = .init(), current: MetricPeriod) {
            self.zone = zone
            self.history = history
            self.current = current
        }

        /// Since the start.
        package var total: MetricPeriod {
            var total = self.history.total
            total.add(self.current)
            return total
        }

        /// Keeps only what the sums need of a node that is gone.
        package var retired: Self {
            var node = self
            node.current.gauges = .init()
            node.current.flows = node.current.flows.finished
            node.current.isZoneHealthy = nil
            for index in node.current.groups.indices { node.current.groups[index].gauges = nil }
            var history = self.history
            history.close(node.current)
            return Self(zone: self.zone, history: history, current: MetricPeriod())
        }
    }

    /// A count of the load balancer since the start, over all nodes.
    package subscript(dynamicMember path: KeyPath<LoadBalancerCounters, Int>) -> Int {
        self.nodes.reduce(0) { $0 + $1.history.total.counters[keyPath: path] + $1.current.counters[keyPath: path] }
    }

    /// A count of all target groups since the start, over all nodes.
    package subscript(dynamicMember path: KeyPath<TargetGroupCounters, Int>) -> Int {
        self.nodes.reduce(0) { sum, node in
            (node.history.total.groups + node.current.groups).reduce(sum) { $0 + $1.counters[keyPath: path] }
        }
    }

    /// What is so now, over all nodes.
    package subscript(dynamicMember path: KeyPath<LoadBalancerGauges, Int>) -> Int {
        self.nodes.reduce(0) { $0 + $1.current.gauges[keyPath: path] }
    }

    /// Per group and node, since the start.
    package var targetGroups: [(node: AvailabilityZone, group: MetricPeriod.Group)] {
        self.nodes.flatMap { node in node.total.groups.map { (node.zone, $0) } }
    }
}
