package import ELBModel

// What groups of Network Load Balancers have: a hash in place of turns, and states of their own.
extension TargetGroupState {
    /// The target of a new flow; `nil` if there is none that this node may use.
    ///
    /// While nothing changes, the same hash gives the same target; when targets come, go or change their health, new flows may go
    /// elsewhere (NLB-FH-006, NLB-SK-003).
    ///
    /// - Parameters:
    ///   - flow: the hash of the flow.
    ///   - source: the hash of its client's address, which decides alone in a group with stickiness (NLB-SK-002).
    package func target(flow: UInt64, source: UInt64, quirks: FlowQuirks = []) -> SelectedTarget? {
        guard !self.eligible.isEmpty else { return nil }
        if quirks.contains(.alwaysFirst) { return self.eligible[0] }
        let isSticky = self.group.attributes.stickiness.isEnabled && !quirks.contains(.sourceIPIgnored)
        let hash = isSticky ? source : flow
        return self.eligible[Int(hash.multipliedFullWidth(by: UInt64(self.eligible.count)).high)]
    }

    /// Failed connections in a row that take a target out; AWS does not say how many (NLB-HC-016).
    private static let mostFailedConnections = 3

    /// A client's connection to the target came to nothing. Groups with stickiness do not look at it (NLB-SK-005), and of datagrams
    /// nobody knows (NLB-UD-004).
    ///
    /// - Returns: the change of state, if there is one.
    package mutating func connectionFailed(_ handle: TargetHandle, now: UInt64) -> TargetHealthChange? {
        guard let index = self.activeIndex(of: handle), !self.group.attributes.stickiness.isEnabled,
            var slot = self.slots[index]
        else { return nil }
        slot.failedConnections += 1
        guard slot.failedConnections >= Self.mostFailedConnections, slot.monitor.connectionsFailed() != .none else {
            self.slots[index] = slot
            return nil
        }
        let before = slot.health.state
        slot.failedConnections = 0
        slot.health = TargetHealth(.unhealthy, .failedHealthChecks)
        self.beginUnhealthyDraining(&slot, now: now)
        self.slots[index] = slot
        self.remakeEligible()
        return TargetHealthChange(target: slot.target.key, from: before, to: slot.health)
    }

    /// A client's connection to the target stands.
    package mutating func connectionStands(_ handle: TargetHandle) {
        guard let index = self.activeIndex(of: handle), self.slots[index]?.failedConnections != 0 else { return }
        self.slots[index]?.failedConnections = 0
    }

    /// Where the registered targets stand that this node may use, whatever their health.
    package var usableEndpoints: [Endpoint] {
        self.order.compactMap { index in
            guard let slot = self.slots[index], slot.isActive, self.isAvailable(slot.target) else { return nil }
            return slot.target.endpoint
        }
    }

    // MARK: Health

    /// What is shown of an unhealthy target after a failed probe. A Network Load Balancer gives no other reason than that
    /// (NLB-ST-003), and does not forget that the target drains.
    func health(after result: ProbeResult, of slot: Slot) -> TargetHealth? {
        guard let health = result.health, self.group.kind == .network else { return result.health }
        let isDraining = slot.unhealthyDrainingEnd != nil
        return TargetHealth(isDraining ? .unhealthyDraining : health.state, .failedHealthChecks)
    }

    /// A target of a group that keeps connections drains first, if there is a time for it (NLB-FO-004).
    func beginUnhealthyDraining(_ slot: inout Slot, now: UInt64) {
        let seconds = self.group.attributes.unhealthyDrainingSeconds
        guard seconds > 0, self.group.kind == .network, !self.group.terminatesUnhealthy else { return }
        slot.unhealthyDrainingEnd = now &+ UInt64(clamping: seconds) &* self.context.secondLength
        slot.health = TargetHealth(.unhealthyDraining, .failedHealthChecks)
    }

    /// Targets that have drained for long enough and are simply unhealthy from now on.
    package mutating func endUnhealthyDraining(now: UInt64) -> [TargetHealthChange] {
        guard self.group.attributes.unhealthyDrainingSeconds > 0 else { return [] }
        var changes: [TargetHealthChange] = []
        for index in self.order {
            guard var slot = self.slots[index], let end = slot.unhealthyDrainingEnd, end <= now else { continue }
            let before = slot.health.state
            slot.unhealthyDrainingEnd = nil
            slot.health = TargetHealth(.unhealthy, .failedHealthChecks)
            self.slots[index] = slot
            if slot.isActive {
                changes.append(TargetHealthChange(target: slot.target.key, from: before, to: slot.health))
            }
        }
        return changes
    }
}
