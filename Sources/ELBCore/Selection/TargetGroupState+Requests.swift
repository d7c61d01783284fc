package import ELBModel

// Which target a request gets, and how its requests end.
extension TargetGroupState {
    /// The target of a new request; `nil` means 503: no target is registered, none is in use, or with cross-zone off
    /// none is in this node's zone (ALB-XZ-005). The caller reports `requestStarted` when it uses the answer.
    package mutating func selectTarget(now: UInt64, using generator: inout SplitMix64) -> SelectedTarget? {
        guard !self.eligible.isEmpty else { return nil }
        let place: Int
        switch self.group.attributes.algorithm {
        case .roundRobin:
            place =
                self.context.quirks.isEmpty && !self.isWarmingUp
                ? self.turn : self.unusualPlace(now: now, using: &generator)
        case .leastOutstandingRequests:
            place = self.leastBusyPlace()
        case .weightedRandom:
            place = self.lottery?.draw(using: &generator) ?? generator.next(below: self.eligible.count)
        }
        self.turn = place + 1 == self.eligible.count ? 0 : place + 1
        return self.eligible[place]
    }

    /// The target that a cookie names, if requests may go there: not to one that is unhealthy or has been deregistered
    /// (ALB-STK-013, ALB-DRG-007). It takes no turn.
    package func stickyTarget(_ key: UInt64) -> SelectedTarget? {
        self.stickyPlaces[key].map { self.eligible[$0] }
    }

    /// What a cookie shall call the target.
    package func stickyKey(of handle: TargetHandle) -> UInt64 {
        self.index(of: handle).flatMap { self.slots[$0]?.stickyKey } ?? 0
    }

    private mutating func unusualPlace(now: UInt64, using generator: inout SplitMix64) -> Int {
        if self.context.quirks.contains(.roundRobinAlwaysFirst) { return 0 }
        if self.context.quirks.contains(.roundRobinRandom) { return generator.next(below: self.eligible.count) }
        return self.isWarmingUp ? self.warmingPlace(now: now) : self.turn
    }

    /// The next target in turn, where one that warms up lets some of its turns pass (ALB-SLOW-002).
    private mutating func warmingPlace(now: UInt64) -> Int {
        var place = self.turn
        for _ in self.eligible.indices {
            let index = Int(self.eligible[place].handle.slot)
            guard var slowStart = self.slots[index]?.slowStart else { return place }
            let takesTurn = slowStart.takesTurn(now: now)
            self.slots[index]?.slowStart = slowStart
            if slowStart.isOver(now: now) {
                self.slots[index]?.slowStart = nil
                self.isWarmingUp = self.eligible.contains { self.slots[Int($0.handle.slot)]?.slowStart != nil }
            }
            if takesTurn { return place }
            place = place + 1 == self.eligible.count ? 0 : place + 1
        }
        // Everybody warms up: the shares are equal.
        return self.turn
    }

    /// The target with the fewest requests under way; the search starts where the turn is, so equals take turns
    /// (ALB-ALG-005). Each stream of an HTTP/2 connection is a request (ALB-ALG-006).
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

    /// - Parameter outcome: what it says of the target, for the comparison with its peers.
    package mutating func requestFinished(_ handle: TargetHandle, _ outcome: RequestOutcome = .unknown) {
        guard let index = self.index(of: handle) else { return }
        self.slots[index]?.outcomes.note(outcome)
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
