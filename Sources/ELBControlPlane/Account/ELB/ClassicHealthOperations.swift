package import ELBControlAPI
import ELBModel

extension ELB {
    static let healthOperations: [any AccountCommand.Type] = [DescribeInstanceHealth.self]
}

extension ELB.DescribeInstanceHealth: AccountCommand {
    package static var needsHealth: Bool { true }

    /// The registered instances, then those that drain; of instances that are named, each, also where it is registered no more
    /// (CLB-ST-006).
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let record = try transaction.classicLoadBalancer(self.loadBalancer)
        var listed = record.balancer.instances.map(\.id)
        if self.instances.isEmpty {
            for seen in transaction.health.instances
            where seen.loadBalancer == record.balancer.name && !listed.contains(seen.instance) {
                listed.append(seen.instance)
            }
        } else {
            for id in self.instances where transaction.account.instances[id.rawValue] == nil {
                throw Transaction.noInstance(id)
            }
            listed = self.instances
        }
        let states = listed.compactMap { id in
            Self.health(of: id, at: record, transaction).map { WireValue.classicHealth(id, $0) }
        }
        return ["InstanceStates": .list(states)]
    }

    /// - Returns: `nil` for one that is terminated, which is told nothing of.
    private static func health(
        of id: InstanceID,
        at record: ClassicLoadBalancerRecord,
        _ transaction: Transaction
    ) -> ClassicInstanceHealth? {
        let state = transaction.account.instances[id.rawValue]?.state
        guard state != .terminated else { return nil }
        let isRegistered = record.balancer.instances.contains { $0.id == id }
        // The load balancer sends a stopped one nothing, as if it were deregistered; the reader wants to know why.
        if isRegistered, state == .stopped { return .init(.outOfService, .instance, .stopped) }
        let seen = LabInstanceHealth.summary(of: id, at: record.balancer.name, in: transaction.health.instances)
        if let seen { return seen }
        return isRegistered
            ? .init(.outOfService, .elb, .registrationInProgress) : .init(.outOfService, .elb, .notRegistered)
    }
}
