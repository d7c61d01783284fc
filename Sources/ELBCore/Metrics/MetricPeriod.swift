package import ELBModel

/// What one node reports of one period, 60 s of AWS time (ALB-MET-001): what it counted, and what was so at the period's end.
package struct MetricPeriod: Sendable {
    /// Periods since 1970; nodes agree on it, so that their periods can be joined.
    package var number: Int64
    /// Microseconds since 1970.
    package var start: Int64
    package var counters = LoadBalancerCounters()
    package var gauges = LoadBalancerGauges()
    package var groups: [Group] = []
    /// Of a Network Load Balancer; those under way are gauges.
    package var flows = FlowCounters()
    /// Whether the node's address may stand in DNS; `nil` but of a Network Load Balancer.
    package var isZoneHealthy: Bool?

    package init(number: Int64 = 0, start: Int64 = 0) {
        self.number = number
        self.start = start
    }

    /// The part of one target group.
    package struct Group: Sendable {
        package var id: TargetGroupID
        package var counters: TargetGroupCounters
        /// `nil` when the group is no longer there.
        package var gauges: TargetGroupGauges?
        /// Lambda functions have no connections, no health state of DNS and no RequestCountPerTarget.
        package var isLambda: Bool

        package init(
            id: TargetGroupID,
            counters: TargetGroupCounters,
            gauges: TargetGroupGauges? = nil,
            isLambda: Bool = false
        ) {
            self.id = id
            self.counters = counters
            self.gauges = gauges
            self.isLambda = isLambda
        }
    }

    /// Adds what another period or node counted, and takes over what is so there now.
    mutating func add(_ other: Self) {
        self.counters.add(other.counters)
        self.gauges = other.gauges
        self.flows.add(other.flows)
        self.flows.activeTCP = other.flows.activeTCP
        self.flows.activeTLS = other.flows.activeTLS
        self.flows.activeUDP = other.flows.activeUDP
        self.isZoneHealthy = other.isZoneHealthy
        var groups = other.groups
        for index in self.groups.indices {
            guard let place = groups.firstIndex(where: { $0.id == self.groups[index].id }) else {
                self.groups[index].gauges = nil
                continue
            }
            let group = groups.remove(at: place)
            self.groups[index].counters.add(group.counters)
            self.groups[index].gauges = group.gauges
        }
        self.groups += groups
    }

    /// The same in little space.
    func compacted() -> Self {
        var compact = self
        compact.counters.elbAuthLatency = self.counters.elbAuthLatency.compacted()
        for index in self.groups.indices {
            compact.groups[index].counters.targetResponseTime = self.groups[index].counters.targetResponseTime
                .compacted()
        }
        return compact
    }
}

/// Tells when a period is over. Periods are as long as 60 s of AWS time, and begin at multiples of that since 1970: at scale 1
/// they are the minutes of the clock, as at AWS.
package struct MetricClock: Hashable, Sendable {
    /// Microseconds of real time.
    package let length: Int64

    /// - Parameter minute: how long 60 s of AWS time last, in nanoseconds.
    package init(minute: UInt64) {
        self.length = max(1000, Int64(clamping: minute / 1000))
    }

    /// The period that a moment belongs to.
    ///
    /// - Parameter microseconds: since 1970.
    package func number(at microseconds: Int64) -> Int64 {
        max(0, microseconds) / self.length
    }

    /// When the period begins.
    package func start(of number: Int64) -> Int64 {
        number.multipliedReportingOverflow(by: self.length).partialValue
    }
}

/// The periods of a node that are over: the latest ones each, all of them summed up.
package struct MetricHistory: Sendable {
    /// Periods that are kept: three hours at scale 1.
    package static let limit = 180

    /// The oldest first.
    package private(set) var periods: [MetricPeriod] = []
    package private(set) var total = MetricPeriod()

    package init() {}

    /// Takes a period that is over.
    package mutating func close(_ period: MetricPeriod) {
        self.total.add(period)
        if self.periods.count == Self.limit { self.periods.removeFirst() }
        self.periods.append(period.compacted())
    }
}
