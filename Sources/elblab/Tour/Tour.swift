import ELBConformance
import ELBFleet
import ELBModel
import ELBNet
import Synchronization

/// The play itself, in five steps. Every claim is measured while it is made.
struct Tour: Sendable {
    let scene: TourScene
    let page: TourPage
    private let client = CurlClient(parallelism: 8)
    /// Real time for anything that the tour waits for; at the tour's clock, what it waits for takes a few tenths.
    private static let patience = Duration.seconds(10)

    private var plan: TourPlan { self.scene.plan }
    private var names: [String] { self.plan.instances.map(\.name) }

    init(scene: TourScene, page: TourPage) {
        self.scene = scene
        self.page = page
    }

    /// - Returns: whether everything that was shown held.
    func run() async throws -> Bool {
        self.showBackends()
        let nodes = try await self.openBalancer()
        let spread = try await self.showSpread(nodes)
        let detected = try await self.killOne(nodes)
        let survived = try await self.showSurvival(nodes)
        return spread && detected && survived
    }

    func showBackends() {
        self.page.step(1, "Four fake backends in two zones, each a process of its own")
        for backend in self.scene.backends {
            let process = backend.processID.map { "process \($0)" } ?? "in this process"
            let place = "\(backend.address):\(backend.ports.first ?? 0)"
            self.page.fact("\(backend.name)  \(backend.zone)  \(place.padding(to: 18))  \(process)")
        }
    }

    func openBalancer() async throws -> [Endpoint] {
        self.page.step(2, "An Application Load Balancer with a node in each zone")
        let start = ContinuousClock.now
        let nodes = try await self.scene.open(onOneOf: 8080...8099)
        for (node, endpoint) in zip(self.plan.nodes, nodes) {
            self.page.fact("node \(node.zone.letter)  http://\(endpoint)")
        }
        self.page.fact("each probes each target for itself: GET /health every 5 s, which is 0.5 s here")
        let missing = Mutex(self.plan.nodes.count * self.names.count)
        let ready = await self.scene.watch.follow(limit: Self.patience) { change in
            self.show(change, since: start)
            guard change.to.state == .healthy else { return false }
            return missing.withLock { missing in
                missing -= 1
                return missing == 0
            }
        }
        try Task.checkCancellation()
        guard ready else { throw CommandFailure("the backends did not become healthy in time", status: .failure) }
        return nodes
    }

    private func showSpread(_ nodes: [Endpoint]) async throws -> Bool {
        let count = TourPlan.requestsPerRound
        self.page.step(3, "\(count) requests by libcurl, \(count / nodes.count) to each node")
        let round = await TourRound.send(count, to: nodes, by: self.client)
        try Task.checkCancellation()
        self.page.counts(self.names, round.answers)
        self.showFailures(of: round)
        let holds = round.isEven(over: self.names, nodes: nodes.count)
        self.page.verdict("round robin gives every target its turn (ALB-ALG-004)", holds: holds)
        return holds
    }

    private func killOne(_ nodes: [Endpoint]) async throws -> Bool {
        let victim = self.plan.victim
        self.page.step(4, "\(victim.name) is killed, while requests keep coming")
        let start = ContinuousClock.now
        guard case .done = await self.scene.fleet.perform(.kill(FleetSelection(instances: [victim.name]))) else {
            self.page.verdict("\(victim.name) can be killed", holds: false)
            return false
        }
        self.page.event(after: .zero, "\(victim.name) gets SIGKILL")
        let stop = Atomic<Bool>(false)
        let missing = Mutex(nodes.count)
        async let traffic = self.sendUntil(stop, nodes)
        let detected = await self.scene.watch.follow(limit: Self.patience) { change in
            self.show(change, since: start)
            guard change.to.state == .unhealthy, change.target.id.rawValue == victim.id.rawValue else { return false }
            return missing.withLock { missing in
                missing -= 1
                return missing == 0
            }
        }
        stop.store(true, ordering: .relaxed)
        let round = await traffic
        try Task.checkCancellation()
        self.page.fact("of \(round.count) requests in that time, \(round.failureCount) failed:")
        self.showFailures(of: round)
        if round.failureCount == 0 { self.page.fact("none") }
        self.page.verdict("both nodes noticed, each after 2 failed probes (ALB-HC-009)", holds: detected)
        return detected
    }

    private func showSurvival(_ nodes: [Endpoint]) async throws -> Bool {
        let count = TourPlan.requestsPerRound
        self.page.step(5, "\(count) more requests")
        let round = await self.sendWatching(count, nodes)
        try Task.checkCancellation()
        self.page.counts(self.names, round.answers)
        self.showFailures(of: round)
        let survivors = self.names.filter { $0 != self.plan.victim.name }
        let holds = round.isEven(over: survivors, nodes: nodes.count)
        self.page.verdict("no client sees an error; the three that live share the load", holds: holds)
        return holds
    }

    /// Sends requests, and shows health events, of which there should be none.
    private func sendWatching(_ count: Int, _ nodes: [Endpoint]) async -> TourRound {
        let start = ContinuousClock.now
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                _ = await self.scene.watch.follow(limit: Self.patience) { change in
                    self.show(change, since: start)
                    return false
                }
            }
            let round = await TourRound.send(count, to: nodes, by: self.client)
            group.cancelAll()
            return round
        }
    }

    /// Eight at a time, until told to stop.
    private func sendUntil(_ stop: borrowing Atomic<Bool>, _ nodes: [Endpoint]) async -> TourRound {
        var all = TourRound()
        while !stop.load(ordering: .relaxed) && !Task.isCancelled {
            all.merge(await TourRound.send(8, to: nodes, by: self.client))
        }
        return all
    }

    private func show(_ change: BalancerEvent.HealthChange, since start: ContinuousClock.Instant) {
        let target = self.plan.instances.first { $0.id.rawValue == change.target.id.rawValue }?.name
        let reason = change.to.reason.map { "  \($0.rawValue)" } ?? ""
        let states = "\(change.from.rawValue) -> \(change.to.state.rawValue)"
        let text = "node \(change.zone.letter)  \(target ?? change.target.id.rawValue)  \(states)\(reason)"
        self.page.event(after: ContinuousClock.now - start, text)
    }

    private func showFailures(of round: TourRound) {
        for (reason, count) in round.failures.sorted(by: { $0.key < $1.key }) { self.page.fact("\(count) × \(reason)") }
    }
}
