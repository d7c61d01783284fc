import ELBCore
import ELBModel
import ELBNet
import Glibc
import NIOCore
import NIOPosix

/// A Network Load Balancer's node at work: everything that one zone's address needs to carry flows. Nodes share nothing but the
/// snapshot, which is immutable.
///
/// Two threads take turns with it, by the lock of its socket loop: the thread of that loop, which carries plain connections, and the
/// node's event loop, on which everything else happens: its clock, probes, TLS, datagrams and changes of configuration. The first
/// never touches a channel; the second may touch whatever it likes.
final class NetworkNode {
    /// What stays the same for as long as the load balancer lives.
    struct Settings: Sendable {
        var timeScale: TimeScale
        var connectionLimit: Int
        var datagramFlowLimit: Int
        var portLimit: Int
        var hash: FlowHash
        var logs: LogTargets
        var events: @Sendable (BalancerEvent) -> Void
    }

    /// A configuration as nodes take it over.
    struct Configuration: Sendable {
        var snapshot: NetworkSnapshot
        /// Of TLS listeners, by port.
        var credentials: [Port: ListenerCredentials]
        var targetTLS: TargetTLS?
        var probeTLS: TargetTLS?
    }

    let node: LoadBalancer.Node
    let eventLoop: any EventLoop
    /// Whoever uses the node has its lock.
    let loop: SocketLoop
    let settings: Settings
    let durations: FlowDurations
    let tlsContexts = TLSContexts(of: .network)
    private(set) var configuration: Configuration
    private(set) var listeners: [Port: ListenerRuntime] = [:]
    /// In the order of the snapshot's groups.
    private(set) var groups: [FlowGroup] = []
    /// Groups of earlier configurations in which flows still live.
    private var retiredGroups: [FlowGroup] = []
    private(set) var isStopping = false

    var wheel: DeadlineWheel
    // Unchecked: counted on every read, and nothing here calls back while counting.
    @exclusivity(unchecked) var counters = FlowCounters()
    /// The monotonic clock as of the last tick, in nanoseconds: good enough for what is measured in seconds.
    @exclusivity(unchecked) private(set) var coarseNow: UInt64

    /// Connections under way, those whose handshake is included.
    var connections: [ObjectIdentifier: any NodeConnection] = [:]
    /// Without it nobody is answered and nobody is asked.
    var hasPower = true
    let silenced = SilencedConnections()
    let silencedSockets: SilencedSockets
    /// Of clients that came while there was no power.
    let unheardSockets: SilencedSockets
    let forgotten = ForgottenFlows()
    /// Of connections to TLS listeners (NLB-MT-009).
    let accessLog: NodeLog
    let targetBootstrap: ClientBootstrap
    private var connectionCount: UInt64 = 0
    private var stopWaiters: [EventLoopPromise<Void>] = []
    private var newTLSListeners: [ListenerRuntime] = []
    private var ticker: RepeatedTask?
    private var prober: HealthProber?
    private let metricClock: MetricClock
    private var peaks: PeakWatch
    private var metricHistory = MetricHistory()
    /// The period under way.
    private var metricPeriod: Int64 = 0
    /// What was counted in the periods before.
    private var pastCounters = FlowCounters()
    /// Microseconds since 1970 at monotonic time zero.
    private var wallClockOffset: Int64 = 0

    /// - Throws: if the system has no more threads.
    init(
        node: LoadBalancer.Node,
        eventLoop: any EventLoop,
        configuration: Configuration,
        settings: Settings
    ) throws(SocketFailure) {
        self.node = node
        self.eventLoop = eventLoop
        self.loop = try SocketLoop()
        self.silencedSockets = SilencedSockets(on: self.loop)
        self.unheardSockets = SilencedSockets(on: self.loop)
        self.settings = settings
        self.configuration = configuration
        self.durations = FlowDurations(settings.timeScale)
        let now = NIODeadline.now().uptimeNanoseconds
        self.coarseNow = now
        self.wheel = DeadlineWheel(tick: Self.tickLength(settings.timeScale), now: now)
        self.targetBootstrap = ChannelEnd.bootstrap(
            on: eventLoop,
            connectTimeout: .nanoseconds(Int64(clamping: self.durations.connect))
        )
        self.accessLog = NodeLog(.access, settings.logs)
        self.peaks = PeakWatch(secondLength: settings.timeScale.nanoseconds(seconds: 1), now: now)
        self.metricClock = MetricClock(minute: settings.timeScale.nanoseconds(seconds: 60))
        self.renewWallClock()
        self.metricPeriod = self.metricClock.number(at: self.wallClock)
    }

    var snapshot: NetworkSnapshot { self.configuration.snapshot }

    /// Takes the node to its event loop.
    var reference: Reference { Reference(node: self) }

    /// The node for whoever will take its lock. That is all that makes it safe to pass on.
    struct Reference: @unchecked Sendable {
        let node: NetworkNode
    }

    // MARK: Time

    /// A tenth of an AWS second, within 2 ms and 100 ms: the resolution of timeouts.
    private static func tickLength(_ timeScale: TimeScale) -> UInt64 {
        min(max(timeScale.nanoseconds(seconds: 1) / 10, 2_000_000), 100_000_000)
    }

    private func renewWallClock() {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let wall = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
        self.wallClockOffset = wall - Int64(clamping: self.coarseNow / 1000)
    }

    /// Microseconds since 1970.
    var wallClock: Int64 { self.wallClockOffset + Int64(clamping: self.coarseNow / 1000) }

    private func tick() {
        self.coarseNow = NIODeadline.now().uptimeNanoseconds
        self.renewWallClock()
        let now = self.coarseNow
        for observer in self.wheel.due(now: now) {
            if let next = observer.deadlineReached(now: now) { self.wheel.add(observer, at: next) }
        }
        self.endDraining(now: now)
        for group in self.groups + self.retiredGroups { group.endFlows(now: now) }
        for listener in self.listeners.values { listener.resume() }
        self.retiredGroups.removeAll { $0.flows.isEmpty && $0.state.nextDeadline == nil }
        self.notePeaks(now: now)
        let period = self.metricClock.number(at: self.wallClock)
        if period != self.metricPeriod { self.closeMetricPeriod(next: period) }
        self.accessLog.flush(now: self.wallClock)
    }

    // MARK: Configuration

    /// Starts the node's clock and probes; `configure` has been called.
    func start() {
        let interval = TimeAmount.nanoseconds(Int64(clamping: Self.tickLength(self.settings.timeScale)))
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.ticker = self.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            bound.value.loop.exclusively { bound.value.tick() }
        }
        let prober = HealthProber(
            eventLoop: self.eventLoop,
            timeScale: self.settings.timeScale,
            source: self.node.privateAddress,
            quirks: self.snapshot.quirks,
            started: { [unowned self] assignment in self.loop.exclusively { self.probeStarted(assignment) } },
            finished: { [unowned self] assignment, result, _ in
                self.loop.exclusively {
                    self.counters.probes += 1
                    self.probeFinished(assignment, result)
                }
            }
        )
        prober.targetTLS = self.configuration.probeTLS
        prober.egress = self.snapshot.egress
        self.prober = prober
        self.updateProbes()
    }

    /// Takes over a configuration. Flows under way stay.
    ///
    /// - Parameter sockets: newly bound, not accepting yet.
    func configure(_ configuration: Configuration, newSockets: [ListenerSocket: BoundSocket]) {
        self.configuration = configuration
        self.prober?.targetTLS = configuration.probeTLS
        self.prober?.egress = self.snapshot.egress
        self.accessLog.configure(
            self.snapshot.attributes,
            loadBalancer: self.snapshot.fullName,
            node: "",
            interval: self.settings.timeScale.nanoseconds(seconds: 300),
            now: self.wallClock
        )
        self.reconcileGroups()
        var kept: [Port: ListenerRuntime] = [:]
        for compiled in self.snapshot.listeners {
            let runtime = self.listeners.removeValue(forKey: compiled.port) ?? ListenerRuntime(compiled)
            let wasBound = runtime.isBound
            runtime.compiled = compiled
            runtime.credentials = configuration.credentials[compiled.port]
            runtime.idleTimeout = self.settings.timeScale.nanoseconds(seconds: compiled.idleTimeoutSeconds)
            let sockets = ListenerSocket.sockets(of: compiled)
            runtime.keep(only: sockets)
            for socket in sockets {
                guard let bound = newSockets[socket] else { continue }
                runtime.add(bound, as: socket, at: self)
            }
            kept[compiled.port] = runtime
            if !wasBound, compiled.protocol == .tls { self.newTLSListeners.append(runtime) }
            if !wasBound {
                self.settings.events(.listenerBound(Endpoint(address: self.node.address, port: compiled.port)))
            }
        }
        for runtime in self.listeners.values { self.close(runtime) }
        self.listeners = kept
        self.weighGroups()
        for listener in self.newTLSListeners { self.testConnectivity(of: listener) }
        self.newTLSListeners = []
        for listener in self.listeners.values { listener.start() }
        self.updateProbes()
    }

    private func close(_ listener: ListenerRuntime) {
        listener.keep(only: [])
        self.settings.events(.listenerClosed(Endpoint(address: self.node.address, port: listener.compiled.port)))
    }

    private func reconcileGroups() {
        let now = NIODeadline.now().uptimeNanoseconds
        var known: [TargetGroupID: FlowGroup] = [:]
        for group in self.groups { known[group.state.group.id] = group }
        self.groups = self.snapshot.targetGroups.enumerated().map { index, group in
            let port = self.snapshot.listenerPorts[index]
            let context = TargetGroupState.Context(
                zone: self.node.zone,
                enabledZones: self.snapshot.enabledZones,
                shiftedZone: self.snapshot.shiftedZone,
                isReferenced: port != nil,
                quirks: self.snapshot.quirks,
                secondLength: self.settings.timeScale.nanoseconds(seconds: 1),
                checkedHost: port.map { "\(Endpoint(address: self.node.privateAddress, port: $0))" }
            )
            if let runtime = known.removeValue(forKey: group.id) {
                runtime.state.reconcile(with: group, context: context, now: now)
                runtime.end = port == nil ? runtime.end ?? now &+ self.durations.replacedGroup : nil
                return runtime
            }
            return FlowGroup(state: TargetGroupState(group, context: context))
        }
        for group in known.values {
            group.end = group.end ?? now &+ self.durations.replacedGroup
            group.state.deregisterAll(now: now)
            self.retiredGroups.append(group)
        }
    }

    /// A new TLS listener's targets are connected to once, and nothing is said (NLB-TL-022).
    private func testConnectivity(of listener: ListenerRuntime) {
        let timeLimit = TimeAmount.nanoseconds(Int64(clamping: self.durations.connect))
        for member in listener.compiled.groups.members {
            for endpoint in self.groups[member.group].state.usableEndpoints {
                if let egress = self.snapshot.egress, !egress.admits(endpoint.address, port: endpoint.port) { continue }
                ChannelEnd.bootstrap(on: self.eventLoop, connectTimeout: timeLimit)
                    .from(self.node.privateAddress, to: endpoint.address)
                    .connect(to: SocketAddress(endpoint))
                    .assumeIsolated().whenSuccess { $0.close(promise: nil) }
            }
        }
    }

    private func weighGroups() {
        let end = NIODeadline.now().uptimeNanoseconds &+ self.durations.weightless
        for listener in self.snapshot.listeners {
            for member in listener.groups.members {
                self.groups[member.group].weigh(member.weight, by: listener.port, endingAt: end)
            }
        }
    }

    // MARK: Health

    func updateProbes() {
        guard self.hasPower else {
            self.prober?.stop()
            return
        }
        self.prober?.update(self.groups.flatMap { $0.state.probeAssignments })
    }

    private func group(_ id: TargetGroupID) -> FlowGroup? {
        self.groups.first { $0.state.group.id == id }
    }

    private func probeStarted(_ assignment: ProbeAssignment) {
        self.group(assignment.group)?.state.probeStarted(assignment.handle)
    }

    private func probeFinished(_ assignment: ProbeAssignment, _ result: ProbeResult) {
        guard let group = self.group(assignment.group),
            let change = group.state.probeFinished(assignment.handle, result, now: NIODeadline.now().uptimeNanoseconds)
        else { return }
        self.healthChanged(change, of: assignment.handle, in: group)
    }

    /// A connection of a client has come to nothing (NLB-HC-016). What follows from it concerns probes and channels, too, so that it
    /// is the event loop's.
    func connectionFailed(_ handle: TargetHandle, in group: FlowGroup) {
        let now = NIODeadline.now().uptimeNanoseconds
        guard let change = group.state.connectionFailed(handle, now: now) else { return }
        let (reference, id) = (self.reference, group.state.group.id)
        self.eventLoop.execute {
            let node = reference.node
            node.loop.exclusively {
                guard let group = node.group(id) else { return }
                node.healthChanged(change, of: handle, in: group)
            }
        }
    }

    private func healthChanged(_ change: TargetHealthChange, of handle: TargetHandle, in group: FlowGroup) {
        self.tell(change, in: group)
        // Where too few are healthy, the unhealthy keep what they have (NLB-FO-001, -002).
        if change.to.state == .unhealthy, group.state.group.terminatesUnhealthy, !group.state.isFailingOpen,
            !self.snapshot.flowQuirks.contains(.unhealthyKeepsConnections)
        {
            group.forgetFlows(to: handle)
        }
        self.updateProbes()
    }

    private func tell(_ change: TargetHealthChange, in group: FlowGroup) {
        self.settings.events(
            .healthChanged(
                BalancerEvent.HealthChange(
                    targetGroup: group.state.group.id,
                    target: change.target,
                    from: change.from,
                    to: change.to,
                    zone: self.node.zone,
                    at: self.wallClock
                )
            )
        )
    }

    private func endDraining(now: UInt64) {
        var changed = false
        for group in self.groups + self.retiredGroups {
            for change in group.state.endUnhealthyDraining(now: now) { self.tell(change, in: group) }
            guard let deadline = group.state.nextDeadline, deadline <= now else { continue }
            changed = true
            // A group that is no longer used keeps its flows for longer (NLB-LS-016).
            let cuts =
                group.end == nil
                && (group.state.group.terminatesDeregistered || self.snapshot.flowQuirks.contains(.deregisteredCut))
            for ended in group.state.deadlinePassed(now: now) where cuts { group.forgetFlows(to: ended.handle) }
        }
        if changed { self.updateProbes() }
    }

    func targetHealth() -> [TargetHealthDescription] {
        self.groups.flatMap { group in
            group.state.targetHealth.map {
                TargetHealthDescription(
                    targetGroup: group.state.group.id,
                    target: $0.target,
                    health: $0.health,
                    node: self.node.zone
                )
            }
        }
    }

    /// What this node's view of its groups says to DNS.
    func publicationHealth() -> [TargetGroupID: ZonePublication.GroupHealth] {
        Dictionary(self.groups.map { ($0.state.group.id, $0.state.publicationHealth) }) { first, _ in first }
    }

    // MARK: Connections

    var hasRoom: Bool { self.connections.count < self.settings.connectionLimit }

    func nextConnectionNumber() -> UInt64 {
        self.connectionCount += 1
        return self.connectionCount
    }

    func opened(_ connection: any NodeConnection) {
        self.connections[ObjectIdentifier(connection)] = connection
    }

    func closed(_ connection: any NodeConnection) {
        guard self.connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        if self.isStopping, self.connections.isEmpty { self.finishStopping() }
    }

    // MARK: Metrics

    /// What was counted up to now.
    func metrics() -> BalancerMetrics.Node {
        BalancerMetrics.Node(zone: self.node.zone, history: self.metricHistory, current: self.currentMetrics())
    }

    private func currentMetrics() -> MetricPeriod {
        var period = MetricPeriod(number: self.metricPeriod, start: self.metricClock.start(of: self.metricPeriod))
        period.flows = self.counters
        period.counters.processedBytes = self.counters.bytes
        period.counters.clientTLSNegotiationErrorCount = self.counters.clientTLSErrors
        period.groups = self.groups.map { group in
            var counters = TargetGroupCounters()
            counters.targetTLSNegotiationErrorCount = group.tlsErrors
            return MetricPeriod.Group(id: group.state.group.id, counters: counters, gauges: group.state.gauges)
        }
        period.isZoneHealthy = self.groups.allSatisfy { $0.state.publicationHealth != .unhealthy }
        return period
    }

    private func notePeaks(now: UInt64) {
        guard self.peaks.isDue(at: now) else { return }
        let total = self.totalCounters
        guard let rates = self.peaks.look(now: now, bytes: total.bytes, packets: total.processedPackets) else { return }
        self.counters.peakBytes = max(self.counters.peakBytes, rates.bytes)
        self.counters.peakPackets = max(self.counters.peakPackets, rates.packets)
    }

    private func closeMetricPeriod(next: Int64) {
        self.metricHistory.close(self.currentMetrics())
        var counters = FlowCounters()
        counters.activeTCP = self.counters.activeTCP
        counters.activeTLS = self.counters.activeTLS
        counters.activeUDP = self.counters.activeUDP
        self.pastCounters.add(self.counters.finished)
        self.counters = counters
        for group in self.groups + self.retiredGroups { group.tlsErrors = 0 }
        self.metricPeriod = next
    }

    /// Since the node began.
    var totalCounters: FlowCounters {
        var total = self.pastCounters
        total.add(self.counters)
        return total
    }

    // MARK: Stopping

    /// Accepts nothing new, lets connections finish, and completes when the last has gone.
    func stopGracefully() -> EventLoopFuture<Void> {
        let promise = self.eventLoop.makePromise(of: Void.self)
        self.stopWaiters.append(promise)
        if !self.isStopping {
            self.isStopping = true
            self.unheardSockets.closeAll()
            self.prober?.stop()
            for listener in self.listeners.values { self.close(listener) }
            self.listeners = [:]
            self.silenced.closeAll()
            self.silencedSockets.closeAll()
            self.forgotten.cutAll()
        }
        if self.connections.isEmpty { self.finishStopping() }
        return promise.futureResult
    }

    /// Cuts what the grace period left.
    func stopNow() {
        for connection in Array(self.connections.values) { connection.cut() }
        self.finishStopping()
    }

    private func finishStopping() {
        self.ticker?.cancel()
        self.ticker = nil
        self.accessLog.finish(now: self.wallClock)
        self.loop.stop()
        let waiters = self.stopWaiters
        self.stopWaiters = []
        for waiter in waiters { waiter.succeed(()) }
    }
}

/// A connection that a node has to wait for or to cut when it stops.
protocol NodeConnection: AnyObject {
    /// Nothing passes any more, in either direction, until it is cut: the node has no power.
    func stall()

    func cut()
}
