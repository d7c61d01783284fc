package import ELBModel

extension ELB {
    package struct AddTags: ELBCommand {
        package var loadBalancer: String
        package var tags: [ResourceTag]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = try TaggedLoadBalancer.name(&input)
            self.tags = try input.classicTags()
        }
    }

    package struct RemoveTags: ELBCommand {
        package var loadBalancer: String
        package var keys: [String]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = try TaggedLoadBalancer.name(&input)
            var keys: [String] = []
            for var tag in input.structures("Tags") ?? [] {
                keys.append(try tag.required("Key"))
                try tag.finish()
            }
            self.keys = keys
        }
    }

    package struct DescribeTags: ELBCommand {
        package var loadBalancers: [String]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancers = input.texts("LoadBalancerNames") ?? []
            guard !self.loadBalancers.isEmpty else { throw .validation("At least one load balancer must be specified") }
        }
    }

    package struct DescribeAccountLimits: ELBCommand {
        package var page: Page

        package init(_ input: inout CommandInput) throws(APIError) {
            self.page = try Page(&input)
        }
    }
}

private enum TaggedLoadBalancer {
    /// The parameter is a list, of one.
    static func name(_ input: inout CommandInput) throws(APIError) -> String {
        let names = input.texts("LoadBalancerNames") ?? []
        guard names.count == 1, let name = names.first else {
            throw .validation("Exactly one load balancer must be specified, not \(names.count)")
        }
        return name
    }
}
