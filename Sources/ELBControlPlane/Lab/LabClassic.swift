package import ELBCore
package import ELBModel

/// A Classic Load Balancer that carries traffic, as the lab commands it. The program puts a real one here.
package protocol LabClassicBalancer: Sendable {
    /// Takes over the configuration without losing a request; when it throws, nothing has changed.
    func apply(_ loadBalancer: ClassicLoadBalancer) async throws
    /// Finishes what is under way, for at most `gracePeriod`, and frees its addresses.
    func stop(gracePeriod: Duration) async
    /// Every instance as each node sees it that looks at it.
    func instanceHealth() async -> [(instance: InstanceID, node: AvailabilityZone, health: ClassicInstanceHealth)]
    /// The zones whose addresses its name stands for, as health is now.
    func publishedZones() async -> Set<AvailabilityZone>
    /// Cuts the power of these zones' nodes; all others have it back.
    func cut(_ zones: Set<AvailabilityZone>) async
    /// What it has counted, under CloudWatch's names.
    func metrics() async -> BalancerMetrics
}

/// One instance's health at one node of a Classic Load Balancer, as DescribeInstanceHealth needs it (CLB-HC-011, CLB-ST-001).
package struct LabInstanceHealth: Hashable, Sendable {
    package var loadBalancer: LoadBalancerName
    package var instance: InstanceID
    /// The zone of the node that says so. With cross-zone load balancing off, only the node of the instance's own zone says
    /// anything of it; of an instance in a zone without a node, every node says so.
    package var node: AvailabilityZone
    package var health: ClassicInstanceHealth

    package init(
        loadBalancer: LoadBalancerName,
        instance: InstanceID,
        node: AvailabilityZone,
        health: ClassicInstanceHealth
    ) {
        self.loadBalancer = loadBalancer
        self.instance = instance
        self.node = node
        self.health = health
    }
}

extension LabInstanceHealth {
    /// What the load balancer says of one instance as a whole, which is one word where nodes may disagree: in service only if all are of
    /// that opinion, so that a waiter that ends means what it says. AWS does not tell how it is done there.
    ///
    /// - Returns: `nil` if no node says anything of it.
    package static func summary(
        of instance: InstanceID,
        at loadBalancer: LoadBalancerName,
        in all: [LabInstanceHealth]
    ) -> ClassicInstanceHealth? {
        let own = all.filter { $0.loadBalancer == loadBalancer && $0.instance == instance }.map(\.health)
        return own.first { $0.state != .inService } ?? own.first
    }
}

// Classic Load Balancers in the lab. One may have the name of another kind's.
extension Lab {
    func apply(_ loadBalancer: ClassicLoadBalancer) async throws {
        let known = self.classicBalancers[loadBalancer.name]
        guard let balancer = known ?? self.makeClassicBalancer?(loadBalancer.name) else {
            throw ModelError(.notInLab, "This lab has no Classic Load Balancers", at: loadBalancer.name.rawValue)
        }
        do {
            try await balancer.apply(loadBalancer)
        } catch {
            if known == nil { await balancer.stop(gracePeriod: .zero) }
            throw error
        }
        self.classicBalancers[loadBalancer.name] = balancer
    }

    /// Takes back what was applied of `names`.
    ///
    /// - Returns: the names of what could not be brought back.
    func restore(classic old: [ClassicLoadBalancer], after names: [LoadBalancerName]) async -> [String] {
        var lost: [String] = []
        for name in names {
            guard let before = old.first(where: { $0.name == name }) else {
                await self.classicBalancers.removeValue(forKey: name)?.stop(gracePeriod: .zero)
                continue
            }
            do {
                try await self.classicBalancers[name]?.apply(before)
            } catch {
                lost.append(name.rawValue)
            }
        }
        return lost
    }

    /// Stops those that the topology has no more.
    func stopClassicBalancers(notIn new: Topology) async {
        for name in self.classicBalancers.keys where !new.classicLoadBalancers.contains(where: { $0.name == name }) {
            await self.classicBalancers.removeValue(forKey: name)?.stop(gracePeriod: Self.gracePeriod)
        }
    }

    /// Those that are new, gone, or not as they were.
    static func changedClassicBalancers(from old: Topology, to new: Topology) -> Set<LoadBalancerName> {
        let before = Dictionary(old.classicLoadBalancers.map { ($0.name, $0) }) { first, _ in first }
        let after = Dictionary(new.classicLoadBalancers.map { ($0.name, $0) }) { first, _ in first }
        return Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
    }

    /// Everything that is checked, as each node sees it now.
    package func health() async -> LabHealth {
        LabHealth(targets: await self.targetHealth(), instances: await self.instanceHealth())
    }

    /// Every registered instance as each node sees it now.
    package func instanceHealth() async -> [LabInstanceHealth] {
        var all: [LabInstanceHealth] = []
        for loadBalancer in self.topology.classicLoadBalancers {
            for seen in await self.classicBalancers[loadBalancer.name]?.instanceHealth() ?? [] {
                all.append(
                    LabInstanceHealth(
                        loadBalancer: loadBalancer.name,
                        instance: seen.instance,
                        node: seen.node,
                        health: seen.health
                    )
                )
            }
        }
        return all
    }

    /// What every Classic Load Balancer has counted.
    func classicMetrics() async -> [BalancerMetrics] {
        var metrics: [BalancerMetrics] = []
        for loadBalancer in self.topology.classicLoadBalancers {
            if let balancer = self.classicBalancers[loadBalancer.name] { metrics.append(await balancer.metrics()) }
        }
        return metrics
    }

    /// Every Classic Load Balancer as names show it.
    func classicNames() async -> [NameTable.Balancer] {
        var names: [NameTable.Balancer] = []
        for loadBalancer in self.topology.classicLoadBalancers {
            let nodes = Dictionary(loadBalancer.nodes.map { ($0.zone, $0.address) }) { first, _ in first }
            let healthy = await self.classicBalancers[loadBalancer.name]?.publishedZones() ?? Set(nodes.keys)
            let published = self.withoutOutages(healthy, .init(name: loadBalancer.name, isClassic: true))
            names.append(
                NameTable.Balancer(
                    dnsName: loadBalancer.dnsName,
                    nodes: nodes,
                    published: published
                )
            )
        }
        return names
    }
}
