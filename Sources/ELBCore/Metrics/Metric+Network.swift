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
        .unHealthyHostCount, .consumedLCUs,
    ]

    /// Those that are published whether or not there is anything to tell (NLB-MT-003); the others when they are not zero
    /// (NLB-MT-004).
    static let alwaysReportedFlows: Set<Self> = [
        .activeFlowCount, .newFlowCount, .processedPackets, .peakBytesPerSecond, .peakPacketsPerSecond,
        .portAllocationErrorCount, .rejectedFlowCount,
        .tcpClientResetCount, .tcpELBResetCount, .tcpTargetResetCount,
    ]
}

extension FlowCounters {
    /// Flows of all protocols.
    package var new: Int { self.newTCP + self.newTLS + self.newUDP }
    package var active: Int { self.activeTCP + self.activeTLS + self.activeUDP }
    package var packets: Int { self.packetsTCP + self.packetsTLS + self.packetsUDP }
    /// With what stands before them, as far as it can be known, and without health checks (NLB-MT-007).
    package var bytes: Int { self.wireBytesTCP + self.wireBytesTLS + self.wireBytesUDP }
    package var wireBytesTCP: Int { self.bytesTCP + self.packetsTCP * Self.headerTCP }
    package var wireBytesTLS: Int { self.bytesTLS + self.packetsTLS * Self.headerTCP }
    package var wireBytesUDP: Int { self.bytesUDP + self.packetsUDP * Self.headerUDP }
    /// Health checks included, each with a question and an answer (NLB-MT-007).
    package var processedPackets: Int { self.packets + self.probes * 2 }

    /// Of IPv4 and TCP or UDP, without options.
    private static let headerTCP = 40
    private static let headerUDP = 28
}

/// Finds the highest averages of windows of ten seconds by AWS's clock (NLB-MT-008). Told the time and the sums since the beginning now
/// and then.
package struct PeakWatch: Hashable, Sendable {
    /// Nanoseconds.
    private let secondLength: UInt64
    private var began: UInt64
    private var bytes = 0
    private var packets = 0

    package init(secondLength: UInt64, now: UInt64) {
        self.secondLength = max(1, secondLength)
        self.began = now
    }

    /// Whether a window is over, so that `look` is worth the sums.
    package func isDue(at now: UInt64) -> Bool { now &- self.began >= 10 &* self.secondLength }

    /// - Returns: what was done per second in the window that is over; `nil` while one is under way.
    package mutating func look(now: UInt64, bytes: Int, packets: Int) -> (bytes: Int, packets: Int)? {
        let elapsed = now &- self.began
        guard self.isDue(at: now) else { return nil }
        let seconds = Double(elapsed) / Double(self.secondLength)
        let rates = (Int(Double(bytes - self.bytes) / seconds), Int(Double(packets - self.packets) / seconds))
        (self.began, self.bytes, self.packets) = (now, bytes, packets)
        return rates
    }
}

/// Capacity units of a Network Load Balancer by the published formula (https://aws.amazon.com/elasticloadbalancing/pricing/): for each
/// protocol, the dimension of three that is used most. One unit holds 800 new flows a second of TCP, 400 of UDP or 50 of TLS; 100,000,
/// 50,000 or 3,000 that are under way; and 1 GB an hour.
package struct NetworkCapacity: Hashable, Sendable {
    package var tcp: Double
    package var udp: Double
    package var tls: Double

    /// - Parameter nodes: the same minute of each node.
    package init(_ nodes: [FlowCounters]) {
        var sum = FlowCounters()
        for node in nodes { sum.add(node) }
        self.tcp = Self.most(sum.newTCP, per: 800, sum.activeTCP, per: 100_000, bytes: sum.wireBytesTCP)
        self.udp = Self.most(sum.newUDP, per: 400, sum.activeUDP, per: 50_000, bytes: sum.wireBytesUDP)
        self.tls = Self.most(sum.newTLS, per: 50, sum.activeTLS, per: 3000, bytes: sum.wireBytesTLS)
    }

    package var units: Double { self.tcp + self.udp + self.tls }

    private static func most(_ new: Int, per rate: Double, _ active: Int, per limit: Double, bytes: Int) -> Double {
        max(Double(new) / 60 / rate, Double(active) / limit, Double(bytes) * 60 / 1e9)
    }
}
