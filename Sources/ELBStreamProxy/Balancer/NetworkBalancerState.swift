import ELBCore
import ELBModel
import ELBNet
import Glibc
import NIOCore
import NIOPosix

/// The slow side of a Network Load Balancer: which nodes exist, and one change of configuration after the other.
actor NetworkBalancerState {
    private typealias Runtime = NIOLoopBound<NetworkNode>
    private typealias Plan = (
        node: LoadBalancer.Node, runtime: Runtime, sockets: [ListenerSocket: BoundSocket], isNew: Bool
    )

    private let group: any EventLoopGroup
    private let certificates: CertificateStore
    private let settings: NetworkNode.Settings
    private var nodes: [(node: LoadBalancer.Node, runtime: Runtime)] = []
    private var boundSockets: Set<ListenerSocket> = []
    /// What nodes counted that no longer exist.
    private var pastCounters = FlowCounters()
    private var pastMetrics: [BalancerMetrics.Node] = []
    private var fullName = ""
    private var shiftedZone: AvailabilityZone?
    private var quirks: Set<Quirk> = []
    /// Zones whose node has no power.
    private var cutZones: Set<AvailabilityZone> = []
    private var isStopped = false
    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(group: any EventLoopGroup, certificates: CertificateStore, settings: NetworkNode.Settings) {
        self.group = group
        self.certificates = certificates
        self.settings = settings
    }

    // MARK: Applying

    func apply(_ loadBalancer: LoadBalancer, targetGroups: [TargetGroup]) async throws {
        await self.beginChange()
        defer { self.endChange() }
        guard !self.isStopped else { return }
        let configuration = try self.configuration(of: loadBalancer, targetGroups)
        let sockets = Set(configuration.snapshot.listeners.flatMap(ListenerSocket.sockets))
        var planned: [Plan] = []
        do {
            for node in loadBalancer.nodes {
                let old = self.nodes.first { $0.node == node }
                let runtime = try await self.runtime(for: node, existing: old?.runtime, configuration)
                planned.append((node, runtime, [:], old == nil))
                for socket in sockets.subtracting(old == nil ? [] : self.boundSockets) {
                    planned[planned.count - 1].sockets[socket] = try Self.bind(socket, at: node.address)
                }
            }
        } catch {
            for plan in planned {
                for socket in plan.sockets.values { socket.close() }
                if plan.isNew { _ = try? await Self.ask(plan.runtime) { $0.stopNow() } }
            }
            throw error
        }
        // From here on nothing fails.
        for plan in planned {
            let (sockets, isNew) = (plan.sockets, plan.isNew)
            try? await Self.ask(plan.runtime) { node in
                node.configure(configuration, newSockets: sockets)
                if isNew { node.start() }
            }
        }
        self.fullName = loadBalancer.fullName
        self.shiftedZone = loadBalancer.shiftedZone
        self.quirks = loadBalancer.quirks
        let removed = self.nodes.filter { old in !loadBalancer.nodes.contains(old.node) }
        self.nodes = planned.map { ($0.node, $0.runtime) }
        self.boundSockets = sockets
        if !self.cutZones.isEmpty { await self.setPower() }
        for old in removed { await self.retire(old.runtime) }
    }

    /// What nodes take over. Reads the certificates' files and makes keys, which is slow and off the event loops.
    private func configuration(
        of loadBalancer: LoadBalancer,
        _ targetGroups: [TargetGroup]
    ) throws -> NetworkNode.Configuration {
        try self.settings.logs.check(loadBalancer)
        let snapshot = try NetworkSnapshot(compiling: loadBalancer, targetGroups: targetGroups)
        var credentials: [Port: ListenerCredentials] = [:]
        for listener in snapshot.listeners {
            guard let tls = listener.tls else { continue }
            credentials[listener.port] = try self.certificates.credentials(for: tls)
        }
        let validates = loadBalancer.quirks.contains(.tlsValidatesTargets)
        let isSecure = snapshot.targetGroups.contains { $0.protocol == .tls }
        let isCheckedSecurely = snapshot.targetGroups.contains { $0.healthCheck.protocol == .https }
        return NetworkNode.Configuration(
            snapshot: snapshot,
            credentials: credentials,
            targetTLS: isSecure
                ? try TargetTLS(
                    policy: snapshot.targetPolicy,
                    validates: validates,
                    protocols: snapshot.listeners.flatMap { $0.tls?.settings.alpnPolicy.protocols ?? [] }
                ) : nil,
            // Checks know nothing of TLS 1.3 (NLB-HC-012).
            probeTLS: isCheckedSecurely
                ? try TargetTLS(policy: SecurityPolicy.towardsTargets(of: []), validates: validates) : nil
        )
    }

    private func runtime(
        for node: LoadBalancer.Node,
        existing: Runtime?,
        _ configuration: NetworkNode.Configuration
    ) async throws -> Runtime {
        if let existing { return existing }
        let eventLoop = self.group.next()
        let settings = self.settings
        return try await eventLoop.submit {
            let runtime = try NetworkNode(
                node: node,
                eventLoop: eventLoop,
                configuration: configuration,
                settings: settings
            )
            return NIOLoopBound(runtime, eventLoop: eventLoop)
        }.get()
    }

    /// Asks a node on its event loop, while nobody else uses it.
    private static func ask<Answer: Sendable>(
        _ runtime: Runtime,
        _ question: @Sendable @escaping (NetworkNode) -> Answer
    ) async throws -> Answer {
        try await runtime.eventLoop.submit {
            let node = runtime.value
            return node.loop.exclusively { question(node) }
        }.get()
    }

    /// Binds without accepting: connections wait in the kernel until the node knows the listener.
    private static func bind(_ socket: ListenerSocket, at address: IPAddress) throws(ListenError) -> BoundSocket {
        do throws(SocketFailure) {
            return switch socket.transport {
            case .tcp: .stream(try StreamSocket.listening(at: address, port: socket.port))
            case .udp: .datagrams(try DatagramSocket.bound(to: address, port: socket.port.rawValue))
            }
        } catch {
            throw ListenError(endpoint: Endpoint(address: address, port: socket.port), reason: error.description)
        }
    }

    /// A zone that is removed takes its connections with it (NLB-AZ-004).
    private func retire(_ runtime: Runtime) async {
        let counted = try? await Self.ask(runtime) { node in
            _ = node.stopGracefully()
            node.stopNow()
            return (node.totalCounters.finished, node.metrics())
        }
        guard let (counters, metrics) = counted else { return }
        self.pastCounters.add(counters)
        self.pastMetrics.append(metrics.retired)
    }

    // MARK: Power

    /// The nodes of these zones have no power from now on, and all others have.
    func cut(_ zones: Set<AvailabilityZone>) async {
        await self.beginChange()
        defer { self.endChange() }
        self.cutZones = zones
        await self.setPower()
    }

    private func setPower() async {
        for (node, runtime) in self.nodes {
            let isOn = !self.cutZones.contains(node.zone)
            try? await Self.ask(runtime) { $0.setPower(isOn: isOn) }
        }
    }

    // MARK: Stopping

    func stop(gracePeriod: Duration) async {
        await self.beginChange()
        defer { self.endChange() }
        guard !self.isStopped else { return }
        self.isStopped = true
        let grace = TimeAmount.nanoseconds(Self.nanoseconds(gracePeriod))
        for (_, runtime) in self.nodes {
            runtime.eventLoop.execute {
                let timer = runtime.eventLoop.scheduleTask(in: grace) {
                    runtime.value.loop.exclusively { runtime.value.stopNow() }
                }
                let stopping = runtime.value.loop.exclusively { runtime.value.stopGracefully() }
                stopping.assumeIsolated().whenComplete { _ in timer.cancel() }
            }
        }
        for (_, runtime) in self.nodes {
            try? await runtime.eventLoop.flatSubmit {
                runtime.value.loop.exclusively { runtime.value.stopGracefully() }
            }.get()
        }
        await self.settings.logs.flush()
    }

    private static func nanoseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? Int64.max / 2 : max(0, product + attoseconds / 1_000_000_000)
    }

    // MARK: One change at a time

    private func beginChange() async {
        while self.isBusy {
            await withCheckedContinuation { self.waiting.append($0) }
        }
        self.isBusy = true
    }

    private func endChange() {
        self.isBusy = false
        let waiting = self.waiting
        self.waiting = []
        for continuation in waiting { continuation.resume() }
    }

    // MARK: Looking

    func targetHealth() async -> [TargetHealthDescription] {
        var all: [TargetHealthDescription] = []
        for (node, runtime) in self.nodes where !self.cutZones.contains(node.zone) {
            all += (try? await Self.ask(runtime) { $0.targetHealth() }) ?? []
        }
        return all
    }

    /// Where a new flow with these numbers goes; `nil` if they do not suffice to tell, or if there is no target.
    func target(
        ofTCP isTCP: Bool,
        from source: IPAddress,
        _ sourcePort: Port?,
        to destination: Endpoint
    ) async -> Endpoint? {
        guard let (_, runtime) = self.nodes.first(where: { $0.node.address == destination.address }) else { return nil }
        let answer = try? await Self.ask(runtime) { node in
            node.target(ofTCP: isTCP, from: source, sourcePort, to: destination)
        }
        return answer ?? nil
    }

    func publishedZones() async -> Set<AvailabilityZone> {
        var zones: [AvailabilityZone: [TargetGroupID: ZonePublication.GroupHealth]] = [:]
        for (node, runtime) in self.nodes {
            let seen = try? await Self.ask(runtime) { $0.publicationHealth() }
            zones[node.zone] = seen ?? [:]
        }
        return ZonePublication(zones, of: .network, shifted: self.shiftedZone, quirks: self.quirks).published
    }

    func metrics() async -> BalancerMetrics {
        var metrics = BalancerMetrics(loadBalancer: self.fullName, nodes: self.pastMetrics, kind: .network)
        for (_, runtime) in self.nodes {
            if let node = try? await Self.ask(runtime, { $0.metrics() }) {
                metrics.nodes.append(node)
            }
        }
        return metrics
    }

    func counters() async -> FlowCounters {
        var counters = self.pastCounters
        for (_, runtime) in self.nodes {
            if let node = try? await Self.ask(runtime, { $0.totalCounters }) {
                counters.add(node)
            }
        }
        return counters
    }
}
