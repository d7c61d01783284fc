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
        }
    }
}
