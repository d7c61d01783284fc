package import ELBFleet
package import ELBModel

/// A target group of a scene with the backends behind it.
package struct SceneGroup: Sendable {
    /// What the check calls it; the subject knows it by another name.
    package let name: String
    package let id: TargetGroupID
    package let backends: [Backend]

    /// The action that sends everything here.
    package var forward: RuleAction { .forward(ForwardAction(to: self.id)) }
}

extension RuleAction {
    /// A forward to several groups by weight.
    package static func forward(weights: [(SceneGroup, Int)]) -> Self {
        .forward(ForwardAction(targetGroups: weights.map { .init($0.id, weight: $1) }))
    }

    /// A fixed plain-text answer.
    package static func answer(_ status: Int, _ body: String? = nil, type: String? = "text/plain") -> Self {
        .fixedResponse(FixedResponseAction(statusCode: status, contentType: type, messageBody: body))
    }
}

extension ListenerRule {
    /// A rule with one action.
    package static func when(_ conditions: RuleCondition..., priority: Int, then action: RuleAction) -> Self {
        Self(priority: priority, conditions: conditions, actions: [action])
    }
}

extension RuleCondition {
    package static func path(_ patterns: String...) -> Self { .pathPattern(.patterns(patterns)) }
    package static func host(_ patterns: String...) -> Self { .hostHeader(.patterns(patterns)) }
    package static func header(_ name: String, _ patterns: String...) -> Self {
        .httpHeader(name: name, .patterns(patterns))
    }
    package static func method(_ methods: String...) -> Self { .httpRequestMethod(methods) }
    package static func query(_ values: QueryStringValue...) -> Self { .queryString(values) }
}

extension HealthCheckSettings {
    /// For checks about something else: one pass puts a target in service, and hardly anything takes it out again.
    package static let calm = Self.probing(every: 60, within: 30, healthy: 2, unhealthy: 10)

    /// For checks about health: 30 s is 600 ms of real time at scale 50, long enough for a busy machine.
    package static let brisk = Self.probing(every: 30, within: 20, healthy: 3, unhealthy: 2)

    package static func probing(every interval: Int, within timeout: Int, healthy: Int, unhealthy: Int) -> Self {
        var settings = Self()
        settings.path = "/health"
        settings.intervalSeconds = interval
        settings.timeoutSeconds = timeout
        settings.healthyThresholdCount = healthy
        settings.unhealthyThresholdCount = unhealthy
        return settings
    }
}
