/// The metrics of Classic Load Balancers, namespace `AWS/ELB` (CLB-LG-009, -010).
extension Metric {
    /// Those that other kinds have not, or not under these names.
    static let classicOnly: Set<Self> = [
        .backendConnectionErrors, .httpCodeBackend2XX, .httpCodeBackend3XX, .httpCodeBackend4XX, .httpCodeBackend5XX,
        .httpCodeELB4XX, .httpCodeELB5XX, .latency, .spilloverCount, .surgeQueueLength,
        .estimatedALBActiveConnectionCount, .estimatedALBNewConnectionCount, .estimatedProcessedBytes,
    ]

    /// Those that Application Load Balancers have, too.
    static let classicShared: Set<Self> = [
        .desyncNonCompliantRequestCount, .healthyHostCount, .requestCount, .unHealthyHostCount,
    ]
}

// What a Classic Load Balancer adds up in other ways than the kinds with target groups.
extension MetricPeriod {
    /// Of all groups of one node.
    private func sum(_ path: KeyPath<TargetGroupCounters, Int>) -> Int {
        self.groups.reduce(0) { $0 + $1.counters[keyPath: path] }
    }

    /// Health checks that came to nothing count, too (CLB-RT-010).
    var backendConnectionErrors: Int {
        self.sum(\.targetConnectionErrorCount) + self.sum(\.targetTLSNegotiationErrorCount)
            + self.counters.probeFailureCount
    }

    var backend2XX: Int { self.sum(\.httpCodeTarget2XXCount) }
    var backend3XX: Int { self.sum(\.httpCodeTarget3XXCount) }
    var backend4XX: Int { self.sum(\.httpCodeTarget4XXCount) }
    var backend5XX: Int { self.sum(\.httpCodeTarget5XXCount) }
}
