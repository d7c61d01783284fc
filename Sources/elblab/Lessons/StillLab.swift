import ELBControlPlane
import ELBCore
import ELBModel

/// A lab in which nothing runs: calls are judged and the account changes, and no socket opens. For answers that are scripts, of
/// which only the outcome counts.
enum StillLab {
    static func make() -> Lab {
        Lab(
            fleet: StillFleet(),
            makeClassicBalancer: { _ in StillClassicBalancer() },
            makeBalancer: { _ in StillBalancer() }
        )
    }
}

private struct StillFleet: LabFleet {
    func start(_ servers: [LabServer]) async throws {}
    func filter(_ name: String, _ ingress: TrafficFilter?) async throws {}
    func stop(_ names: [String]) async {}

    func perform(_ body: [UInt8]) async -> LabReply {
        LabReply(status: 404, body: Array("{}\n".utf8))
    }
}

private struct StillBalancer: LabBalancer {
    func apply(_ loadBalancer: LoadBalancer, targetGroups: [TargetGroup]) async throws {}
    func stop(gracePeriod: Duration) async {}
    func targetHealth() async -> [LabTargetHealth] { [] }
    func publishedZones() async -> Set<AvailabilityZone> { [] }
    func cut(_ zones: Set<AvailabilityZone>) async {}
    func metrics() async -> BalancerMetrics { BalancerMetrics() }
}

private struct StillClassicBalancer: LabClassicBalancer {
    func apply(_ loadBalancer: ClassicLoadBalancer) async throws {}
    func stop(gracePeriod: Duration) async {}

    func instanceHealth() async -> [(instance: InstanceID, node: AvailabilityZone, health: ClassicInstanceHealth)] {
        []
    }

    func publishedZones() async -> Set<AvailabilityZone> { [] }
    func cut(_ zones: Set<AvailabilityZone>) async {}
    func metrics() async -> BalancerMetrics { BalancerMetrics() }
}
