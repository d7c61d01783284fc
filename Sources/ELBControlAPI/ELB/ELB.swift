package import ELBModel

/// The commands of Elastic Load Balancing, API version 2012-06-01: Classic Load Balancers.
package enum ELB {
    /// A load balancer can have fewer tags than those of the newer kinds (CLB-AP-010).
    package static let mostTags = 10
}

package protocol ELBCommand: Command {}

extension ELBCommand {
    package static var service: Service { .elb }
}

extension CommandInput {
    /// A port that the model does not judge.
    mutating func classicPort(_ name: String) throws(APIError) -> Port {
        guard let number = self.integer(name) else { throw .validation("\(self.what) needs '\(name)'") }
        guard let port = Port(number) else {
            throw .validation("\(name) must be within 1-65535 inclusive, not \(number)")
        }
        return port
    }

    /// The ids of `Instances`, each once.
    mutating func instances() throws(APIError) -> [InstanceID] {
        var ids: [InstanceID] = []
        for var element in self.structures("Instances") ?? [] {
            let id = InstanceID(rawValue: try element.required("InstanceId"))
            try element.finish()
            if !ids.contains(id) { ids.append(id) }
        }
        return ids
    }

    /// Tags, as many as a Classic Load Balancer can have.
    mutating func classicTags() throws(APIError) -> [ResourceTag] {
        let tags = try self.tags("Tags")
        guard tags.count <= ELB.mostTags else {
            throw APIError("TooManyTags", "A load balancer can have at most \(ELB.mostTags) tags")
        }
        return tags
    }
}

extension WireValue {
    static func port(_ port: Port) -> Self { .integer(Int(port.rawValue)) }

    /// `[{InstanceId}]`.
    package static func instances(_ ids: [InstanceID]) -> Self { .list(ids.map { ["InstanceId": .text($0.rawValue)] }) }
}
