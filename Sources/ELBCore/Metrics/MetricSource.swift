/// Where a metric's numbers come from. The one place that joins a counter with its name: to add a counter, give
/// `LoadBalancerCounters` or `TargetGroupCounters` a property, `Metric` a case, and name both here.
enum MetricSource: Sendable {
    typealias Path<Root> = any WritableKeyPath<Root, Int> & Sendable

    case balancer(Path<LoadBalancerCounters>)
    case group(Path<TargetGroupCounters>)
    case balancerGauge(Path<LoadBalancerGauges>)
    /// Sampled at each node (ALB-MET-008).
    case groupGauge(Path<TargetGroupGauges>)
    /// 1 in a zone to which it applies; a load balancer's number is how many zones there are of that kind (ALB-TGH-019).
    case zones(Path<TargetGroupGauges>)
    case responseTime
    case authLatency
    case perTarget
    case capacity
    /// Of the flows of Network Load Balancers.
    case flows(any KeyPath<FlowCounters, Int> & Sendable)
    /// The same of those under way.
    case flowGauge(any KeyPath<FlowCounters, Int> & Sendable)
    /// 1 at each node whose address may stand in DNS, else 0 (NLB-FO-016).
    case zonalHealth
    /// Of a Classic Load Balancer.
    case classic(any KeyPath<MetricPeriod, Int> & Sendable)
    /// How many waited there at most (CLB-RT-008).
    case surgeQueue
}

extension Metric {
    var source: MetricSource {
        switch self {
        case .activeConnectionCount: .balancerGauge(\.activeConnectionCount)
        case .appCookieNonStickinessCount: .balancer(\.appCookieNonStickinessCount)
        case .clientTLSNegotiationErrorCount: .balancer(\.clientTLSNegotiationErrorCount)
        case .consumedLCUs: .capacity
        case .desyncNonCompliantRequestCount: .balancer(\.desyncMitigationModeNonCompliantRequestCount)
        case .droppedInvalidHeaderRequestCount: .balancer(\.droppedInvalidHeaderRequestCount)
        case .elbAuthError: .balancer(\.elbAuthError)
        case .elbAuthFailure: .balancer(\.elbAuthFailure)
        case .elbAuthLatency: .authLatency
        case .elbAuthRefreshTokenSuccess: .balancer(\.elbAuthRefreshTokenSuccess)
        case .elbAuthSuccess: .balancer(\.elbAuthSuccess)
        case .elbAuthUserClaimsSizeExceeded: .balancer(\.elbAuthUserClaimsSizeExceeded)
        case .forwardedInvalidHeaderRequestCount: .balancer(\.forwardedInvalidHeaderRequestCount)
        case .httpCodeELB3XXCount: .balancer(\.httpCodeELB3XXCount)
        case .httpCodeELB4XXCount: .balancer(\.httpCodeELB4XXCount)
        case .httpCodeELB5XXCount: .balancer(\.httpCodeELB5XXCount)
        case .httpCodeELB500Count: .balancer(\.httpCodeELB500Count)
        case .httpCodeELB502Count: .balancer(\.httpCodeELB502Count)
        case .httpCodeELB503Count: .balancer(\.httpCodeELB503Count)
        case .httpCodeELB504Count: .balancer(\.httpCodeELB504Count)
        case .httpFixedResponseCount: .balancer(\.httpFixedResponseCount)
        case .httpRedirectCount: .balancer(\.httpRedirectCount)
        case .httpRedirectURLLimitExceededCount: .balancer(\.httpRedirectURLLimitExceededCount)
        case .ipv6ProcessedBytes: .balancer(\.ipv6ProcessedBytes)
        case .ipv6RequestCount: .group(\.ipv6RequestCount)
        case .jwtValidationFailureCount: .balancer(\.jwtValidationFailureCount)
        case .lambdaTargetProcessedBytes: .balancer(\.lambdaTargetProcessedBytes)
        case .newConnectionCount: .balancer(\.newConnectionCount)
        case .nonStickyRequestCount: .balancer(\.nonStickyRequestCount)
        case .processedBytes: .balancer(\.processedBytes)
        case .rejectedConnectionCount: .balancer(\.rejectedConnectionCount)
        case .ruleEvaluations: .balancer(\.ruleEvaluations)
        case .grpcRequestCount: .group(\.grpcRequestCount)
        case .httpCodeTarget2XXCount: .group(\.httpCodeTarget2XXCount)
        case .httpCodeTarget3XXCount: .group(\.httpCodeTarget3XXCount)
        case .httpCodeTarget4XXCount: .group(\.httpCodeTarget4XXCount)
        case .httpCodeTarget5XXCount: .group(\.httpCodeTarget5XXCount)
        case .requestCount: .group(\.requestCount)
        case .targetConnectionErrorCount: .group(\.targetConnectionErrorCount)
        case .targetResponseTime: .responseTime
        case .targetTLSNegotiationErrorCount: .group(\.targetTLSNegotiationErrorCount)
        case .unhealthyRoutingRequestCount: .group(\.unhealthyRoutingRequestCount)
        case .activeZonalShiftHostCount: .groupGauge(\.activeZonalShiftHostCount)
        case .anomalousHostCount: .groupGauge(\.anomalousHostCount)
        case .healthyHostCount: .groupGauge(\.healthyHostCount)
        case .healthyStateDNS: .zones(\.healthyStateDNS)
        case .healthyStateRouting: .zones(\.healthyStateRouting)
        case .lambdaInternalError: .group(\.lambdaInternalError)
        case .lambdaUserError: .group(\.lambdaUserError)
        case .mitigatedHostCount: .groupGauge(\.mitigatedHostCount)
        case .requestCountPerTarget: .perTarget
        case .unHealthyHostCount: .groupGauge(\.unHealthyHostCount)
        case .unhealthyStateDNS: .zones(\.unhealthyStateDNS)
        case .unhealthyStateRouting: .zones(\.unhealthyStateRouting)
        case .activeFlowCount: .flowGauge(\.active)
        case .activeFlowCountTCP: .flowGauge(\.activeTCP)
        case .activeFlowCountTLS: .flowGauge(\.activeTLS)
        case .activeFlowCountUDP: .flowGauge(\.activeUDP)
        case .newFlowCount: .flows(\.new)
        case .newFlowCountTCP: .flows(\.newTCP)
        case .newFlowCountTLS: .flows(\.newTLS)
        case .newFlowCountUDP: .flows(\.newUDP)
        case .processedBytesTCP: .flows(\.wireBytesTCP)
        case .processedBytesTLS: .flows(\.wireBytesTLS)
        case .processedBytesUDP: .flows(\.wireBytesUDP)
        case .processedPackets: .flows(\.processedPackets)
        case .peakBytesPerSecond: .flowGauge(\.peakBytes)
        case .peakPacketsPerSecond: .flowGauge(\.peakPackets)
        case .portAllocationErrorCount: .flows(\.portAllocationErrors)
        case .rejectedFlowCount: .flows(\.rejected)
        case .rejectedFlowCountTCP: .flows(\.rejected)
        case .tcpClientResetCount: .flows(\.clientResets)
        case .tcpELBResetCount: .flows(\.ownResets)
        case .tcpTargetResetCount: .flows(\.targetResets)
        case .unhealthyRoutingFlowCount: .flows(\.unhealthyRouting)
        case .blockedInboundTCP: .flows(\.blockedInboundTCP)
        case .blockedInboundUDP: .flows(\.blockedInboundUDP)
        case .blockedOutboundTCP: .flows(\.blockedOutboundTCP)
        case .blockedOutboundUDP: .flows(\.blockedOutboundUDP)
        case .zonalHealthStatus: .zonalHealth
        case .backendConnectionErrors: .classic(\.backendConnectionErrors)
        case .estimatedALBActiveConnectionCount: .balancerGauge(\.activeConnectionCount)
        case .estimatedALBNewConnectionCount: .classic(\.counters.newConnectionCount)
        case .estimatedProcessedBytes: .classic(\.counters.processedBytes)
        case .httpCodeBackend2XX: .classic(\.backend2XX)
        case .httpCodeBackend3XX: .classic(\.backend3XX)
        case .httpCodeBackend4XX: .classic(\.backend4XX)
        case .httpCodeBackend5XX: .classic(\.backend5XX)
        case .httpCodeELB4XX: .classic(\.counters.httpCodeELB4XXCount)
        case .httpCodeELB5XX: .classic(\.counters.httpCodeELB5XXCount)
        case .latency: .responseTime
        case .spilloverCount: .classic(\.counters.spilloverCount)
        case .surgeQueueLength: .surgeQueue
        }
    }
}
