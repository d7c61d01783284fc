package import ELBModel

/// Counters since the start, under CloudWatch's names. Each node counts by itself without locks; sums are made when asked.
package struct BalancerMetrics: Hashable, Sendable {
    /// Requests for which a target was chosen (ALB-MET-003).
    package var requestCount = 0
    /// Responses that the balancer made itself, configured ones included (ALB-MET-005, ALB-FIX-007).
    package var httpCodeELB3XXCount = 0
    package var httpCodeELB4XXCount = 0
    package var httpCodeELB5XXCount = 0
    package var httpCodeELB500Count = 0
    package var httpCodeELB502Count = 0
    package var httpCodeELB503Count = 0
    package var httpCodeELB504Count = 0
    /// Responses of targets by class (ALB-MET-006).
    package var httpCodeTarget2XXCount = 0
    package var httpCodeTarget3XXCount = 0
    package var httpCodeTarget4XXCount = 0
    package var httpCodeTarget5XXCount = 0
    package var httpRedirectCount = 0
    package var httpFixedResponseCount = 0
    package var httpRedirectURLLimitExceededCount = 0
    /// Failed connects to targets, health probes excluded (ALB-MET-009).
    package var targetConnectionErrorCount = 0
    package var newConnectionCount = 0
    /// Open now, to clients and to targets (ALB-CONN-013).
    package var activeConnectionCount = 0
    package var desyncMitigationModeNonCompliantRequestCount = 0
    package var droppedInvalidHeaderRequestCount = 0
    package var forwardedInvalidHeaderRequestCount = 0
    /// Requests that went to a target because too few were healthy.
    package var unhealthyRoutingRequestCount = 0
    /// Bytes of heads and bodies, both directions, client side (ALB-MET-011).
    package var processedBytes = 0
    /// Sum in nanoseconds and count of target response times; the mean is their quotient (ALB-MET-007).
    package var targetResponseTimeSum: UInt64 = 0
    package var targetResponseTimeCount = 0
    /// Per group and node.
    package var targetGroups: [TargetGroupMetrics] = []

    package init() {}

    /// Counts of one target group at one node.
    package struct TargetGroupMetrics: Hashable, Sendable {
        package var targetGroup: TargetGroupID
        package var node: AvailabilityZone
        package var healthyHostCount: Int
        package var unHealthyHostCount: Int
        package var requestCount: Int

        package init(
            targetGroup: TargetGroupID,
            node: AvailabilityZone,
            healthyHostCount: Int,
            unHealthyHostCount: Int,
            requestCount: Int
        ) {
            self.targetGroup = targetGroup
            self.node = node
            self.healthyHostCount = healthyHostCount
            self.unHealthyHostCount = unHealthyHostCount
            self.requestCount = requestCount
        }
    }

    /// Counts a response that the balancer made itself.
    mutating func countOwn(status: Int) {
        switch status {
        case 300..<400: self.httpCodeELB3XXCount += 1
        case 400..<500: self.httpCodeELB4XXCount += 1
        case 500..<600: self.httpCodeELB5XXCount += 1
        default: break
        }
        switch status {
        case 500: self.httpCodeELB500Count += 1
        case 502: self.httpCodeELB502Count += 1
        case 503: self.httpCodeELB503Count += 1
        case 504: self.httpCodeELB504Count += 1
        default: break
        }
    }

    /// Counts a target's response.
    mutating func countTarget(status: Int) {
        switch status {
        case 200..<300: self.httpCodeTarget2XXCount += 1
        case 300..<400: self.httpCodeTarget3XXCount += 1
        case 400..<500: self.httpCodeTarget4XXCount += 1
        case 500..<600: self.httpCodeTarget5XXCount += 1
        default: break
        }
    }

    /// Adds another node's counters.
    package mutating func add(_ other: Self) {
        self.requestCount += other.requestCount
        self.httpCodeELB3XXCount += other.httpCodeELB3XXCount
        self.httpCodeELB4XXCount += other.httpCodeELB4XXCount
        self.httpCodeELB5XXCount += other.httpCodeELB5XXCount
        self.httpCodeELB500Count += other.httpCodeELB500Count
        self.httpCodeELB502Count += other.httpCodeELB502Count
        self.httpCodeELB503Count += other.httpCodeELB503Count
        self.httpCodeELB504Count += other.httpCodeELB504Count
        self.httpCodeTarget2XXCount += other.httpCodeTarget2XXCount
        self.httpCodeTarget3XXCount += other.httpCodeTarget3XXCount
        self.httpCodeTarget4XXCount += other.httpCodeTarget4XXCount
        self.httpCodeTarget5XXCount += other.httpCodeTarget5XXCount
        self.httpRedirectCount += other.httpRedirectCount
        self.httpFixedResponseCount += other.httpFixedResponseCount
        self.httpRedirectURLLimitExceededCount += other.httpRedirectURLLimitExceededCount
        self.targetConnectionErrorCount += other.targetConnectionErrorCount
        self.newConnectionCount += other.newConnectionCount
        self.activeConnectionCount += other.activeConnectionCount
        self.desyncMitigationModeNonCompliantRequestCount += other.desyncMitigationModeNonCompliantRequestCount
        self.droppedInvalidHeaderRequestCount += other.droppedInvalidHeaderRequestCount
        self.forwardedInvalidHeaderRequestCount += other.forwardedInvalidHeaderRequestCount
        self.unhealthyRoutingRequestCount += other.unhealthyRoutingRequestCount
        self.processedBytes += other.processedBytes
        self.targetResponseTimeSum += other.targetResponseTimeSum
        self.targetResponseTimeCount += other.targetResponseTimeCount
        self.targetGroups += other.targetGroups
    }
}
