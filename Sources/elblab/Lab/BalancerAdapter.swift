import ELBControlPlane
import ELBCore
import ELBHTTPProxy
import ELBModel
import ELBNet
import ELBStreamProxy

/// The Application Load Balancer as the lab's control plane commands it.
struct BalancerAdapter: LabBalancer {
    let balancer: ApplicationLoadBalancer

    func apply(_ loadBalancer: LoadBalancer, targetGroups: [TargetGroup]) async throws {
        try await self.balancer.apply(loadBalancer, targetGroups: targetGroups)
    }

    var identityKey: LabIdentityKey? {
        LabIdentityKey(id: self.balancer.identityKey.id, pem: self.balancer.identityKey.pem)
    }

    func stop(gracePeriod: Duration) async {
        await self.balancer.stop(gracePeriod: gracePeriod)
    }

    func targetHealth() async -> [LabTargetHealth] {
        await self.balancer.targetHealth().map {
            LabTargetHealth(
                targetGroup: $0.targetGroup,
                target: $0.target,
                health: $0.health,
                node: $0.node,
                anomalies: $0.anomalies
            )
        }
    }

    func explainStickiness(head: [UInt8], port: Port, peer: IPAddress) async -> [String] {
        await self.balancer.explainStickiness(head: head, port: port, peer: peer)
    }

    func publishedZones() async -> Set<AvailabilityZone> {
        await self.balancer.publishedZones()
    }

    func cut(_ zones: Set<AvailabilityZone>) async {
        await self.balancer.cut(zones)
    }

    func metrics() async -> BalancerMetrics {
        await self.balancer.metrics()
    }
}

/// The same of a Network Load Balancer.
struct NetworkBalancerAdapter: LabBalancer {
    let balancer: NetworkLoadBalancer

    func apply(_ loadBalancer: LoadBalancer, targetGroups: [TargetGroup]) async throws {
        try await self.balancer.apply(loadBalancer, targetGroups: targetGroups)
    }

    func stop(gracePeriod: Duration) async {
        await self.balancer.stop(gracePeriod: gracePeriod)
    }

    func targetHealth() async -> [LabTargetHealth] {
        await self.balancer.targetHealth().map {
            LabTargetHealth(targetGroup: $0.targetGroup, target: $0.target, health: $0.health, node: $0.node)
        }
    }

    func explainFlow(_ flow: TracedFlow) async -> String? {
        await self.balancer.target(
            ofTCP: flow.isTCP,
            from: flow.source,
            flow.sourcePort,
            to: flow.destination
        )
        .map { "\($0)" }
    }

    func publishedZones() async -> Set<AvailabilityZone> {
        await self.balancer.publishedZones()
    }

    func cut(_ zones: Set<AvailabilityZone>) async {
        await self.balancer.cut(zones)
    }

    func metrics() async -> BalancerMetrics {
        await self.balancer.metrics()
    }
}
