import ELBCore
import ELBModel
import ELBNet
import ELBWire
import NIOCore

/// A client's connection to a TCP or SSL listener of a Classic Load Balancer: given an instance, relayed, timed, counted and logged.
/// The relay is another module's; this is what a node has to do with it.
final class StreamClient: StreamOwner, ClientConnection, PooledConnection, DeadlineObserver {
    private let node: NodeRuntime
    private let listener: ListenerRuntime
    private let client: AcceptedClient
    private let group: GroupRuntime
    private var target: SelectedTarget?
    private(set) var channel: (any Channel)?
    private var stream: (any RelayedStream)?
    private var pool: TargetPool?
    private var attempts = 0
    private var isQueued = false
    private var isConnected = false
    private var isOver = false
    private var lastActivity: UInt64
    private var firstByteAt: UInt64?
    private var record: AccessLogRecord
    var wheelPlace = WheelPlace.none

    /// - Parameter group: the listener's.
    init(
        node: NodeRuntime,
        listener: ListenerRuntime,
        client: AcceptedClient,
        group: GroupRuntime,
        session: TLSSession?
    ) {
        self.node = node
        self.listener = listener
        self.client = client
        self.group = group
        self.lastActivity = node.now()
        self.record = AccessLogRecord(
            of: node.logConnection(from: client.address, port: client.port, number: client.number, session: session)
        )
        self.record.begin(at: node.wallClock(at: client.acceptedAt), receivedBytes: 0)
        self.record.isStream = true
    }

    /// Takes over the channel and looks for an instance.
    func begin(on channel: any Channel, relay: any StreamRelay) throws {
        try channel.syncOptions?.setOption(.autoRead, value: false)
        self.channel = channel
        self.stream = try relay.makeStream(
            client: channel,
            connectTimeout: self.node.settings.connectTimeout,
            for: self
        )
        self.node.clientOpened(self)
        self.node.wheel.add(self, at: self.lastActivity &+ self.node.settings.idleTimeout)
        // CLB-RT-001, -009.
        guard let target = self.group.state.selectTarget(now: self.lastActivity, using: &self.node.generator) else {
            self.stream?.close()
            return
        }
        self.connect(to: target)
    }

    private func connect(to target: SelectedTarget) {
        guard self.node.surgeQueue.join() else {
            self.node.counters.spilloverCount += 1
            self.stream?.close()
            return
        }
        self.isQueued = true
        self.attempts += 1
        self.target = target
        self.group.state.requestStarted(target.handle)
        let pool = self.group.pool(for: target)
        self.pool = pool
        pool.opened(self)
        guard self.node.snapshot.egress?.admits(target.endpoint.address, port: target.endpoint.port) ?? true else {
            // Its packets vanish; nobody hears of it before the time is over.
            let stream = NIOLoopBound(self, eventLoop: self.node.eventLoop)
            self.node.eventLoop.scheduleTask(in: self.node.settings.connectTimeout) { stream.value.streamFailed() }
            return
        }
        self.stream?.connect(
            to: StreamDestination(
                endpoint: target.endpoint,
                source: self.node.node.privateAddress,
                preface: self.preface,
                tls: self.node.targetTLS(of: self.group.state.group)
            )
        )
    }

    /// CLB-PP-001 to -005: whatever the client says stands behind it, a line of its own too.
    private var preface: [UInt8] {
        guard self.node.snapshot.classic?.proxied.contains(self.group.state.group.id) == true,
            let port = Port(rawValue: self.client.port)
        else { return [] }
        let client = Endpoint(address: self.client.address, port: port)
        return ProxyLine(
            client: client,
            proxy: Endpoint(address: self.node.node.privateAddress, port: self.listener.port)
        ).bytes
    }

    private func leaveQueue() {
        guard self.isQueued else { return }
        self.isQueued = false
        self.node.surgeQueue.leave()
    }

    private func releaseTarget() {
        self.leaveQueue()
        self.pool?.closed(self)
        self.pool = nil
        if let target = self.target { self.group.state.requestFinished(target.handle) }
        self.target = nil
    }

    // MARK: The stream

    func streamConnected() {
        self.leaveQueue()
        self.isConnected = true
        self.lastActivity = self.node.now()
        self.node.counters.newConnectionCount += 1
        // What counts as a request here is a connection to an instance, and its latency the time that it took (CLB-LG-011, -012).
        self.group.counters.requestCount += 1
        let latency = self.lastActivity &- self.client.acceptedAt
        self.group.counters.targetResponseTime.record(nanoseconds: latency)
        self.record.requestProcessing = latency
        self.record.targetProcessing = 0
        self.record.responseProcessing = 0
        if let pool = self.pool { self.record.target = pool.logText }
    }

    func streamFailed() {
        guard let failed = self.target, !self.isConnected else { return }
        self.group.counters.targetConnectionErrorCount += 1
        self.releaseTarget()
        // CLB-RT-010.
        guard !self.isOver, self.attempts < self.group.state.eligibleTargets.count,
            let next = self.group.state.anotherTarget(after: failed.handle)
        else {
            self.stream?.close()
            return
        }
        self.connect(to: next)
    }

    func streamCarried(_ count: Int, fromClient: Bool) {
        self.lastActivity = self.node.now()
        self.node.counters.processedBytes &+= count
        if fromClient {
            self.record.receivedBytes += count
            if self.firstByteAt == nil { self.firstByteAt = self.lastActivity }
        } else {
            if self.record.sentBytes == 0, let first = self.firstByteAt {
                self.record.targetProcessing = self.lastActivity &- first
            }
            self.record.sentBytes += count
        }
    }

    func streamEnded() {
        guard !self.isOver else { return }
        self.isOver = true
        self.stream = nil
        self.node.wheel.remove(self)
        self.releaseTarget()
        self.record.respondedAt = self.node.wallClock(at: self.node.now())
        self.node.log(&self.record)
        self.node.clientClosed(self)
    }

    // MARK: What the node wants

    /// CLB-TO-002, -003, -004: silence in both directions for so long.
    func deadlineReached(now: UInt64) -> UInt64? {
        let deadline = self.lastActivity &+ self.node.settings.idleTimeout
        guard now >= deadline else { return deadline }
        self.stream?.close()
        return self.isOver ? nil : now &+ self.node.settings.idleTimeout
    }

    var bufferedBytes: Int { 0 }

    func stopGracefully() {}

    func cut() { self.stream?.cut() }

    func close() { self.stream?.close() }

    /// The instance is not to be used any more, and nobody waits for what is under way there (CLB-DR-002, -004).
    func deregistered() { self.stream?.cut() }
}
