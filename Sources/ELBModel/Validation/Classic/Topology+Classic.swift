extension Topology {
    /// What concerns Classic Load Balancers, each by itself and all together.
    func validateClassicLoadBalancers(_ validator: inout Validator) {
        validator.each("ClassicLoadBalancers", self.classicLoadBalancers) { $1.validate(&$0) }
        // CLB-AP-010.
        if self.classicLoadBalancers.count > ClassicLoadBalancer.mostLoadBalancers {
            validator.report(
                .tooManyLoadBalancers,
                "There can be at most \(ClassicLoadBalancer.mostLoadBalancers) Classic Load Balancers",
                at: "ClassicLoadBalancers[\(ClassicLoadBalancer.mostLoadBalancers)]"
            )
        }
        // CLB-AP-007: unique among their own kind.
        var names: Set<LoadBalancerName> = []
        for (index, balancer) in self.classicLoadBalancers.enumerated() where !names.insert(balancer.name).inserted {
            validator.report(
                .duplicateLoadBalancerName,
                "A Classic Load Balancer named '\(balancer.name)' already exists",
                at: "ClassicLoadBalancers[\(index)].LoadBalancerName"
            )
        }
    }
}
