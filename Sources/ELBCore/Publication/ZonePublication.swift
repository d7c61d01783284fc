package import ELBModel

/// Which zones' addresses a load balancer's name stands for, as its target groups are: the decision behind DNS failover. A zone
/// that has left still serves whoever connects to its address (ALB-TGH-015); a name server only stops giving it out.
package struct ZonePublication: Hashable, Sendable {
    /// A group as one zone's node sees it.
    package enum GroupHealth: Hashable, Sendable {
        /// It has no targets that the node may use. That breaches nothing (ALB-XZ-010).
        case empty
        /// At or above its threshold for DNS.
        case healthy
        case unhealthy
    }

    private let zones: [AvailabilityZone: [TargetGroupID: GroupHealth]]
    private let kind: LoadBalancer.Kind
    private let shifted: AvailabilityZone?
    private let quirks: Set<Quirk>

    /// - Parameters:
    ///   - zones: every enabled zone, with the groups that the load balancer's actions refer to.
    ///   - kind: the load balancer's; they judge a zone differently.
    ///   - shifted: the zone that traffic is shifted away from.
    ///   - quirks: deliberate deviations.
    package init(
        _ zones: [AvailabilityZone: [TargetGroupID: GroupHealth]],
        of kind: LoadBalancer.Kind = .application,
        shifted: AvailabilityZone? = nil,
        quirks: Set<Quirk> = []
    ) {
        self.quirks = quirks
        self.zones = zones
        self.kind = kind
        self.shifted = shifted
    }

    /// The zones that stand in DNS: all that are healthy, for all groups alike (ALB-TGH-011, -013), and every zone when none is
    /// (ALB-TGH-012).
    package var published: Set<AvailabilityZone> {
        let healthy = self.zones.filter { zone in
            switch self.kind {
            case .network: self.isHealthyForAll(zone.value)
            case .application, .gateway, .classic: Self.isHealthy(zone.value.values)
            }
        }
        let left = self.left(byShift: healthy)
        if self.quirks.contains(.dnsFailOpenNever) { return Set(left.keys) }
        return Set((left.isEmpty ? self.zones : left).keys)
    }

    /// What a zonal shift leaves of the healthy zones (ALB-ZS-004). It has no effect where the groups have no targets at all, and
    /// where no other zone is healthy (ALB-ZS-008).
    private func left(
        byShift healthy: [AvailabilityZone: [TargetGroupID: GroupHealth]]
    ) -> [AvailabilityZone: [TargetGroupID: GroupHealth]] {
        guard let shifted else { return healthy }
        let left = healthy.filter { $0.key != shifted }
        let hasGroups = self.zones.values.contains { !$0.isEmpty }
        return left.isEmpty || (hasGroups && !left.values.contains { $0.values.contains(.healthy) }) ? healthy : left
    }

    /// AWS says both that one healthy group keeps a zone and that one unhealthy group removes it (ALB-TGH-014, ALB-OPEN-35); the
    /// page about target group health says the former, and it takes less away.
    private static func isHealthy(_ groups: some Collection<GroupHealth>) -> Bool {
        groups.contains(.healthy) || !groups.contains(.unhealthy)
    }

    /// For a Network Load Balancer one unhealthy group takes a zone out for all (NLB-FO-011), and so does one that has targets in
    /// other zones only (NLB-FO-013).
    private func isHealthyForAll(_ groups: [TargetGroupID: GroupHealth]) -> Bool {
        groups.allSatisfy { id, health in
            switch health {
            case .healthy: true
            case .unhealthy: false
            case .empty: self.zones.values.allSatisfy { $0[id] == .empty }
            }
        }
    }

    /// Whether an alias record that evaluates target health takes the load balancer for healthy: every group that has targets must
    /// be healthy, and one must have some (ALB-TGH-017).
    package var isAliasHealthy: Bool {
        var groups: [TargetGroupID: Set<GroupHealth>] = [:]
        for zone in self.zones.values {
            for (id, health) in zone { groups[id, default: []].insert(health) }
        }
        let used = groups.values.filter { $0 != [.empty] }
        return !used.isEmpty && used.allSatisfy { $0.contains(.healthy) }
    }
}

extension TargetGroupState {
    /// What this node's view of the group says to DNS.
    package var publicationHealth: ZonePublication.GroupHealth {
        guard self.hasTargets else { return .empty }
        return self.thresholds.isDNSHealthy ? .healthy : .unhealthy
    }
}
