package import ELBModel

/// What a running balancer tells the control plane: one stream of values, in the order things happened on each node.
package enum BalancerEvent: Hashable, Sendable {
    /// A node changed its mind about a target (each node decides for itself, ALB-HC-001).
    case healthChanged(HealthChange)
    case listenerBound(Endpoint)
    case listenerClosed(Endpoint)

    package struct HealthChange: Hashable, Sendable {
        package var targetGroup: TargetGroupID
        package var target: Target.Key
        package var from: TargetHealth.State
        package var to: TargetHealth
        /// The zone of the node that noticed.
        package var zone: AvailabilityZone
        /// Microseconds since 1970.
        package var at: Int64

        package init(
            targetGroup: TargetGroupID,
            target: Target.Key,
            from: TargetHealth.State,
            to: TargetHealth,
            zone: AvailabilityZone,
            at: Int64
        ) {
            self.targetGroup = targetGroup
            self.target = target
            self.from = from
            self.to = to
            self.zone = zone
            self.at = at
        }
    }
}

/// A target's health as one node sees it.
package struct TargetHealthDescription: Hashable, Sendable {
    package var targetGroup: TargetGroupID
    package var target: Target
    package var health: TargetHealth
    /// The zone of the node that says so.
    package var node: AvailabilityZone
    package var anomalies: AnomalyDetection

    package init(
        targetGroup: TargetGroupID,
        target: Target,
        health: TargetHealth,
        node: AvailabilityZone,
        anomalies: AnomalyDetection = AnomalyDetection()
    ) {
        self.targetGroup = targetGroup
        self.target = target
        self.health = health
        self.node = node
        self.anomalies = anomalies
    }
}
