import ELBConformance

/// Sends the requests of a plan over a number of connections, each on a thread of libcurl's.
struct LoadRunner: Sendable {
    let plan: LoadPlan
    let connections: Int
    /// The request of that number, from 0.
    let request: @Sendable (Int) -> CurlRequest

    /// Runs to the end. `progress` hears how many requests are finished, after each.
    func run(_ progress: @escaping @Sendable (Int) -> Void) async -> (tally: LoadTally, took: Duration) {
        let curl = CurlClient(parallelism: self.connections)
        let clock = ContinuousClock()
        let start = clock.now
        let tally = await withTaskGroup(of: (CurlOutcome, Duration).self) { group in
            var plan = self.plan.makeIterator()
            var tally = LoadTally()
            var done = 0
            let startOne = { (group: inout TaskGroup<(CurlOutcome, Duration)>) in
                guard let item = plan.next() else { return }
                group.addTask { await self.send(item, curl, start) }
            }
            for _ in 0..<self.connections { startOne(&group) }
            while let (outcome, latency) = await group.next() {
                tally.add(outcome, latency: latency)
                done += 1
                progress(done)
                startOne(&group)
            }
            return tally
        }
        return (tally, start.duration(to: clock.now))
    }

    private func send(
        _ item: LoadPlan.Item,
        _ curl: CurlClient,
        _ start: ContinuousClock.Instant
    ) async -> (CurlOutcome, Duration) {
        let clock = ContinuousClock()
        // With a rate, the time counts from when the request was due: a stalled answer must not hide how long the requests
        // behind it had to wait. Without one it counts from the sending.
        let due = item.due.map { start + $0 } ?? clock.now
        if due > clock.now { try? await clock.sleep(until: due) }
        let outcome = await curl.perform(self.request(item.number))
        return (outcome, due.duration(to: clock.now))
    }
}
