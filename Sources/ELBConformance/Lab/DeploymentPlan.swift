internal import ELBFleet
internal import ELBModel

/// A topology with fresh ports, so that it disturbs nobody and nobody disturbs it.
struct DeploymentPlan: Sendable {
    /// In the order in which they must start: those that others may have as targets first.
    let balancers: [LabBalancer]
    let targetGroups: [TargetGroup]
    let instances: [Instance]
    let ports: PortMap

    init(_ topology: Topology, _ settings: TopologyLab.Settings) throws {
        let ports = try PortMap(topology.instances, topology.functions)
        self.ports = ports
        let names = Dictionary(topology.targetGroups.map { ($0.id, $0.name) }) { first, _ in first }
        let zone = settings.firstNodeOnly ? topology.loadBalancers.first?.nodes.first?.zone : nil
        var material = Material()
        var balancers: [LabBalancer] = []
        let targets = Set(topology.targetGroups.filter { $0.targetType == .alb }.flatMap(\.targets).map(\.id.rawValue))
        for var original in topology.loadBalancers {
            let isNamed = !topology.securityGroups.members.isEmpty
            original.isTarget = targets.contains(Self.arn(of: original))
            let balancer = try Self.balancer(original, names, &material, settings, keepsAddresses: isNamed)
            balancers.append(balancer)
        }
        for original in topology.classicLoadBalancers {
            balancers.append(try Self.classic(original, ports, settings))
        }
        let filters = LabFilters(topology, balancers, ports)
        let ordered = balancers.filter { $0.kind != .network } + balancers.filter { $0.kind == .network }
        self.balancers = ordered.map { filters.filtered($0) }
        self.instances = topology.instances.map { instance in
            var instance = instance
            instance.ingress = filters.ingress(of: instance)
            return instance
        }
        self.targetGroups = topology.targetGroups.map { group in
            guard group.targetType == .alb else { return Self.group(group, ports, onlyZone: zone) }
            return Self.balancerGroup(group, topology, balancers)
        }
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

    // MARK: Balancers

    private static func balancer(
        _ original: LoadBalancer,
        _ names: [TargetGroupID: TargetGroupName],
        _ material: inout Material,
        _ settings: TopologyLab.Settings,
        keepsAddresses: Bool
    ) throws -> LabBalancer {
        var balancer = original
        if settings.firstNodeOnly { balancer.nodes = Array(balancer.nodes.prefix(1)) }
        // Rules of security groups name addresses, and clients of a Network Load Balancer must not meet their own.
        if !keepsAddresses, balancer.kind == .application, balancer.scheme == .internetFacing {
            // A host number of its own, so that ports of different labs hardly ever meet.
            let host = UInt8.random(in: 64...254)
            for index in balancer.nodes.indices {
                let zone = balancer.nodes[index].zone
                balancer.nodes[index] = .init(zone: zone, address: LabAddresses.publicAddress(zone, host: host))
            }
        }
        var taken: Set<Port> = []
        var listeners: [LabListener] = []
        for index in balancer.listeners.indices {
            guard let port = FreePorts.find(on: balancer.nodes.map(\.address), except: taken) else {
                throw TopologyLab.Unrunnable(reason: .noFreePort)
            }
            taken.insert(port)
            let listener = balancer.listeners[index]
            listeners.append(
                LabListener(
                    original: Int(listener.port.rawValue),
                    port: port,
                    protocol: listener.protocol.rawValue,
                    isSecure: listener.protocol.isSecure,
                    takesDatagrams: listener.protocol == .udp || listener.protocol == .tcpUDP
                )
            )
            balancer.listeners[index].port = port
            balancer.listeners[index].tls = try listener.tls.map { try material.given($0) }
            balancer.listeners[index].defaultActions = listener.defaultActions.map { Self.action($0, names) }
            for rule in listener.rules.indices {
                let actions = listener.rules[rule].actions
                balancer.listeners[index].rules[rule].actions = actions.map { Self.action($0, names) }
            }
        }
        // Clients of the internet come to a target, by the one before it; a subject of its own cannot know of that one (NLB-IP-007).
        if original.isTarget == true { balancer.scheme = .internetFacing }
        return LabBalancer(
            name: original.name.rawValue,
            kind: original.kind,
            nodes: balancer.nodes,
            listeners: listeners,
            content: .usual(balancer)
        )
    }

    private static func classic(
        _ original: ClassicLoadBalancer,
        _ ports: PortMap,
        _ settings: TopologyLab.Settings
    ) throws -> LabBalancer {
        var balancer = original
        if settings.firstNodeOnly { balancer.nodes = Array(balancer.nodes.prefix(1)) }
        var taken: Set<Port> = []
        var listeners: [LabListener] = []
        for index in balancer.listeners.indices {
            let listener = balancer.listeners[index]
            guard !listener.protocol.isSecure else { throw TopologyLab.Unrunnable(reason: .secureClassicListener) }
            guard let port = FreePorts.find(on: balancer.nodes.map(\.address), except: taken) else {
                throw TopologyLab.Unrunnable(reason: .noFreePort)
            }
            taken.insert(port)
            listeners.append(
                LabListener(
                    original: Int(listener.port.rawValue),
                    port: port,
                    protocol: listener.protocol.rawValue,
                    isSecure: false,
                    takesDatagrams: false
                )
            )
            balancer.listeners[index].port = port
            balancer.listeners[index].instancePort = ports.fresh(listener.instancePort)
        }
        balancer.healthCheck.target.port = ports.fresh(original.healthCheck.target.port)
        var policies: [Port: [String]] = [:]
        for (port, names) in original.backendPolicies { policies[ports.fresh(port)] = names }
        balancer.backendPolicies = policies
        return LabBalancer(
            name: original.name.rawValue,
            kind: .classic,
            nodes: balancer.nodes,
            listeners: listeners,
            content: .classic(balancer)
        )
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

    /// A group whose target is a load balancer: one target for each of its nodes, at the fresh port of its listener.
    private static func balancerGroup(
        _ original: TargetGroup,
        _ topology: Topology,
        _ balancers: [LabBalancer]
    ) -> TargetGroup {
        var group = original
        group.id = TargetGroupID(rawValue: original.name.rawValue)
        group.targets = original.targets.flatMap { target -> [Target] in
            let name = topology.loadBalancers.first { Self.arn(of: $0) == target.id.rawValue }?.name.rawValue
            guard let balancer = balancers.first(where: { $0.kind == .application && $0.name == name }) else {
                return []
            }
            let listens = { (port: Port) in balancer.listeners.first { $0.original == Int(port.rawValue) }?.port }
            if case .fixed(let port) = original.healthCheck.port {
                group.healthCheck.port = .fixed(listens(port) ?? port)
            }
            guard let port = listens(target.endpoint.port) else { return [] }
            return balancer.nodes.map { node in
                let endpoint = Endpoint(address: node.address, port: port)
                return Target(id: target.id, endpoint: endpoint, zone: node.zone, node: node.zone)
            }
        }
        return group
    }

    private static func arn(of balancer: LoadBalancer) -> String {
        ResourceARN.loadBalancer(name: balancer.name, id: balancer.id, kind: balancer.kind)
    }
}

/// Keys and certificates for what a template wants issued; a subject is given material, never names.
private struct Material {
    private var made: [CertificateARN: Certificate] = [:]

    mutating func given(_ tls: ListenerTLS) throws -> ListenerTLS {
        var tls = tls
        tls.defaultCertificate = try self.given(tls.defaultCertificate)
        for index in tls.certificates.indices { tls.certificates[index] = try self.given(tls.certificates[index]) }
        return tls
    }

    private mutating func given(_ certificate: Certificate) throws -> Certificate {
        if let known = self.made[certificate.arn] { return known }
        guard case .issued(let names, _) = certificate.source else { return certificate }
        let text = try ServerCertificate(names: names)
        let given = Certificate(
            arn: certificate.arn,
            source: .imported(certificate: .text(text.certificate), privateKey: .text(text.privateKey))
        )
        self.made[certificate.arn] = given
        return given
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

    /// The fresh ports that stand for those of a range.
    func fresh(in range: ClosedRange<UInt16>) -> [Port] {
        self.freshPorts.filter { range.contains($0.key.rawValue) }.map(\.value).sorted()
    }

    func original(_ fresh: Int) -> Int {
        self.freshPorts.first { Int($0.value.rawValue) == fresh }.map { Int($0.key.rawValue) } ?? fresh
    }
}
