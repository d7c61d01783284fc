import ELBModel

/// A metric of CloudWatch's namespaces `AWS/ApplicationELB` and `AWS/NetworkELB`; the raw value is its name. Which of them a kind of
/// load balancer has is in `Metric+Network.swift`.
///
/// Those that only exist beside features that the lab does not have (reputation of addresses, pools of one's own addresses) are
/// left out.
package enum Metric: String, Hashable, Sendable, CaseIterable {
    // Of the load balancer.
    case activeConnectionCount = "ActiveConnectionCount"
    case appCookieNonStickinessCount = "AppCookieNonStickinessCount"
    case clientTLSNegotiationErrorCount = "ClientTLSNegotiationErrorCount"
    case consumedLCUs = "ConsumedLCUs"
    case desyncNonCompliantRequestCount = "DesyncMitigationMode_NonCompliant_Request_Count"
    case droppedInvalidHeaderRequestCount = "DroppedInvalidHeaderRequestCount"
    case elbAuthError = "ELBAuthError"
    case elbAuthFailure = "ELBAuthFailure"
    case elbAuthLatency = "ELBAuthLatency"
    case elbAuthRefreshTokenSuccess = "ELBAuthRefreshTokenSuccess"
    case elbAuthSuccess = "ELBAuthSuccess"
    case elbAuthUserClaimsSizeExceeded = "ELBAuthUserClaimsSizeExceeded"
    case forwardedInvalidHeaderRequestCount = "ForwardedInvalidHeaderRequestCount"
    case httpCodeELB3XXCount = "HTTPCode_ELB_3XX_Count"
    case httpCodeELB4XXCount = "HTTPCode_ELB_4XX_Count"
    case httpCodeELB5XXCount = "HTTPCode_ELB_5XX_Count"
    case httpCodeELB500Count = "HTTPCode_ELB_500_Count"
    case httpCodeELB502Count = "HTTPCode_ELB_502_Count"
    case httpCodeELB503Count = "HTTPCode_ELB_503_Count"
    case httpCodeELB504Count = "HTTPCode_ELB_504_Count"
    case httpFixedResponseCount = "HTTP_Fixed_Response_Count"
    case httpRedirectCount = "HTTP_Redirect_Count"
    case httpRedirectURLLimitExceededCount = "HTTP_Redirect_Url_Limit_Exceeded_Count"
    case ipv6ProcessedBytes = "IPv6ProcessedBytes"
    case ipv6RequestCount = "IPv6RequestCount"
    /// Named by the reference of the access log only (ALB-MET-022).
    case jwtValidationFailureCount = "JWTValidationFailureCount"
    case lambdaTargetProcessedBytes = "LambdaTargetProcessedBytes"
    case newConnectionCount = "NewConnectionCount"
    case nonStickyRequestCount = "NonStickyRequestCount"
    case processedBytes = "ProcessedBytes"
    case rejectedConnectionCount = "RejectedConnectionCount"
    case ruleEvaluations = "RuleEvaluations"

    // Of the load balancer and of its target groups.
    case grpcRequestCount = "GrpcRequestCount"
    case httpCodeTarget2XXCount = "HTTPCode_Target_2XX_Count"
    case httpCodeTarget3XXCount = "HTTPCode_Target_3XX_Count"
    case httpCodeTarget4XXCount = "HTTPCode_Target_4XX_Count"
    case httpCodeTarget5XXCount = "HTTPCode_Target_5XX_Count"
    case requestCount = "RequestCount"
    case targetConnectionErrorCount = "TargetConnectionErrorCount"
    case targetResponseTime = "TargetResponseTime"
    case targetTLSNegotiationErrorCount = "TargetTLSNegotiationErrorCount"
    case unhealthyRoutingRequestCount = "UnhealthyRoutingRequestCount"

    // Of target groups.
    case activeZonalShiftHostCount = "ActiveZonalShiftHostCount"
    case anomalousHostCount = "AnomalousHostCount"
    case healthyHostCount = "HealthyHostCount"
    case healthyStateDNS = "HealthyStateDNS"
    case healthyStateRouting = "HealthyStateRouting"
    case lambdaInternalError = "LambdaInternalError"
    case lambdaUserError = "LambdaUserError"
    case mitigatedHostCount = "MitigatedHostCount"
    case requestCountPerTarget = "RequestCountPerTarget"
    case unHealthyHostCount = "UnHealthyHostCount"
    case unhealthyStateDNS = "UnhealthyStateDNS"
    case unhealthyStateRouting = "UnhealthyStateRouting"

    // Of Classic Load Balancers.
    case backendConnectionErrors = "BackendConnectionErrors"
    case estimatedALBActiveConnectionCount = "EstimatedALBActiveConnectionCount"
    case estimatedALBNewConnectionCount = "EstimatedALBNewConnectionCount"
    case estimatedProcessedBytes = "EstimatedProcessedBytes"
    case httpCodeBackend2XX = "HTTPCode_Backend_2XX"
    case httpCodeBackend3XX = "HTTPCode_Backend_3XX"
    case httpCodeBackend4XX = "HTTPCode_Backend_4XX"
    case httpCodeBackend5XX = "HTTPCode_Backend_5XX"
    case httpCodeELB4XX = "HTTPCode_ELB_4XX"
    case httpCodeELB5XX = "HTTPCode_ELB_5XX"
    case latency = "Latency"
    case spilloverCount = "SpilloverCount"
    case surgeQueueLength = "SurgeQueueLength"

    // Of Network Load Balancers.
    case activeFlowCount = "ActiveFlowCount"
    case activeFlowCountTCP = "ActiveFlowCount_TCP"
    case activeFlowCountTLS = "ActiveFlowCount_TLS"
    case activeFlowCountUDP = "ActiveFlowCount_UDP"
    case newFlowCount = "NewFlowCount"
    case newFlowCountTCP = "NewFlowCount_TCP"
    case newFlowCountTLS = "NewFlowCount_TLS"
    case newFlowCountUDP = "NewFlowCount_UDP"
    case processedBytesTCP = "ProcessedBytes_TCP"
    case processedBytesTLS = "ProcessedBytes_TLS"
    case processedBytesUDP = "ProcessedBytes_UDP"
    case processedPackets = "ProcessedPackets"
    case peakBytesPerSecond = "PeakBytesPerSecond"
    case peakPacketsPerSecond = "PeakPacketsPerSecond"
    case portAllocationErrorCount = "PortAllocationErrorCount"
    case rejectedFlowCount = "RejectedFlowCount"
    case rejectedFlowCountTCP = "RejectedFlowCount_TCP"
    case tcpClientResetCount = "TCP_Client_Reset_Count"
    case tcpELBResetCount = "TCP_ELB_Reset_Count"
    case tcpTargetResetCount = "TCP_Target_Reset_Count"
    case unhealthyRoutingFlowCount = "UnhealthyRoutingFlowCount"
    case blockedInboundTCP = "SecurityGroupBlockedFlowCount_Inbound_TCP"
    case blockedInboundUDP = "SecurityGroupBlockedFlowCount_Inbound_UDP"
    case blockedOutboundTCP = "SecurityGroupBlockedFlowCount_Outbound_TCP"
    case blockedOutboundUDP = "SecurityGroupBlockedFlowCount_Outbound_UDP"
    case zonalHealthStatus = "ZonalHealthStatus"
}

extension Metric {
    /// CloudWatch's unit.
    package enum Unit: String, Hashable, Sendable {
        case count = "Count"
        case bytes = "Bytes"
        case bytesPerSecond = "Bytes/Second"
        case countPerSecond = "Count/Second"
        case seconds = "Seconds"
        case milliseconds = "Milliseconds"
    }

    package var unit: Unit {
        if Self.inBytes.contains(self) { return .bytes }
        if self == .peakBytesPerSecond { return .bytesPerSecond }
        if self == .peakPacketsPerSecond { return .countPerSecond }
        return self == .targetResponseTime || self == .latency
            ? .seconds : self == .elbAuthLatency ? .milliseconds : .count
    }

    private static let inBytes: Set<Self> = [
        .processedBytes, .ipv6ProcessedBytes, .lambdaTargetProcessedBytes, .processedBytesTCP, .processedBytesTLS,
        .processedBytesUDP, .estimatedProcessedBytes,
    ]

    /// A statistic of CloudWatch that says something of a metric.
    package enum Statistic: Hashable, Sendable {
        case sum
        case average
        case minimum
        case maximum
        case sampleCount
        case percentile(Int)

        /// As metrics of CloudWatch are called in Prometheus.
        package var suffix: String {
            switch self {
            case .sum: "sum"
            case .average: "average"
            case .minimum: "minimum"
            case .maximum: "maximum"
            case .sampleCount: "sample_count"
            case .percentile(let percent): "p\(percent)"
            }
        }
    }

    /// The statistics that the service's reference calls useful.
    package var statistics: [Statistic] {
        switch self.source {
        case .responseTime, .authLatency:
            [.average, .minimum, .maximum, .percentile(50), .percentile(90), .percentile(99), .sum, .sampleCount]
        case .groupGauge: [.average, .minimum, .maximum]
        case .flowGauge, .zonalHealth: [.average, .minimum, .maximum]
        case .flows, .classic: [.sum]
        case .surgeQueue: [.maximum, .average]
        case .zones: self == .healthyStateDNS || self == .healthyStateRouting ? [.maximum] : [.minimum]
        case .balancer, .group, .balancerGauge, .perTarget, .capacity: [.sum]
        }
    }

    /// Whether every request, or whatever is counted, is a sample of its own: then Minimum, Maximum and Average are 1
    /// (ALB-MET-025).
    package var countsOnes: Bool { Self.ones.contains(self) }

    private static let ones: Set<Self> = [
        .requestCount, .grpcRequestCount, .ipv6RequestCount, .httpCodeELB3XXCount, .httpCodeELB4XXCount,
        .httpCodeELB5XXCount, .httpCodeELB500Count, .httpCodeELB502Count, .httpCodeELB503Count, .httpCodeELB504Count,
        .httpCodeTarget2XXCount, .httpCodeTarget3XXCount, .httpCodeTarget4XXCount, .httpCodeTarget5XXCount,
    ]

    /// Whether it only grows, summed up since the start.
    package var isCounter: Bool {
        switch self.source {
        case .balancer, .group, .authLatency, .responseTime, .flows, .classic: true
        case .surgeQueue: false
        case .flowGauge, .zonalHealth: false
        case .balancerGauge, .groupGauge, .zones, .perTarget, .capacity: false
        }
    }

    /// Whether a period without a value is published as zero. The others appear when there is something to tell (ALB-MET-001).
    package var isAlwaysReported: Bool {
        switch self.source {
        // Of load balancers whose traffic can be shifted, and has been.
        case .groupGauge: self != .activeZonalShiftHostCount
        case .zones, .perTarget, .capacity, .zonalHealth: true
        case .flows, .flowGauge: Self.alwaysReportedFlows.contains(self)
        case .balancer, .group, .balancerGauge, .responseTime, .authLatency, .classic, .surgeQueue:
            self == .requestCount
        }
    }
}

/// The dimensions that a number has; a combination that CloudWatch publishes (ALB-MET-002).
package struct DimensionSet: OptionSet, Hashable, Sendable {
    package var rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let loadBalancer = Self(rawValue: 1)
    package static let zone = Self(rawValue: 2)
    package static let targetGroup = Self(rawValue: 4)
}

extension Metric {
    /// The combinations that exist for a kind of load balancer. A Classic one has no groups (CLB-LG-009).
    func dimensionSets(of kind: LoadBalancer.Kind) -> [DimensionSet] {
        kind == .classic ? [.loadBalancer, [.zone, .loadBalancer]] : self.dimensionSets
    }

    /// The combinations of dimensions that exist, the coarsest first.
    package var dimensionSets: [DimensionSet] {
        let balancer: [DimensionSet] = [.loadBalancer, [.zone, .loadBalancer]]
        let group: [DimensionSet] = [[.targetGroup, .loadBalancer], [.targetGroup, .zone, .loadBalancer]]
        switch self {
        case .activeConnectionCount, .clientTLSNegotiationErrorCount, .desyncNonCompliantRequestCount,
            .droppedInvalidHeaderRequestCount, .elbAuthError, .elbAuthFailure, .elbAuthLatency,
            .elbAuthRefreshTokenSuccess, .elbAuthSuccess, .elbAuthUserClaimsSizeExceeded,
            .forwardedInvalidHeaderRequestCount, .httpCodeELB3XXCount, .httpCodeELB4XXCount, .httpCodeELB5XXCount,
            .httpCodeELB500Count, .httpCodeELB502Count, .httpCodeELB503Count, .httpCodeELB504Count,
            .httpFixedResponseCount, .httpRedirectCount, .httpRedirectURLLimitExceededCount, .ipv6ProcessedBytes,
            .jwtValidationFailureCount, .newConnectionCount, .nonStickyRequestCount, .processedBytes,
            .rejectedConnectionCount:
            return balancer
        case .appCookieNonStickinessCount, .consumedLCUs, .lambdaTargetProcessedBytes, .ruleEvaluations:
            return [.loadBalancer]
        case .httpCodeTarget2XXCount, .httpCodeTarget3XXCount, .httpCodeTarget4XXCount, .httpCodeTarget5XXCount,
            .ipv6RequestCount, .requestCount, .targetConnectionErrorCount, .targetResponseTime,
            .targetTLSNegotiationErrorCount, .unhealthyRoutingRequestCount:
            return balancer + group
        case .activeZonalShiftHostCount, .anomalousHostCount, .healthyHostCount, .healthyStateDNS, .healthyStateRouting,
            .mitigatedHostCount,
            .unHealthyHostCount, .unhealthyStateDNS, .unhealthyStateRouting:
            return group
        case .grpcRequestCount, .requestCountPerTarget:
            return [.targetGroup, [.targetGroup, .zone]] + group
        case .lambdaInternalError, .lambdaUserError:
            return [.targetGroup, [.targetGroup, .loadBalancer]]
        case .activeFlowCount, .activeFlowCountTCP, .activeFlowCountTLS, .activeFlowCountUDP, .newFlowCount,
            .newFlowCountTCP, .newFlowCountTLS, .newFlowCountUDP, .processedBytesTCP, .processedBytesTLS,
            .processedBytesUDP, .processedPackets, .peakBytesPerSecond, .peakPacketsPerSecond,
            .portAllocationErrorCount, .rejectedFlowCount, .rejectedFlowCountTCP,
            .tcpClientResetCount, .tcpELBResetCount, .tcpTargetResetCount, .unhealthyRoutingFlowCount,
            .blockedInboundTCP, .blockedInboundUDP, .blockedOutboundTCP, .blockedOutboundUDP, .zonalHealthStatus,
            .backendConnectionErrors, .estimatedALBActiveConnectionCount, .estimatedALBNewConnectionCount,
            .estimatedProcessedBytes, .httpCodeBackend2XX, .httpCodeBackend3XX, .httpCodeBackend4XX,
            .httpCodeBackend5XX, .httpCodeELB4XX, .httpCodeELB5XX, .latency, .spilloverCount, .surgeQueueLength:
            return balancer
        }
    }
}
