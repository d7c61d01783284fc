package import ELBCore
package import ELBModel
package import ELBNet
package import NIOCore

/// A Classic Load Balancer that carries traffic: what `ApplicationLoadBalancer` is, for a configuration of the first generation.
/// The two have their nodes in common; what differs is data (`LoweredClassic`).
package final class ClassicBalancer: Sendable {
    private let state: BalancerState

    /// Nothing runs until `apply`. The parameters are those of `ApplicationLoadBalancer`; there is no log of connections.
    ///
    /// - Parameters:
    ///   - streamRelay: carries TCP and SSL listeners; without it, they are refused.
    ///   - surgeQueueLimit: requests of one node that may wait for a connection to an instance (CLB-RT-008).
    package init(
        group: any EventLoopGroup,
        timeScale: TimeScale,
        accessLog: (any AccessLogSink)? = nil,
        logStore: (any LogStore)? = nil,
        certificates: CertificateStore = CertificateStore(),
        connectionLimit: Int? = nil,
        streamRelay: (any StreamRelay)? = nil,
        surgeQueueLimit: Int = SurgeQueue.usualLimit,
        seed: UInt64? = nil,
        secret: [UInt8]? = nil,
        events: @Sendable @escaping (BalancerEvent) -> Void = { _ in }
    ) {
        var random = SystemRandomNumberGenerator()
        self.state = BalancerState(
            group: group,
            timeScale: timeScale,
            logs: LogTargets(accessLog: accessLog, store: logStore),
            connectionLimit: connectionLimit ?? ApplicationLoadBalancer.descriptorsForClients(),
            surgeQueueLimit: surgeQueueLimit,
            streamRelay: streamRelay,
            certificates: certificates,
            seed: seed ?? random.next(),
            secret: secret,
            authenticationKeys: AuthenticationKeys(),
            events: events
        )
    }

    /// Makes the configuration the one that requests are served by, as `ApplicationLoadBalancer.apply` does.
    ///
    /// - Throws: `ModelError` for what the lab does not carry out, `ListenError` if an address cannot be bound. Then nothing has
    ///   changed.
    package func apply(_ configuration: ClassicLoadBalancer) async throws {
        try await self.state.apply(configuration)
    }

    /// Accepts nothing new, lets requests finish for at most `gracePeriod` of real time, then cuts them. The balancer cannot be
    /// used again.
    package func stop(gracePeriod: Duration) async {
        await self.state.stop(gracePeriod: gracePeriod)
    }

    /// Every instance as each node sees it that looks at it (CLB-HC-011): nodes in the order configured, then instances.
    package func instanceHealth() async -> [InstanceHealthDescription] {
        await self.state.instanceHealth()
    }

    /// Cuts the power of these zones' nodes: they answer nobody, and check nobody. All others have it back.
    package func cut(_ zones: Set<AvailabilityZone>) async {
        await self.state.cut(zones)
    }

    /// The zones whose addresses the name stands for, as health is now (CLB-ER-008).
    package func publishedZones() async -> Set<AvailabilityZone> {
        await self.state.publishedZones()
    }

    /// What every node counted, those that have been removed included.
    package func metrics() async -> BalancerMetrics {
        await self.state.metrics()
    }
}

/// An instance's health as one node sees it.
package struct InstanceHealthDescription: Hashable, Sendable {
    package var instance: InstanceID
    /// The zone of the node that says so.
    package var node: AvailabilityZone
    package var health: ClassicInstanceHealth

    package init(instance: InstanceID, node: AvailabilityZone, health: ClassicInstanceHealth) {
        self.instance = instance
        self.node = node
        self.health = health
    }
}
