package import ELBCore
package import ELBModel
package import ELBNet
import Glibc
package import NIOCore
import NIOPosix

/// An Application Load Balancer that carries traffic. Each of its nodes runs on one event loop of the group; configurations are
/// compiled, then swapped whole, and no request is lost by it.
package final class ApplicationLoadBalancer: Sendable {
    private let state: BalancerState
    /// The key that targets verify what they are told of users with: its id, and its public half as PEM (ALB-AUTH-016).
    package let identityKey: (id: String, pem: String)

    /// Nothing runs until `apply`.
    ///
    /// - Parameters:
    ///   - group: the loops that nodes are spread over; not shut down by the balancer.
    ///   - accessLog: gets every request's line; `nil` writes none.
    ///   - connectionLog: gets every connection attempt's line; `nil` writes none.
    ///   - logStore: gets the files of logs that are delivered to buckets; without it a load balancer that delivers any is refused.
    ///   - certificates: where HTTPS listeners' certificates come from; may be shared with other balancers.
    ///   - connectionLimit: clients that a node serves at once; `nil` leaves it to the descriptors that the process may open.
    ///   - seed: of the choices by weight and of trace ids; `nil` takes a random one.
    ///   - secret: what the keys of its cookies and sessions are derived from, so that they outlive the process, and its name, which
    ///     tells them from other balancers'. Without it, `seed` decides about cookies, and sessions end with the process.
    ///   - events: called on the nodes' loops; must not block.
    package init(
        group: any EventLoopGroup,
        timeScale: TimeScale,
        accessLog: (any AccessLogSink)? = nil,
        connectionLog: (any ConnectionLogSink)? = nil,
        logStore: (any LogStore)? = nil,
        certificates: CertificateStore = CertificateStore(),
        connectionLimit: Int? = nil,
        seed: UInt64? = nil,
        secret: (bytes: [UInt8], name: LoadBalancerName)? = nil,
        events: @Sendable @escaping (BalancerEvent) -> Void = { _ in }
    ) {
        var random = SystemRandomNumberGenerator()
        let keys = secret.map { AuthenticationKeys(secret: $0.bytes, name: $0.name) } ?? AuthenticationKeys()
        self.identityKey = (keys.keyID, keys.publicKeyPEM)
        self.state = BalancerState(
            group: group,
            timeScale: timeScale,
            logs: LogTargets(accessLog: accessLog, connectionLog: connectionLog, store: logStore),
            connectionLimit: connectionLimit ?? Self.descriptorsForClients(),
            certificates: certificates,
            seed: seed ?? random.next(),
            secret: secret?.bytes,
            authenticationKeys: keys,
            events: events
        )
    }

    /// Most descriptors of the process: what is left is for targets, files and probes. Running out of them would stop a node from
    /// accepting at all.
    static func descriptorsForClients() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        return max(64, Int(clamping: limit.rlim_cur) / 4 * 3)
    }

    /// Makes the configuration the one that requests are served by. The first call binds and starts; later calls swap the
    /// snapshot, bind new listeners and close removed ones. Requests under way finish under the configuration they began with.
    ///
    /// - Throws: `ModelError` for a configuration that cannot be honoured, `ListenError` if an address cannot be bound. Then
    ///   nothing has changed.
    package func apply(_ loadBalancer: LoadBalancer, targetGroups: [TargetGroup]) async throws {
        try await self.state.apply(loadBalancer, targetGroups: targetGroups)
    }

    /// Accepts nothing new, lets requests finish for at most `gracePeriod` of real time, then cuts them. The balancer cannot be
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

    /// The zones whose addresses the name stands for, as health is now (ALB-DNS-009).
    package func publishedZones() async -> Set<AvailabilityZone> {
        await self.state.publishedZones()
    }

    /// Bytes that wait inside the balancer because somebody does not read: at most a read and a write buffer per connection.
    package func bufferedBytes() async -> Int {
        await self.state.bufferedBytes()
    }

    /// What the cookies of a request with this head decide, as the first node sees it: in sentences, for people. Nothing is sent.
    package func explainStickiness(head: [UInt8], port: Port, peer: IPAddress) async -> [String] {
        await self.state.explainStickiness(head: head, port: port, peer: peer)
    }

    /// What every node counted, those that have been removed included.
    package func metrics() async -> BalancerMetrics {
        await self.state.metrics()
    }
}
