import ELBCore
import ELBModel
import ELBNet
import ELBWire
import NIOCore

/// One client's connection: the only handler in its channel's pipeline. Reads requests one after the other, has each decided and
/// carried out, and writes the answers in order. Lives on its node's event loop.
///
/// What arrives is kept in `inbound` by reference and parsed where it lies. While a request is under way at most
/// `inboundLimit` bytes wait here; then reading pauses, and TCP tells the client.
final class ClientConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Bytes of a body or of pipelined requests that may wait for a target.
    static let inboundLimit = 65_536
    /// Bodies up to this size are copied behind their head, so that both leave in one write.
    static let coalescingLimit = 16_384
    /// How long a refused client may go on sending before its connection is cut, so that it can read the answer.
    static let lingerNanoseconds: UInt64 = 1_000_000_000

    let node: NodeRuntime
    let listener: ListenerRuntime
    let peer: IPAddress
    let peerPort: UInt16
    var context: ChannelHandlerContext?
    var wheelPlace = WheelPlace.none

    // Unchecked are values whose methods call nobody outside themselves: on one event loop no two accesses to them can overlap, and
    // the run-time check of each access was a sixth of the time spent outside the kernel (docs/decisions/0011).
    @exclusivity(unchecked) var inbound = ByteBuffer()
    @exclusivity(unchecked) var parser = RequestHeadParser()
    @exclusivity(unchecked) var head = RequestHead()
    @exclusivity(unchecked) var exchange = Exchange()
    @exclusivity(unchecked) var requestBody = RequestBody.none
    /// The target that serves the request under way.
    var target: TargetConnection?
    var pool: TargetPool?
    var phase = Phase.open

    /// The head that goes to the target, kept for the one retry; afterwards reused for what goes to the client.
    @exclusivity(unchecked) var scratch: [UInt8] = []
    @exclusivity(unchecked) var outbound = ByteBuffer()
    var forwardedEntry: [UInt8] = []
    var forwardedEpoch = -1
    @exclusivity(unchecked) var record: AccessLogRecord

    let openedAt: UInt64
    /// When the client keep-alive duration ends; fixed at connect time (ALB-CONN-004).
    let expiresAt: UInt64
    var lastActivity: UInt64
    var receivedAt: UInt64 = 0
    var sentAt: UInt64 = 0
    var answeredAt: UInt64 = 0
    var isReading = true
    var isWritable = true
    var isProcessing = false
    var answersHead = false
    var answersWithoutHead = false

    /// What is left of the request's body.
    enum RequestBody {
        case none
        case bytes(UInt64)
        case chunked(ChunkedBodyScanner)
    }

    enum Phase {
        case open
        /// The last answer is on its way; nothing more is read as a request.
        case closing
        /// The answer is out and our side is shut; what still comes is thrown away.
        case lingering(until: UInt64)
        case closed
    }

    init(node: NodeRuntime, listener: ListenerRuntime, peer: IPAddress, peerPort: UInt16, number: UInt64) {
        self.node = node
        self.listener = listener
        self.peer = peer
        self.peerPort = peerPort
        let now = node.now()
        self.openedAt = now
        self.lastActivity = now
        self.expiresAt = now &+ node.settings.clientKeepAlive
        self.record = AccessLogRecord(of: node.logConnection(from: peer, port: peerPort, number: number))
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.node.clientOpened(self)
        self.node.wheel.add(self, at: self.lastActivity &+ self.node.settings.idleTimeout)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = self.unwrapInboundIn(data)
        self.lastActivity = self.node.now()
        switch self.phase {
        case .open: break
        case .closing, .lingering, .closed: return
        }
        self.node.counters.processedBytes &+= buffer.readableBytes
        if self.inbound.readableBytes == 0 {
            self.inbound = buffer
        } else {
            self.inbound.writeImmutableBuffer(buffer)
        }
        self.process()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.target?.flush()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.isWritable = context.channel.isWritable
        if self.isWritable {
            self.lastActivity = self.node.now()
            self.target?.setReading(true)
            self.process()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.connectionLost()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A reset: nothing can be said to this client any more.
        context.close(promise: nil)
    }

    // MARK: The loop

    /// Goes on with what lies in `inbound`, as far as the exchange under way allows.
    func process() {
        // A target's answer may end an exchange while we are in here; the loop below then sees it.
        guard !self.isProcessing else { return }
        self.isProcessing = true
        defer { self.isProcessing = false }
        while case .open = self.phase {
            if self.exchange.isIdle {
                // Whoever does not read his answers gets no more of them.
                guard self.isWritable, self.inbound.readableBytes > 0, self.readHead() else { break }
            } else if !self.exchange.hasWholeRequest {
                guard self.inbound.readableBytes > 0, self.relayRequestBody() else { break }
            } else {
                break
            }
        }
        if self.inbound.readableBytes == 0 {
            // Gives the channel its buffer back for the next read.
            self.inbound = self.node.emptyBuffer
        }
        self.updateReading()
    }

    /// Pauses reading while too much waits, and goes on when it has gone.
    func updateReading() {
        var mayRead = self.inbound.readableBytes < Self.inboundLimit || (self.exchange.isIdle && self.isWritable)
        if !self.exchange.hasWholeRequest, let target = self.target, !target.isWritable { mayRead = false }
        guard mayRead != self.isReading else { return }
        self.isReading = mayRead
        // Its silence so far was our doing.
        if mayRead { self.lastActivity = self.node.now() }
        try? self.context?.channel.syncOptions?.setOption(.autoRead, value: mayRead)
    }

    /// Reads on in a head. False if more bytes are needed or the connection is done.
    private func readHead() -> Bool {
        let outcome = self.parser.parse(self.inbound.readableBytesUInt8Span, into: &self.head)
        switch outcome {
        case .incomplete: return false
        case .complete:
            self.parser.reset()
            self.requestReceived()
            return true
        case .targetTooLong: self.refuse(414)
        case .headTooLong, .noRequestLine: self.refuse(400)
        }
        return false
    }

    /// What waits here, unread by the target or by the client.
    var bufferedBytes: Int {
        let unwritten = try? self.context?.channel.syncOptions?.getOption(.bufferedWritableBytes)
        return self.inbound.readableBytes + (unwritten ?? 0) + (self.target?.bufferedBytes ?? 0)
    }

    // MARK: Ending

    /// The connection is gone, whoever closed it.
    private func connectionLost() {
        if case .closed = self.phase { return }
        let wasOpen = if case .open = self.phase { true } else { false }
        self.phase = .closed
        self.node.wheel.remove(self)
        if wasOpen, !self.exchange.isIdle { self.clientLeft() }
        self.target?.abandon()
        self.target = nil
        self.node.clientClosed(self)
        self.context = nil
        self.inbound = self.node.emptyBuffer
    }

    /// The client closed before it had its answer: 460, or 400 if it had not even sent its request (ALB-ERR-006, -017).
    private func clientLeft() {
        if self.exchange.responseStarted {
            self.finishRecord(at: self.node.now())
        } else {
            let status = self.exchange.hasWholeRequest ? 460 : 400
            self.record.status = status
            self.node.counters.countOwn(status: status)
            self.finishRecord(at: self.node.now())
        }
        self.exchange.finished()
    }

    /// Closes once everything written is out.
    func closeAfterFlush() {
        guard case .open = self.phase, let context = self.context else { return }
        self.phase = .closing
        let written = context.writeAndFlush(self.wrapOutboundOut(self.node.emptyBuffer))
        written.assumeIsolated().whenComplete { _ in self.context?.close(promise: nil) }
    }

    /// Closes our side once everything written is out, and reads on for a while: closing at once with unread bytes would make
    /// TCP reset the connection, and the client might never see why it was refused.
    func closeLingering() {
        guard case .open = self.phase, let context = self.context else { return }
        // As long as any other client to read its answer; then a while more.
        self.linger(max(self.node.settings.idleTimeout, Self.lingerNanoseconds))
        self.inbound = self.node.emptyBuffer
        let written = context.writeAndFlush(self.wrapOutboundOut(self.node.emptyBuffer))
        written.assumeIsolated().whenComplete { _ in
            guard case .lingering = self.phase else { return }
            self.linger(Self.lingerNanoseconds)
            self.context?.close(mode: .output, promise: nil)
        }
        if !self.isReading {
            self.isReading = true
            try? context.channel.syncOptions?.setOption(.autoRead, value: true)
        }
    }

    private func linger(_ nanoseconds: UInt64) {
        let end = self.node.now() &+ nanoseconds
        self.phase = .lingering(until: end)
        self.node.wheel.add(self, at: end)
    }

    /// Cuts the connection: the only way to tell a client that its response is not whole (ALB-ERR-048).
    func cut() {
        guard let context = self.context else { return }
        if case .open = self.phase { self.phase = .closing }
        context.close(promise: nil)
    }

    /// The balancer stops: an idle connection closes now, a busy one after its response.
    func stopGracefully() {
        if self.exchange.isIdle, self.inbound.readableBytes == 0 {
            // Not cut: the end of its last answer may still be on its way.
            self.closeAfterFlush()
        } else {
            self.exchange.clientConnectionExpires()
        }
    }
}

extension ClientConnection: DeadlineObserver {
    func deadlineReached(now: UInt64) -> UInt64? {
        let deadline = self.lastActivity &+ self.node.settings.idleTimeout
        switch self.phase {
        case .closed: return nil
        case .closing:
            // Its last answer has been waiting for it since then.
            if now < deadline { return deadline }
            self.context?.close(promise: nil)
            return nil
        case .lingering(let end):
            if now < end { return end }
            self.context?.close(promise: nil)
            return nil
        case .open: break
        }
        // While the answer is awaited, or the target does not take what we hold, it is the target's timer that counts
        // (ALB-CONN-001).
        let isHeldBack = self.exchange.hasWholeRequest || !self.isReading
        let waitsForTarget = isHeldBack && !self.exchange.isIdle && self.isWritable
        if now < deadline { return deadline }
        if waitsForTarget { return now &+ self.node.settings.idleTimeout }
        self.idleTimeoutReached()
        // A refused client lingers and has been given its own time.
        if case .open = self.phase { return now &+ self.node.settings.idleTimeout }
        return nil
    }

    private func idleTimeoutReached() {
        if self.exchange.isIdle, self.inbound.readableBytes == 0 || !self.isWritable {
            self.cut()
        } else if self.exchange.responseStarted || (self.exchange.hasWholeRequest && !self.exchange.isIdle) {
            // It does not read what it asked for.
            self.cut()
        } else {
            self.refuse(408)
        }
    }
}
