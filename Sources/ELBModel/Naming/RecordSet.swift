/// A record of somebody's hosted zone, as Route 53 has it, that leads to a load balancer. Names are in lower case and have no last dot.
package struct RecordSet: Hashable, Codable, Sendable {
    package var name: String
    /// The hosted zone's name; the record's is the same or lies below it.
    package var zone: String
    package var value: Value

    package enum Value: Hashable, Codable, Sendable {
        /// A CNAME: another name, which the client has to ask for, and the seconds for which it may remember that.
        case canonicalName(String, timeToLive: Int)
        /// An alias of type A: the addresses of another name, as if they were this name's own (INT-R5-001). It has no time to live
        /// but theirs (INT-R5-002).
        case alias(String)
    }

    /// Takes names as people write them: in any case, with or without the last dot.
    package init(name: String, zone: String, value: Value) {
        self.name = Self.normal(name)
        self.zone = Self.normal(zone)
        switch value {
        case .canonicalName(let target, let timeToLive):
            self.value = .canonicalName(Self.normal(target), timeToLive: timeToLive)
        case .alias(let target):
            // The console and CDK write this prefix; it means the same addresses.
            let target = Self.normal(target)
            self.value = .alias(target.hasPrefix(Self.dualStackPrefix) ? String(target.dropFirst(10)) : target)
        }
    }

    private static let dualStackPrefix = "dualstack."

    /// AWS's name of the type.
    package var type: String {
        switch self.value {
        case .canonicalName: "CNAME"
        case .alias: "A"
        }
    }

    /// The form in which names are compared.
    package static func normal(_ name: String) -> String {
        let name = name.lowercased()
        return name.hasSuffix(".") ? String(name.dropLast()) : name
    }

    /// Whether the name is the other or lies below it.
    package static func isName(_ name: String, within other: String) -> Bool {
        name == other || name.hasSuffix(".\(other)")
    }

    /// The names of load balancers: the lab's `amazonaws.com`, in which nobody has a hosted zone.
    package static let balancerZone = "aws.test"

    /// What an alias may be made to of a load balancer: its own name and its zones' names.
    package static func targets(of dnsName: String, in zones: some Sequence<AvailabilityZone>) -> [String] {
        let name = Self.normal(dnsName)
        return [name] + zones.map { "\($0.name).\(name)" }
    }
}

extension Topology {
    /// What aliases may be made to.
    package var balancerNames: Set<String> {
        var names: Set<String> = []
        for balancer in self.loadBalancers {
            names.formUnion(RecordSet.targets(of: balancer.dnsName, in: balancer.nodes.map(\.zone)))
        }
        for balancer in self.classicLoadBalancers {
            names.formUnion(RecordSet.targets(of: balancer.dnsName, in: balancer.nodes.map(\.zone)))
        }
        return names
    }

    /// Every deviation of some load balancer: the name server is the same for all.
    package var quirks: Set<Quirk> {
        Set(self.loadBalancers.flatMap(\.quirks) + self.classicLoadBalancers.flatMap(\.quirks))
    }
}
