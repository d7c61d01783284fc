package import ELBModel

/// What one node knows of one target group: the health of each target, the requests under way, whose turn it is.
/// Nodes share none of this (ALB-HC-001, ALB-ALG-004), so a value belongs to one event loop and needs no lock.
///
/// Theory of operation. Targets live in *slots*, whose numbers stay the same for as long as the target is known; a
/// freed slot is used again with a new generation, so an outdated handle is recognised and ignored. `order` lists the
/// slots in order of registration. `eligible`, the part of `order` that may be chosen, is remade when something
/// changes (health, membership, configuration), never per request; a choice is then one index away. When it is remade,
/// the turn stays with the target whose turn it was, or goes to the next one in order, so that a target that comes or
/// goes neither skips nor doubles another one's turn.
///
/// Time is an argument: nanoseconds of any monotonic clock, the same for all calls.
package struct TargetGroupState: Sendable {
    /// Where this group is looked at from.
    package struct Context: Hashable, Sendable {
        /// The zone of the node.
        package var zone: AvailabilityZone
        /// The zones that have a node.
        package var enabledZones: Set<AvailabilityZone>
        /// Whether an action of the load balancer refers to the group.
        package var isReferenced: Bool
        package var quirks: QuirkSet
        /// How long an AWS second lasts, in nanoseconds.
        package var secondLength: UInt64

        package init(
            zone: AvailabilityZone,
            enabledZones: Set<AvailabilityZone>,
            isReferenced: Bool = true,
            quirks: QuirkSet = QuirkSet(),
            secondLength: UInt64 = 1_000_000_000
        ) {
            self.zone = zone
            self.enabledZones = enabledZones
            self.isReferenced = isReferenced
            self.quirks = quirks
            self.secondLength = secondLength
        }
    }

    struct Slot: Sendable {
        enum Phase: Hashable, Sendable {
            case active
            /// Deregistered; gets nothing new, may finish until the deadline. `successor` waits to be registered again
            /// under the same id and port (ALB-TG-021).
            case draining(deadline: UInt64, successor: Target?)
            /// The delay is over, but a request has not been reported finished yet.
            case expired
        }

        var target: Target
        var generation: UInt32
        var phase: Phase = .active
        var monitor: HealthMonitor
        /// What the monitor's verdict or its absence looks like.
        var health: TargetHealth
        var requests = 0

        // Asked and changed in place, once or more per request: compared as a whole or copied out, a slot costs references to
        // every text in its target.

        var isActive: Bool {
            if case .active = self.phase { true } else { false }
        }

        /// True if that was the last thing that held an expired slot.
        mutating func finishRequest() -> Bool {
            guard self.requests > 0 else { return false }
            self.requests -= 1
            if case .expired = self.phase { return self.requests == 0 }
            return false
        }
    }

    package private(set) var group: TargetGroup
    var context: Context
    var slots: [Slot?] = []
    /// Slots in order of registration, draining ones included.
    var order: [Int] = []
    private var eligible: [SelectedTarget] = []
    /// Place in `eligible` of the next turn.
    private var turn = 0
    private var nextGeneration: UInt32 = 0
    /// Whether requests currently go to all targets because too few are healthy (ALB-TGH-008).
    package internal(set) var isFailingOpen = false

    package init(_ group: TargetGroup, context: Context) {
        self.group = group
        self.context = context
        for target in group.targets { self.register(target) }
        self.remakeEligible()
    }
}

/// A target as the data path refers to it while a request is under way. Stays valid until the target is forgotten;
/// afterwards it is ignored.
package struct TargetHandle: Hashable, Sendable {
    let slot: UInt32
    let generation: UInt32
}

/// Where a request goes.
package struct SelectedTarget: Hashable, Sendable {
    package var handle: TargetHandle
    package var endpoint: Endpoint
    /// The group has too few healthy targets, so this one may be unhealthy (UnhealthyRoutingRequestCount).
    package var isFailOpen: Bool
}

// MARK: Requests

extension TargetGroupState {
    /// The target of a new request; `nil` means 503: no target is registered, none is in use, or with cross-zone off
    /// none is in this node's zone (ALB-XZ-005). The caller reports `requestStarted` when it uses the answer.
    package mutating func selectTarget(using generator: inout SplitMix64) -> SelectedTarget? {
        guard !self.eligible.isEmpty else { return nil }
        let place: Int
        switch self.group.attributes.algorithm {
        case .roundRobin:
            place = self.context.quirks.isEmpty ? self.turn : self.deviatingPlace(using: &generator)
        case .leastOutstandingRequests:
            place = self.leastBusyPlace()
        }
        self.turn = place + 1 == self.eligible.count ? 0 : place + 1
        return self.eligible[place]
    }

    private func deviatingPlace(using generator: inout SplitMix64) -> Int {
        if self.context.quirks.contains(.roundRobinAlwaysFirst) { return 0 }
        if self.context.quirks.contains(.roundRobinRandom) { return generator.next(below: self.eligible.count) }
        return self.turn
    }

    /// The target with the fewest requests under way; the search starts where the turn is, so equals take turns
    /// (ALB-ALG-005).
    private func leastBusyPlace() -> Int {
        var best = self.turn
        var fewest = Int.max
        for offset in 0..<self.eligible.count {
            let place = (self.turn + offset) % self.eligible.count
            let requests = self.slots[Int(self.eligible[place].handle.slot)]?.requests ?? Int.max
            if requests < fewest {
                best = place
                fewest = requests
            }
        }
        return best
    }

    package mutating func requestStarted(_ handle: TargetHandle) {
        guard let index = self.index(of: handle) else { return }
        self.slots[index]?.requests += 1
    }

    package mutating func requestFinished(_ handle: TargetHandle) {
        guard let index = self.index(of: handle) else { return }
        if self.slots[index]?.finishRequest() == true { self.forget(index) }
    }

    /// Whether an idle connection to the target may be kept for more requests: not to one that is leaving
    /// (ALB-DRG-008).
    package func acceptsRequests(_ handle: TargetHandle) -> Bool {
        guard let index = self.index(of: handle), let isActive = self.slots[index]?.isActive else { return false }
        return isActive || self.context.quirks.contains(.deregisteredKeepsTraffic)
    }

    /// The target itself, while it is known.
    package func target(of handle: TargetHandle) -> Target? {
        self.index(of: handle).flatMap { self.slots[$0]?.target }
    }

    /// Requests under way at the target.
    package func requests(of handle: TargetHandle) -> Int {
        self.index(of: handle).flatMap { self.slots[$0]?.requests } ?? 0
    }

    private func index(of handle: TargetHandle) -> Int? {
        let index = Int(handle.slot)
        guard self.slots.indices.contains(index), self.slots[index]?.generation == handle.generation else { return nil }
        return index
    }
}

// MARK: Membership

extension TargetGroupState {
    /// Takes over a changed configuration. Targets that stay keep their health, their requests and their turn; new
    /// ones start `initial`; missing ones start to drain (ALB-DRG-002).
    package mutating func reconcile(with group: TargetGroup, context: Context, now: UInt64) {
        let settings = Self.settings(of: group, context)
        let turnsChecksOn = group.healthCheck.isEnabled && !self.group.healthCheck.isEnabled
        self.group = group
        self.context = context
        var wanted: [Target.Key: Target] = [:]
        for target in group.targets { wanted[target.key] = target }
        for index in self.order {
            guard var slot = self.slots[index] else { continue }
            let target = wanted.removeValue(forKey: slot.target.key)
            slot.monitor.settings = settings
            switch (slot.phase, target) {
            case (.active, .some(let target)):
                // The same id and port at another address is another machine.
                if target.endpoint != slot.target.endpoint { slot.monitor = HealthMonitor(settings: settings) }
                // What was known before checks were turned off is not known any more.
                if turnsChecksOn {
                    slot.monitor = HealthMonitor(settings: settings)
                    slot.health = TargetHealth(.initial, .initialHealthChecking)
                }
                slot.target = target
            case (.active, .none):
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
        for target in group.targets where wanted.removeValue(forKey: target.key) != nil { self.register(target) }
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
        guard self.group.targetType != .lambda else { return 0 }
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
            if let successor { self.register(successor) }
        }
        if !ended.isEmpty { self.remakeEligible() }
        return ended
    }

    private mutating func register(_ target: Target) {
        let slot = Slot(
            target: target,
            generation: self.nextGeneration,
            monitor: HealthMonitor(settings: Self.settings(of: self.group, self.context)),
            health: TargetHealth(.initial, .registrationInProgress)
        )
        self.nextGeneration &+= 1
        if let free = self.slots.firstIndex(where: { $0 == nil }) {
            self.slots[free] = slot
            self.order.append(free)
        } else {
            self.order.append(self.slots.count)
            self.slots.append(slot)
        }
    }

    private mutating func forget(_ index: Int) {
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

// MARK: Who may be chosen

extension TargetGroupState {
    /// Whether requests of this node may go to the target at all, whatever its health.
    func isAvailable(_ target: Target) -> Bool {
        guard let zone = target.zone else { return true }
        guard self.context.enabledZones.contains(zone) else { return false }
        return self.group.attributes.crossZone != .off || zone == self.context.zone
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
        self.isFailingOpen =
            self.isBreached(healthy: healthy.count, registered: registered.count)
            && !self.context.quirks.contains(.healthFailOpenNever)
        let chosen = self.context.isReferenced ? (self.isFailingOpen ? registered : healthy) : []
        self.eligible = chosen.compactMap(self.selectedTarget(in:))
        self.turn = self.turn(from: startPlace)
    }

    private func selectedTarget(in index: Int) -> SelectedTarget? {
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

    /// Whether too few targets are healthy: below the count or below the percentage of those registered (ALB-TGH-005,
    /// -007).
    private func isBreached(healthy: Int, registered: Int) -> Bool {
        let attributes = self.group.attributes
        if healthy < attributes.routingMinimumHealthyCount { return registered > 0 }
        guard let percentage = attributes.routingMinimumHealthyPercentage else { return false }
        return healthy * 100 < percentage * registered
    }
}
