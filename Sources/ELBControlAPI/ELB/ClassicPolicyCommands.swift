package import ELBModel

extension ELB {
    /// Makes a policy of any type. The two that follow are shorter ways to make the common ones.
    package struct CreateLoadBalancerPolicy: ELBCommand {
        package var loadBalancer: String
        package var policy: ClassicPolicy

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = try input.required("LoadBalancerName")
            let name = try input.required("PolicyName")
            let type = try input.required("PolicyTypeName")
            guard let known = ClassicPolicyType(rawValue: type) else {
                throw APIError("PolicyTypeNotFound", "Policy type '\(type.prefix(80))' not found")
            }
            var attributes = try ClassicPolicyAttributes(&input)
            self.policy = ClassicPolicy(name: name, kind: try known.kind(&attributes))
            try attributes.finish()
        }
    }

    package struct CreateLBCookieStickinessPolicy: ELBCommand {
        package var loadBalancer: String
        package var policy: ClassicPolicy

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = try input.required("LoadBalancerName")
            let seconds = input.integer("CookieExpirationPeriod")
            // CLB-SK-004.
            self.policy = ClassicPolicy(
                name: try input.required("PolicyName"),
                kind: .durationStickiness(seconds: seconds == 0 ? nil : seconds)
            )
        }
    }

    package struct CreateAppCookieStickinessPolicy: ELBCommand {
        package var loadBalancer: String
        package var policy: ClassicPolicy

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = try input.required("LoadBalancerName")
            self.policy = ClassicPolicy(
                name: try input.required("PolicyName"),
                kind: .applicationStickiness(cookie: try input.required("CookieName"))
            )
        }
    }

    package struct DeleteLoadBalancerPolicy: ELBCommand {
        package var loadBalancer: String
        package var name: String

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = try input.required("LoadBalancerName")
            self.name = try input.required("PolicyName")
        }
    }

    package struct SetLoadBalancerPoliciesOfListener: ELBCommand {
        package var loadBalancer: String
        package var port: Int
        package var names: [String]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = try input.required("LoadBalancerName")
            self.port = input.integer("LoadBalancerPort") ?? 0
            self.names = input.texts("PolicyNames") ?? []
        }
    }

    package struct SetLoadBalancerPoliciesForBackendServer: ELBCommand {
        package var loadBalancer: String
        package var port: Port
        package var names: [String]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = try input.required("LoadBalancerName")
            self.port = try input.classicPort("InstancePort")
            self.names = input.texts("PolicyNames") ?? []
        }
    }

    package struct DescribeLoadBalancerPolicies: ELBCommand {
        /// `nil` asks for the predefined policies.
        package var loadBalancer: String?
        package var names: [String]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = input.text("LoadBalancerName")
            self.names = input.texts("PolicyNames") ?? []
        }
    }

    package struct DescribeLoadBalancerPolicyTypes: ELBCommand {
        package var names: [String]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.names = input.texts("PolicyTypeNames") ?? []
        }
    }
}
