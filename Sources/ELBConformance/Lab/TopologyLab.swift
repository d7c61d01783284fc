internal import ELBFleet
package import ELBModel

/// Somebody's template, running: the balancer that it describes as a subject, its instances as servers in this process.
///
/// Ports are fresh, so that many labs run side by side; what is seen is told in the template's own numbers. Nothing else of
/// the template is changed.
package final class TopologyLab: Sendable {
    /// As the subject got it: fresh ports, groups known by name.
    package let loadBalancer: LoadBalancer
    package let timeScale: Int
    package let curl: CurlClient
    /// The first listener on each node; never empty.
    package let endpoints: [Endpoint]
    private let servers: [String: Backend]
    private let ports: PortMap

    /// How a lab differs from the plain template.
    package struct Settings: Sendable {
        /// How many AWS seconds pass in one real second.
        package var timeScale: Int
        package var seed: UInt64
        /// Runs the first zone's node only, where every node would blur what is counted. Each decides for itself
        /// (ALB-HC-001), so one is as good as all.
        package var firstNodeOnly: Bool
        /// Fails every probe of these servers with this status from the start.
        package var failingProbes: [String: Int]

        package init(
            timeScale: Int,
            seed: UInt64,
            firstNodeOnly: Bool = false,
            failingProbes: [String: Int] = [:]
        ) {
            self.timeScale = timeScale
            self.seed = seed
            self.firstNodeOnly = firstNodeOnly
            self.failingProbes = failingProbes
        }
    }

    /// A template that cannot be run, in one sentence.
    package struct Unrunnable: Error, Hashable, Sendable {
        package var reason: Reason

        package enum Reason: Hashable, Sendable {
            /// The lab runs templates with exactly one balancer.
            case loadBalancers(count: Int)
            case noListener
            case noFreePort
        }
    }

    /// Runs the topology's balancer and servers, calls `body`, and ends both.
    /// - Throws: `Unrunnable`; `SubjectFailure` when the balancer does not start; what `body` throws.
    package static func withRunning<Value: Sendable>(
        _ topology: Topology,
        subject: SubjectCommand,
        settings: Settings,
        curl: CurlClient,
        threads: ThreadPool,
        body: @Sendable @escaping (TopologyLab) async throws -> Value
    ) async throws -> Value {
        guard topology.loadBalancers.count == 1, let original = topology.loadBalancers.first else {
            throw Unrunnable(reason: .loadBalancers(count: topology.loadBalancers.count))
        }
        let plan = try DeploymentPlan(original, topology, settings)
        guard let listener = plan.loadBalancer.listeners.first, !plan.loadBalancer.nodes.isEmpty else {
            throw Unrunnable(reason: .noListener)
        }
        let endpoints = plan.loadBalancer.nodes.map { Endpoint(address: $0.address, port: listener.port) }
        var servers: [String: Backend] = [:]
        do {
            // A server that no group registers and no metadata gives a port listens nowhere.
            for instance in topology.instances where !instance.ports.isEmpty {
                let backend = try await Backend.start(plan.description(of: instance))
                servers[instance.name] = backend
                if let status = settings.failingProbes[instance.name] {
                    try await backend.set(.fail(status: status), scope: .health)
                }
            }
            for function in topology.functions {
                servers[function.name] = try await Backend.start(plan.description(of: function))
            }
            let running = servers
            let configuration = SubjectConfiguration(
                loadBalancer: plan.loadBalancer,
                targetGroups: plan.targetGroups,
                timeScale: settings.timeScale,
                seed: settings.seed
            )
            let value = try await Subject.withRunning(subject, configuration: configuration, threads: threads) { _ in
                let lab = TopologyLab(plan, endpoints, timeScale: settings.timeScale, servers: running, curl: curl)
                return try await body(lab)
            }
            for backend in servers.values { await backend.stop() }
            return value
        } catch {
            for backend in servers.values { await backend.stop() }
            throw error
        }
    }

    private init(
        _ plan: DeploymentPlan,
        _ endpoints: [Endpoint],
        timeScale: Int,
        servers: [String: Backend],
        curl: CurlClient
    ) {
        self.endpoints = endpoints
        self.loadBalancer = plan.loadBalancer
        self.timeScale = timeScale
        self.servers = servers
        self.curl = curl
        self.ports = plan.ports
    }

    /// The names of the servers, sorted.
    package var serverNames: [String] { self.servers.keys.sorted() }

    /// So many AWS seconds in real time.
    package func scaled(seconds: Double) -> Duration { .nanoseconds(Int64(seconds * 1e9 / Double(self.timeScale))) }

    /// Where clients connect: the first listener on the first node.
    package var endpoint: Endpoint { self.endpoints[0] }

    // What happens to servers.

    /// Answers the next probes of a server as listed: `500`, `timeout`, `reset`; then as usual.
    /// - Returns: the sequence number after which the script applies.
    @discardableResult
    package func scriptProbes(of server: String, _ answers: [String]) async throws -> Int {
        guard let backend = self.servers[server] else { return 0 }
        try await backend.setHealthScript(answers.compactMap { ProbeAnswer($0) })
        return await backend.records().last?.sequence ?? 0
    }

    /// Answers every probe of a server with this status until it is healed.
    package func failProbes(of server: String, status: Int) async throws {
        try await self.servers[server]?.set(.fail(status: status), scope: .health)
    }

    /// Ends every connection of a server with a reset, probes and clients alike, as a crashed process would.
    package func resetEverything(at server: String) async throws {
        try await self.servers[server]?.set(.reset)
    }

    package func heal(_ server: String) async throws {
        try await self.servers[server]?.heal()
    }

    // What servers saw.

    /// Everything a server has read, after that number in its order of arrival.
    package func sightings(at server: String, after sequence: Int = 0) async -> [Sighting] {
        guard let backend = self.servers[server] else { return [] }
        return await backend.records(after: sequence).map { self.sighting($0, server) }
    }

    /// Everything all servers have read, by time of arrival.
    package func sightings() async -> [Sighting] {
        var all: [Sighting] = []
        for server in self.serverNames { all += await self.sightings(at: server) }
        return all.sorted { $0.arrivedNanoseconds < $1.arrivedNanoseconds }
    }

    /// How many requests of clients each server has read.
    package func trafficCounts() async -> [String: Int] {
        var counts: [String: Int] = [:]
        for (name, backend) in self.servers { counts[name] = await backend.status().requests }
        return counts
    }

    /// Waits until a server has settled `count` probes with a number above `sequence`.
    /// - Returns: whether that happened in time.
    package func waitForProbes(
        at server: String,
        count: Int,
        after sequence: Int = 0,
        within limit: Duration
    ) async -> Bool {
        guard let backend = self.servers[server] else { return false }
        let seen = try? await backend.waitForRecords(count: count, after: sequence, kind: .probe, timeout: limit)
        return seen != nil
    }

    private func sighting(_ record: RequestRecord, _ server: String) -> Sighting {
        Sighting(
            server: server,
            sequence: record.sequence,
            isProbe: record.kind == .probe,
            arrivedNanoseconds: record.monotonicNanoseconds,
            settledNanoseconds: record.settledNanoseconds,
            method: record.method,
            target: record.target,
            headers: record.headers.map { CurlHeader($0.name, $0.value) },
            peerAddress: record.peerAddress,
            port: self.ports.original(record.localPort),
            status: record.status,
            fault: record.fault
        )
    }
}
