/// Flows by what identifies them, a bounded number: when it is full, the one that has been silent for longest makes room.
///
/// Entries stand in slots that are linked in the order of their last use, so that finding, using and displacing one cost the same
/// whatever the number.
package struct FlowTable<Key: Hashable, Flow> {
    private struct Slot {
        var key: Key
        var flow: Flow
        var older: Int
        var newer: Int
    }

    private static var none: Int { -1 }

    package let limit: Int
    private var places: [Key: Int] = [:]
    private var slots: [Slot?] = []
    private var free: [Int] = []
    private var oldest = -1
    private var newest = -1

    package init(limit: Int) {
        self.limit = max(1, limit)
    }

    package var count: Int { self.places.count }

    /// The flow of that key, which has been used just now.
    package mutating func use(_ key: Key) -> Flow? {
        guard let place = self.places[key] else { return nil }
        if place != self.newest {
            self.unlink(place)
            self.link(place)
        }
        return self.slots[place]?.flow
    }

    /// Puts in a flow under a key that has none.
    ///
    /// - Returns: the flow that had to go, if the table was full.
    package mutating func insert(_ flow: Flow, for key: Key) -> Flow? {
        let displaced = self.places.count >= self.limit ? self.removeOldest() : nil
        let slot = Slot(key: key, flow: flow, older: Self.none, newer: Self.none)
        let place: Int
        if let free = self.free.popLast() {
            self.slots[free] = slot
            place = free
        } else {
            place = self.slots.count
            self.slots.append(slot)
        }
        self.places[key] = place
        self.link(place)
        return displaced
    }

    @discardableResult
    package mutating func remove(_ key: Key) -> Flow? {
        guard let place = self.places.removeValue(forKey: key) else { return nil }
        self.unlink(place)
        let flow = self.slots[place]?.flow
        self.slots[place] = nil
        self.free.append(place)
        return flow
    }

    package var flows: [Flow] { self.slots.compactMap { $0?.flow } }

    private mutating func removeOldest() -> Flow? {
        guard self.oldest >= 0, let key = self.slots[self.oldest]?.key else { return nil }
        return self.remove(key)
    }

    private mutating func link(_ place: Int) {
        self.slots[place]?.older = self.newest
        self.slots[place]?.newer = Self.none
        if self.newest >= 0 { self.slots[self.newest]?.newer = place }
        self.newest = place
        if self.oldest < 0 { self.oldest = place }
    }

    private mutating func unlink(_ place: Int) {
        guard let slot = self.slots[place] else { return }
        if slot.older >= 0 { self.slots[slot.older]?.newer = slot.newer } else { self.oldest = slot.newer }
        if slot.newer >= 0 { self.slots[slot.newer]?.older = slot.older } else { self.newest = slot.older }
    }
}
