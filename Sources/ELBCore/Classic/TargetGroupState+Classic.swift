package import ELBModel

// One health check for all listeners (CLB-HC-001), and what its results are called.
extension TargetGroupState {
    /// Takes over what the group of instances knows of each instance. To be called when that changes, and when this group does.
    package mutating func follow(_ instances: TargetGroupState) {
        var known: [TargetID: Slot] = [:]
        for index in instances.order {
            if let slot = instances.slots[index], slot.isActive { known[slot.target.id] = slot }
        }
        for index in self.order {
            guard let slot = self.slots[index], slot.isActive, let instance = known[slot.target.id] else { continue }
            self.slots[index]?.monitor = instance.monitor
            self.slots[index]?.health = instance.health
        }
        self.remakeEligible()
    }

    /// The target of that id, unless it is leaving.
    package func handle(of id: TargetID) -> TargetHandle? {
        for index in self.order {
            guard let slot = self.slots[index], slot.isActive, slot.target.id == id else { continue }
            return self.selectedTarget(in: index)?.handle
        }
        return nil
    }

    /// The next target in order after one that could not be reached, which may be the same one (CLB-RT-010); `nil` if there is none
    /// at all.
    package func anotherTarget(after handle: TargetHandle) -> SelectedTarget? {
        guard !self.eligible.isEmpty else { return nil }
        let place = self.eligible.firstIndex { $0.handle == handle } ?? -1
        return self.eligible[(place + 1) % self.eligible.count]
    }

    /// The targets that may be chosen now.
    package var eligibleTargets: [SelectedTarget] { self.eligible }

    /// What DescribeInstanceHealth shows of the instances that this node looks at, in order of registration: those of all enabled
    /// zones, with cross-zone load balancing off those of its own; and those whose zone has no node, of which every node says so.
    package var instanceHealth: [(instance: TargetID, health: ClassicInstanceHealth)] {
        self.order.compactMap { index in
            guard let slot = self.slots[index] else { return nil }
            switch slot.phase {
            case .expired: return nil
            // CLB-ST-005.
            case .draining: return (slot.target.id, .init(.inService, .elb, .deregistrationInProgress))
            case .active: break
            }
            let isEnabled = self.zone(of: slot.target).map { self.context.enabledZones.contains($0) } ?? true
            guard isEnabled else { return (slot.target.id, .init(.outOfService, .elb, .zoneNotEnabled)) }
            guard self.isAvailable(slot.target) else { return nil }
            return (slot.target.id, Self.health(slot.monitor))
        }
    }

    private static func health(_ monitor: HealthMonitor) -> ClassicInstanceHealth {
        switch monitor.isHealthy {
        case nil: .init(.outOfService, .elb, .registrationInProgress)
        case true?: .inService
        case false?:
            .init(.outOfService, .instance, monitor.isRecovering ? .notYetRecovered : .failedChecks)
        }
    }
}
