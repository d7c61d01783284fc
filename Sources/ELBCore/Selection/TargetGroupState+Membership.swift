package import ELBModel

// Who belongs to the group, and how members leave.
extension TargetGroupState {
    /// Takes over a changed configuration. Targets that stay keep their health, their requests and their turn; new
    /// ones start `initial`; missing ones start to drain (ALB-DRG-002).
    package mutating func reconcile(with group: TargetGroup, context: Context, now: UInt64) {
        let settings = Self.settings(of: group, context)
        let turnsChecksOn = group.healthCheck.isEnabled && !self.group.healthCheck.isEnabled
        self.group = group
        self.context = context
        self.stickiness = StickinessPolicy(group, isClassic: context.classic != nil)
        let wasEmpty = !self.order.contains { self.slots[$0]?.isActive == true }
        var wanted: [Target.Key: Target] = [:]
        for target in group.targets { wanted[target.key] = target }
        for index in self.order {
            guard var slot = self.slots[index] else { continue }
            let target = wanted.removeValue(forKey: slot.target.key)
            slot.monitor.settings = settings
            switch (slot.phase, target) {
            case (.active, .some(let target)):
                // The same id and port at another address is another machine.
                if target.endpoint != slot.target.endpoint {
                    slot.monitor = HealthMonitor(settings: settings)
                    slot.slowStart = nil
                }
                // What was known before checks were turned off is not known any more.
                if turnsChecksOn {
                    slot.monitor = HealthMonitor(settings: settings)
                    slot.health = TargetHealth(.initial, .initialHealthChecking)
                }
                slot.target = target
                // A changed duration counts for those that warm up next (ALB-SLOW-005).
                if group.attributes.slowStartSeconds == 0 { slot.slowStart = nil }
            case (.active, .none):
                slot.slowStart = nil
                slot.phase = .draining(deadline: now + self.drainingTime, successor: nil)
            case (.draining(let deadline, _), let target):
                slot.phase = .draining(deadline: deadline, successor: target)
            case (.expired, .some(let target)):
                wanted[target.key] = target
            case (.expired, .none):
                break
            }
            self.slots[index] = slot
        }
        for target in group.targets where wanted.removeValue(forKey: target.key) != nil {
            self.register(target, intoEmptyGroup: wasEmpty)
        }
        self.remakeEligible()
    }

    /// The group is no longer configured: all its targets start to drain.
    package mutating func deregisterAll(now: UInt64) {
        var empty = self.group
        empty.targets = []
        self.reconcile(with: empty, context: self.context, now: now)
    }

    /// A function that is deregistered does not drain: its requests end at once (ALB-DRG-010).
    private var drainingTime: UInt64 {
        guard self.group.targetType != .lambda || self.context.quirks.contains(.deregisterDelayEndless) else {
            return 0
        }
        return UInt64(clamping: self.group.attributes.deregistrationDelaySeconds) * self.context.secondLength
    }

    /// When `deadlinePassed` wants to be called next; `nil` if nothing is draining.
    package var nextDeadline: UInt64? {
        var earliest: UInt64?
        for index in self.order {
            guard case .draining(let deadline, _) = self.slots[index]?.phase else { continue }
            earliest = min(earliest ?? deadline, deadline)
        }
        return earliest
    }

    /// Ends the draining of targets whose delay is over. The caller cuts the connections of the targets returned: a
    /// request that still runs there ends in 502 (ALB-DRG-004).
    package mutating func deadlinePassed(now: UInt64) -> [SelectedTarget] {
        var ended: [SelectedTarget] = []
        for index in self.order {
            guard let slot = self.slots[index], case .draining(let deadline, let successor) = slot.phase,
                deadline <= now
            else { continue }
            if let leaving = self.selectedTarget(in: index) { ended.append(leaving) }
            self.slots[index]?.phase = .expired
            if slot.requests == 0 { self.forget(index) }
            if let successor { self.register(successor, intoEmptyGroup: false) }
        }
        if !ended.isEmpty { self.remakeEligible() }
        return ended
    }

    mutating func register(_ target: Target, intoEmptyGroup: Bool) {
        var slot = Slot(
            target: target,
            generation: self.nextGeneration,
            monitor: HealthMonitor(settings: Self.settings(of: self.group, self.context)),
            health: TargetHealth(.initial, .registrationInProgress),
            stickyKey: StableHash.of("\(target.id):\(target.endpoint.port)")
        )
        slot.warmsUpAtFirst = !intoEmptyGroup
        self.nextGeneration &+= 1
        if let free = self.slots.firstIndex(where: { $0 == nil }) {
            self.slots[free] = slot
            self.order.append(free)
        } else {
            self.order.append(self.slots.count)
            self.slots.append(slot)
        }
    }

    mutating func forget(_ index: Int) {
        self.slots[index] = nil
        self.remakeEligible(without: index)
        self.order.removeAll { $0 == index }
    }

    static func settings(of group: TargetGroup, _ context: Context) -> HealthMonitor.Settings {
        var settings = HealthMonitor.Settings(
            healthyThreshold: group.healthCheck.healthyThresholdCount,
            unhealthyThreshold: group.healthCheck.unhealthyThresholdCount
        )
        settings.firstPassNeedsThreshold = context.quirks.contains(.healthFirstPassNeedsThreshold)
        settings.neverStartsAnew = context.quirks.contains(.healthConsecutiveNotReset)
        return settings
    }
}
