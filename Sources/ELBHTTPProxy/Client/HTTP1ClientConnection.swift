import ELBCore
import ELBModel
import ELBNet
import ELBWire
import NIOCore

/// An HTTP/1 client's connection: the last handler in its channel's pipeline, and the only one on a listener without TLS. Reads
/// requests one after the other, has each decided and carried out, and writes the answers in order.
///
/// What arrives is kept in `inbound` by reference and parsed where it lies. While a request is under way at most
/// `inboundLimit` bytes wait here; then reading pauses, and TCP tells the client.
final class HTTP1ClientConnection: ClientRequest, ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Bytes of a body or of pipelined requests that may wait for a target.
    static let inboundLimit = 65_536
    /// How long a refused client may go on sending before its connection is cut, so that it can read the answer.
    static let lingerNanoseconds: UInt64 = 1_000_000_000

    var context: ChannelHandlerContext?
    var wheelPlace = WheelPlace.none

    // Unchecked for the reason given in ClientRequest.
    @exclusivity(unchecked) var requestBody = RequestBody.none
    @exclusivity(unchecked) var outbound = ByteBuffer()
    var phase = Phase.open

    /// When the client keep-alive duration ends; fixed at connect time (ALB-CONN-004).
    let expiresAt: UInt64
    var isReading = true
    var isProcessing = false
    /// What the client had not taken when we last looked; see `noticeReading`.
    var unwrittenAtLastLook = 0
    var answersWithoutHead = false
    @exclusivity(unchecked) var tunnelEnds = TunnelEnds()

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

    init(
        node: NodeRuntime,
        listener: ListenerRuntime,
        peer: IPAddress,
        peerPort: UInt16,
        number: UInt64,
        session: TLSSession? = nil
    ) {
        self.expiresAt = node.now() &+ node.settings.clientKeepAlive
        super.init(
            node: node,
            listener: listener,
            peer: peer,
            peerPort: peerPort,
            logConnection: node.logConnection(from: peer, port: peerPort, number: number, session: session),
            session: session
        )
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
        self.countBytes(buffer.readableBytes)
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
        } else {
            self.unwrittenAtLastLook = self.unwrittenBytes
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.connectionLost()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed, self.exchange.isTunnel {
            self.tunnelEndedByClient()
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A reset: nothing can be said to this client any more.
        context.close(promise: nil)
    }

    // MARK: The loop

    /// Goes on with what lies in `inbound`, as far as the exchange under way allows.
    override func process() {
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
                if self.exchange.isTunnel { self.relayIntoTunnel() }
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
        let relays = !self.exchange.hasWholeRequest || self.exchange.isTunnel
        if relays, let target = self.target, !target.isWritable { mayRead = false }
        guard mayRead != self.isReading else { return }
        self.isReading = mayRead
        // Its silence so far was our doing.
        if mayRead { self.lastActivity = self.node.now() }
        try? self.context?.channel.syncOptions?.setOption(.autoRead, value: mayRead)
    }

    /// Reads on in a head. False if more bytes are needed or the connection is done.
    private func readHead() -> Bool {
        switch self.parseHead() {
        case .incomplete: return false
        case .complete:
            // Only a GET can be HTTP/0.9; any other line without a version is malformed, and its sender can read a head.
            self.answersWithoutHead = self.head.version == .http09 && self.head.knownMethod == .get
            self.requestReceived()
            return true
        case .targetTooLong: self.refuse(414)
        case .headTooLong, .noRequestLine: self.refuse(400)
        }
        return false
    }

    override var bufferedBytes: Int { super.bufferedBytes + self.unwrittenBytes }

    /// What the client has been written and the system has not taken yet.
    var unwrittenBytes: Int {
        (try? self.context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    // MARK: The request's body

    override func bodyBegins(_ length: BodyLength) {
        // HTTP/0.9 responses are a body and nothing else (RFC 1945, section 4.1).
        self.answersWithoutHead = self.head.version == .http09
        switch length {
        case .none, .untilClose: self.requestBody = .none
        case .bytes(let count): self.requestBody = .bytes(count)
        case .chunked: self.requestBody = .chunked(ChunkedBodyScanner())
        }
    }

    // The balancer answers at once, before it has found a target and without looking at the length (ALB-HTTP-019).
    override func sendContinue() {
        guard let context = self.context else { return }
        self.outbound.clear()
        self.outbound.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
        context.writeAndFlush(self.wrapOutboundOut(self.outbound), promise: nil)
    }

    override var hasMoreBody: Bool {
        switch self.requestBody {
        case .none: false
        case .bytes(let remaining): remaining > 0
        case .chunked(let scanner): !scanner.isFinished
        }
    }

    override func takeBody() -> ByteBuffer? {
        switch self.requestBody {
        case .none: return self.node.emptyBuffer
        case .bytes(let remaining):
            let count = Int(min(remaining, UInt64(self.inbound.readableBytes)))
            self.requestBody = .bytes(remaining - UInt64(count))
            self.record.receivedBytes += count
            return self.inbound.readSlice(length: count)
        case .chunked(let before):
            guard let (count, scanner) = self.measureChunks(before) else { return nil }
            self.requestBody = .chunked(scanner)
            self.record.receivedBytes += count
            return self.inbound.readSlice(length: count)
        }
    }

    override func bodyEnded() {
        self.requestBody = .none
    }

    // MARK: The answer

    override var takesPlainBodies: Bool { self.head.version != .http11 }

    override func isLastOfConnection(at now: UInt64) -> Bool {
        now >= self.expiresAt
    }

    override func passInterim(_ head: borrowing ResponseHead, bytes: Span<UInt8>) {
        guard let context = self.context else { return }
        var interim = ByteOutput()
        OutgoingResponseHead.append(
            head,
            bytes: bytes,
            keepsConnection: true,
            dropsChunking: false,
            isInterim: true,
            edits: nil,
            quirks: self.node.settings.quirks,
            to: &interim
        )
        self.record.sentBytes += interim.count
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(interim)), promise: nil)
    }

    override func prepareResponseHead(_ head: borrowing ResponseHead, bytes: Span<UInt8>, dropsChunking: Bool) {
        self.scratch.removeAll()
        guard !self.answersWithoutHead else { return }
        OutgoingResponseHead.append(
            head,
            bytes: bytes,
            keepsConnection: self.exchange.keepsClient,
            dropsChunking: dropsChunking,
            isInterim: false,
            additions: self.responseAdditions,
            edits: self.responseEdits,
            quirks: self.node.settings.quirks,
            to: &self.scratch
        )
    }

    // Head and a small body share a buffer.
    override func writeResponseHead(followedBy body: ByteBuffer) {
        guard let context = self.context else { return }
        self.outbound.clear()
        self.outbound.write(self.scratch)
        self.record.sentBytes += self.scratch.count + body.readableBytes
        self.record.sentHeadBytes += self.scratch.count
        if body.readableBytes <= Self.coalescingLimit {
            self.outbound.writeImmutableBuffer(body)
            context.write(self.wrapOutboundOut(self.outbound), promise: nil)
        } else {
            context.write(self.wrapOutboundOut(self.outbound), promise: nil)
            context.write(self.wrapOutboundOut(body), promise: nil)
        }
    }

    override func writeResponseBody(_ body: ByteBuffer, at now: UInt64) {
        guard let context = self.context, body.readableBytes > 0 else { return }
        self.lastActivity = now
        self.record.sentBytes += body.readableBytes
        context.write(self.wrapOutboundOut(body), promise: nil)
    }

    override func flush() {
        self.context?.flush()
    }

    override func writeOwn(_ response: PreparedResponse, location: [UInt8]?, keepsClient: Bool) -> Int {
        guard let context = self.context else { return 0 }
        self.scratch.removeAll()
        if self.answersWithoutHead {
            self.scratch.append(response.body)
        } else {
            response.append(
                to: &self.scratch,
                date: self.node.httpDate(at: self.answeredAt),
                location: location,
                namesServer: self.listener.rules.namesServer,
                edits: self.listener.rules.ownResponseHeaders,
                keepsAlive: keepsClient,
                includesBody: !self.answersHead
            )
        }
        self.record.sentHeadBytes = self.scratch.count - (self.answersHead ? 0 : response.body.count)
        self.outbound.clear()
        self.outbound.write(self.scratch)
        context.writeAndFlush(self.wrapOutboundOut(self.outbound), promise: nil)
        return self.scratch.count
    }

    // MARK: Tunnel

    override func openTunnel(_ head: borrowing ResponseHead, bytes: Span<UInt8>) {
        guard let context = self.context else { return }
        self.tunnelEnds = TunnelEnds()
        // Either side may finish before the other.
        try? context.channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
        self.responseAdditions.append(WebSocketUpgrade.fields)
        self.scratch.removeAll()
        OutgoingResponseHead.append(
            head,
            bytes: bytes,
            keepsConnection: true,
            dropsChunking: false,
            isInterim: true,
            additions: self.responseAdditions,
            edits: self.responseEdits,
            quirks: self.node.settings.quirks,
            to: &self.scratch
        )
        self.writeResponseHead(followedBy: self.node.emptyBuffer)
        self.flush()
        self.process()
        self.target?.flush()
    }

    override func tunnelEndedByTarget() {
        self.tunnelEnds.target = true
        self.flush()
        if self.tunnelEnds.areBoth { self.tunnelEnded() } else { self.context?.close(mode: .output, promise: nil) }
    }

    // MARK: The end

    override func exchangeOver(keepsClient: Bool, hadWholeRequest: Bool) {
        if keepsClient {
            self.process()
        } else if hadWholeRequest {
            self.closeAfterFlush()
        } else {
            self.closeLingering()
        }
    }

    override func cut() {
        guard let context = self.context else { return }
        if case .open = self.phase { self.phase = .closing }
        context.close(promise: nil)
    }
}
