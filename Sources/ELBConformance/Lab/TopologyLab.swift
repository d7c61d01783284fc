internal import ELBFleet
package import ELBModel

/// Somebody's template, running: the balancers that it describes as subjects, its instances as servers in this process.
///
/// Ports are fresh, so that many labs run side by side; what is seen is told in the template's own numbers. Nothing else of
/// the template is changed.
package final class TopologyLab: Sendable {
    /// In the order of the template, never empty; those with a name of the API before Classic Load Balancers.
    package let balancers: [LabBalancer]
    package let timeScale: Int
    package let curl: CurlClient
    package let raw: RawClient
    /// The first listener of the first balancer on each node; never empty.
    package let endpoints: [Endpoint]
    private let servers: [String: Backend]
    private let instances: [Instance]
    private let ports: PortMap
    private let reloads: LabReloads

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
        /// Whether the configuration is changed while the lab runs.
        package var reloads: Bool

        package init(
            timeScale: Int,
            seed: UInt64,
            firstNodeOnly: Bool = false,
            failingProbes: [String: Int] = [:],
            reloads: Bool = false
        ) {
            self.timeScale = timeScale
            self.seed = seed
            self.firstNodeOnly = firstNodeOnly
            self.failingProbes = failingProbes
            self.reloads = reloads
        }
    }

    /// A template that cannot be run, in one sentence.
    package struct Unrunnable: Error, Hashable, Sendable {
        package var reason: Reason

        package enum Reason: Hashable, Sendable {
            /// There is no balancer to ask.
            case loadBalancers(count: Int)
            case noListener
            case noFreePort
            /// A Classic Load Balancer's HTTPS or SSL listener: the file that subjects are given does not tell of them.
            case secureClassicListener
        }
    }

    /// Runs the topology's balancers and servers, calls `body`, and ends all.
    /// - Throws: `Unrunnable`; `SubjectFailure` when a balancer does not start; what `body` throws.
    package static func withRunning<Value: Sendable>(
        _ topology: Topology,
        subject: SubjectCommand,
        settings: Settings,
        curl: CurlClient,
        threads: ThreadPool,
        body: @Sendable @escaping (TopologyLab) async throws -> Value
    ) async throws -> Value {
        let count = topology.loadBalancers.count + topology.classicLoadBalancers.count
        guard count > 0 else { throw Unrunnable(reason: .loadBalancers(count: count)) }
        let plan = try DeploymentPlan(topology, settings)
        let order = topology.loadBalancers.map(\.name.rawValue) + topology.classicLoadBalancers.map(\.name.rawValue)
        let inOrder = order.compactMap { name in plan.balancers.first { $0.name == name } }
        guard let first = inOrder.first(where: { !$0.listeners.isEmpty && !$0.nodes.isEmpty }) else {
            throw Unrunnable(reason: .noListener)
        }
        let port = first.listeners[0].port
        let endpoints = first.nodes.map { Endpoint(address: $0.address, port: port) }
        var servers: [String: Backend] = [:]
        do {
            // A server that no group registers and no metadata gives a port listens nowhere.
            for instance in plan.instances where !instance.ports.isEmpty {
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
            let reloads = try LabReloads(plan, settings)
            let value = try await reloads.run(subject, threads) {
                let lab = TopologyLab(plan, inOrder, endpoints, settings, running, curl, reloads)
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
        _ balancers: [LabBalancer],
        _ endpoints: [Endpoint],
        _ settings: Settings,
        _ servers: [String: Backend],
        _ curl: CurlClient,
        _ reloads: LabReloads
    ) {
        self.endpoints = endpoints
        self.balancers = balancers
        self.timeScale = settings.timeScale
        self.servers = servers
        self.instances = plan.instances
        self.curl = curl
        self.raw = RawClient(parallelism: 16)
        self.ports = plan.ports
        self.reloads = reloads
    }

    /// The balancer that is meant when none is named.
    package var loadBalancer: LabBalancer {
        self.balancers.first { $0.listeners.first?.port == self.endpoint.port } ?? self.balancers[0]
    }

    /// Where a client connects.
    /// - Parameters:
    ///   - balancer: by the template's name; the first if `nil`.
    ///   - port: by the template's number; the first listener if `nil`.
    ///   - zone: the first node if `nil`.
    /// - Returns: `nil` if there is no such place.
    package func place(balancer: String? = nil, port: Int? = nil, zone: AvailabilityZone? = nil) -> LabPlace? {
        let found = balancer.map { name in self.balancers.first { $0.name == name } } ?? self.loadBalancer
        guard let found,
            let listener = port.map({ number in found.listeners.first { $0.original == number } })
                ?? found.listeners.first,
            let node = zone.map({ zone in found.nodes.first { $0.zone == zone } }) ?? found.nodes.first
        else { return nil }
        return LabPlace(
            endpoint: Endpoint(address: node.address, port: listener.port),
            listener: listener,
            node: node
        )
    }

    /// Takes a server out of every target group and returns when the balancers know. The lab's settings say that it reloads.
    package func deregister(_ server: String) async throws {
        guard let address = self.servers[server]?.description.address else { return }
        try await self.reloads.change(curl: self.curl, raw: self.raw) { groups in
            for index in groups.indices { groups[index].targets.removeAll { $0.endpoint.address == address } }
        }
    }

    /// Puts the server back where the template has it, as `deregister`.
    package func register(_ server: String) async throws {
        guard let address = self.servers[server]?.description.address else { return }
        try await self.reloads.restore(address, curl: self.curl, raw: self.raw)
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

    /// Cuts the cable of every server of the zone: nothing is answered, nothing refused.
    package func cut(_ zone: AvailabilityZone) async throws {
        for instance in self.instances where instance.zone == zone { try await self.servers[instance.name]?.set(.cut) }
    }

    /// The servers of a zone, sorted.
    package func serverNames(in zone: AvailabilityZone) -> [String] {
        self.instances.filter { $0.zone == zone && self.servers[$0.name] != nil }.map(\.name).sorted()
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
            fault: record.fault,
            version: record.version,
            peerPort: record.peerPort,
            connection: record.connection,
            body: String(decoding: record.body.bytes, as: UTF8.self),
            isSecure: record.tls != nil,
            proxySource: record.proxy.map(\.source),
            frames: record.frames.map { String(decoding: $0.payload.bytes, as: UTF8.self) }
        )
    }
}
