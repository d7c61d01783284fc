package import ELBModel

extension ELB {
    package struct RegisterInstancesWithLoadBalancer: ELBCommand {
        package var loadBalancer: String
        package var instances: [InstanceID]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = try input.required("LoadBalancerName")
            self.instances = try input.instances()
        }
    }

    package struct DeregisterInstancesFromLoadBalancer: ELBCommand {
        package var loadBalancer: String
        package var instances: [InstanceID]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = try input.required("LoadBalancerName")
            self.instances = try input.instances()
        }
    }

    package struct ConfigureHealthCheck: ELBCommand {
        package var loadBalancer: String
        package var healthCheck: ClassicHealthCheck

        /// All five are required (CLB-HC-004), and the service model has seen that they are there.
        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = try input.required("LoadBalancerName")
            guard var settings = input.structure("HealthCheck") else {
                throw .validation("A HealthCheck must be specified")
            }
            let text = try settings.required("Target")
            guard let target = ClassicHealthCheck.Target(text) else {
                throw .validation("\(ClassicHealthCheck.Target.form), not '\(text.prefix(80))'")
            }
            var check = ClassicHealthCheck()
            check.target = target
            check.intervalSeconds = settings.integer("Interval") ?? check.intervalSeconds
            check.timeoutSeconds = settings.integer("Timeout") ?? check.timeoutSeconds
            check.unhealthyThreshold = settings.integer("UnhealthyThreshold") ?? check.unhealthyThreshold
            check.healthyThreshold = settings.integer("HealthyThreshold") ?? check.healthyThreshold
            try settings.finish()
            self.healthCheck = check
        }
    }
}

extension WireValue {
    package static func classicHealthCheck(_ check: ClassicHealthCheck) -> Self {
        [
            "Target": .text("\(check.target)"), "Interval": .integer(check.intervalSeconds),
            "Timeout": .integer(check.timeoutSeconds), "UnhealthyThreshold": .integer(check.unhealthyThreshold),
            "HealthyThreshold": .integer(check.healthyThreshold),
        ]
    }
}
