package import ELBCore
package import ELBModel
package import ELBNet
import Glibc
package import NIOCore

/// A Network Load Balancer that carries traffic. Each of its nodes runs on one event loop of the group; configurations are compiled,
/// then swapped whole, and no connection is lost by it.
package final class NetworkLoadBalancer: Sendable {
    private let state: NetworkBalancerState

    /// What a node may take on.
    package struct Limits: Hashable, Sendable {
        /// Connections at once; `nil` leaves it to the descriptors that the process may open.
        package var connections: Int?
        /// Flows of datagrams at once; beyond so many the oldest is forgotten.
        package var datagramFlows = 65_536
        /// Connections to one target that hide their clients (NLB-IP-010).
        package var portsPerTarget = NetworkSnapshot.usualPortLimit

        package init() {}
    }

    /// Nothing runs until `apply`.
    ///
    /// - Parameters:
    ///   - group: the loops that nodes are spread over; not shut down by the balancer.
    ///   - certificates: where TLS listeners' certificates come from; may be shared with other balancers.
    ///   - logStore: the buckets that access logs go to; without it none can be delivered.
    ///   - seed: of the flow hash; `nil` takes a random one.
    ///   - events: called on the nodes' loops; must not block.
    package init(
        group: any EventLoopGroup,
        timeScale: TimeScale,
        certificates: CertificateStore = CertificateStore(),
        logStore: (any LogStore)? = nil,
        limits: Limits = Limits(),
        seed: UInt64? = nil,
        events: @Sendable @escaping (BalancerEvent) -> Void = { _ in }
    ) {
        var random = SystemRandomNumberGenerator()
        let connectionLimit = limits.connections ?? Self.descriptorsForClients()
        self.state = NetworkBalancerState(
            group: group,
            certificates: certificates,
            settings: NetworkNode.Settings(
                timeScale: timeScale,
                connectionLimit: connectionLimit,
                // Each costs a descriptor, and connections want some too.
                datagramFlowLimit: min(limits.datagramFlows, max(16, connectionLimit / 2)),
                portLimit: limits.portsPerTarget,
                hash: FlowHash(seed: seed ?? random.next()),
                logs: LogTargets(store: logStore),
                events: events
            )
        )
    }

    /// Each client costs two descriptors; what is left is for files and probes. Running out of them would stop a node from
    /// accepting at all.
    private static func descriptorsForClients() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 512 }
        return max(32, Int(clamping: limit.rlim_cur) / 8 * 3)
    }

    /// Makes the configuration the one that new flows are served by. The first call binds and starts; later calls swap the
    /// snapshot, bind new listeners and close removed ones.
    ///
    /// - Throws: `ModelError` for a configuration that cannot be honoured, `ListenError` if an address cannot be bound. Then
    ///   nothing has changed.
    package func apply(_ loadBalancer: LoadBalancer, targetGroups: [TargetGroup]) async throws {
        try await self.state.apply(loadBalancer, targetGroups: targetGroups)
    }

    /// Accepts nothing new, lets connections finish for at most `gracePeriod` of real time, then cuts them. The balancer cannot be
    /// used again.
    package func stop(gracePeriod: Duration) async {
        await self.state.stop(gracePeriod: gracePeriod)
    }

    /// Every target's health as each node sees it: nodes in the order configured, then groups and targets.
    package func targetHealth() async -> [TargetHealthDescription] {
        await self.state.targetHealth()
    }

    /// Cuts the power of these zones' nodes: they answer nobody, and check nobody. All others have it back.
    package func cut(_ zones: Set<AvailabilityZone>) async {
        await self.state.cut(zones)
    }

    /// The zones whose addresses the name stands for, as health is now (NLB-AZ-008).
    package func publishedZones() async -> Set<AvailabilityZone> {
        await self.state.publishedZones()
    }

    /// Where a new flow with these numbers goes; `nil` if they do not suffice to tell, or if there is no target.
    package func target(
        ofTCP isTCP: Bool,
        from source: IPAddress,
        _ sourcePort: Port?,
        to destination: Endpoint
    ) async -> Endpoint? {
        await self.state.target(ofTCP: isTCP, from: source, sourcePort, to: destination)
    }

    /// What every node has counted, those that have been removed included.
    package func metrics() async -> BalancerMetrics {
        await self.state.metrics()
    }

    /// What every node has counted since it began, those that have been removed included.
    package func counters() async -> FlowCounters {
        await self.state.counters()
    }
}
