import ELBModel

/// Judges what the template says about registration, before anything runs.
enum RegistrationJudge {
    static func judge(_ topology: Topology, fleet: [String]) -> Judgement {
        var counts: [String: Int] = [:]
        for target in topology.targetGroups.flatMap(\.targets) {
            let instance = topology.instances.first {
                $0.id.rawValue == target.id.rawValue || "\($0.address)" == target.id.rawValue
            }
            if let instance { counts[instance.name, default: 0] += 1 }
        }
        guard let wrong = fleet.first(where: { counts[$0, default: 0] != 1 }) else { return .pass }
        return .fail(
            LessonFinding(
                tried: Message("registered.tried"),
                expected: Message("registered.expected", ["servers": fleet.joined(separator: ", ")]),
                actual: Message("registered.actual", ["server": wrong, "count": "\(counts[wrong, default: 0])"])
            )
        )
    }
}

/// Judges how long a server that falls silent can stay in service, from the answer's own settings.
enum DetectionJudge {
    /// The settings of the group that the listener's traffic goes to; `nil` without any group.
    static func healthCheck(of topology: Topology) -> HealthCheckSettings? {
        topology.targetGroups.max { $0.targets.count < $1.targets.count }?.healthCheck
    }

    static func judge(_ topology: Topology, limit: Int) -> Judgement {
        guard let settings = self.healthCheck(of: topology) else {
            return .fail(
                LessonFinding(
                    tried: Message("detection.tried"),
                    expected: Message("detection.expected", ["limit": "\(limit)"]),
                    actual: Message("detection.no-group")
                )
            )
        }
        // The worst moment to fall silent is right after a good probe: a whole interval passes before the first bad one
        // starts, and the last of them still has to time out. Intervals count from start to start (ALB-HC-006).
        let worst = settings.intervalSeconds * settings.unhealthyThresholdCount + settings.timeoutSeconds
        guard worst > limit else { return .pass }
        return .fail(
            LessonFinding(
                tried: Message("detection.tried"),
                expected: Message("detection.expected", ["limit": "\(limit)"]),
                actual: Message(
                    "detection.actual",
                    [
                        "worst": "\(worst)", "interval": "\(settings.intervalSeconds)",
                        "threshold": "\(settings.unhealthyThresholdCount)", "timeout": "\(settings.timeoutSeconds)",
                    ]
                )
            )
        )
    }
}
