import ELBCore
import ELBModel
import ELBNet
import Glibc
import NIOCore
import NIOPosix

/// The slow side of a balancer: which nodes exist, and one change of configuration after the other.
actor BalancerState {
    private typealias Runtime = NIOLoopBound<NodeRuntime>

    private let group: any EventLoopGroup
    private let timeScale: TimeScale
    private let logs: LogTargets
    private let connectionLimit: Int
    private let surgeQueueLimit: Int
    private let streamRelay: (any StreamRelay)?
    private let certificates: CertificateStore
    /// What all nodes share for authentication: a user who logged in at one is known at the others.
    private let authenticationKeys: AuthenticationKeys
    private let events: @Sendable (BalancerEvent) -> Void
    private let seed: UInt64
    private let secret: [UInt8]?
    private var generator: SplitMix64
    private var nodes: [(node: LoadBalancer.Node, runtime: Runtime)] = []
    private var boundPorts: Set<Port> = []
    private var fullName = ""
    private var kind = LoadBalancer.Kind.application
    private var shiftedZone: AvailabilityZone?
    private var quirks: Set<Quirk> = []
    /// Zones whose node has no power.
    private var cutZones: Set<AvailabilityZone> = []
    /// What nodes counted that no longer exist.
    private var pastMetrics: [BalancerMetrics.Node] = []
    private var isStopped = false
    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(
        group: any EventLoopGroup,
        timeScale: TimeScale,
        logs: LogTargets,
        connectionLimit: Int,
        surgeQueueLimit: Int = SurgeQueue.usualLimit,
        streamRelay: (any StreamRelay)? = nil,
        certificates: CertificateStore,
        seed: UInt64,
        secret: [UInt8]?,
        authenticationKeys: AuthenticationKeys,
        events: @Sendable @escaping (BalancerEvent) -> Void
    ) {
        self.group = group
        self.timeScale = timeScale
        self.logs = logs
        self.connectionLimit = connectionLimit
        self.surgeQueueLimit = surgeQueueLimit
        self.streamRelay = streamRelay
        self.seed = seed
        self.secret = secret
        self.certificates = certificates
        self.generator = SplitMix64(seed: seed)
        self.authenticationKeys = authenticationKeys
        self.events = events
    }

    // MARK: Applying

    func apply(_ loadBalancer: LoadBalancer, targetGroups: [TargetGroup]) async throws {
        try await self.apply(loadBalancer) { () throws(ModelError) in
            try Snapshot(compiling: loadBalancer, targetGroups: targetGroups)
        }
    }

    func apply(_ classic: ClassicLoadBalancer) async throws {
        let lowered = try LoweredClassic(classic)
        guard self.streamRelay != nil || !lowered.hasStreams else {
            throw ModelError(.notInLab, "This program carries no TCP and SSL listeners", at: "Listeners")
        }
        try await self.apply(lowered.loadBalancer) { () throws(ModelError) in try Snapshot(compiling: lowered) }
    }

    private func apply(_ loadBalancer: LoadBalancer, compile: () throws(ModelError) -> Snapshot) async throws {
        await self.beginChange()
        defer { self.endChange() }
        guard !self.isStopped else { return }
        try self.logs.check(loadBalancer)
        let snapshot = try compile()
        let configuration = try self.configuration(of: loadBalancer, snapshot)
        let ports = Set(loadBalancer.listeners.map(\.port))
        let kept = self.nodes.filter { loadBalancer.nodes.contains($0.node) }
        var planned: [(node: LoadBalancer.Node, runtime: Runtime, channels: [Port: any Channel], isNew: Bool)] = []
        do {
            for node in loadBalancer.nodes {
                let old = kept.first { $0.node == node }
                let runtime = try await self.runtime(for: node, existing: old?.runtime, configuration)
                planned.append((node, runtime, [:], old == nil))
                for port in ports.subtracting(old == nil ? [] : self.boundPorts) {
                    let channel = try await Self.bind(runtime, Endpoint(address: node.address, port: port))
                    planned[planned.count - 1].channels[port] = channel
                }
            }
        } catch {
            for plan in planned { for channel in plan.channels.values { try? await channel.close() } }
            throw error
        }
        // From here on nothing fails.
        for plan in planned {
            let (runtime, channels, isNew) = (plan.runtime, plan.channels, plan.isNew)
            try? await runtime.eventLoop.submit {
                runtime.value.configure(configuration, newChannels: channels)
                if isNew { runtime.value.start() }
            }.get()
        }
        self.fullName = snapshot.fullName
        self.kind = loadBalancer.kind
        self.shiftedZone = loadBalancer.shiftedZone
        self.quirks = loadBalancer.quirks
        let removed = self.nodes.filter { old in !loadBalancer.nodes.contains(old.node) }
        self.nodes = planned.map { ($0.node, $0.runtime) }
        self.boundPorts = ports
        if !self.cutZones.isEmpty { await self.setPower() }
        for old in removed { await self.retire(old.runtime) }
    }

    /// What nodes take over. Reads the certificates' files and makes keys, which is slow and off the event loops.
    private func configuration(
        of loadBalancer: LoadBalancer,
        _ snapshot: Snapshot
    ) throws -> NodeConfiguration {
        var credentials: [Port: ListenerCredentials] = [:]
        for listener in snapshot.listeners {
            guard let tls = listener.tls else { continue }
            credentials[listener.port] = try self.certificates.credentials(for: tls)
        }
        let isSecure = snapshot.targetGroups.contains {
            $0.protocol == .https || $0.protocol == .tls || $0.healthCheck.protocol == .https
        }
        let asksProviders = snapshot.listeners.contains { !$0.questions.isEmpty }
        // A Classic Load Balancer may have another one's name, but not its cookies.
        let name =
            snapshot.classic == nil ? loadBalancer.name : LoadBalancerName(rawValue: "classic/\(loadBalancer.name)")
        let validates = loadBalancer.quirks.contains(.tlsValidatesTargets)
        let keyed = try snapshot.classic?.publicKeys.mapValues {
            try TargetTLS(policy: snapshot.targetPolicy, publicKeys: $0)
        }
        return NodeConfiguration(
            snapshot: snapshot,
            settings: NodeSettings(loadBalancer, timeScale: self.timeScale),
            cookieSecret: self.secret.map { CookieSecret(secret: $0, name: name) }
                ?? CookieSecret(seed: self.seed, name: name),
            credentials: credentials,
            providers: asksProviders
                ? try ProviderClient.Surroundings(
                    loadBalancer.providerNetwork,
                    trusting: try self.certificates.authorityCertificate()
                ) : .none,
            targetTLS: isSecure ? try TargetTLS(policy: snapshot.targetPolicy, validates: validates) : nil,
            keyedTLS: keyed ?? [:]
        )
    }

    private func runtime(
        for node: LoadBalancer.Node,
        existing: Runtime?,
        _ configuration: NodeConfiguration
    ) async throws -> Runtime {
        if let existing { return existing }
        let eventLoop = self.group.next()
        let (timeScale, logs, connectionLimit) = (self.timeScale, self.logs, self.connectionLimit)
        let (events, seed, surgeQueueLimit) = (self.events, self.generator.next(), self.surgeQueueLimit)
        let (authenticationKeys, streamRelay) = (self.authenticationKeys, self.streamRelay)
        return try await eventLoop.submit {
            let runtime = NodeRuntime(
                node: node,
                eventLoop: eventLoop,
                configuration: configuration,
                timeScale: timeScale,
                seed: seed,
                logs: logs,
                connectionLimit: connectionLimit,
                surgeQueueLimit: surgeQueueLimit,
                streamRelay: streamRelay,
                authenticationKeys: authenticationKeys,
                events: events
            )
            return NIOLoopBound(runtime, eventLoop: eventLoop)
        }.get()
    }

    /// Bytes that may wait in the system for each client; enough to keep a fast one busy while we are elsewhere.
    private static let unsentLimit = 128 << 10

    /// Binds without accepting: connections wait in the kernel until the node knows the listener.
    private static func bind(_ runtime: Runtime, _ endpoint: Endpoint) async throws -> any Channel {
        let port = endpoint.port
        do {
            return try await ServerBootstrap(group: runtime.eventLoop)
                .serverChannelOption(.backlog, value: 4096)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                // Accepted sockets inherit it. Without it the system takes megabytes for a client that does not read, and when the
                // client does it takes a third of them before we hear of it.
                .serverChannelOption(.tcpOption(.init(rawValue: TCP_NOTSENT_LOWAT)), value: Self.unsentLimit)
                .serverChannelOption(.autoRead, value: false)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try runtime.value.accept(channel, on: port)
                    }
                }
                .bind(host: endpoint.address.description, port: Int(port.rawValue))
                .get()
        } catch let error as IOError {
            throw ListenError(endpoint: endpoint, reason: String(cString: strerror(error.errnoCode)))
        }
    }

    private func retire(_ runtime: Runtime) async {
        // Their requests finish within the time that stopping would give them; nobody waits for it here.
        let grace = self.timeScale.timeAmount(seconds: 300)
        let metrics: BalancerMetrics.Node? = try? await runtime.eventLoop.submit {
            let node = runtime.value
            _ = node.stopGracefully()
            runtime.eventLoop.scheduleTask(in: grace) { runtime.value.stopNow() }
            return node.metrics()
        }.get()
        if let metrics { self.pastMetrics.append(metrics.retired) }
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
            try? await runtime.eventLoop.submit { runtime.value.setPower(isOn: isOn) }.get()
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
                let timer = runtime.eventLoop.scheduleTask(in: grace) { runtime.value.stopNow() }
                runtime.value.stopGracefully().assumeIsolated().whenComplete { _ in timer.cancel() }
            }
        }
        for (_, runtime) in self.nodes {
            try? await runtime.eventLoop.flatSubmit { runtime.value.stopGracefully() }.get()
        }
        await self.logs.flush()
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
            all += (try? await runtime.eventLoop.submit { runtime.value.targetHealth() }.get()) ?? []
        }
        return all
    }

    func instanceHealth() async -> [InstanceHealthDescription] {
        var all: [InstanceHealthDescription] = []
        for (node, runtime) in self.nodes where !self.cutZones.contains(node.zone) {
            all += (try? await runtime.eventLoop.submit { runtime.value.instanceHealth() }.get()) ?? []
        }
        return all
    }

    func publishedZones() async -> Set<AvailabilityZone> {
        var zones: [AvailabilityZone: [TargetGroupID: ZonePublication.GroupHealth]] = [:]
        for (node, runtime) in self.nodes {
            let seen = try? await runtime.eventLoop.submit { runtime.value.publicationHealth() }.get()
            zones[node.zone] = seen ?? [:]
        }
        return ZonePublication(zones, shifted: self.shiftedZone, quirks: self.quirks).published
    }

    func bufferedBytes() async -> Int {
        var sum = 0
        for (_, runtime) in self.nodes {
            sum += (try? await runtime.eventLoop.submit { runtime.value.bufferedBytes() }.get()) ?? 0
        }
        return sum
    }

    func explainStickiness(head: [UInt8], port: Port, peer: IPAddress) async -> [String] {
        guard let (_, runtime) = self.nodes.first else { return [] }
        let sentences = try? await runtime.eventLoop.submit {
            runtime.value.explainStickiness(head: head, port: port, peer: peer)
        }.get()
        return sentences ?? []
    }

    func metrics() async -> BalancerMetrics {
        var metrics = BalancerMetrics(loadBalancer: self.fullName, nodes: self.pastMetrics, kind: self.kind)
        for (_, runtime) in self.nodes {
            let node = try? await runtime.eventLoop.submit { runtime.value.metrics() }.get()
            if let node { metrics.nodes.append(node) }
        }
        return metrics
    }
}
