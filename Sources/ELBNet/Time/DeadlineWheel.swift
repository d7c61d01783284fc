/// Something that a `DeadlineWheel` looks after from time to time.
package protocol DeadlineObserver: AnyObject {
    /// Where the wheel keeps the observer; for the wheel only.
    var wheelPlace: WheelPlace { get set }
    /// Called at or after the time asked for, on the node's loop.
    ///
    /// - Returns: when to call again, or `nil` for not at all.
    func deadlineReached(now: UInt64) -> UInt64?
}

/// An observer's place in a wheel. `none` outside of one.
package struct WheelPlace: Hashable, Sendable {
    var slot: Int
    var index: Int

    package static let none = Self(slot: -1, index: -1)
}

/// Timeouts of many connections at the cost of a few numbers each.
///
/// A connection notes when it was last active and nothing else: no timer is started, moved or cancelled per read. The wheel calls
/// each connection at the time it asked for; one that has been active since answers with a later time and is put there. So a
/// connection costs one call per timeout, not one per request. Times beyond the wheel's span are looked at once per turn.
///
/// Not thread-safe: belongs to one event loop. Resolution is one tick; nothing is called early.
package struct DeadlineWheel {
    private var slots: [[any DeadlineObserver]]
    /// Nanoseconds between ticks.
    private let tick: UInt64
    private var lastTick: UInt64

    package init(tick: UInt64, slots: Int = 256, now: UInt64) {
        precondition(tick > 0 && slots > 1, "a wheel needs a tick and two slots")
        self.slots = Array(repeating: [], count: slots)
        self.tick = tick
        self.lastTick = now / tick
    }

    /// How many observers it holds.
    package var count: Int { self.slots.reduce(0) { $0 + $1.count } }

    /// Calls the observer at `time` or up to one tick later. An observer has one place: adding it again moves it.
    package mutating func add(_ observer: any DeadlineObserver, at time: UInt64) {
        self.remove(observer)
        let wanted = time / self.tick + 1
        let ahead = min(max(wanted, self.lastTick + 1) - self.lastTick, UInt64(self.slots.count - 1))
        let slot = Int((self.lastTick + ahead) % UInt64(self.slots.count))
        observer.wheelPlace = WheelPlace(slot: slot, index: self.slots[slot].count)
        self.slots[slot].append(observer)
    }

    /// Forgets the observer, if it is here.
    package mutating func remove(_ observer: any DeadlineObserver) {
        let place = observer.wheelPlace
        guard place != .none else { return }
        observer.wheelPlace = .none
        guard let last = self.slots[place.slot].popLast(), last !== observer else { return }
        last.wheelPlace = place
        self.slots[place.slot][place.index] = last
    }

    /// The observers whose time has come. They are no longer in the wheel; the caller asks each and adds it again.
    package mutating func due(now: UInt64) -> [any DeadlineObserver] {
        var due: [any DeadlineObserver] = []
        let current = now / self.tick
        // After a long pause one turn covers everything.
        let steps = min(current - min(current, self.lastTick), UInt64(self.slots.count))
        for step in 0..<steps {
            let slot = Int((current - steps + 1 + step) % UInt64(self.slots.count))
            guard !self.slots[slot].isEmpty else { continue }
            for observer in self.slots[slot] { observer.wheelPlace = .none }
            due += self.slots[slot]
            self.slots[slot].removeAll(keepingCapacity: true)
        }
        self.lastTick = max(self.lastTick, current)
        return due
    }
}
