import ELBCore
import ELBModel
import ELBNet
import Glibc
import NIOCore

/// A load balancer's node at work: everything that one zone's address needs to serve requests, confined to one event loop. Nodes
/// share nothing but the snapshot, which is immutable (ALB-HC-001, ALB-ALG-004).
final class NodeRuntime {
    let node: LoadBalancer.Node
    let eventLoop: any EventLoop
    let timeScale: TimeScale
    let events: @Sendable (BalancerEvent) -> Void
    let emptyBuffer: ByteBuffer
    let receiveAllocator = AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 4096, maximum: 65_536)
    /// Tells this node's connection trace ids from other nodes'.
    let connectionSeed: UInt64

    private(set) var settings: NodeSettings
    private(set) var snapshot: Snapshot
    /// Grows with every configuration, so that connections know what they derived from an older one.
    private(set) var epoch = 0
    private(set) var listeners: [Port: ListenerRuntime] = [:]
    /// In the order of `snapshot.targetGroups`.
    private(set) var groups: [GroupRuntime] = []
    /// Groups of earlier configurations in which requests or connections still live.
    var retiredGroups: [GroupRuntime] = []
    private(set) var isStopping = false
    /// Reads and writes stickiness cookies.
    private(set) var cookies: CookieCodec

    var wheel: DeadlineWheel
    // Unchecked for the reason given in ClientRequest.
    @exclusivity(unchecked) var counters = LoadBalancerCounters()
    let metricClock: MetricClock
    var metricHistory = MetricHistory()
    /// The period under way.
    var metricPeriod: Int64 = 0
    @exclusivity(unchecked) var generator: SplitMix64

    let tlsContexts = TLSContexts()
    /// Of a Classic Load Balancer.
    var surgeQueue: SurgeQueue
    let streamRelay: (any StreamRelay)?
    private(set) var targetTLS: TargetTLS?
    private var keyedTLS: [TargetGroupID: TargetTLS] = [:]
    let providers: ProviderClient
    private(set) lazy var keySets = KeySetStore(
        providers: self.providers,
        timeScale: self.timeScale,
        now: { NIODeadline.now().uptimeNanoseconds }
    )
    private let authenticationKeys: AuthenticationKeys

    var clients: [ObjectIdentifier: any ClientConnection] = [:]
    /// Connections whose handshake is under way.
    private(set) var handshakes: [ObjectIdentifier: any Channel] = [:]
    let silenced = SilencedConnections()
    let powerCut = PowerCut()
    private var connectionCount: UInt64 = 0
    private let connectionLimit: Int
    private var stopWaiters: [EventLoopPromise<Void>] = []
    private var ticker: RepeatedTask?
    private var prober: HealthProber?

    let accessLog: NodeLog
    let connectionLog: NodeLog
    let healthCheckLog: NodeLog
    let logName: [UInt8]
    let logNode: [UInt8]
    /// The load balancer's ARN, as targets see it (ALB-AUTH-014).
    private let signer: String
    @exclusivity(unchecked) var clock = WallClockText()
    private var expiryClock = WallClockText()
    /// Microseconds since 1970 at monotonic time zero; renewed with every tick, because the wall clock may be set.
    private var wallClockOffset: Int64 = 0
    private var pages: [Int: PreparedResponse] = [:]

    init(
        node: LoadBalancer.Node,
        eventLoop: any EventLoop,
        configuration: NodeConfiguration,
        timeScale: TimeScale,
        seed: UInt64,
        logs: LogTargets,
        connectionLimit: Int,
        surgeQueueLimit: Int,
        streamRelay: (any StreamRelay)?,
        authenticationKeys: AuthenticationKeys,
        events: @Sendable @escaping (BalancerEvent) -> Void
    ) {
        self.node = node
        self.authenticationKeys = authenticationKeys
        self.providers = ProviderClient(eventLoop: eventLoop, timeScale: timeScale)
        self.eventLoop = eventLoop
        self.timeScale = timeScale
        self.events = events
        self.connectionLimit = connectionLimit
        self.surgeQueue = SurgeQueue(limit: surgeQueueLimit)
        self.streamRelay = streamRelay
        self.accessLog = NodeLog(.access, logs)
        self.connectionLog = NodeLog(.connection, logs)
        self.healthCheckLog = NodeLog(.healthCheck, logs)
        self.emptyBuffer = ByteBufferAllocator().buffer(capacity: 0)
        self.settings = configuration.settings
        self.snapshot = configuration.snapshot
        self.cookies = Self.cookieCodec(configuration, timeScale)
        self.generator = SplitMix64(seed: seed)
        self.connectionSeed = self.generator.next()
        self.logName = Array(configuration.snapshot.fullName.utf8)
        self.signer =
            "arn:aws:elasticloadbalancing:\(AvailabilityZone.region):123456789012:loadbalancer/"
            + configuration.snapshot.fullName
        self.logNode = Array(node.address.description.utf8)
        let now = NIODeadline.now().uptimeNanoseconds
        self.wheel = DeadlineWheel(tick: Self.tickLength(timeScale), now: now)
        self.metricClock = MetricClock(minute: timeScale.nanoseconds(seconds: 60))
        self.renewWallClock()
        self.metricPeriod = self.metricClock.number(at: self.wallClock(at: now))
    }

    /// A tenth of an AWS second, within 2 ms and 100 ms: the resolution of timeouts.
    private static func tickLength(_ timeScale: TimeScale) -> UInt64 {
        min(max(timeScale.nanoseconds(seconds: 1) / 10, 2_000_000), 100_000_000)
    }

    // MARK: Time

    /// The monotonic clock, in nanoseconds.
    @inline(__always)
    func now() -> UInt64 {
        NIODeadline.now().uptimeNanoseconds
    }

    /// Microseconds since 1970 at a moment of the monotonic clock.
    func wallClock(at monotonic: UInt64) -> Int64 {
        self.wallClockOffset + Int64(clamping: monotonic / 1000)
    }

    /// Another second than this one, in seconds since 1970.
    func httpDate(second: Int64) -> [UInt8] {
        self.expiryClock.httpDate(second: second)
    }

    func httpDate(at monotonic: UInt64) -> [UInt8] {
        self.clock.httpDate(second: self.wallClock(at: monotonic) / 1_000_000)
    }

    private func renewWallClock() {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let wall = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
        self.wallClockOffset = wall - Int64(clamping: self.now() / 1000)
    }

    private func tick() {
        self.renewWallClock()
        let now = self.now()
        for observer in self.wheel.due(now: now) {
            if let next = observer.deadlineReached(now: now) { self.wheel.add(observer, at: next) }
        }
        self.endDraining(now: now)
        for group in self.groups { group.state.compareTargets(now: now) }
        let wallClock = self.wallClock(at: now)
        self.accessLog.flush(now: wallClock)
        self.connectionLog.flush(now: wallClock)
        self.healthCheckLog.flush(now: wallClock)
        let period = self.metricClock.number(at: wallClock)
        if period != self.metricPeriod { self.closeMetricPeriod(next: period) }
    }

    // MARK: Configuration

    /// Starts the node's clock and probes; `configure` has been called.
    func start() {
        let interval = TimeAmount.nanoseconds(Int64(clamping: Self.tickLength(self.timeScale)))
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.ticker = self.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            bound.value.tick()
        }
        self.prober = HealthProber(
            eventLoop: self.eventLoop,
            timeScale: self.timeScale,
            source: self.node.privateAddress,
            quirks: self.snapshot.quirks,
            started: { [unowned self] in self.probeStarted($0) },
            finished: { [unowned self] in self.probeFinished($0, $1, $2) }
        )
        self.prober?.targetTLS = self.probeTLS
        self.prober?.egress = self.snapshot.egress
        self.updateProbes()
    }

    /// Takes over a configuration. Requests under way finish as they began; connections stay.
    ///
    /// - Parameter channels: newly bound listeners by port, not accepting yet.
    func configure(_ configuration: NodeConfiguration, newChannels channels: [Port: any Channel]) {
        self.settings = configuration.settings
        self.snapshot = configuration.snapshot
        self.cookies = Self.cookieCodec(configuration, self.timeScale)
        self.epoch += 1
        self.configureLogs()
        self.targetTLS = configuration.targetTLS
        self.keyedTLS = configuration.keyedTLS
        self.prober?.targetTLS = self.probeTLS
        self.prober?.egress = self.snapshot.egress
        self.reconcileGroups()
        var kept: [Port: ListenerRuntime] = [:]
        for compiled in self.snapshot.listeners {
            if let runtime = self.listeners.removeValue(forKey: compiled.port) {
                runtime.rules = compiled
                runtime.renew(configuration.credentials[compiled.port])
                kept[compiled.port] = runtime
            } else if let channel = channels[compiled.port] {
                kept[compiled.port] = ListenerRuntime(
                    rules: compiled,
                    credentials: configuration.credentials[compiled.port],
                    channel: channel
                )
                self.events(.listenerBound(Endpoint(address: self.node.address, port: compiled.port)))
            }
        }
        for (port, runtime) in self.listeners {
            runtime.channel.close(promise: nil)
            self.events(.listenerClosed(Endpoint(address: self.node.address, port: port)))
        }
        self.listeners = kept
        for channel in channels.values { try? channel.syncOptions?.setOption(.autoRead, value: true) }
        self.updateProbes()
        self.providers.surroundings = configuration.providers
        self.keySets.keep(Set(self.snapshot.listeners.flatMap(\.questions.jwksEndpoints)))
    }

    /// What authentication needs to know at a moment of the monotonic clock.
    func authenticationContext(at monotonic: UInt64) -> AuthenticationContext {
        AuthenticationContext(
            time: self.wallClock(at: monotonic),
            secondLength: Int64(clamping: self.timeScale.nanoseconds(seconds: 1) / 1000),
            cryptography: self.authenticationKeys,
            signer: self.signer
        )
    }

    private func reconcileGroups() {
        let now = self.now()
        var known: [TargetGroupID: GroupRuntime] = [:]
        for group in self.groups { known[group.state.group.id] = group }
        self.groups = self.snapshot.targetGroups.enumerated().map { index, group in
            let context = TargetGroupState.Context(
                zone: self.node.zone,
                enabledZones: self.snapshot.enabledZones,
                shiftedZone: self.snapshot.shiftedZone,
                isReferenced: self.snapshot.isReferenced[index],
                quirks: self.snapshot.quirks,
                secondLength: self.timeScale.nanoseconds(seconds: 1),
                classic: self.snapshot.classicRole(ofGroup: index)
            )
            if let runtime = known.removeValue(forKey: group.id) {
                runtime.state.reconcile(with: group, context: context, now: now)
                runtime.protocolVersion = group.protocolVersion
                runtime.prune()
                return runtime
            }
            return GroupRuntime(state: TargetGroupState(group, context: context))
        }
        for group in known.values {
            group.retire(now: now)
            self.retiredGroups.append(group)
        }
        self.shareInstanceHealth()
    }

    // MARK: Health

    func updateProbes() {
        guard !self.powerCut.isOn else {
            self.prober?.stop()
            return
        }
        self.prober?.update(self.groups.flatMap { $0.state.probeAssignments })
    }

    /// How targets of the group are spoken to; `nil` in clear text.
    func targetTLS(of group: TargetGroup) -> TargetTLS? {
        group.protocol == .https || group.protocol == .tls ? self.keyedTLS[group.id] ?? self.targetTLS : nil
    }

    /// The same for probes. Those of a Classic Load Balancer all have one target group.
    private var probeTLS: TargetTLS? {
        guard self.snapshot.classic != nil, let instances = self.snapshot.targetGroups.first else {
            return self.targetTLS
        }
        return self.keyedTLS[instances.id] ?? self.targetTLS
    }

    func group(_ id: TargetGroupID) -> GroupRuntime? {
        self.groups.first { $0.state.group.id == id }
    }

    private func probeStarted(_ assignment: ProbeAssignment) {
        self.group(assignment.group)?.state.probeStarted(assignment.handle)
    }

    private func probeFinished(_ assignment: ProbeAssignment, _ result: ProbeResult, _ time: ProbeTime) {
        if self.healthCheckLog.isWritten { self.log(assignment, result, time) }
        if result == .failed || result == .timedOut { self.counters.probeFailureCount += 1 }
        guard let change = self.group(assignment.group)?.state.probeFinished(assignment.handle, result, now: self.now())
        else { return }
        if self.snapshot.classic != nil { self.instanceChanged(change) }
        self.events(
            .healthChanged(
                BalancerEvent.HealthChange(
                    targetGroup: assignment.group,
                    target: change.target,
                    from: change.from,
                    to: change.to,
                    zone: self.node.zone,
                    at: self.wallClock(at: self.now())
                )
            )
        )
        self.updateProbes()
    }

    private func endDraining(now: UInt64) {
        var changed = false
        for group in self.groups + self.retiredGroups {
            guard let deadline = group.state.nextDeadline, deadline <= now else { continue }
            changed = true
            for ended in group.state.deadlinePassed(now: now) {
                for connection in group.pool(of: ended.handle)?.connections ?? [] { connection.deregistered() }
                group.functions?.deregistered(ended.handle)
            }
            group.prune()
        }
        if changed {
            self.retiredGroups.removeAll { $0.state.nextDeadline == nil && $0.connectionCount == 0 }
            self.updateProbes()
        }
    }

    func targetHealth() -> [TargetHealthDescription] {
        self.groups.flatMap { group in
            group.state.targetHealth.map {
                TargetHealthDescription(
                    targetGroup: group.state.group.id,
                    target: $0.target,
                    health: $0.health,
                    node: self.node.zone,
                    anomalies: $0.anomalies
                )
            }
        }
    }

    /// What this node's view of its groups says to DNS.
    func publicationHealth() -> [TargetGroupID: ZonePublication.GroupHealth] {
        Dictionary(self.groups.map { ($0.state.group.id, $0.state.publicationHealth) }) { first, _ in first }
    }

    // MARK: Clients

    /// Whether another client can be taken; AWS does not tell its own maximum (ALB-CONN-014).
    var hasRoom: Bool { self.clients.count + self.handshakes.count < self.connectionLimit }

    func nextConnectionNumber() -> UInt64 {
        self.connectionCount += 1
        return self.connectionCount
    }

    func handshakeBegan(on channel: any Channel) {
        self.handshakes[ObjectIdentifier(channel)] = channel
    }

    func handshakeEnded(on channel: any Channel) {
        self.handshakes[ObjectIdentifier(channel)] = nil
    }

    /// What waits in clients' connections and in those to their targets.
    func bufferedBytes() -> Int {
        self.clients.values.reduce(0) { $0 + $1.bufferedBytes }
    }

    func clientOpened(_ client: any ClientConnection) {
        self.clients[ObjectIdentifier(client)] = client
        self.counters.newConnectionCount += 1
    }

    func clientClosed(_ client: any ClientConnection) {
        self.clients[ObjectIdentifier(client)] = nil
        if self.isStopping, self.clients.isEmpty { self.finishStopping() }
    }

    // MARK: Answers

    /// The page for a status that the balancer generates. The quirks of errors act here.
    func page(for status: Int) -> PreparedResponse {
        var shown = status
        if self.settings.quirks.contains(.badGatewayAs500), status == 502 { shown = 500 }
        if self.settings.quirks.contains(.timeoutAs502), status == 504 { shown = 502 }
        if self.settings.quirks.contains(.noTargetsAs502), status == 503 { shown = 502 }
        if self.settings.quirks.contains(.requestTimeoutAs400), status == 408 { shown = 400 }
        if self.settings.quirks.contains(.notImplementedAs400), status == 501 { shown = 400 }
        if self.settings.quirks.contains(.badRequestAs500), status == 400 { shown = 500 }
        if let page = self.pages[shown] { return page }
        let isClassic = self.settings.quirks.contains(.classic)
        let page = isClassic ? PreparedResponse(classicErrorFor: shown) : PreparedResponse(pageFor: shown)
        self.pages[shown] = page
        return page
    }

    // MARK: Stopping

    /// Accepts nothing new, lets requests finish, and completes when the last client has gone.
    func stopGracefully() -> EventLoopFuture<Void> {
        let promise = self.eventLoop.makePromise(of: Void.self)
        self.stopWaiters.append(promise)
        if !self.isStopping {
            self.isStopping = true
            self.powerCut.end()
            self.prober?.stop()
            for (port, listener) in self.listeners {
                listener.channel.close(promise: nil)
                self.events(.listenerClosed(Endpoint(address: self.node.address, port: port)))
            }
            self.listeners = [:]
            for channel in Array(self.handshakes.values) { channel.close(promise: nil) }
            self.silenced.closeAll()
            for client in Array(self.clients.values) { client.stopGracefully() }
        }
        if self.clients.isEmpty { self.finishStopping() }
        return promise.futureResult
    }

    /// Cuts what the grace period left.
    func stopNow() {
        for client in Array(self.clients.values) { client.cut() }
        self.finishStopping()
    }

    private func finishStopping() {
        self.ticker?.cancel()
        self.ticker = nil
        for group in self.groups + self.retiredGroups { group.closeAll() }
        let now = self.wallClock(at: self.now())
        self.accessLog.finish(now: now)
        self.connectionLog.finish(now: now)
        self.healthCheckLog.finish(now: now)
        let waiters = self.stopWaiters
        self.stopWaiters = []
        for waiter in waiters { waiter.succeed(()) }
    }
}

/// A configuration as nodes take it over.
struct NodeConfiguration: Sendable {
    var snapshot: Snapshot
    var settings: NodeSettings
    var cookieSecret: CookieSecret
    /// Of HTTPS listeners, by port.
    var credentials: [Port: ListenerCredentials]
    /// How identity providers are found and trusted.
    var providers: ProviderClient.Surroundings
    var targetTLS: TargetTLS?
    /// By group, where targets must show a key.
    var keyedTLS: [TargetGroupID: TargetTLS]
}
