package import ELBControlAPI
import ELBModel

extension ELB {
    static let tagOperations: [any AccountCommand.Type] = [AddTags.self, RemoveTags.self, DescribeTags.self]
}

extension ELB.AddTags: AccountCommand {
    /// A key that the load balancer has already gets the new value.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.classicLoadBalancer(self.loadBalancer)
        for tag in self.tags {
            if let index = record.tags.firstIndex(where: { $0.key == tag.key }) {
                record.tags[index] = tag
            } else {
                record.tags.append(tag)
            }
        }
        guard record.tags.count <= ELB.mostTags else {
            throw APIError("TooManyTags", "A load balancer can have at most \(ELB.mostTags) tags")
        }
        transaction.save(.classicLoadBalancer(record))
        return [:]
    }
}

extension ELB.RemoveTags: AccountCommand {
    /// Keys that the load balancer does not have are no mistake.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.classicLoadBalancer(self.loadBalancer)
        record.tags.removeAll { self.keys.contains($0.key) }
        transaction.save(.classicLoadBalancer(record))
        return [:]
    }
}

extension ELB.DescribeTags: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let descriptions = try self.loadBalancers.map { name throws(APIError) -> WireValue in
            ["LoadBalancerName": .text(name), "Tags": .tags(try transaction.classicLoadBalancer(name).tags)]
        }
        return ["TagDescriptions": .list(descriptions)]
    }
}
