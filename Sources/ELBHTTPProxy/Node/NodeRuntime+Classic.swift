import ELBCore
import ELBModel

// What a node of a Classic Load Balancer does besides: one health check for all listeners (CLB-HC-001).
extension NodeRuntime {
    /// Tells the groups that get requests what the group of instances knows.
    func shareInstanceHealth() {
        guard self.snapshot.classic != nil, let instances = self.groups.first else { return }
        for group in self.groups.dropFirst() { group.state.follow(instances.state) }
        self.connectInAdvance()
    }

    /// Opens one connection to every instance in service that has none, so that the next request need not wait for it (CLB-LS-011).
    private func connectInAdvance() {
        guard !self.isStopping else { return }
        for group in self.groups.dropFirst() where group.state.group.protocol.kind == .application {
            for target in group.state.eligibleTargets {
                let pool = group.pool(for: target)
                guard pool.isEmpty, !pool.isWarm else { continue }
                pool.isWarm = true
                TargetConnection.connect(for: nil, pool: pool, node: self)
            }
        }
    }

    /// An instance has gone into service or out of it. Without connection draining, what is under way at one that goes out is cut
    /// (CLB-DR-004); with it, requests under way finish, however long that takes (CLB-DR-003).
    func instanceChanged(_ change: TargetHealthChange) {
        self.shareInstanceHealth()
        guard self.snapshot.classic?.cutsUnhealthy == true, change.to.state == .unhealthy else { return }
        for group in self.groups.dropFirst() {
            guard let handle = group.state.handle(of: change.target.id), let pool = group.pool(of: handle) else {
                continue
            }
            for connection in pool.connections { connection.deregistered() }
        }
    }

    /// Every instance as this node sees it, in order of registration.
    func instanceHealth() -> [InstanceHealthDescription] {
        guard self.snapshot.classic != nil, let instances = self.groups.first else { return [] }
        return instances.state.instanceHealth.map {
            InstanceHealthDescription(
                instance: InstanceID(rawValue: $0.instance.rawValue),
                node: self.node.zone,
                health: $0.health
            )
        }
    }
}
