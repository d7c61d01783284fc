import ELBModel

// Who may be chosen.
extension TargetGroupState {
    /// Where the target counts as being; `nil` is everywhere. What a registration says of an address outside the VPC counts
    /// with cross-zone off only (ALB-TG-012).
    func zone(of target: Target) -> AvailabilityZone? {
        let isOutside = self.group.targetType == .ip && !LabAddresses.vpc.contains(target.endpoint.address)
        return isOutside && self.group.attributes.crossZone != .off ? nil : target.zone
    }

    /// Whether requests of this node may go to the target at all, whatever its health.
    func isAvailable(_ target: Target) -> Bool {
        guard let zone = self.zone(of: target) else { return true }
        guard self.context.enabledZones.contains(zone) else { return false }
        return self.group.attributes.crossZone != .off || zone == self.context.zone
    }

    /// Whether traffic is shifted away from the target. With cross-zone off the name server does all of it: whoever comes to a node
    /// all the same is served there (ALB-ZS-009).
    func isShiftedAway(_ target: Target) -> Bool {
        guard let shifted = self.context.shiftedZone, self.group.attributes.crossZone != .off else { return false }
        return self.zone(of: target) == shifted
    }

    /// Those of the healthy targets that a zonal shift leaves. Where it would leave none it has no effect: unhealthy targets elsewhere
    /// are no place to shift traffic to (ALB-ZS-008).
    private func left(byShift healthy: [Int]) -> [Int] {
        guard self.context.shiftedZone != nil, !self.context.quirks.contains(.zonalShiftIgnored) else { return healthy }
        let left = healthy.filter { index in self.slots[index].map { !self.isShiftedAway($0.target) } ?? false }
        return left.isEmpty ? healthy : left
    }

    /// Remakes `eligible` and keeps the turn with the target whose turn it is, or with the next one in order if that
    /// one left.
    mutating func remakeEligible(without leaving: Int? = nil) {
        let expected = self.eligible.indices.contains(self.turn) ? Int(self.eligible[self.turn].handle.slot) : nil
        let startPlace = expected.flatMap { self.order.firstIndex(of: $0) } ?? 0
        var healthy: [Int] = []
        var registered: [Int] = []
        for index in self.order where index != leaving {
            guard let slot = self.slots[index], self.isAvailable(slot.target) else { continue }
            switch slot.phase {
            case .active:
                registered.append(index)
                // What is not checked gets requests all the same (ALB-LMB-027).
                if slot.monitor.isHealthy == true || !self.group.healthCheck.isEnabled { healthy.append(index) }
            case .draining where self.context.quirks.contains(.deregisteredKeepsTraffic):
                registered.append(index)
                healthy.append(index)
            case .draining, .expired:
                break
            }
        }
        self.thresholds = ThresholdStates(
            self.group.attributes,
            healthy: healthy.count,
            registered: registered.count
        )
        self.hasTargets = !registered.isEmpty
        self.isFailingOpen =
            !self.thresholds.isRoutingHealthy && !self.context.quirks.contains(.healthFailOpenNever)
            // CLB-RT-009.
            && (self.context.classic == nil || self.context.quirks.contains(.classicFailsOpen))
        let chosen = self.context.isReferenced ? (self.isFailingOpen ? registered : self.left(byShift: healthy)) : []
        self.eligible = chosen.compactMap(self.selectedTarget(in:))
        self.turn = self.turn(from: startPlace)
        self.isWarmingUp = chosen.contains { self.slots[$0]?.slowStart != nil }
        self.lottery =
            self.group.attributes.algorithm == .weightedRandom
            ? WeightedLottery(chosen.map { self.slots[$0]?.weight.value ?? 0 }) : nil
        self.stickyPlaces.removeAll(keepingCapacity: true)
        guard self.stickiness != nil else { return }
        for (place, index) in chosen.enumerated() {
            if let key = self.slots[index]?.stickyKey { self.stickyPlaces[key] = place }
        }
    }

    func selectedTarget(in index: Int) -> SelectedTarget? {
        guard let slot = self.slots[index] else { return nil }
        return SelectedTarget(
            handle: TargetHandle(slot: UInt32(truncatingIfNeeded: index), generation: slot.generation),
            endpoint: slot.target.endpoint,
            isFailOpen: self.isFailingOpen
        )
    }

    private func turn(from startPlace: Int) -> Int {
        for index in self.order[startPlace...] {
            if let place = self.eligible.firstIndex(where: { Int($0.handle.slot) == index }) { return place }
        }
        return 0
    }
}
