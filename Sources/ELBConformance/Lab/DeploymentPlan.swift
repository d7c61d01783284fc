internal import ELBFleet
internal import ELBModel

/// A topology with fresh ports, so that it disturbs nobody and nobody disturbs it.
struct DeploymentPlan: Sendable {
    let loadBalancer: LoadBalancer
    let targetGroups: [TargetGroup]
    let ports: PortMap

    init(_ original: LoadBalancer, _ topology: Topology, _ settings: TopologyLab.Settings) throws {
        let ports = try PortMap(topology.instances, topology.functions)
        let names = Dictionary(topology.targetGroups.map { ($0.id, $0.name) }) { first, _ in first }
        self.ports = ports
        let zone = settings.firstNodeOnly ? original.nodes.first?.zone : nil
        self.targetGroups = topology.targetGroups.map { Self.group($0, ports, onlyZone: zone) }
        var balancer = original
        if settings.firstNodeOnly { balancer.nodes = Array(balancer.nodes.prefix(1)) }
        // A host number of its own, so that ports of different labs hardly ever meet.
        let host = UInt8.random(in: 64...254)
        for index in balancer.nodes.indices {
            let zone = balancer.nodes[index].zone
            balancer.nodes[index] = .init(zone: zone, address: LabAddresses.publicAddress(zone, host: host))
        }
        var taken: Set<Port> = []
        for index in balancer.listeners.indices {
            guard let port = FreePorts.find(on: balancer.nodes.map(\.address), except: taken) else {
                throw TopologyLab.Unrunnable(reason: .noFreePort)
            }
            taken.insert(port)
            balancer.listeners[index].port = port
            balancer.listeners[index].defaultActions = balancer.listeners[index].defaultActions.map {
                Self.action($0, names)
            }
            for rule in balancer.listeners[index].rules.indices {
                let actions = balancer.listeners[index].rules[rule].actions
                balancer.listeners[index].rules[rule].actions = actions.map { Self.action($0, names) }
            }
        }
        self.loadBalancer = balancer
    }

    /// How the instance's server is started.
    func description(of instance: Instance) -> BackendDescription {
        var description = BackendDescription(instance)
        description.ports = instance.ports.map { self.ports.fresh($0).rawValue }
        // Lessons about routing and health judge where requests go; queues are another lesson's subject.
        description.type = .unlimited
        return description
    }

    /// How the function's Invoke API is started.
    func description(of function: LambdaFunction) -> BackendDescription {
        var description = BackendDescription(function)
        description.ports = description.ports.compactMap { Port(rawValue: $0) }.map { self.ports.fresh($0).rawValue }
        return description
    }

    /// A subject's file names groups, not ARNs.
    private static func action(_ action: RuleAction, _ names: [TargetGroupID: TargetGroupName]) -> RuleAction {
        guard case .forward(var forward) = action else { return action }
        for index in forward.targetGroups.indices {
            let id = forward.targetGroups[index].targetGroup
            forward.targetGroups[index].targetGroup = TargetGroupID(rawValue: names[id]?.rawValue ?? id.rawValue)
        }
        return .forward(forward)
    }

    /// - Parameter onlyZone: the one zone that has a node; a target elsewhere would be unused, so all are counted there.
    private static func group(_ original: TargetGroup, _ ports: PortMap, onlyZone: AvailabilityZone?) -> TargetGroup {
        var group = original
        group.id = TargetGroupID(rawValue: original.name.rawValue)
        if case .fixed(let port) = group.healthCheck.port { group.healthCheck.port = .fixed(ports.fresh(port)) }
        for index in group.targets.indices {
            group.targets[index].endpoint.port = ports.fresh(group.targets[index].endpoint.port)
            // A function stands in no zone.
            if let onlyZone, group.targetType != .lambda { group.targets[index].zone = onlyZone }
        }
        return group
    }
}

/// Which fresh port stands for which port of the template. One number stands for the same number on every server, so that
/// a health check on a fixed port means what it says.
struct PortMap: Sendable {
    private var freshPorts: [Port: Port] = [:]

    init(_ instances: [Instance], _ functions: [LambdaFunction]) throws {
        let addresses = instances.map(\.address) + functions.map(\.endpoint.address)
        for port in Set(instances.flatMap(\.ports) + functions.map(\.endpoint.port)).sorted() {
            guard let fresh = FreePorts.find(on: addresses, except: Set(self.freshPorts.values)) else {
                throw TopologyLab.Unrunnable(reason: .noFreePort)
            }
            self.freshPorts[port] = fresh
        }
    }

    /// A port that no server listens on stays what it is: nothing answers there, as nothing would at AWS.
    func fresh(_ port: Port) -> Port { self.freshPorts[port] ?? port }

    func original(_ fresh: Int) -> Int {
        self.freshPorts.first { Int($0.value.rawValue) == fresh }.map { Int($0.key.rawValue) } ?? fresh
    }
}
