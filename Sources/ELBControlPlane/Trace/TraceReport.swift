import ELBCore
package import ELBModel

/// Which listener, rule, group and target a request leads to, and why the other rules passed it by. It asks the same code
/// that serves requests.
package struct TraceReport: Codable, Hashable, Sendable {
    package var loadBalancer: String
    package var listener: String
    package var from: String
    /// The zone of the node that it comes to. A name may stand for several nodes; then one of them.
    package var node: String
    /// How many nodes the URL's name stands for.
    package var nodes: Int
    /// Whether the node uses the targets of its own zone only, of some group that is listed here.
    package var isZonal: Bool
    /// What decides at layer 4; `nil` where requests are looked into.
    package var flow: Flow?
    /// In the order tested, the default last.
    package var rules: [Rule]
    package var action: Action
    /// What the request's cookies decide; only a running load balancer can read them.
    package var cookies: [String]?
    /// What the rule's transforms make of the request; `nil` if it has none.
    package var rewrite: Rewrite?

    package struct Rewrite: Codable, Hashable, Sendable {
        /// The access log's word: `TransformSuccess`, or why the answer is 500; `nil` if nothing matched.
        package var status: String?
        /// The new host, if it changes.
        package var host: String?
        /// The new path and query, if they change.
        package var target: String?
    }

    /// A connection, or datagrams between two ports.
    package struct Flow: Codable, Hashable, Sendable {
        /// `TCP` or `UDP`.
        package var transport: String
        /// `127.200.0.1:40000`, with `*` for a port that nobody has said.
        package var source: String
        package var destination: String
        /// The numbers that are hashed, in words.
        package var decidedBy: [String]
        /// Where a new flow with these numbers goes, if they suffice and a running node says so.
        package var target: String?
    }

    package struct Rule: Codable, Hashable, Sendable {
        /// `nil` for the default.
        package var priority: Int?
        package var taken: Bool
        /// What each condition saw, wanted and decided, in one line.
        package var conditions: [String]
    }

    package struct Action: Codable, Hashable, Sendable {
        /// What the rule asks about the sender before its action; `nil` for nothing.
        package var before: String?
        package var type: String
        /// The status that is answered, for redirects and fixed responses.
        package var status: Int?
        package var groups: [Group] = []
    }

    package struct Group: Codable, Hashable, Sendable {
        package var arn: String
        package var name: String
        package var weight: Int
        package var algorithm: String
        package var targets: [Target]
    }

    package struct Target: Codable, Hashable, Sendable {
        package var id: String
        package var endpoint: String
        /// The health at each node, `ap-northeast-2a: healthy`; empty when nothing runs.
        package var health: [String]
    }

    /// - Throws: `TraceError` when no load balancer of the topology listens there or the request is none.
    package init(_ request: TraceRequest, in topology: Topology) throws(TraceError) {
        let place = try request.place()
        let host = topology.name(behind: place.host)
        guard let loadBalancer = topology.loadBalancers.first(where: { $0.answers(to: host) }) else {
            if let classic = topology.classicLoadBalancers.first(where: { $0.answers(to: host) }) {
                self = try Self(request, to: classic, host)
                return
            }
            let names = topology.loadBalancers.map(\.dnsName) + topology.classicLoadBalancers.map(\.dnsName)
            throw TraceError(
                "no load balancer is called '\(place.host.prefix(80))'; "
                    + (names.isEmpty ? "the lab is empty" : "there are \(names.joined(separator: ", "))")
            )
        }
        guard let listener = loadBalancer.listeners.first(where: { $0.port == place.port }) else {
            let ports = loadBalancer.listeners.map(\.port.description).joined(separator: ", ")
            throw TraceError(
                "'\(loadBalancer.name)' has no listener on port \(place.port); "
                    + (ports.isEmpty ? "it has none at all" : "it listens on \(ports)")
            )
        }
        if loadBalancer.kind == .network {
            self = try Self(request, to: loadBalancer, host, listener, topology)
            return
        }
        guard place.scheme.hasRequests else {
            throw TraceError("'\(loadBalancer.name)' takes requests, not connections; write http://NAME:PORT/PATH")
        }
        let peer = try request.peer()
        let head = try request.head(place)
        guard
            let snapshot = try? Snapshot(
                compiling: loadBalancer,
                targetGroups: topology.targetGroups(of: loadBalancer)
            ),
            let explanations = snapshot.trace(head: head, port: place.port, peer: peer)
        else { throw TraceError("the request has no complete head, or one that is too long") }
        self.loadBalancer = loadBalancer.name.rawValue
        self.listener = "\(listener.protocol.rawValue):\(listener.port)"
        self.from = peer.description
        let nodes = loadBalancer.nodes(meantBy: host)
        self.node = nodes.first?.zone.name ?? ""
        self.nodes = nodes.count
        self.rules = explanations.map {
            Rule(priority: $0.priority, taken: $0.isTaken, conditions: $0.conditions.map(\.text))
        }
        let taken = explanations.first { $0.isTaken }?.priority
        let rule = listener.rules.first { $0.priority == taken }
        let actions = rule?.actions ?? listener.defaultActions
        let action = Action(actions.last, topology, at: nodes.first?.zone) { $0.attributes.crossZone != .off }
        self.action = action
        self.isZonal = action.leavesOut(ofZonesIn: topology)
        self.action.before = actions.first { !$0.isRouting }?.type
        self.rewrite = snapshot.traceTransforms(head: head, port: place.port, peer: peer).map(Rewrite.init)
    }

    /// Adds what the running nodes know of the targets.
    mutating func add(health: [LabTargetHealth]) {
        for (groupIndex, group) in self.action.groups.enumerated() {
            for (index, target) in group.targets.enumerated() {
                self.action.groups[groupIndex].targets[index].health =
                    health
                    .filter {
                        $0.targetGroup.rawValue == group.arn && $0.target.id.rawValue == target.id
                            && $0.target.endpoint.description == target.endpoint
                    }
                    .map { "\($0.node.name): \($0.health.state.rawValue)" }
            }
        }
    }
}

extension TraceReport.Rewrite {
    fileprivate init(_ outcome: RequestTransforms.Outcome) {
        switch outcome {
        case .notApplied: break
        case .failed(let status): self.status = status.rawValue
        case .applied(let rewritten):
            self.status = AccessLogRecord.Transform.Status.success.rawValue
            self.host = rewritten.host.map { String(decoding: $0, as: UTF8.self) }
            self.target = rewritten.target.map { String(decoding: $0, as: UTF8.self) }
        }
    }
}

extension TraceReport.Action {
    /// - Parameters:
    ///   - zone: of the node that decides.
    ///   - isAcrossZones: whether nodes use a group's targets of every zone.
    ///   - algorithm: how a target is chosen; `nil` is as the group says.
    init(
        _ action: RuleAction?,
        _ topology: Topology,
        at zone: AvailabilityZone?,
        algorithm: (TargetGroup) -> String = { $0.attributes.algorithm.rawValue },
        isAcrossZones: (TargetGroup) -> Bool
    ) {
        self.type = action?.type ?? "none"
        switch action {
        case .forward(let forward):
            self.groups = forward.targetGroups.compactMap { weighted in
                topology.targetGroups.first { $0.id == weighted.targetGroup }
                    .map { group in
                        let usable = group.targets.filter { isAcrossZones(group) || $0.zone == nil || $0.zone == zone }
                        return TraceReport.Group(
                            group,
                            weight: weighted.weight,
                            algorithm: algorithm(group),
                            targets: usable
                        )
                    }
            }
        case .redirect(let redirect): self.status = redirect.statusCode.number
        case .fixedResponse(let fixed): self.status = fixed.statusCode
        case .authenticateOIDC, .authenticateCognito, .jwtValidation, nil: break
        }
    }
}

extension TraceReport.Action {
    /// Whether a group has targets that are not listed, because they stand in another zone than the node.
    func leavesOut(ofZonesIn topology: Topology) -> Bool {
        self.groups.contains { listed in
            topology.targetGroups.contains { $0.id.rawValue == listed.arn && $0.targets.count > listed.targets.count }
        }
    }
}

extension TraceReport.Group {
    fileprivate init(_ group: TargetGroup, weight: Int, algorithm: String, targets: [Target]) {
        self.arn = group.id.rawValue
        self.name = group.name.rawValue
        self.weight = weight
        self.algorithm = algorithm
        self.targets = targets.map {
            .init(id: $0.id.rawValue, endpoint: $0.endpoint.description, health: [])
        }
    }
}

extension LoadBalancer {
    /// Whether a URL with that host comes here.
    fileprivate func answers(to host: String) -> Bool {
        host == RecordSet.normal(self.dnsName) || host == self.name.rawValue.lowercased()
            || !self.nodes(meantBy: host).isEmpty
    }

    /// The nodes that a URL with that host comes to; none if it means something else.
    func nodes(meantBy host: String) -> [LoadBalancer.Node] {
        host == self.name.rawValue.lowercased() ? self.nodes : self.nodes.filter { $0.isMeant(by: host, self.dnsName) }
    }
}

extension ClassicLoadBalancer {
    /// Whether a URL with that host comes here.
    fileprivate func answers(to host: String) -> Bool {
        host == RecordSet.normal(self.dnsName) || host == self.name.rawValue.lowercased()
            || !self.nodes(meantBy: host).isEmpty
    }

    /// As of the other kinds.
    func nodes(meantBy host: String) -> [LoadBalancer.Node] {
        host == self.name.rawValue.lowercased() ? self.nodes : self.nodes.filter { $0.isMeant(by: host, self.dnsName) }
    }
}

extension LoadBalancer.Node {
    /// Whether a host leads here: the node's address, its zone's name, or the load balancer's.
    fileprivate func isMeant(by host: String, _ dnsName: String) -> Bool {
        let name = RecordSet.normal(dnsName)
        return host == name || host == "\(self.zone.name).\(name)" || host == "\(self.address)"
    }
}

extension Topology {
    /// What a host of a URL leads to, in the form of `RecordSet.normal`: records of hosted zones are followed.
    fileprivate func name(behind host: String) -> String {
        var name = RecordSet.normal(host)
        // As many as a name server follows; a circle of them ends.
        for _ in 0..<8 {
            guard let record = self.recordSets.first(where: { $0.name == name }) else { return name }
            switch record.value {
            case .alias(let target), .canonicalName(let target, _): name = target
            }
        }
        return name
    }
}
