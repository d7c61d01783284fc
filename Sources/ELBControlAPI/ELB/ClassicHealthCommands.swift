package import ELBModel

extension ELB {
    package struct DescribeInstanceHealth: ELBCommand {
        package var loadBalancer: String
        /// Empty is all that are registered.
        package var instances: [InstanceID]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = try input.required("LoadBalancerName")
            self.instances = try input.instances()
        }
    }
}

extension WireValue {
    /// One instance of DescribeInstanceHealth.
    package static func classicHealth(_ id: InstanceID, _ health: ClassicInstanceHealth) -> Self {
        [
            "InstanceId": .text(id.rawValue), "State": .text(health.state.rawValue),
            "ReasonCode": .text(health.reason.rawValue), "Description": .text(health.detail.rawValue),
        ]
    }
}
