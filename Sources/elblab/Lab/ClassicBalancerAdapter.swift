import ELBControlPlane
import ELBCore
import ELBHTTPProxy
import ELBModel

/// The Classic Load Balancer as the lab's control plane commands it.
struct ClassicBalancerAdapter: LabClassicBalancer {
    let balancer: ClassicBalancer

    func apply(_ loadBalancer: ClassicLoadBalancer) async throws {
        try await self.balancer.apply(loadBalancer)
    }

    func stop(gracePeriod: Duration) async {
        await self.balancer.stop(gracePeriod: gracePeriod)
    }

    func instanceHealth() async -> [(instance: InstanceID, node: AvailabilityZone, health: ClassicInstanceHealth)] {
        await self.balancer.instanceHealth().map { ($0.instance, $0.node, $0.health) }
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
