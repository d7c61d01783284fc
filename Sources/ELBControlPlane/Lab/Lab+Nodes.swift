import ELBCore
import ELBModel

/// A load balancer by its name, which a Classic one may share with another.
struct BalancerKey: Hashable, Sendable {
    var name: LoadBalancerName
    var isClassic: Bool
}

/// A fault of load balancers' own nodes, as `POST /_lab/nodes` takes it.
package struct NodeFault: Codable, Hashable, Sendable {
    package enum Kind: String, Codable, Hashable, Sendable {
        case cut
        case heal
    }

    package var fault: Kind
    /// `nil` means all of them.
    package var loadBalancer: String?
    /// Letters or names; `nil` means all.
    package var zones: [String]?

    package init(_ fault: Kind, loadBalancer: String? = nil, zones: [String]? = nil) {
        self.fault = fault
        self.loadBalancer = loadBalancer
        self.zones = zones
    }
}

/// The nodes that a fault has met.
package struct NodeFaultReply: Codable, Hashable, Sendable {
    /// `web ap-northeast-2a`.
    package var nodes: [String]
}

// Power cuts of load balancers' own nodes.
extension Lab {
    /// Cuts nodes' power or brings it back.
    ///
    /// - Throws: `LabError.noSuchNode` if a load balancer or a zone is named that is not there; then nothing has changed.
    package func perform(_ fault: NodeFault) async throws(LabError) -> NodeFaultReply {
        var zones = Set(AvailabilityZone.allCases)
        if let named = fault.zones {
            zones = []
            for text in named {
                guard let zone = AvailabilityZone(text) else {
                    throw .noSuchNode("there is no zone '\(text.prefix(40))'")
                }
                zones.insert(zone)
            }
        }
        let chosen = self.nodes(of: fault.loadBalancer, in: zones)
        guard !chosen.isEmpty || (fault.loadBalancer == nil && fault.zones == nil) else {
            let name = fault.loadBalancer.map { "load balancer '\($0.prefix(40))'" } ?? "load balancer"
            let letters = zones.sorted().map(\.letter).joined(separator: ", ")
            throw .noSuchNode(
                fault.zones == nil ? "there is no \(name)" : "no \(name) has a node in zone \(letters)"
            )
        }
        var reply = NodeFaultReply(nodes: [])
        for (key, zones) in chosen.sorted(by: { $0.key.name.rawValue < $1.key.name.rawValue }) {
            var outages = self.outages[key] ?? NodeOutages(secondLength: self.nanoseconds(self.secondLength))
            for zone in zones { outages.set(zone, isDown: fault.fault == .cut, now: self.now) }
            self.outages[key] = outages
            if key.isClassic {
                await self.classicBalancers[key.name]?.cut(outages.down)
            } else {
                await self.balancers[key.name]?.cut(outages.down)
            }
            reply.nodes += zones.sorted().map { "\(key.name) \($0.name)" }
        }
        self.awaitNextChange()
        return reply
    }

    private func nodes(of name: String?, in zones: Set<AvailabilityZone>) -> [BalancerKey: Set<AvailabilityZone>] {
        var nodes: [BalancerKey: Set<AvailabilityZone>] = [:]
        func add(_ key: BalancerKey, _ places: [LoadBalancer.Node]) {
            let own = zones.intersection(places.map(\.zone))
            if name == nil || name == key.name.rawValue, !own.isEmpty { nodes[key] = own }
        }
        for balancer in self.topology.loadBalancers {
            add(.init(name: balancer.name, isClassic: false), balancer.nodes)
        }
        for balancer in self.topology.classicLoadBalancers {
            add(.init(name: balancer.name, isClassic: true), balancer.nodes)
        }
        return nodes
    }

    /// The zones that a name stands for, of those that health would let it stand for.
    func withoutOutages(_ zones: Set<AvailabilityZone>, _ key: BalancerKey) -> Set<AvailabilityZone> {
        self.outages[key]?.published(zones, now: self.now) ?? zones
    }

    /// Load balancers that are gone take their outages with them.
    func forgetOutages() {
        let known = Set(
            self.topology.loadBalancers.map { BalancerKey(name: $0.name, isClassic: false) }
                + self.topology.classicLoadBalancers.map { BalancerKey(name: $0.name, isClassic: true) }
        )
        self.outages = self.outages.filter { known.contains($0.key) }
    }

    /// Tells of the next address that leaves DNS or comes back.
    private func awaitNextChange() {
        let now = self.now
        guard let next = self.outages.values.compactMap({ $0.nextChange(now: now) }).min() else { return }
        Task { [weak self] in
            guard (try? await Task.sleep(for: .nanoseconds(Int64(clamping: next - now)))) != nil else { return }
            await self?.nodeHealthChanged()
        }
    }

    private func nodeHealthChanged() {
        self.changed()
        self.awaitNextChange()
    }

    private var now: UInt64 { self.nanoseconds(self.begin.duration(to: .now)) }

    private func nanoseconds(_ duration: Duration) -> UInt64 { UInt64(max(0, duration / .nanoseconds(1))) }
}
