import ELBCore
import ELBModel

/// What runs in the lab, as `GET /_lab/state` tells it. Names are AWS's where AWS has one.
package struct LabState: Codable, Hashable, Sendable {
    package var schema = "elblab/state/v1"
    package var loadBalancers: [Balancer]
    package var targetGroups: [Group]
    package var instances: [Machine]
    package var functions: [Function]
    /// Where DNS is answered, `127.0.0.1:10053`; `nil` if it is not.
    package var nameServer: String?
    /// Records of hosted zones; `nil` if there are none.
    package var recordSets: [NamedRecord]?

    /// A record of a hosted zone, with Route 53's words.
    package struct NamedRecord: Codable, Hashable, Sendable {
        package var name: String
        package var hostedZone: String
        /// `A` of an alias, or `CNAME`.
        package var type: String
        package var target: String
        /// Seconds; `nil` of an alias, which has its target's.
        package var timeToLive: Int?

        init(_ record: RecordSet) {
            self.name = record.name
            self.hostedZone = record.zone
            self.type = record.type
            switch record.value {
            case .alias(let target): self.target = target
            case .canonicalName(let target, let timeToLive):
                self.target = target
                self.timeToLive = timeToLive
            }
        }
    }

    package struct Balancer: Codable, Hashable, Sendable {
        package var name: String
        package var type: String
        package var scheme: String
        package var dnsName: String
        package var nodes: [Node]
        package var listeners: [Listening]
        /// The zone that traffic is shifted away from.
        package var shiftedZone: String?
        /// Names of the deliberate deviations; empty on an honest load balancer.
        package var quirks: [String]
        /// Of a Classic Load Balancer, which has no target groups.
        package var instances: [Registered]?
    }

    /// An instance behind a Classic Load Balancer.
    package struct Registered: Codable, Hashable, Sendable {
        package var id: String
        package var address: String
        package var zone: String
        /// One per node that looks at it. `state`, `reason` and `description` are DescribeInstanceHealth's.
        package var health: [Health]
    }

    package struct Node: Codable, Hashable, Sendable {
        package var zone: String
        package var address: String
        /// Whether the load balancer's name stands for it now (ALB-DNS-009).
        package var published: Bool?
        /// Whether it has no power; `nil` if it never had a cut.
        package var cut: Bool?
    }

    package struct Listening: Codable, Hashable, Sendable {
        package var port: Int
        package var `protocol`: String
        package var rules: Int
    }

    package struct Group: Codable, Hashable, Sendable {
        package var name: String
        package var arn: String
        /// `instance`, `ip` or `lambda`.
        package var targetType: String
        /// `nil` for functions, like the port.
        package var `protocol`: String?
        package var port: Int?
        package var targets: [Member]
    }

    package struct Member: Codable, Hashable, Sendable {
        package var id: String
        package var address: String
        /// `nil` for a function, whose address is its Invoke API's.
        package var port: Int?
        package var zone: String?
        /// One per node that checks it; empty for a group that no rule uses.
        package var health: [Health]
    }

    package struct Health: Codable, Hashable, Sendable {
        /// The node's zone.
        package var node: String
        package var state: String
        package var reason: String?
        package var description: String?
        /// As DescribeTargetHealth's `AnomalyDetection`: `normal` or `anomalous`, and `yes` or `no`.
        package var anomaly: String?
        package var mitigationInEffect: String?
    }

    package struct Machine: Codable, Hashable, Sendable {
        package var id: String
        package var name: String
        package var zone: String
        package var address: String
        package var ports: [Int]
        package var type: String
    }

    package struct Function: Codable, Hashable, Sendable {
        package var arn: String
        package var name: String
        /// Where its Invoke API stands.
        package var endpoint: String
    }

    init(_ topology: Topology, health: [LabTargetHealth], instances: [LabInstanceHealth] = []) {
        self.loadBalancers =
            topology.loadBalancers.map(Balancer.init) + topology.classicLoadBalancers.map { Balancer($0, instances) }
        self.targetGroups = topology.targetGroups.map { group in
            Group(
                name: group.name.rawValue,
                arn: group.id.rawValue,
                targetType: group.targetType.rawValue,
                protocol: group.targetType == .lambda ? nil : group.protocol.rawValue,
                port: group.targetType == .lambda ? nil : Int(group.port.rawValue),
                targets: group.targets.map { target in
                    Member(target, health.filter { $0.targetGroup == group.id && $0.target.key == target.key })
                }
            )
        }
        self.functions = topology.functions.map {
            Function(arn: $0.arn, name: $0.name, endpoint: $0.endpoint.description)
        }
        self.instances = topology.instances.map { instance in
            Machine(
                id: instance.id.rawValue,
                name: instance.name,
                zone: instance.zone.name,
                address: instance.address.description,
                ports: instance.ports.map { Int($0.rawValue) },
                type: instance.type.name
            )
        }
    }
}

extension LabState {
    /// Adds which nodes have no power.
    mutating func noteOutages(_ down: [BalancerKey: Set<AvailabilityZone>]) {
        for index in self.loadBalancers.indices {
            let balancer = self.loadBalancers[index]
            let key = BalancerKey(
                name: LoadBalancerName(rawValue: balancer.name),
                isClassic: balancer.type == LoadBalancer.Kind.classic.rawValue
            )
            guard let zones = down[key] else { continue }
            for node in balancer.nodes.indices {
                let zone = AvailabilityZone(balancer.nodes[node].zone)
                self.loadBalancers[index].nodes[node].cut = zone.map(zones.contains)
            }
        }
    }
}

extension LabState.Balancer {
    fileprivate init(_ loadBalancer: LoadBalancer) {
        self.name = loadBalancer.name.rawValue
        self.type = loadBalancer.kind.rawValue
        self.scheme = loadBalancer.scheme.rawValue
        self.dnsName = loadBalancer.dnsName
        self.nodes = loadBalancer.nodes.map { .init(zone: $0.zone.name, address: $0.address.description) }
        self.listeners = loadBalancer.listeners.map {
            .init(port: Int($0.port.rawValue), protocol: $0.protocol.rawValue, rules: $0.rules.count)
        }
        self.quirks = loadBalancer.quirks.map(\.rawValue).sorted()
        self.shiftedZone = loadBalancer.shiftedZone?.name
    }
}

extension LabState.Balancer {
    /// - Parameter health: of all load balancers' instances.
    fileprivate init(_ loadBalancer: ClassicLoadBalancer, _ health: [LabInstanceHealth]) {
        self.name = loadBalancer.name.rawValue
        self.type = LoadBalancer.Kind.classic.rawValue
        self.scheme = loadBalancer.scheme.rawValue
        self.dnsName = loadBalancer.dnsName
        self.nodes = loadBalancer.nodes.map { .init(zone: $0.zone.name, address: $0.address.description) }
        self.listeners = loadBalancer.listeners.map {
            .init(port: Int($0.port.rawValue), protocol: $0.protocol.rawValue, rules: 0)
        }
        self.quirks = loadBalancer.quirks.map(\.rawValue).sorted()
        self.instances = loadBalancer.instances.map { instance in
            .init(
                id: instance.id.rawValue,
                address: instance.address.description,
                zone: instance.zone.name,
                health: health.filter { $0.loadBalancer == loadBalancer.name && $0.instance == instance.id }.map {
                    .init(
                        node: $0.node.name,
                        state: $0.health.state.rawValue,
                        reason: $0.health.reason.rawValue,
                        description: $0.health.detail.rawValue
                    )
                }
            )
        }
    }
}

extension LabState.Member {
    fileprivate init(_ target: Target, _ health: [LabTargetHealth]) {
        self.id = target.id.rawValue
        self.address = target.endpoint.address.description
        self.port = FunctionARN(target.id.rawValue) == nil ? Int(target.endpoint.port.rawValue) : nil
        self.zone = target.zone?.name
        self.health = health.map {
            .init(
                node: $0.node.name,
                state: $0.health.state.rawValue,
                reason: $0.health.reason?.rawValue,
                description: $0.health.detail,
                anomaly: $0.anomalies.result.rawValue,
                mitigationInEffect: $0.anomalies.isMitigationInEffect ? "yes" : "no"
            )
        }
    }
}

extension LabState {
    /// Notes which nodes the names stand for.
    mutating func note(_ names: [NameTable.Balancer]) {
        for index in self.loadBalancers.indices {
            guard let name = names.first(where: { $0.dnsName == self.loadBalancers[index].dnsName }) else { continue }
            let published = Set(name.published.map(\.name))
            for node in self.loadBalancers[index].nodes.indices {
                let zone = self.loadBalancers[index].nodes[node].zone
                self.loadBalancers[index].nodes[node].published = published.contains(zone)
            }
        }
    }
}
