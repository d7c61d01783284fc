import ELBConformance
import ELBControlPlane
import ELBModel
import Synchronization

/// Load balancers of the lab in Envoy's words, which are those of `elblab export`.
final class EnvoyAdapter: DiscoveryWriter {
    private let timeScale: Int
    private let announce: @Sendable (String) -> Void
    /// What Envoys of load balancers are not told, and why.
    private let refused = Mutex<[LoadBalancerName: String]>([:])

    /// - Parameters:
    ///   - timeScale: how many AWS seconds pass in one. The durations that Envoys are told are those of a whole number, at least 1.
    ///   - announce: tells people.
    init(timeScale: Double, announce: @escaping @Sendable (String) -> Void) {
        self.timeScale = Int(max(1, timeScale.rounded()))
        self.announce = announce
    }

    func resources(_ kind: DiscoveryKind, of plan: DiscoveryPlan) throws(DiscoveryError) -> [DiscoveryResource] {
        let follower = EnvoyFollower(
            SubjectConfiguration(
                loadBalancer: plan.loadBalancer,
                targetGroups: plan.targetGroups,
                timeScale: self.timeScale
            ),
            spareGroups: plan.spareGroups,
            address: plan.address
        )
        do throws(Inexpressible) {
            let resources =
                switch kind {
                case .listeners: try follower.listeners()
                case .routes: try follower.routes()
                case .clusters: try follower.clusters()
                case .endpoints:
                    follower.endpoints { plan.targets(of: $0).map { EnvoyTarget($0.target, Self.status($0.state)) } }
                }
            return resources.map { DiscoveryResource(name: $0.name, text: $0.text) }
        } catch {
            throw DiscoveryError(501, "\(plan.loadBalancer.name) cannot be written for Envoy: \(error)")
        }
    }

    private static func status(_ state: DiscoveryTarget.State) -> EnvoyTarget.Status {
        switch state {
        case .healthy: .healthy
        case .unhealthy: .unhealthy
        case .draining: .draining
        }
    }

    func noticed(_ error: DiscoveryError?, of loadBalancer: LoadBalancerName) {
        let reason = error?.description
        let before = self.refused.withLock { refused in
            let before = refused[loadBalancer]
            refused[loadBalancer] = reason
            return before
        }
        guard reason != before else { return }
        self.announce(reason.map { "Envoys stay as they are: \($0)" } ?? "Envoys of \(loadBalancer) follow again")
    }
}
