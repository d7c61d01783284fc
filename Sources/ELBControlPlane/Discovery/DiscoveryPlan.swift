import ELBCore
package import ELBModel

/// A load balancer as one Envoy is to stand for it.
package struct DiscoveryPlan: Hashable, Sendable {
    package var loadBalancer: LoadBalancer
    /// The groups that its rules use.
    package var targetGroups: [TargetGroup]
    /// Groups that no rule uses yet. Envoys know them before a rule names them, so that no request meets a group that its Envoy
    /// has not heard of.
    package var spareGroups: [TargetGroup]
    /// Where the Envoy listens.
    package var address: IPAddress
    private let zone: AvailabilityZone?
    private let health: [TargetGroupID: [LabTargetHealth]]

    package init(_ loadBalancer: LoadBalancer, for node: DiscoveryNode, in view: LabView) {
        self.loadBalancer = loadBalancer
        self.address = node.address
        self.zone = loadBalancer.nodes.contains { $0.zone == node.zone } ? node.zone : nil
        let topology = view.topology
        self.targetGroups = topology.targetGroups(of: loadBalancer)
        let used = Set(topology.loadBalancers.flatMap(\.listeners).flatMap(\.targetGroups))
        self.spareGroups = topology.targetGroups.filter { $0.kind == loadBalancer.kind && !used.contains($0.id) }
        let zone = self.zone
        self.health = Dictionary(grouping: view.health) { $0.targetGroup }
            .mapValues { seen in seen.filter { zone == nil || $0.node == zone } }
    }

    /// The group's targets as the Envoy is to treat them. It decides nothing by itself: a group that fails open is told as one whose
    /// targets are all healthy (ALB-TGH-008, ALB-TGH-009).
    package func targets(of group: TargetGroup) -> [DiscoveryTarget] {
        let health = self.health[group.id] ?? []
        var available: [Target] = []
        var healthy: [Target] = []
        for target in group.targets where self.isAvailable(target, of: group) {
            available.append(target)
            if Self.isHealthy(target, of: group, health) { healthy.append(target) }
        }
        let thresholds = ThresholdStates(group.attributes, healthy: healthy.count, registered: available.count)
        let chosen = Set((thresholds.isRoutingHealthy ? self.left(of: healthy, in: group) : available).map(\.key))
        return group.targets.map { DiscoveryTarget($0, chosen.contains($0.key) ? .healthy : .unhealthy) }
            + Self.leaving(group, health)
    }

    /// Those that were deregistered and may finish what they have.
    private static func leaving(_ group: TargetGroup, _ health: [LabTargetHealth]) -> [DiscoveryTarget] {
        var targets: [DiscoveryTarget] = []
        for entry in health where entry.health.state == .draining {
            let key = entry.target.key
            guard !group.targets.contains(where: { $0.key == key }), !targets.contains(where: { $0.target.key == key })
            else { continue }
            targets.append(DiscoveryTarget(entry.target, .draining))
        }
        return targets
    }

    /// Healthy where every node that uses it says so, as in DescribeTargetHealth; or where nobody asks it (ALB-LMB-027).
    private static func isHealthy(_ target: Target, of group: TargetGroup, _ health: [LabTargetHealth]) -> Bool {
        guard group.healthCheck.isEnabled else { return true }
        let seen = health.filter { $0.target.key == target.key && $0.health.state != .unused }
        return !seen.isEmpty && seen.allSatisfy { $0.health.state == .healthy }
    }

    /// ALB-TG-012.
    private func zone(of target: Target, in group: TargetGroup) -> AvailabilityZone? {
        let isOutside = group.targetType == .ip && !LabAddresses.vpc.contains(target.endpoint.address)
        return isOutside && group.attributes.crossZone != .off ? nil : target.zone
    }

    private func isAvailable(_ target: Target, of group: TargetGroup) -> Bool {
        guard let zone = self.zone(of: target, in: group) else { return true }
        guard self.loadBalancer.nodes.contains(where: { $0.zone == zone }) else { return false }
        // An Envoy of no zone stands for all nodes together.
        return self.zone == nil || group.attributes.crossZone != .off || zone == self.zone
    }

    /// Those of the healthy targets that a zonal shift leaves (ALB-ZS-008).
    private func left(of healthy: [Target], in group: TargetGroup) -> [Target] {
        guard let shifted = self.loadBalancer.shiftedZone, group.attributes.crossZone != .off else { return healthy }
        let left = healthy.filter { self.zone(of: $0, in: group) != shifted }
        return left.isEmpty ? healthy : left
    }
}

/// A target as an Envoy is told of it.
package struct DiscoveryTarget: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// It gets requests.
        case healthy
        case unhealthy
        /// It finishes what it has.
        case draining
    }

    package var target: Target
    package var state: State

    package init(_ target: Target, _ state: State) {
        self.target = target
        self.state = state
    }
}

/// What the lab holds at one moment.
package struct LabView: Hashable, Sendable {
    package var topology: Topology
    package var health: [LabTargetHealth]

    package init(topology: Topology, health: [LabTargetHealth] = []) {
        self.topology = topology
        self.health = health
    }
}
