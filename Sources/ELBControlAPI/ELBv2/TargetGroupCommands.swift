package import ELBModel

extension ELBv2 {
    package struct CreateTargetGroup: ELBv2Command {
        /// Its id is not known yet; it has no targets.
        package var group: TargetGroup
        package var vpc: String?
        package var tags: [ResourceTag]

        package init(_ input: inout CommandInput) throws(APIError) {
            let name = try input.required("Name")
            self.vpc = input.text("VpcId")
            self.tags = try input.tags("Tags")
            input.accepts(
                "TargetType",
                "Protocol",
                "ProtocolVersion",
                "Port",
                "Matcher",
                "HealthCheckProtocol",
                "HealthCheckPort",
                "HealthCheckEnabled",
                "HealthCheckPath",
                "HealthCheckIntervalSeconds",
                "HealthCheckTimeoutSeconds",
                "HealthyThresholdCount",
                "UnhealthyThresholdCount"
            )
            try input.only("IpAddressType", "ipv4")
            self.group = try input.properties {
                TargetGroupReader.targetGroup(
                    id: TargetGroupID(rawValue: ""),
                    name: TargetGroupName(rawValue: name),
                    &$0
                )
            }
        }
    }

    package struct DescribeTargetGroups: ELBv2Command {
        package var loadBalancer: String?
        package var arns: [String]?
        package var names: [String]?
        package var page: Page

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = input.text("LoadBalancerArn")
            self.arns = input.texts("TargetGroupArns")
            self.names = input.texts("Names")
            self.page = try Page(&input)
        }
    }

    /// Changes how a group's targets are probed; what is not given stays.
    package struct ModifyTargetGroup: ELBv2Command {
        package var arn: String
        private let changes: CommandInput

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("TargetGroupArn")
            input.accepts(
                "Matcher",
                "HealthCheckProtocol",
                "HealthCheckPort",
                "HealthCheckEnabled",
                "HealthCheckPath",
                "HealthCheckIntervalSeconds",
                "HealthCheckTimeoutSeconds",
                "HealthyThresholdCount",
                "UnhealthyThresholdCount"
            )
            self.changes = input
        }

        /// The group's settings with the changes.
        package func changed(_ group: TargetGroup) throws(APIError) -> HealthCheckSettings {
            var input = self.changes
            return try input.properties {
                TargetGroupReader.healthCheck(group.healthCheck, group.protocolVersion, of: group.kind, &$0)
            }
        }
    }

    package struct DeleteTargetGroup: ELBv2Command {
        package var arn: String

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("TargetGroupArn")
        }
    }
}

extension WireValue {
    /// - Parameter loadBalancers: the ARNs of those that use the group.
    package static func targetGroup(_ record: TargetGroupRecord, loadBalancers: [String]) -> Self {
        let group = record.group
        let check = group.healthCheck
        let isLambda = group.targetType == .lambda
        let isHTTP = check.protocol == .http || check.protocol == .https
        let matcher: WireValue =
            group.protocolVersion == .grpc
            ? ["GrpcCode": .text("\(check.grpcMatcher)")] : ["HttpCode": .text("\(check.matcher)")]
        let port: String =
            switch check.port {
            case .trafficPort: "traffic-port"
            case .fixed(let port): "\(port)"
            }
        return [
            "TargetGroupArn": .text(record.id),
            "TargetGroupName": .text(group.name.rawValue),
            "Protocol": isLambda ? nil : .text(group.protocol.rawValue),
            "Port": isLambda ? nil : .integer(Int(group.port.rawValue)),
            "VpcId": record.vpc.map { .text($0) },
            "HealthCheckProtocol": isLambda ? nil : .text(check.protocol.rawValue),
            "HealthCheckPort": isLambda ? nil : .text(port),
            "HealthCheckEnabled": .boolean(check.isEnabled),
            "HealthCheckIntervalSeconds": .integer(check.intervalSeconds),
            "HealthCheckTimeoutSeconds": .integer(check.timeoutSeconds),
            "HealthyThresholdCount": .integer(check.healthyThresholdCount),
            "UnhealthyThresholdCount": .integer(check.unhealthyThresholdCount),
            "HealthCheckPath": isHTTP ? .text(check.path) : nil,
            "Matcher": isHTTP ? matcher : nil,
            "LoadBalancerArns": .texts(loadBalancers),
            "TargetType": .text(group.targetType.rawValue),
            "ProtocolVersion": isLambda || group.kind == .network ? nil : .text(group.protocolVersion.rawValue),
            "IpAddressType": "ipv4",
        ]
    }
}
