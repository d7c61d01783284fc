import ELBModel

// The way of a flow through a Network Load Balancer: no rules, and a hash in place of turns.
extension TraceReport {
    init(
        _ request: TraceRequest,
        to loadBalancer: LoadBalancer,
        _ host: String,
        _ listener: Listener,
        _ topology: Topology
    ) throws(TraceError) {
        let place = try request.place()
        let source = try request.source()
        let isUDP = place.scheme == .udp
        guard listener.carries(isUDP: isUDP) else {
            throw TraceError(
                "listener \(listener.port) of '\(loadBalancer.name)' is \(listener.protocol.rawValue); "
                    + "write \(isUDP ? "tcp" : "udp")://NAME:PORT"
            )
        }
        let nodes = loadBalancer.nodes(meantBy: host)
        guard let node = nodes.first else { throw TraceError("'\(loadBalancer.name)' has no node") }
        self.loadBalancer = loadBalancer.name.rawValue
        self.listener = "\(listener.protocol.rawValue):\(listener.port)"
        self.from = "\(source.address)"
        self.node = node.zone.name
        self.nodes = nodes.count
        self.rules = []
        let action = listener.defaultActions.last
        let isAcrossZones = loadBalancer.attributes.crossZoneEnabled
        let routed = Action(
            action,
            topology,
            at: node.zone,
            algorithm: { $0.attributes.stickiness.isEnabled ? "source address hash" : "flow hash" },
            isAcrossZones: { group in
                switch group.attributes.crossZone {
                case .on: true
                case .off: false
                case .useLoadBalancerConfiguration: isAcrossZones
                }
            }
        )
        self.action = routed
        self.isZonal = routed.leavesOut(ofZonesIn: topology)
        let isBound = routed.groups.allSatisfy { $0.algorithm == "source address hash" }
        self.flow = Flow(
            transport: isUDP ? "UDP" : "TCP",
            source: "\(source.address):\(source.port.map { "\($0)" } ?? "*")",
            destination: "\(node.address):\(listener.port)",
            decidedBy: isBound ? ["source address (source_ip stickiness)"] : Self.numbers(isUDP: isUDP)
        )
    }

    /// NLB-FH-001, -002.
    private static func numbers(isUDP: Bool) -> [String] {
        ["protocol", "source address", "source port", "destination address", "destination port"]
            + (isUDP ? [] : ["sequence number of the SYN, another one for every connection"])
    }

    /// The flow for a running node; `nil` where requests are looked into.
    func tracedFlow(_ request: TraceRequest) throws(TraceError) -> TracedFlow? {
        guard let flow = self.flow, let colon = flow.destination.lastIndex(of: ":"),
            let address = IPAddress(String(flow.destination[..<colon]))
        else { return nil }
        let (source, port) = try request.source()
        return TracedFlow(
            isTCP: flow.transport == "TCP",
            source: source,
            sourcePort: port,
            destination: Endpoint(address: address, port: try request.place().port)
        )
    }
}

extension Listener {
    fileprivate func carries(isUDP: Bool) -> Bool {
        switch self.protocol {
        case .tcpUDP: true
        case .udp: isUDP
        case .http, .https, .tcp, .tls: !isUDP
        }
    }
}
