/// The line in front of an instance's workers: at most `workers` tickets are served at once, the others wait, first come
/// first served. A value machine; the shell owns the service timers.
package struct WorkQueue: Sendable {
    /// One request in the line. Tickets are the record's sequence numbers.
    package typealias Ticket = Int

    private var waiting: [Ticket] = []
    private var serving: Set<Ticket> = []
    package private(set) var workers: Int

    /// - Parameter workers: 1 or more.
    package init(workers: Int) {
        precondition(workers > 0, "an instance has at least one worker, not \(workers)")
        self.workers = workers
    }

    package var waitingCount: Int { self.waiting.count }
    package var servingCount: Int { self.serving.count }

    /// A request has arrived. Returns the tickets to start serving now: this one, or none.
    package mutating func arrived(_ ticket: Ticket) -> [Ticket] {
        self.waiting.append(ticket)
        return self.startNext()
    }

    /// A ticket was served, or its peer went away while it waited. Returns the tickets to start now.
    package mutating func finished(_ ticket: Ticket) -> [Ticket] {
        if self.serving.remove(ticket) == nil {
            self.waiting.removeAll { $0 == ticket }
        }
        return self.startNext()
    }

    /// The instance has another size now. Requests being served stay so, also above the new limit.
    package mutating func resized(workers: Int) -> [Ticket] {
        precondition(workers > 0, "an instance has at least one worker, not \(workers)")
        self.workers = workers
        return self.startNext()
    }

    /// Whether the ticket is waiting, not being served.
    package func isWaiting(_ ticket: Ticket) -> Bool { self.waiting.contains(ticket) }

    /// Empties the line, as a power cut does.
    package mutating func clear() {
        self.waiting = []
        self.serving = []
    }

    private mutating func startNext() -> [Ticket] {
        let free = self.workers - self.serving.count
        guard free > 0, !self.waiting.isEmpty else { return [] }
        let started = Array(self.waiting.prefix(free))
        self.waiting.removeFirst(started.count)
        self.serving.formUnion(started)
        return started
    }
}
