import ELBConformance
import ELBFleet
import ELBHTTPProxy
import ELBModel
import ELBNet

/// A zone dies under load, once with cross-zone load balancing and once without, and comes back. What clients see of it is counted
/// by the second.
struct ZoneTour: Sendable {
    let scene: TourScene
    let page: TourPage
    private let client = CurlClient(parallelism: 96)

    /// Each sends a request every AWS second and asks for the name's addresses again when the answer is too old.
    private static let clients = 8
    /// How long a client waits for an answer; AWS seconds.
    private static let clientPatience = 8
    /// How long an answer of the name server may be used (ALB-DNS-007); AWS seconds.
    private static let timeToLive = 60
    /// When two probes in a row have failed at the latest: the zone dies right after a probe, the next comes 5 s later, the one after
    /// that another 5 s later, and is given up after 4 s. AWS seconds.
    private static let detection = 14
    /// How long a zone may take to come back, a busy machine's delays included; AWS seconds.
    private static let recovery = 100
    /// What a busy machine may add to it; AWS seconds.
    private static let slack = 6
    private static let zone = AvailabilityZone.a

    init(scene: TourScene, page: TourPage) {
        self.scene = scene
        self.page = page
    }

    /// - Returns: whether everything that was shown held.
    func run() async throws -> Bool {
        let tour = Tour(scene: self.scene, page: self.page)
        tour.showBackends()
        let nodes = try await tour.openBalancer()
        let on = try await self.loseZone(
            nodes,
            step: 3,
            "Zone \(Self.zone.letter) dies, with cross-zone load balancing on",
            lasting: 30,
            atMost: Self.detection,
            "from \(Self.detection) s on nobody notices: both nodes use the targets of zone b (ALB-HC-009, ALB-XZ-001)"
        )
        let back = try await self.comeBack(step: 4)
        guard let port = nodes.first?.port else { return false }
        try await self.scene.apply(crossZone: .off, port: port)
        let off = try await self.loseZone(
            nodes,
            step: 5,
            "The same with cross-zone load balancing off",
            lasting: 90,
            atMost: Self.detection + Self.timeToLive,
            "errors end when the last client asks for the name again: \(Self.detection) s and the TTL of \(Self.timeToLive) s "
                + "(ALB-DNS-009)"
        )
        let again = try await self.comeBack(step: 6)
        return on && back && off && again
    }

    private func loseZone(
        _ nodes: [Endpoint],
        step: Int,
        _ title: String,
        lasting seconds: Int,
        atMost limit: Int,
        _ claim: String
    ) async throws -> Bool {
        self.page.step(step, title)
        self.page.fact(
            "\(Self.clients) clients, a request each per second; each keeps the name's answer for \(Self.timeToLive) s, and waits "
                + "\(Self.clientPatience) s for a response"
        )
        let selection = self.scene.plan.instances(in: Self.zone)
        if case .refused(let refusal) = await self.scene.fleet.perform(.machine(selection, .cut)) {
            self.page.verdict("zone \(Self.zone.letter) can be cut: \(refusal.message)", holds: false)
            return false
        }
        let timeline = await self.send(to: nodes, for: seconds)
        try Task.checkCancellation()
        for line in timeline.lines { self.page.fact(line) }
        let last = timeline.lastFailure.map { "the last of them sent \($0) s after the cut" } ?? "none"
        self.page.fact("\(timeline.failureCount) requests failed, \(last)")
        let holds = timeline.failureCount > 0 && timeline.lastFailure ?? 0 <= limit + Self.slack
        self.page.verdict(claim, holds: holds)
        return holds
    }

    private func comeBack(step: Int) async throws -> Bool {
        self.page.step(step, "Zone \(Self.zone.letter) comes back")
        _ = await self.scene.fleet.perform(.heal(self.scene.plan.instances(in: Self.zone)))
        let deadline = ContinuousClock.now + .milliseconds(Self.recovery * 1000 / self.scene.plan.clock)
        while ContinuousClock.now < deadline {
            let isHealthy = await self.scene.balancer.targetHealth().allSatisfy { $0.health.state == .healthy }
            let published = await self.publishedZones()
            if isHealthy, published == TourPlan.zones { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        let zones = await self.publishedZones()
        self.page.verdict("its targets are healthy, and the name stands for both zones", holds: zones == TourPlan.zones)
        return zones == TourPlan.zones
    }

    // MARK: Clients

    private func publishedZones() async -> [AvailabilityZone] {
        await self.scene.balancer.publishedZones().sorted { $0.letter < $1.letter }
    }

    /// Sends at a steady rate, whatever becomes of the requests before.
    private func send(to nodes: [Endpoint], for seconds: Int) async -> ZoneTimeline {
        let addresses = Dictionary(uniqueKeysWithValues: zip(TourPlan.zones, nodes))
        let second = Duration.milliseconds(1000 / self.scene.plan.clock)
        let start = ContinuousClock.now
        return await withTaskGroup(of: (second: Int, failed: Bool).self) { group in
            var timeline = ZoneTimeline()
            // What each client knows of the name. They have asked at different times before, so they ask again at different times.
            var known = (0..<Self.clients).map { TourPlan.zones[$0 % TourPlan.zones.count] }
            for now in 0..<seconds {
                let published = await self.publishedZones()
                let zones = published.map { "\($0.letter)" }.joined(separator: " ")
                timeline.begin(second: now, zones: zones)
                for client in 0..<Self.clients {
                    let age = (now + client * Self.timeToLive / Self.clients) % Self.timeToLive
                    if age == 0, now > 0, !published.isEmpty { known[client] = published[client % published.count] }
                    guard let endpoint = addresses[known[client]] else { continue }
                    group.addTask { (now, await self.fails(at: endpoint)) }
                }
                try? await Task.sleep(until: start + second * (now + 1))
                if Task.isCancelled { break }
            }
            for await outcome in group { timeline.add(second: outcome.second, failed: outcome.failed) }
            return timeline
        }
    }

    private func fails(at endpoint: Endpoint) async -> Bool {
        let patience = Duration.milliseconds(Self.clientPatience * 1000 / self.scene.plan.clock)
        let request = CurlRequest("GET", "http://\(endpoint)/", connectTimeout: patience, timeout: patience)
        guard case .success(let response) = await self.client.perform(request) else { return true }
        return response.status != 200
    }
}
