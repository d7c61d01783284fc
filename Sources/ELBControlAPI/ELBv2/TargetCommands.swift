package import ELBModel

extension ELBv2 {
    /// A target as callers name it.
    package struct TargetDescription: Hashable, Sendable {
        package var id: String
        /// `nil` is the group's port.
        package var port: Port?
        /// A zone, or `all`.
        package var zone: String?

        init(_ input: CommandInput) throws(APIError) {
            var input = input
            self.id = try input.required("Id")
            self.port = input.integer("Port").flatMap(Port.init)
            self.zone = input.text("AvailabilityZone")
            try input.finish()
        }

        static func list(_ input: inout CommandInput) throws(APIError) -> [Self]? {
            guard let elements = input.structures("Targets") else { return nil }
            var targets: [Self] = []
            for element in elements { targets.append(try Self(element)) }
            return targets
        }
    }

    package struct RegisterTargets: ELBv2Command {
        package var arn: String
        package var targets: [TargetDescription]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("TargetGroupArn")
            self.targets = try TargetDescription.list(&input) ?? []
        }
    }

    package struct DeregisterTargets: ELBv2Command {
        package var arn: String
        package var targets: [TargetDescription]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("TargetGroupArn")
            self.targets = try TargetDescription.list(&input) ?? []
        }
    }

    package struct DescribeTargetHealth: ELBv2Command {
        package var arn: String
        /// `nil` is all of them.
        package var targets: [TargetDescription]?
        package var includesAnomalies: Bool

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("TargetGroupArn")
            self.targets = try TargetDescription.list(&input)
            let include = input.texts("Include") ?? []
            self.includesAnomalies = include.contains { $0 == "AnomalyDetection" || $0 == "All" }
        }
    }
}

extension WireValue {
    /// One target of DescribeTargetHealth.
    package static func targetHealth(
        _ target: Target,
        in group: TargetGroup,
        _ health: TargetHealth,
        anomalies: AnomalyDetection?,
        override: AdministrativeOverride? = nil
    ) -> Self {
        let isLambda = group.targetType == .lambda
        let zone: String? =
            switch group.targetType {
            case .instance, .alb: nil
            case .lambda: "all"
            case .ip: target.zone?.name ?? "all"
            }
        let port: String =
            switch group.healthCheck.port {
            case .trafficPort: "\(target.endpoint.port)"
            case .fixed(let port): "\(port)"
            }
        return [
            "Target": [
                "Id": .text(target.id.rawValue),
                "Port": isLambda ? nil : .integer(Int(target.endpoint.port.rawValue)),
                "AvailabilityZone": zone.map { .text($0) },
            ],
            "HealthCheckPort": isLambda ? nil : .text(port),
            "TargetHealth": .targetHealth(health),
            "AnomalyDetection": anomalies.map {
                [
                    "Result": .text($0.result.rawValue),
                    "MitigationInEffect": $0.isMitigationInEffect ? "yes" : "no",
                ]
            },
            "AdministrativeOverride": override.map {
                ["State": .text($0.rawValue), "Reason": .text($0.reason), "Description": .text($0.detail)]
            },
        ]
    }

    private static func targetHealth(_ health: TargetHealth) -> Self {
        [
            "State": .text(health.state.rawValue),
            "Reason": health.reason.map { .text($0.rawValue) },
            "Description": health.detail.map { .text($0) },
        ]
    }
}
