package import ELBControlAPI
import ELBModel

extension ELB {
    static let instanceOperations: [any AccountCommand.Type] = [
        RegisterInstancesWithLoadBalancer.self, DeregisterInstancesFromLoadBalancer.self, ConfigureHealthCheck.self,
    ]
}

extension ELB.RegisterInstancesWithLoadBalancer: AccountCommand {
    /// Answers with all that are registered, the new ones among them (CLB-AP-006).
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.classicLoadBalancer(self.loadBalancer)
        for id in self.instances {
            // Registered already, and that is what is asked for.
            if record.balancer.instances.contains(where: { $0.id == id }) { continue }
            record.balancer.instances.append(try transaction.registered(id, vpc: record.vpc))
        }
        try transaction.save(classic: record)
        transaction.listenForClassic(record)
        return ["Instances": .instances(record.balancer.instances.map(\.id))]
    }
}

extension ELB.DeregisterInstancesFromLoadBalancer: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.classicLoadBalancer(self.loadBalancer)
        for id in self.instances {
            guard record.balancer.instances.contains(where: { $0.id == id }) else {
                // One that exists and is not registered is where it is wanted.
                guard transaction.account.instances[id.rawValue] != nil else { throw Transaction.noInstance(id) }
                continue
            }
            record.balancer.instances.removeAll { $0.id == id }
        }
        try transaction.save(classic: record)
        return ["Instances": .instances(record.balancer.instances.map(\.id))]
    }
}

extension ELB.ConfigureHealthCheck: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.classicLoadBalancer(self.loadBalancer)
        record.balancer.healthCheck = self.healthCheck
        try transaction.save(classic: record)
        transaction.listenForClassic(record)
        return ["HealthCheck": .classicHealthCheck(self.healthCheck)]
    }
}

extension Transaction {
    static func noInstance(_ id: InstanceID) -> APIError {
        APIError("InvalidInstance", "Could not find EC2 instance \(id.rawValue.prefix(80)).")
    }

    /// Classic Load Balancers lose instances that are gone.
    mutating func forgetClassic(instances ids: [String]) {
        for var record in self.account.classicLoadBalancers {
            let before = record.balancer.instances.count
            record.balancer.instances.removeAll { ids.contains($0.id.rawValue) }
            if record.balancer.instances.count != before { self.save(.classicLoadBalancer(record)) }
        }
    }

    /// CLB-AP-013: it runs, in the load balancer's VPC.
    fileprivate func registered(
        _ id: InstanceID,
        vpc: String
    ) throws(APIError) -> ClassicLoadBalancer.RegisteredInstance {
        guard let record = self.account.instances[id.rawValue], record.state != .terminated else {
            throw Self.noInstance(id)
        }
        guard record.vpc == vpc else {
            throw APIError("InvalidInstance", "EC2 instance \(id) is not in the same VPC as ELB.")
        }
        guard record.state == .running else {
            throw APIError(
                "InvalidInstance",
                "EC2 instance \(id) is not in a running state: it is \(record.state.rawValue)."
            )
        }
        return .init(id: id, address: record.instance.address, zone: record.instance.zone)
    }
}
