extension ELB {
    package struct AttachLoadBalancerToSubnets: ELBCommand {
        package var loadBalancer: String
        package var subnets: [String]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = try input.required("LoadBalancerName")
            self.subnets = input.texts("Subnets") ?? []
        }
    }

    package struct DetachLoadBalancerFromSubnets: ELBCommand {
        package var loadBalancer: String
        package var subnets: [String]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = try input.required("LoadBalancerName")
            self.subnets = input.texts("Subnets") ?? []
        }
    }

    package struct EnableAvailabilityZonesForLoadBalancer: ELBCommand {
        package var loadBalancer: String
        package var zones: [String]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = try input.required("LoadBalancerName")
            self.zones = input.texts("AvailabilityZones") ?? []
        }
    }

    package struct DisableAvailabilityZonesForLoadBalancer: ELBCommand {
        package var loadBalancer: String
        package var zones: [String]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = try input.required("LoadBalancerName")
            self.zones = input.texts("AvailabilityZones") ?? []
        }
    }

    package struct ApplySecurityGroupsToLoadBalancer: ELBCommand {
        package var loadBalancer: String
        package var securityGroups: [String]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = try input.required("LoadBalancerName")
            self.securityGroups = input.texts("SecurityGroups") ?? []
        }
    }
}
