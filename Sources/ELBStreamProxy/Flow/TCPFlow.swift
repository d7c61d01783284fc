import ELBCore
import ELBModel
import ELBNet
import ELBWire
import Glibc
import NIOCore
import NIOPosix

/// One connection of a client and the connection to the target that it was given, for life (NLB-FH-003).
///
///     connecting --target accepts--> open --silence, or its target's end--> forgotten
///     connecting --target refuses--> closed                     open --both ends--> closed
///
/// Halves close one by one, a reset of one side is a reset of the other, and a forgotten flow answers whatever comes with a reset.
final class TCPFlow: RelayedPair, GroupFlow, NodeConnection, DeadlineObserver {
    private enum State {
        case connecting
        case open
        case forgotten(UInt64)
        case closed
    }

    /// What a flow is about.
    struct Description {
        var client: AcceptedClient
        /// What the client dialled.
        var destination: Endpoint
        var target: SelectedTarget
        var isTLS: Bool
        /// Whether the target sees the client's address.
        var preservesClient: Bool
        /// Nanoseconds.
        var idleTimeout: UInt64
        /// Of a TLS connection, what the log will say of it.
        var log: TLSLogRecord?
    }

    /// TLS needs channels; plain connections do without.
    private enum Ends {
        case channels(client: ChannelEnd, target: ChannelEnd)
        case sockets(client: SocketEnd, target: SocketEnd)
    }

    private let node: NetworkNode
    private let group: FlowGroup
    private let description: Description
    private var log: TLSLogRecord?
    private let ends: Ends
    private let client: FlowEnd
    private let target: FlowEnd
    private var state = State.connecting
    /// What the client said before its target was there; only TLS says anything so early.
    private var early: ByteBuffer?
    private var lastBytes: UInt64
    private var idle: IdleWatch
    private var isCounted = false
    private var keepsAlive = false
    var place = -1
    var wheelPlace = WheelPlace.none

    var handle: TargetHandle { self.description.target.handle }
    var listenerPort: Port { self.description.destination.port }
    private var quirks: FlowQuirks { self.node.snapshot.flowQuirks }

    init(_ description: Description, group: FlowGroup, node: NetworkNode) {
        self.description = description
        self.log = description.log
        self.group = group
        self.node = node
        self.lastBytes = node.coarseNow
        self.idle = IdleWatch(timeout: description.idleTimeout, now: node.coarseNow)
        if description.isTLS {
            let (client, target) = (ChannelEnd(.client, of: node.loop), ChannelEnd(.target, of: node.loop))
            (self.client, self.target) = (client, target)
            self.ends = .channels(client: client, target: target)
            super.init()
            client.join(self, peer: target)
            target.join(self, peer: client)
        } else {
            let (client, target) = (SocketEnd(.client, on: node.loop), SocketEnd(.target, on: node.loop))
            (self.client, self.target) = (client, target)
            self.ends = .sockets(client: client, target: target)
            super.init()
            client.join(self, peer: target)
            target.join(self, peer: client)
        }
    }

    // MARK: Beginning

    /// Takes over the client's connection, which is not being read, and connects to the target.
    func begin(with connection: ClientConnection) throws {
        switch (self.ends, connection) {
        case (.channels(let client, let target), .channel(let channel)):
            try channel.pipeline.syncOperations.addHandler(client)
            self.count()
            self.connect(target)
        case (.sockets(let client, let target), .socket(let socket)):
            self.count()
            client.take(socket)
            target.connect(from: self.source, to: self.description.target.endpoint)
            // AWS's time for a target to answer is not the system's (NLB-FH-012).
            if target.isConnecting { self.node.wheel.add(self, at: self.lastBytes &+ self.node.durations.connect) }
        case (.channels, .socket), (.sockets, .channel):
            preconditionFailure("a listener with TLS has channels, and one without has none")
        }
    }

    private func connect(_ end: ChannelEnd) {
        let (endpoint, tls) = (self.description.target.endpoint, self.targetTLS)
        let header = self.proxyHeader
        let bound = NIOLoopBound((flow: self, end: end), eventLoop: self.node.eventLoop)
        let timeLimit = TimeAmount.nanoseconds(Int64(clamping: self.node.durations.connect))
        // One for all connections costs less than one for each; a source cannot be taken back.
        let isOfFamily = self.source.isOfFamily(of: endpoint.address)
        let bootstrap =
            isOfFamily
            ? self.node.targetBootstrap.bind(to: SocketAddress(self.source, port: 0))
            : ChannelEnd.bootstrap(on: self.node.eventLoop, connectTimeout: timeLimit)
        let connecting =
            bootstrap
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try ChannelEnd.prepare(channel)
                    let pipeline = channel.pipeline.syncOperations
                    if let tls {
                        if let header { try pipeline.addHandler(Preface(header)) }
                        try tls.install(
                            on: channel,
                            timeLimit: timeLimit,
                            agreed: { bound.value.flow.targetAgreed(on: $0) },
                            failed: { _ in bound.value.flow.handshakeFailed() }
                        )
                    }
                    try pipeline.addHandler(bound.value.end)
                }
            }
            .connect(to: SocketAddress(endpoint))
        connecting.assumeIsolated().whenFailure { error in
            self.node.loop.exclusively {
                end.neverOpened()
                self.connectFailed(Self.code(of: error))
            }
        }
    }

    private static func code(of error: any Error) -> CInt? {
        (error as? NIOConnectionError)?.connectionErrors.compactMap { $0.error as? IOError }.first?.errnoCode
            ?? (error as? IOError)?.errnoCode
    }

    /// Where the connection comes from: the client's own address, if the target may see it, and if it is one that can be used here
    /// (NLB-IP-002, -003). The port is another one: the client's is taken, by the client.
    private var source: IPAddress {
        self.description.preservesClient ? self.description.client.address : self.node.node.privateAddress
    }

    private var targetTLS: TargetTLS? {
        // What the client was promised, the target has to speak.
        self.group.state.group.protocol == .tls
            ? self.node.configuration.targetTLS?.offering(self.log?.clientProtocol) : nil
    }

    private var proxyHeader: [UInt8]? {
        guard self.group.state.group.attributes.proxyProtocolV2Enabled, !self.quirks.contains(.proxyProtocolMissing)
        else { return nil }
        let client = self.description.client
        let destination =
            self.quirks.contains(.proxyProtocolTarget) ? self.description.target.endpoint : self.description.destination
        guard let port = Port(Int(client.port)) else { return nil }
        var bytes = ProxyHeader(
            .proxy(source: Endpoint(address: client.address, port: port), destination: destination)
        ).bytes
        if self.quirks.contains(.proxyProtocolChecksum) { bytes[bytes.count - 1] ^= 0xff }
        return bytes
    }

    private func count() {
        self.isCounted = true
        self.group.began(self)
        self.node.opened(self)
        if self.description.isTLS {
            self.node.counters.newTLS += 1
            self.node.counters.activeTLS += 1
        } else {
            self.node.counters.newTCP += 1
            self.node.counters.activeTCP += 1
            if self.description.target.isFailOpen { self.node.counters.unhealthyRouting += 1 }
        }
    }

    /// The target has accepted, and has had its handshake where there is one.
    override func targetConnected() {
        guard case .connecting = self.state else { return self.target.reset() }
        self.state = .open
        self.group.state.connectionStands(self.handle)
        if self.targetTLS == nil, let header = self.proxyHeader { self.target.send(ByteBuffer(bytes: header)) }
        if let early = self.early {
            self.node.counters.bytesTLS += early.readableBytes
            self.note(early.readableBytes, from: self.client)
            self.target.send(early)
        }
        self.early = nil
        self.client.setReading(self.node.hasPower)
        if self.client.isInputClosed { self.target.closeOutput() }
        self.lastBytes = self.node.coarseNow
        self.idle = IdleWatch(timeout: self.description.idleTimeout, now: self.lastBytes)
        self.node.wheel.add(self, at: self.lastBytes &+ self.description.idleTimeout / 8)
    }

    private func targetAgreed(on name: String?) {
        self.node.loop.exclusively { self.log?.targetProtocol = name }
    }

    private func handshakeFailed() {
        self.node.loop.exclusively {
            self.node.counters.targetTLSErrors += 1
            self.group.tlsErrors += 1
            self.node.counters.ownResets += 1
            self.abandon()
        }
    }

    override func connectFailed(_ code: CInt?) {
        guard case .connecting = self.state else { return self.finishIfOver() }
        switch code {
        case EADDRNOTAVAIL, EADDRINUSE:
            self.node.counters.portAllocationErrors += 1
            self.node.counters.ownResets += 1
        case ECONNREFUSED, ECONNRESET:
            // The target's answer is passed on, and is the target's (NLB-FH-005).
            self.node.counters.targetResets += 1
            self.node.connectionFailed(self.handle, in: self.group)
        default:
            self.node.counters.ownResets += 1
            self.node.connectionFailed(self.handle, in: self.group)
        }
        self.abandon()
    }

    /// There is nobody to connect the client to.
    private func abandon() {
        guard case .connecting = self.state else { return }
        self.state = .closed
        if self.quirks.contains(.refusedAsClose) { self.client.closeWhenSent() } else { self.client.reset() }
        self.target.reset()
        self.finishIfOver()
    }

    // MARK: Bytes

    override func passes(_ count: Int, from end: FlowEnd) -> Bool {
        switch self.state {
        case .open:
            self.lastBytes = self.node.coarseNow
            if self.description.isTLS {
                self.node.counters.packetsTLS += 1
                self.node.counters.bytesTLS += count
                self.note(count, from: end)
            } else {
                self.node.counters.packetsTCP += 1
                self.node.counters.bytesTCP += count
            }
            return true
        case .forgotten:
            self.refuse(end)
            return false
        case .connecting, .closed:
            return false
        }
    }

    /// What the log says of a TLS connection's bytes.
    private func note(_ count: Int, from end: FlowEnd) {
        switch end.side {
        case .client: self.log?.receivedBytes += count
        case .target: self.log?.sentBytes += count
        }
    }

    override func keep(_ buffer: ByteBuffer, from end: FlowEnd) {
        guard case .connecting = self.state else { return }
        if self.early == nil { self.early = buffer } else { self.early?.writeImmutableBuffer(buffer) }
    }

    // MARK: Ends

    /// A side has said all that it will say.
    override func inputClosed(_ end: FlowEnd) {
        switch self.state {
        case .connecting: break
        case .open:
            if self.quirks.contains(.halfCloseEnds) { end.closeWhenSent() }
            self.other(than: end).closeOutput()
        case .forgotten: self.refuse(end)
        case .closed: break
        }
    }

    /// A side is gone.
    override func inactive(_ end: FlowEnd) {
        switch self.state {
        case .connecting:
            // The target hears of it when it is there.
            self.state = .closed
            if end.side == .client, !end.wasReset { break }
            if end.side == .client { self.node.counters.clientResets += 1 }
        case .open:
            let other = self.other(than: end)
            if end.isDone, !end.wasReset {
                other.closeWhenSent()
            } else {
                self.count(resetOf: end)
                // What the other side does from here on is our doing.
                self.state = .closed
                if self.quirks.contains(.resetAsClose) { other.closeWhenSent() } else { other.reset() }
            }
        case .forgotten, .closed: break
        }
        self.finishIfOver()
    }

    private func count(resetOf end: FlowEnd) {
        switch end.side {
        case .client: self.node.counters.clientResets += 1
        case .target: self.node.counters.targetResets += 1
        }
    }

    private func other(than end: FlowEnd) -> FlowEnd { end.side == .client ? self.target : self.client }

    /// What still comes on a forgotten flow is answered with a reset, to whoever sends (NLB-TO-003).
    private func refuse(_ end: FlowEnd) {
        self.node.counters.ownResets += 1
        end.reset()
    }

    // MARK: Forgetting

    func deadlineReached(now: UInt64) -> UInt64? {
        if case .sockets(_, let target) = self.ends, target.isConnecting {
            target.fail(ETIMEDOUT)
            return nil
        }
        guard case .open = self.state, !self.quirks.contains(.idleTimeoutMissing) else { return nil }
        let segments =
            self.quirks.contains(.keepaliveIgnored) ? 0 : self.client.segments &+ self.target.segments
        switch self.idle.look(now: now, lastBytes: self.lastBytes, segments: segments) {
        case .lookAgain(let time):
            if self.idle.hasKeepalives, self.description.isTLS, !self.keepsAlive { self.keepAlive() }
            return time
        case .expired:
            if self.quirks.contains(.idleTimeoutCloses) {
                self.client.closeWhenSent()
                self.target.closeWhenSent()
            } else {
                self.forget()
            }
            return nil
        }
    }

    /// Somebody keeps a TLS connection alive: from now on both sides are asked, too, whether they are (NLB-TO-006). The system counts in
    /// whole seconds of real time.
    private func keepAlive() {
        self.keepsAlive = true
        let seconds = self.node.durations.keepalive
        self.client.keepAlive(everySeconds: seconds)
        self.target.keepAlive(everySeconds: seconds)
    }

    /// Silently: neither side hears of it before it sends again (NLB-TO-002).
    func forget() {
        switch self.state {
        case .connecting: self.abandon()
        case .open:
            self.node.wheel.remove(self)
            self.uncount()
            self.state = .forgotten(self.node.forgotten.add(self))
            self.client.setReading(self.node.hasPower)
            self.target.setReading(self.node.hasPower)
            // One that has said all already would never be heard of again.
            if self.client.isInputClosed { self.client.reset() }
            if self.target.isInputClosed { self.target.reset() }
        case .forgotten, .closed: break
        }
    }

    func stall() {
        self.client.setReading(false)
        self.target.setReading(false)
    }

    func cut() {
        // The node may be about to close its log.
        self.writeLog()
        self.state = .closed
        self.client.reset()
        self.target.reset()
        self.finishIfOver()
    }

    private func writeLog() {
        if let log = self.log { self.node.write(log) }
        self.log = nil
    }

    private func finishIfOver() {
        guard !self.client.isAlive, !self.target.isAlive else { return }
        if case .forgotten(let number) = self.state { self.node.forgotten.remove(number) }
        self.state = .closed
        self.node.wheel.remove(self)
        self.uncount()
    }

    private func uncount() {
        guard self.isCounted else { return }
        self.isCounted = false
        self.writeLog()
        if self.description.isTLS { self.node.counters.activeTLS -= 1 } else { self.node.counters.activeTCP -= 1 }
        self.group.ended(self)
        self.node.closed(self)
    }
}
