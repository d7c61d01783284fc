package import ELBModel

extension Metric {
    /// CloudWatch's namespace of a kind of load balancer (ALB-MET-002, NLB-MT-001).
    package static func namespace(of kind: LoadBalancer.Kind) -> String {
        switch kind {
        case .application: "AWS/ApplicationELB"
        case .network: "AWS/NetworkELB"
        case .gateway: "AWS/GatewayELB"
        case .classic: "AWS/ELB"
        }
    }

    /// Whether that kind of load balancer has the metric.
    package func isOf(_ kind: LoadBalancer.Kind) -> Bool {
        let isNetwork =
            switch self.source {
            case .flows, .flowGauge, .zonalHealth: true
            case .balancer, .group, .balancerGauge, .groupGauge, .zones, .responseTime, .authLatency, .perTarget,
                .capacity, .classic, .surgeQueue:
                false
            }
        switch kind {
        case .network: return isNetwork || Self.shared.contains(self)
        case .classic: return Self.classicOnly.contains(self) || Self.classicShared.contains(self)
        case .application, .gateway: return !isNetwork && !Self.classicOnly.contains(self)
        }
    }

    /// Those that Network and Application Load Balancers have both.
    private static let shared: Set<Self> = [
        .processedBytes, .clientTLSNegotiationErrorCount, .targetTLSNegotiationErrorCount, .healthyHostCount,
        .unHealthyHostCount,
    ]

    /// Those that are published whether or not there is anything to tell (NLB-MT-003); the others when they are not zero
    /// (NLB-MT-004).
    static let alwaysReportedFlows: Set<Self> = [
        .activeFlowCount, .newFlowCount, .processedPackets, .portAllocationErrorCount, .rejectedFlowCount,
        .tcpClientResetCount, .tcpELBResetCount, .tcpTargetResetCount,
    ]
}

extension FlowCounters {
    /// Flows of all protocols.
    package var new: Int { self.newTCP + self.newTLS + self.newUDP }
    package var active: Int { self.activeTCP + self.activeTLS + self.activeUDP }
    package var bytes: Int { self.bytesTCP + self.bytesTLS + self.bytesUDP }
}
