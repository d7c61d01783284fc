/// What a node counts of the load balancer as a whole during one period. Plain integers on the node's loop, so that counting is
/// one addition; names and dimensions are joined when somebody asks (`MetricSource`).
package struct LoadBalancerCounters: Hashable, Sendable {
    /// Responses that the balancer made itself, configured ones included (ALB-MET-005, ALB-FIX-007).
    package var httpCodeELB3XXCount = 0
    package var httpCodeELB4XXCount = 0
    package var httpCodeELB5XXCount = 0
    package var httpCodeELB500Count = 0
    package var httpCodeELB502Count = 0
    package var httpCodeELB503Count = 0
    package var httpCodeELB504Count = 0
    package var httpRedirectCount = 0
    package var httpFixedResponseCount = 0
    package var httpRedirectURLLimitExceededCount = 0
    /// Connections to clients and to targets (ALB-CONN-013).
    package var newConnectionCount = 0
    /// Connections that were refused because there were too many (ALB-CONN-014).
    package var rejectedConnectionCount = 0
    /// Handshakes of clients that came to nothing (ALB-MET-010).
    package var clientTLSNegotiationErrorCount = 0
    package var desyncMitigationModeNonCompliantRequestCount = 0
    package var droppedInvalidHeaderRequestCount = 0
    package var forwardedInvalidHeaderRequestCount = 0
    /// Bytes of heads and bodies, both directions, to and from clients, Lambda functions and identity providers (ALB-MET-011).
    package var processedBytes = 0
    /// Those of them that went to or came from clients with IPv6 addresses.
    package var ipv6ProcessedBytes = 0
    package var lambdaTargetProcessedBytes = 0
    /// Rules looked at, the default rule not counted (ALB-MET-014).
    package var ruleEvaluations = 0
    /// Those of them that consume capacity: all but the first ten of each request (ALB-MET-017).
    package var paidRuleEvaluations = 0
    /// Requests without a session of the load balancer's cookie, and of the application's (ALB-STK-026).
    package var nonStickyRequestCount = 0
    package var appCookieNonStickinessCount = 0
    package var elbAuthError = 0
    package var elbAuthFailure = 0
    package var elbAuthSuccess = 0
    package var elbAuthRefreshTokenSuccess = 0
    package var elbAuthUserClaimsSizeExceeded = 0
    /// How long the identity provider took (ALB-MET-021).
    package var elbAuthLatency = LatencyHistogram()
    package var jwtValidationFailureCount = 0
    /// Requests that found the surge queue of a Classic Load Balancer full, and how long that queue was (CLB-RT-008).
    package var spilloverCount = 0
    package var surgeQueueLength = 0
    /// Probes that came to nothing, which a Classic Load Balancer counts as failed connections (CLB-RT-010).
    package var probeFailureCount = 0

    package init() {}

    /// Counts a response that the balancer made itself.
    package mutating func countOwn(status: Int) {
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

    /// Counts the rules that a request was compared with.
    package mutating func countEvaluations(_ count: Int) {
        self.ruleEvaluations += count
        if count > 10 { self.paidRuleEvaluations += count - 10 }
    }

    package mutating func add(_ other: Self) {
        for metric in Metric.allCases {
            if case .balancer(let path) = metric.source { self[keyPath: path] += other[keyPath: path] }
        }
        self.paidRuleEvaluations += other.paidRuleEvaluations
        self.spilloverCount += other.spilloverCount
        self.surgeQueueLength = max(self.surgeQueueLength, other.surgeQueueLength)
        self.probeFailureCount += other.probeFailureCount
        self.elbAuthLatency.add(other.elbAuthLatency)
    }
}

/// What a node counts of one target group during one period. The load balancer's numbers are their sums.
package struct TargetGroupCounters: Hashable, Sendable {
    /// Requests for which a target was chosen (ALB-MET-003).
    package var requestCount = 0
    /// Those of them that came from clients with IPv6 addresses.
    package var ipv6RequestCount = 0
    package var grpcRequestCount = 0
    /// Responses of targets by class (ALB-MET-006).
    package var httpCodeTarget2XXCount = 0
    package var httpCodeTarget3XXCount = 0
    package var httpCodeTarget4XXCount = 0
    package var httpCodeTarget5XXCount = 0
    /// Failed connects and handshakes, health probes excluded (ALB-MET-009).
    package var targetConnectionErrorCount = 0
    package var targetTLSNegotiationErrorCount = 0
    /// Requests that went to a target because too few were healthy.
    package var unhealthyRoutingRequestCount = 0
    package var lambdaInternalError = 0
    package var lambdaUserError = 0
    /// From the request's leaving to the first header of the response (ALB-MET-007).
    package var targetResponseTime = LatencyHistogram()

    package init() {}

    /// Counts a target's response.
    package mutating func countTarget(status: Int) {
        switch status {
        case 200..<300: self.httpCodeTarget2XXCount += 1
        case 300..<400: self.httpCodeTarget3XXCount += 1
        case 400..<500: self.httpCodeTarget4XXCount += 1
        case 500..<600: self.httpCodeTarget5XXCount += 1
        default: break
        }
    }

    package mutating func add(_ other: Self) {
        for metric in Metric.allCases {
            if case .group(let path) = metric.source { self[keyPath: path] += other[keyPath: path] }
        }
        self.targetResponseTime.add(other.targetResponseTime)
    }
}

/// What is so at a node at one moment.
package struct LoadBalancerGauges: Hashable, Sendable {
    /// Open to clients and to targets (ALB-CONN-013).
    package var activeConnectionCount = 0

    package init() {}
}

/// What is so of a target group at a node at one moment.
package struct TargetGroupGauges: Hashable, Sendable {
    package var healthyHostCount = 0
    package var unHealthyHostCount = 0
    /// All that take part, whatever their health.
    package var registeredHostCount = 0
    package var activeZonalShiftHostCount = 0
    package var anomalousHostCount = 0
    package var mitigatedHostCount = 0
    /// 1 or 0: whether enough targets are healthy for the node's address to be in DNS, and for requests to be spread over the
    /// healthy alone (ALB-TGH-019).
    package var healthyStateDNS = 0
    package var unhealthyStateDNS = 0
    package var healthyStateRouting = 0
    package var unhealthyStateRouting = 0

    package init() {}
}
