import ELBModel

// The way through a Classic Load Balancer: no rules and no groups, one set of instances for every listener.
extension TraceReport {
    /// What its instances are called in place of a group.
    private static let instances = "instances"

    /// Whether it tells of a Classic Load Balancer.
    var isClassic: Bool { self.action.type == Self.instances }

    init(_ request: TraceRequest, to loadBalancer: ClassicLoadBalancer, _ host: String) throws(TraceError) {
        let place = try request.place()
        guard let listener = loadBalancer.listeners.first(where: { $0.port == place.port }) else {
            let ports = loadBalancer.listeners.map(\.port.description).joined(separator: ", ")
            throw TraceError(
                "'\(loadBalancer.name)' has no listener on port \(place.port); "
                    + (ports.isEmpty ? "it has none at all" : "it listens on \(ports)")
            )
        }
        guard place.scheme != .udp else { throw TraceError("a Classic Load Balancer takes no datagrams") }
        let isHTTP = listener.protocol == .http || listener.protocol == .https
        if isHTTP { _ = try request.head(place) }
        let nodes = loadBalancer.nodes(meantBy: host)
        let zone = nodes.first?.zone
        self.loadBalancer = loadBalancer.name.rawValue
        self.listener = "\(listener.protocol.rawValue):\(listener.port)"
        self.from = try request.peer().description
        self.node = zone?.name ?? ""
        self.nodes = nodes.count
        self.rules = []
        self.action = Action(type: Self.instances)
        let usable = loadBalancer.instances.filter { loadBalancer.attributes.crossZoneEnabled || $0.zone == zone }
        self.isZonal = usable.count < loadBalancer.instances.count
        self.action.groups = [
            Group(
                arn: "",
                name: "\(listener.instanceProtocol.rawValue):\(listener.instancePort)",
                weight: 1,
                // CLB-RT-001, -002.
                algorithm: isHTTP ? "least_outstanding_requests" : "round_robin",
                targets: usable.map {
                    let endpoint = Endpoint(address: $0.address, port: listener.instancePort)
                    return Target(id: $0.id.rawValue, endpoint: "\(endpoint)", health: [])
                }
            )
        ]
        self.cookies = loadBalancer.policies.filter { listener.policies.contains($0.name) }.compactMap { policy in
            switch policy.kind {
            case .durationStickiness(let seconds):
                "AWSELB binds a client to its instance "
                    + (seconds.map { "for \($0) s" } ?? "for as long as its browser is open")
            case .applicationStickiness(let cookie): "AWSELB binds a client to its instance as long as \(cookie) lives"
            case .sslNegotiation, .proxyProtocol, .publicKey, .backendAuthentication: nil
            }
        }
        // Without policies of that kind there is nothing to say.
        if self.cookies?.isEmpty == true { self.cookies = nil }
    }

    /// Adds what the running nodes know of the instances.
    mutating func add(health: [LabInstanceHealth]) {
        for (index, target) in (self.action.groups.first?.targets ?? []).enumerated() {
            self.action.groups[0].targets[index].health =
                health
                .filter { $0.loadBalancer.rawValue == self.loadBalancer && $0.instance.rawValue == target.id }
                .map { "\($0.node.name): \($0.health.state.rawValue)" }
        }
    }
}
