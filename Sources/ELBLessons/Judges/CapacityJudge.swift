import ELBConformance
import ELBModel

/// How many requests per second the servers of a group can serve by their sizes: workers over service time, summed.
package struct CapacityJudge: Hashable, Sendable {
    /// The group's `Name`; the largest group, or a Classic Load Balancer's instances, if `nil`.
    package var group: String?
    package var least: Double
    package var most: Double
    package var without: Loss

    /// What is taken away before the rest is counted.
    package enum Loss: String, Hashable, Sendable, CaseIterable {
        case nothing
        /// The server that serves most.
        case server
        /// The zone that serves most.
        case zone
    }

    init(_ reader: YAMLReader) throws {
        try reader.allow(keys: ["group", "at-least", "at-most", "without"])
        self.group = try reader.optional("group")?.string()
        self.least = try reader.optional("at-least")?.double() ?? 0
        self.most = try reader.optional("at-most")?.double() ?? .greatestFiniteMagnitude
        self.without = try reader.optional("without")?.choice(of: Loss.self) ?? .nothing
    }

    func judge(_ topology: Topology) -> Judgement {
        let servers = self.servers(topology)
        let all = servers.reduce(0) { $0 + Self.capacity(of: $1) }
        let lost: Double =
            switch self.without {
            case .nothing: 0
            case .server: servers.map(Self.capacity).max() ?? 0
            case .zone:
                Dictionary(grouping: servers, by: \.zone).values.map { $0.reduce(0) { $0 + Self.capacity(of: $1) } }
                    .max() ?? 0
            }
        let left = all - lost
        if left >= self.least, left <= self.most { return .pass }
        let most = self.most < .greatestFiniteMagnitude ? ", ≤ \(Int(self.most))" : ""
        return .fail(
            LessonFinding(
                tried: Message("capacity.tried.\(self.without.rawValue)"),
                expected: Message("capacity.value", ["value": "≥ \(Int(self.least))\(most)"]),
                actual: Message("capacity.value", ["value": "\(Int(left))"]),
                evidence: [
                    .init(
                        "servers",
                        servers.map { "\($0.name) \($0.zone.letter) \($0.type.name) \(Int(Self.capacity(of: $0)))/s" }
                            .joined(separator: "\n")
                    )
                ]
            )
        )
    }

    private func servers(_ topology: Topology) -> [Instance] {
        let groups = topology.targetGroups.filter { self.group == nil || $0.name.rawValue == self.group }
        let targets = groups.max { $0.targets.count < $1.targets.count }?.targets ?? []
        let ids = Set(
            targets.map(\.id.rawValue) + topology.classicLoadBalancers.flatMap(\.instances).map(\.id.rawValue)
        )
        return topology.instances.filter { ids.contains($0.id.rawValue) || ids.contains("\($0.address)") }
    }

    private static func capacity(of instance: Instance) -> Double {
        let type = instance.type
        return type.serviceMilliseconds == 0
            ? 100_000 : Double(type.workers) * 1000 / Double(type.serviceMilliseconds)
    }
}
