package import ELBControlAPI
import ELBModel

extension ELB {
    static let attributeOperations: [any AccountCommand.Type] = [
        DescribeLoadBalancerAttributes.self, ModifyLoadBalancerAttributes.self, DescribeAccountLimits.self,
    ]
}

extension ELB.DescribeLoadBalancerAttributes: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let record = try transaction.classicLoadBalancer(self.loadBalancer)
        return ["LoadBalancerAttributes": .classicAttributes(record.balancer.attributes)]
    }
}

extension ELB.ModifyLoadBalancerAttributes: AccountCommand {
    /// Answers with what the call names.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.classicLoadBalancer(self.loadBalancer)
        record.balancer.attributes = self.changed(record.balancer.attributes)
        try transaction.save(classic: record)
        return [
            "LoadBalancerName": .text(record.id),
            "LoadBalancerAttributes": .classicAttributes(record.balancer.attributes, of: self),
        ]
    }
}

extension ELB.DescribeAccountLimits: AccountCommand {
    /// CLB-AP-010.
    private static let limits: [(name: String, most: Int)] = [
        ("classic-load-balancers", ClassicLoadBalancer.mostLoadBalancers),
        ("classic-listeners", ClassicLoadBalancer.mostListeners),
        ("classic-registered-instances", ClassicLoadBalancer.mostInstances),
    ]

    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let (page, next) = try self.page.cut(Self.limits, id: \.name)
        return [
            "Limits": .list(page.map { ["Name": .text($0.name), "Max": .text("\($0.most)")] }),
            "NextMarker": next.map { .text($0) },
        ]
    }
}
