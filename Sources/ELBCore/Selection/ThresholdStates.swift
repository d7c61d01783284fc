package import ELBModel

/// Whether enough of a group's targets are healthy, for the two things that depend on it (ALB-TGH-005). Counted over the
/// targets that the node may use: its own zone's with cross-zone off, all of them with it on (ALB-XZ-008).
package struct ThresholdStates: Hashable, Sendable {
    /// Requests go to healthy targets only; if not, to all (ALB-TGH-008).
    package var isRoutingHealthy = true
    /// The zone's address may stand in DNS (ALB-TGH-011).
    package var isDNSHealthy = true

    package init() {}

    /// - Parameters:
    ///   - healthy: how many are; a group without targets breaches nothing, its requests end in 503 (ALB-XZ-010).
    ///   - registered: of how many; percentages follow it (ALB-TGH-007).
    package init(_ attributes: TargetGroupAttributes, healthy: Int, registered: Int) {
        guard registered > 0 else { return }
        self.isRoutingHealthy = Self.isKept(
            count: attributes.routingMinimumHealthyCount,
            percentage: attributes.routingMinimumHealthyPercentage,
            healthy,
            registered
        )
        self.isDNSHealthy = Self.isKept(
            count: attributes.dnsMinimumHealthyCount,
            percentage: attributes.dnsMinimumHealthyPercentage,
            healthy,
            registered
        )
    }

    /// Either breach suffices; "below" is a breach, "at" is none.
    private static func isKept(count: Int?, percentage: Int?, _ healthy: Int, _ registered: Int) -> Bool {
        healthy >= count ?? 0 && healthy * 100 >= (percentage ?? 0) * registered
    }
}
