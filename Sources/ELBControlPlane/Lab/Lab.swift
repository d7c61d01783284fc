package import ELBCore
package import ELBModel

/// The lab's state: which topology is in force, and who carries it out. `apply` is all or nothing: when a step fails, what
/// was there before is there again.
package actor Lab {
    private let fleet: any LabFleet
    private let makeBalancer: @Sendable (LoadBalancer) -> any LabBalancer
    let changed: @Sendable () -> Void
    /// How long an AWS second lasts.
    let secondLength: Duration
    let begin = ContinuousClock.now
    /// Of load balancers whose nodes were cut.
    var outages: [BalancerKey: NodeOutages] = [:]
    let makeClassicBalancer: (@Sendable (LoadBalancerName) -> any LabClassicBalancer)?
    private(set) var balancers: [LoadBalancerName: any LabBalancer] = [:]
    var classicBalancers: [LoadBalancerName: any LabClassicBalancer] = [:]
    private(set) var topology = Topology()
    private let quirks: Set<Quirk>
    /// Where names are answered, if they are.
    package var nameServer: Endpoint?
    private var isApplying = false

    /// How long requests under way may take when a load balancer goes or the lab ends; real time.
    static let gracePeriod = Duration.seconds(3)

    /// - Parameters:
    ///   - changed: called when another topology is in force.
    ///   - secondLength: how long an AWS second lasts.
    ///   - quirks: ways in which every load balancer is wrong on purpose, whoever makes it.
    ///   - makeClassicBalancer: without it there are no Classic Load Balancers.
    package init(
        fleet: any LabFleet,
        changed: @escaping @Sendable () -> Void = {},
        secondLength: Duration = .seconds(1),
        quirks: Set<Quirk> = [],
        makeClassicBalancer: (@Sendable (LoadBalancerName) -> any LabClassicBalancer)? = nil,
        makeBalancer: @escaping @Sendable (LoadBalancer) -> any LabBalancer
    ) {
        self.fleet = fleet
        self.changed = changed
        self.secondLength = secondLength
        self.quirks = quirks
        self.makeBalancer = makeBalancer
        self.makeClassicBalancer = makeClassicBalancer
    }

    /// What a change does, by name, for people.
    package struct Change: Hashable, Sendable {
        package var started: [String] = []
        package var stopped: [String] = []
        /// Instances and functions of which anything changed.
        package var restarted: [String] = []
        /// Instances that go on with other security groups.
        package var filtered: [String] = []
        package var balancers: [String] = []
        package var classicBalancers: [String] = []

        package var isEmpty: Bool { self == Change() }
    }

    /// Which load balancers take their configuration over once more.
    package enum Refresh: Sendable {
        /// All of them: what files hold, such as certificates, is read again.
        case everything
        /// Those of which something changed.
        case changes
    }

    /// Makes the topology the one in force. Instances that did not change keep running; load balancers swap their
    /// configuration under traffic.
    ///
    /// - Throws: what the fleet or a load balancer could not do; then everything is as before. `LabError.notRestored` when
    ///   not even that could be done, and what is missing now.
    @discardableResult
    package func apply(_ wanted: Topology, refresh: Refresh = .everything) async throws -> Change {
        // An actor lets other calls in at every `await`; two changes at once would mix.
        guard !self.isApplying else { throw LabError.busy }
        self.isApplying = true
        defer { self.isApplying = false }
        var new = wanted
        for index in new.loadBalancers.indices { new.loadBalancers[index].quirks.formUnion(self.quirks) }
        for index in new.classicLoadBalancers.indices { new.classicLoadBalancers[index].quirks.formUnion(self.quirks) }
        let old = self.topology
        let change = Self.change(from: old, to: new)
        let fresh = new.servers.filter { change.started.contains($0.name) }
        let replaced = new.servers.filter { change.restarted.contains($0.name) }
        try await self.fleet.start(fresh)
        var applied: [LoadBalancerName] = []
        var classicApplied: [LoadBalancerName] = []
        do {
            if !replaced.isEmpty {
                await self.fleet.stop(change.restarted)
                try await self.fleet.start(replaced)
            }
            for server in new.servers where change.filtered.contains(server.name) {
                try await self.fleet.filter(server.name, server.ingress)
            }
            for loadBalancer in new.loadBalancersInOrder {
                if refresh == .changes, !change.balancers.contains(loadBalancer.name.rawValue) { continue }
                applied.append(loadBalancer.name)
                await self.stopOther(than: loadBalancer)
                try await self.apply(loadBalancer, of: new)
            }
            for loadBalancer in new.classicLoadBalancers {
                if refresh == .changes, !change.classicBalancers.contains(loadBalancer.name.rawValue) { continue }
                classicApplied.append(loadBalancer.name)
                try await self.apply(loadBalancer)
            }
        } catch {
            var lost = await self.restore(classic: old.classicLoadBalancers, after: classicApplied)
            lost += await self.restore(old, from: new, after: applied, change)
            guard lost.isEmpty else { throw LabError.notRestored(cause: "\(error)", lost: lost) }
            throw error
        }
        for name in self.balancers.keys where !new.loadBalancers.contains(where: { $0.name == name }) {
            await self.balancers.removeValue(forKey: name)?.stop(gracePeriod: Self.gracePeriod)
        }
        await self.stopClassicBalancers(notIn: new)
        // Last: until now somebody may have been sending them requests.
        await self.fleet.stop(change.stopped)
        self.topology = new
        self.forgetOutages()
        self.changed()
        return change
    }

    /// A load balancer's public key by its id, in PEM; `nil` if none has it (ALB-AUTH-016).
    package func publicKey(_ id: String) -> String? {
        self.balancers.values.lazy.compactMap(\.identityKey).first { $0.id == id }?.pem
    }

    /// Stops load balancers, then instances and functions.
    package func shutDown() async {
        let balancers = self.balancers.values
        let classic = self.classicBalancers.values
        self.balancers = [:]
        self.classicBalancers = [:]
        await withTaskGroup(of: Void.self) { group in
            for balancer in balancers { group.addTask { await balancer.stop(gracePeriod: Self.gracePeriod) } }
            for balancer in classic { group.addTask { await balancer.stop(gracePeriod: Self.gracePeriod) } }
        }
        await self.fleet.stop(self.topology.servers.map(\.name))
        self.topology = Topology()
    }

    /// The fleet's answer to a command.
    package func performFleetCommand(_ body: [UInt8]) async -> LabReply {
        await self.fleet.perform(body)
    }

    // MARK: Steps

    private func apply(_ loadBalancer: LoadBalancer, of topology: Topology) async throws {
        let balancer = self.balancers[loadBalancer.name] ?? self.makeBalancer(loadBalancer)
        do {
            try await balancer.apply(loadBalancer, targetGroups: topology.targetGroups(of: loadBalancer))
        } catch {
            if self.balancers[loadBalancer.name] == nil { await balancer.stop(gracePeriod: .zero) }
            throw error
        }
        self.balancers[loadBalancer.name] = balancer
    }

    /// Ends the load balancer of that name if it is of another kind: nothing can become what it is not.
    private func stopOther(than loadBalancer: LoadBalancer) async {
        let before = self.topology.loadBalancers.first { $0.name == loadBalancer.name }
        guard let before, before.kind != loadBalancer.kind else { return }
        await self.balancers.removeValue(forKey: before.name)?.stop(gracePeriod: Self.gracePeriod)
    }

    /// Takes back what `apply` did up to the step that failed.
    ///
    /// - Returns: the names of what could not be brought back.
    private func restore(
        _ old: Topology,
        from new: Topology,
        after applied: [LoadBalancerName],
        _ change: Change
    ) async -> [String] {
        var lost: [String] = []
        for name in applied {
            guard let before = old.loadBalancers.first(where: { $0.name == name }) else {
                await self.balancers.removeValue(forKey: name)?.stop(gracePeriod: .zero)
                continue
            }
            do {
                let isOther = new.loadBalancers.contains { $0.name == name && $0.kind != before.kind }
                if isOther { await self.balancers.removeValue(forKey: name)?.stop(gracePeriod: .zero) }
                try await self.apply(before, of: old)
            } catch {
                lost.append(name.rawValue)
            }
        }
        await self.fleet.stop(change.started + change.restarted)
        // One by one: a server that cannot come back must not keep the others away.
        for server in old.servers where change.restarted.contains(server.name) {
            do {
                try await self.fleet.start([server])
            } catch {
                lost.append(server.name)
            }
        }
        for server in old.servers where change.filtered.contains(server.name) {
            try? await self.fleet.filter(server.name, server.ingress)
        }
        return lost
    }

    private static func change(from old: Topology, to new: Topology) -> Change {
        var change = Change()
        let before = Dictionary(old.servers.map { ($0.name, $0) }) { first, _ in first }
        for server in new.servers {
            if let known = before[server.name] {
                var same = known
                same.ingress = server.ingress
                if same != server {
                    change.restarted.append(server.name)
                } else if known != server {
                    change.filtered.append(server.name)
                }
            } else {
                change.started.append(server.name)
            }
        }
        let names = Set(new.servers.map(\.name))
        change.stopped = old.servers.map(\.name).filter { !names.contains($0) }
        change.balancers = self.changedBalancers(from: old, to: new).map(\.rawValue).sorted()
        change.classicBalancers = self.changedClassicBalancers(from: old, to: new).map(\.rawValue).sorted()
        return change
    }

    /// Load balancers that are new, gone, or not as they were, themselves or in the groups they use. With every call of the API all
    /// are looked at, so which groups one uses is asked only when a group has changed.
    private static func changedBalancers(from old: Topology, to new: Topology) -> Set<LoadBalancerName> {
        let before = Dictionary(old.loadBalancers.map { ($0.name, $0) }) { first, _ in first }
        let after = Dictionary(new.loadBalancers.map { ($0.name, $0) }) { first, _ in first }
        let groups = (
            before: Dictionary(old.targetGroups.map { ($0.id, $0) }) { first, _ in first },
            after: Dictionary(new.targetGroups.map { ($0.id, $0) }) { first, _ in first }
        )
        let changedGroups = Set(groups.before.keys).union(groups.after.keys)
            .filter { groups.before[$0] != groups.after[$0] }
        return Set(before.keys).union(after.keys).filter { name in
            guard let balancer = after[name], before[name] == balancer else { return true }
            guard !changedGroups.isEmpty else { return false }
            return balancer.listeners.contains { $0.targetGroups.contains(where: changedGroups.contains) }
        }
    }

    // MARK: Looking

    /// From now on names are answered there.
    package func setNameServer(_ endpoint: Endpoint) { self.nameServer = endpoint }

    /// What runs now.
    package func state() async -> LabState {
        let health = await self.targetHealth()
        var state = LabState(self.topology, health: health, instances: await self.instanceHealth())
        state.nameServer = self.nameServer.map { "\($0)" }
        state.note(await self.names())
        if !self.topology.recordSets.isEmpty { state.recordSets = self.topology.recordSets.map { .init($0) } }
        state.noteOutages(self.outages.mapValues(\.down))
        return state
    }

    /// What is in force, and what it sees of its targets.
    package func view() async -> LabView {
        let topology = self.topology
        return LabView(topology: topology, health: await self.targetHealth())
    }

    /// Every target as each node sees it now.
    package func targetHealth() async -> [LabTargetHealth] {
        var health: [LabTargetHealth] = []
        for loadBalancer in self.topology.loadBalancers {
            health += await self.balancers[loadBalancer.name]?.targetHealth() ?? []
        }
        return health
    }

    /// What every load balancer has counted.
    package func metrics() async -> [BalancerMetrics] {
        var metrics: [BalancerMetrics] = []
        for loadBalancer in self.topology.loadBalancers {
            if let balancer = self.balancers[loadBalancer.name] { metrics.append(await balancer.metrics()) }
        }
        return metrics + (await self.classicMetrics())
    }

    /// Every load balancer as names show it.
    package func names() async -> [NameTable.Balancer] {
        var names: [NameTable.Balancer] = []
        for loadBalancer in self.topology.loadBalancers {
            let nodes = Dictionary(loadBalancer.nodes.map { ($0.zone, $0.address) }) { first, _ in first }
            let healthy = await self.balancers[loadBalancer.name]?.publishedZones() ?? Set(nodes.keys)
            let published = self.withoutOutages(healthy, .init(name: loadBalancer.name, isClassic: false))
            names.append(
                NameTable.Balancer(
                    dnsName: loadBalancer.dnsName,
                    nodes: nodes,
                    published: published,
                    ownZonePercentage: loadBalancer.kind == .network
                        ? loadBalancer.attributes.clientRoutingPolicy.ownZonePercentage : 0
                )
            )
        }
        return names + (await self.classicNames())
    }

    /// Everything that names stand for.
    package func nameContent() async -> NameTable.Content {
        NameTable.Content(
            balancers: await self.names(),
            recordSets: self.topology.recordSets,
            quirks: self.topology.quirks
        )
    }

    /// What would become of a request.
    package func trace(_ request: TraceRequest) async throws(TraceError) -> TraceReport {
        let topology = self.topology
        var report = try TraceReport(request, in: topology)
        if report.isClassic {
            report.add(health: await self.instanceHealth())
            return report
        }
        guard let name = topology.loadBalancers.first(where: { $0.name.rawValue == report.loadBalancer })?.name else {
            return report
        }
        guard let balancer = self.balancers[name] else { return report }
        report.add(health: await balancer.targetHealth())
        let place = try request.place()
        if let flow = try report.tracedFlow(request) {
            report.flow?.target = await balancer.explainFlow(flow)
            return report
        }
        let head = try request.head(place)
        report.cookies = await balancer.explainStickiness(head: head, port: place.port, peer: try request.peer())
        return report
    }
}

/// Why the lab did not do what it was asked to.
package enum LabError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Another change is under way.
    case busy
    /// A node is named that is not there; in a sentence.
    case noSuchNode(String)
    /// A change failed for `cause`, and what it had touched did not all come back.
    case notRestored(cause: String, lost: [String])

    package var description: String {
        switch self {
        case .noSuchNode(let sentence): sentence
        case .busy: "another change of the topology is under way"
        case .notRestored(let cause, let lost): "\(cause); and these did not come back: \(lost.joined(separator: ", "))"
        }
    }
}

extension Topology {
    /// Everything that the fleet runs.
    var servers: [LabServer] { self.instances.map(LabServer.instance) + self.functions.map(LabServer.function) }

    /// Those that may be targets of others before those others, whose first checks find them in service.
    fileprivate var loadBalancersInOrder: [LoadBalancer] {
        self.loadBalancers.filter { $0.kind == .application } + self.loadBalancers.filter { $0.kind != .application }
    }

    /// The groups that the load balancer's actions refer to, in the topology's order.
    func targetGroups(of loadBalancer: LoadBalancer) -> [TargetGroup] {
        let used = Set(loadBalancer.listeners.flatMap(\.targetGroups))
        return self.targetGroups.filter { used.contains($0.id) }
    }
}
