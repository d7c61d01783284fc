import ELBCore
import ELBModel
import ELBNet
import ELBWire
import NIOCore
import NIOPosix

/// One connection to a target: the last handler in its channel's pipeline, and the only one without TLS. Serves one request at a time; between requests it
/// waits in its pool. On the same event loop as the client it serves.
final class TargetConnection: TargetExchange, ChannelInboundHandler, PooledConnection {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum State {
        case connecting
        /// In the pool, or about to be.
        case idle
        case awaitingHead
        case body(BodyLength)
        case chunkedBody(ChunkedBodyScanner)
        /// Whatever comes belongs to the client (ALB-HTTP-031).
        case tunnel
        case closed
    }

    let node: NodeRuntime
    private let pool: TargetPool
    private(set) var client: ClientRequest?
    private var context: ChannelHandlerContext?
    // Unchecked for the reason given in ClientRequest.
    @exclusivity(unchecked) private(set) var state = State.connecting
    @exclusivity(unchecked) private var inbound: ByteBuffer
    @exclusivity(unchecked) private var outbound = ByteBuffer()
    @exclusivity(unchecked) private var parser = ResponseHeadParser()
    @exclusivity(unchecked) private var head = ResponseHead()
    private var dropsChunking = false
    /// The head has been handed over and waits for the first byte of its body (ALB-ERR-041).
    private var holdsHead = false
    private var truncatesBody = false
    private var hasUnflushed = false
    private(set) var isReading = true
    private(set) var lastActivity: UInt64
    private var takesMore = true
    /// Its client stands in the surge queue of a Classic Load Balancer.
    private var isQueued = false
    /// Has sent what nobody asked for, and is not used again.
    private(set) var isDistrusted = false
    /// Whether the target ended its side with FIN, not with a reset.
    private var endedCleanly = true
    var wheelPlace = WheelPlace.none

    private init(node: NodeRuntime, pool: TargetPool, client: ClientRequest?) {
        self.node = node
        self.pool = pool
        self.client = client
        self.inbound = node.emptyBuffer
        self.lastActivity = node.now()
        super.init()
    }

    override var isWritable: Bool { self.takesMore }

    override var isReady: Bool {
        switch self.state {
        case .connecting, .closed: false
        case .idle, .awaitingHead, .body, .chunkedBody, .tunnel: true
        }
    }

    // MARK: Connecting

    /// Starts a connection for `client`, which hears of the outcome by `targetReady` or `targetFailed`; for nobody, to be kept.
    @discardableResult
    static func connect(for client: ClientRequest?, pool: TargetPool, node: NodeRuntime) -> TargetConnection {
        let connection = TargetConnection(node: node, pool: pool, client: client)
        connection.isQueued = client != nil && node.settings.quirks.contains(.classic)
        let bound = NIOLoopBound(connection, eventLoop: node.eventLoop)
        let tls = node.targetTLS(of: pool.group.state.group)
        let timeLimit = node.settings.connectTimeout
        let bootstrap = ClientBootstrap(group: node.eventLoop)
            .connectTimeout(node.settings.connectTimeout)
            .channelOption(.recvAllocator, value: node.receiveAllocator)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try tls?.install(on: channel, timeLimit: timeLimit) { failure in
                        bound.value.handshakeFailed(failure)
                    }
                    try channel.pipeline.syncOperations.addHandler(bound.value)
                }
            }
        let endpoint = pool.endpoint
        guard
            let address = try? SocketAddress(ipAddress: endpoint.address.description, port: Int(endpoint.port.rawValue))
        else {
            node.eventLoop.assumeIsolated().execute { connection.failed(.refused) }
            return connection
        }
        guard node.snapshot.egress?.admits(endpoint.address, port: endpoint.port) ?? true else {
            // No security group lets the packets out: they vanish.
            node.eventLoop.assumeIsolated().scheduleTask(in: timeLimit) { connection.failed(.connectTimeout) }
            return connection
        }
        let connecting = bootstrap.from(node.node.privateAddress, to: endpoint.address).connect(to: address)
        connecting.assumeIsolated().whenFailure { error in
            if let error = error as? ChannelError, case .connectTimeout = error {
                connection.failed(.connectTimeout)
            } else {
                connection.failed(.refused)
            }
        }
        return connection
    }

    private func handshakeFailed(_ failure: TargetHandshake.Failure) {
        switch failure {
        case .refused: self.failed(.tlsHandshakeFailed)
        case .timedOut: self.failed(.tlsHandshakeTimeout)
        }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // A connection that never came up sees no end of its channel; the two would keep each other alive.
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        self.node.counters.newConnectionCount += 1
        self.pool.opened(self)
        self.lastActivity = self.node.now()
        self.node.wheel.add(self, at: self.lastActivity &+ self.node.settings.idleTimeout)
        self.state = .idle
        self.leaveQueue()
        if let client = self.client {
            client.targetReady(self, reused: false, at: self.lastActivity)
        } else {
            // The client has left meanwhile, or there was none; the connection is as good as any other.
            self.pool.putBack(self)
        }
    }

    // MARK: Requests

    /// Taken from the pool for this client.
    func assign(to client: ClientRequest) {
        self.client = client
    }

    override func send(requestOf client: ClientRequest, at now: UInt64) {
        guard let context = self.context else { return }
        self.lastActivity = now
        self.state = .awaitingHead
        self.holdsHead = false
        self.parser.reset()
        self.outbound.clear()
        self.outbound.write(client.scratch)
        if client.hasMoreBody, client.inbound.readableBytes > 0,
            client.inbound.readableBytes <= ClientRequest.coalescingLimit
        {
            guard let body = client.takeBody() else {
                client.requestBodyMalformed()
                return
            }
            self.outbound.writeImmutableBuffer(body)
            if !client.hasMoreBody { client.endRequestBody() }
        }
        context.writeAndFlush(self.wrapOutboundOut(self.outbound), promise: nil)
    }

    /// Passes on a part of the request's body, by reference.
    override func write(_ body: ByteBuffer) {
        guard let context = self.context else { return }
        self.lastActivity = self.node.now()
        self.hasUnflushed = true
        // Bytes on their way count as activity when they leave, not only when they are handed over (ALB-CONN-002).
        context.write(self.wrapOutboundOut(body)).assumeIsolated().whenSuccess { self.lastActivity = self.node.now() }
    }

    override func flush() {
        guard self.hasUnflushed else { return }
        self.hasUnflushed = false
        self.context?.flush()
    }

    /// Stops and goes on reading, as the client keeps up.
    override func setReading(_ isReading: Bool) {
        guard isReading != self.isReading else { return }
        self.isReading = isReading
        // Its silence so far was our doing.
        if isReading { self.lastActivity = self.node.now() }
        try? self.context?.channel.syncOptions?.setOption(.autoRead, value: isReading)
    }

    /// The request is over and the connection may carry another one.
    override func release() {
        self.client = nil
        self.state = .idle
        self.setReading(true)
        self.pool.putBack(self)
    }

    /// The request is over, or its client has left, and the connection cannot be used again.
    override func abandon() {
        self.client = nil
        self.leaveQueue()
        if case .connecting = self.state { return }
        self.close()
    }

    func close() {
        self.context?.close(promise: nil)
    }

    func deregistered() {
        self.client?.targetFailed(.deregistered)
        self.close()
    }

    override var bufferedBytes: Int {
        let unwritten = try? self.context?.channel.syncOptions?.getOption(.bufferedWritableBytes)
        return self.inbound.readableBytes + (unwritten ?? 0)
    }

    // MARK: Responses

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.lastActivity = self.node.now()
        let buffer = self.unwrapInboundIn(data)
        guard let client = self.client else {
            // Nobody asked: whatever it is, it must not become the answer to the next request.
            context.close(promise: nil)
            return
        }
        switch self.state {
        case .connecting, .idle, .closed:
            context.close(promise: nil)
        case .awaitingHead:
            client.responseBytesSeen()
            if self.inbound.readableBytes == 0 {
                self.inbound = buffer
            } else {
                self.inbound.writeImmutableBuffer(buffer)
            }
            self.readHeads(for: client)
        case .body, .chunkedBody:
            self.inbound = buffer
            let isFirst = self.holdsHead
            if isFirst {
                self.holdsHead = false
                client.exchange.responseHeadReleased()
            }
            self.relayBody(to: client, isFirst: isFirst)
        case .tunnel:
            client.writeResponseBody(buffer, at: self.lastActivity)
        }
        if self.inbound.readableBytes == 0 { self.inbound = self.node.emptyBuffer }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        guard let client = self.client else { return }
        switch self.state {
        case .awaitingHead:
            // Interim responses without end are held back like a body.
            if !client.isWritable { self.setReading(false) }
        case .body, .chunkedBody, .tunnel:
            client.flush()
            if !client.isWritable { self.setReading(false) }
        case .connecting, .idle, .closed: break
        }
    }

    private func readHeads(for client: ClientRequest) {
        while true {
            switch self.parser.parse(self.inbound.readableBytesUInt8Span, into: &self.head) {
            case .incomplete: return
            case .malformed, .tooLong:
                self.failed(.malformed)
                return
            case .complete: break
            }
            self.parser.reset()
            guard self.head.status != 101 else {
                self.switchProtocols(for: client)
                return
            }
            guard self.head.status < 200 else {
                self.readFinalHead(for: client)
                return
            }
            client.interimResponse(self.head, bytes: self.inbound.readableBytesUInt8Span)
            self.inbound.moveReaderIndex(forwardBy: self.head.length)
            if self.inbound.readableBytes == 0 { return }
        }
    }

    private func switchProtocols(for client: ClientRequest) {
        guard client.asksForUpgrade else {
            // The answer to a question that nobody asked.
            self.failed(.malformed)
            return
        }
        self.state = .tunnel
        try? self.context?.channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
        client.protocolsSwitched(self.head, bytes: self.inbound.readableBytesUInt8Span, at: self.lastActivity)
        self.inbound.moveReaderIndex(forwardBy: self.head.length)
        let rest = self.inbound
        self.inbound = self.node.emptyBuffer
        client.writeResponseBody(rest, at: self.lastActivity)
    }

    private func readFinalHead(for client: ClientRequest) {
        guard let length = self.head.bodyLength(answering: client.head.knownMethod) else {
            self.failed(.malformed)
            return
        }
        self.dropsChunking = length == .chunked && client.takesPlainBodies
        self.truncatesBody = self.node.settings.quirks.contains(.bodyTruncated)
        client.responseHead(
            self.head,
            bytes: self.inbound.readableBytesUInt8Span,
            length: length,
            dropsChunking: self.dropsChunking,
            at: self.lastActivity
        )
        self.inbound.moveReaderIndex(forwardBy: self.head.length)
        switch length {
        case .none:
            client.writeResponseHead(followedBy: self.node.emptyBuffer)
            self.responseComplete(client)
        case .bytes, .untilClose:
            self.state = .body(length)
            if self.inbound.readableBytes == 0, case .bytes = length {
                self.holdsHead = true
                client.exchange.responseHeadHeld()
            } else {
                self.relayBody(to: client, isFirst: true)
            }
        case .chunked:
            self.state = .chunkedBody(ChunkedBodyScanner())
            self.relayBody(to: client, isFirst: true)
        }
    }

    /// Passes on what `inbound` holds of the body.
    private func relayBody(to client: ClientRequest, isFirst: Bool) {
        guard let (taken, isLast) = self.takeBody() else {
            // The head has been passed on, or would be: a body that cannot be followed cuts the client.
            if isFirst { client.writeResponseHead(followedBy: self.node.emptyBuffer) }
            self.failed(.malformed)
            return
        }
        if isLast, self.truncatesBody, taken.readableBytes > 0 {
            self.relayTruncated(taken, to: client, isFirst: isFirst)
            return
        }
        if isFirst {
            client.writeResponseHead(followedBy: taken)
        } else {
            client.writeResponseBody(taken, at: self.lastActivity)
        }
        if isLast { self.responseComplete(client) }
    }

    /// The quirk `body.truncated`: the last byte is missing, and the connection ends instead.
    private func relayTruncated(_ whole: ByteBuffer, to client: ClientRequest, isFirst: Bool) {
        var body = whole
        body.moveWriterIndex(to: body.writerIndex - 1)
        if isFirst {
            client.writeResponseHead(followedBy: body)
        } else {
            client.writeResponseBody(body, at: self.lastActivity)
        }
        client.flush()
        self.failed(.closed)
    }

    private func takeBody() -> (body: ByteBuffer, isLast: Bool)? {
        switch self.state {
        case .body(.bytes(let remaining)):
            let count = Int(min(remaining, UInt64(self.inbound.readableBytes)))
            guard let slice = self.inbound.readSlice(length: count) else { return nil }
            self.state = .body(.bytes(remaining - UInt64(count)))
            return (slice, remaining == UInt64(count))
        case .chunkedBody(let scanner):
            return self.dropsChunking ? self.takeChunkData(scanner) : self.takeChunks(scanner)
        case .body(.untilClose):
            let whole = self.inbound
            self.inbound = self.node.emptyBuffer
            return (whole, false)
        case .body(.none), .body(.chunked), .connecting, .idle, .awaitingHead, .tunnel, .closed:
            return nil
        }
    }

    private func takeChunks(_ before: ChunkedBodyScanner) -> (body: ByteBuffer, isLast: Bool)? {
        var scanner = before
        guard let count = scanner.consume(self.inbound.readableBytesUInt8Span),
            let slice = self.inbound.readSlice(length: count)
        else { return nil }
        self.state = .chunkedBody(scanner)
        return (slice, scanner.isFinished)
    }

    /// The data alone, for a client that does not know chunks.
    private func takeChunkData(_ before: ChunkedBodyScanner) -> (body: ByteBuffer, isLast: Bool)? {
        var scanner = before
        var data = ByteBuffer()
        var index = 0
        scan: while true {
            switch scanner.next(self.inbound.readableBytesUInt8Span, from: index) {
            case .framing(let end): index = end
            case .data(let range):
                let start = self.inbound.readerIndex + range.lowerBound
                if var slice = self.inbound.getSlice(at: start, length: range.count) { data.writeBuffer(&slice) }
                index = range.upperBound
            case .finished(let end):
                index = end
                break scan
            case .needsMore: break scan
            case .malformed: return nil
            }
        }
        self.inbound.moveReaderIndex(forwardBy: index)
        self.state = .chunkedBody(scanner)
        return (data, scanner.isFinished)
    }

    private func responseComplete(_ client: ClientRequest) {
        // Bytes behind the response belong to nothing; the connection is not to be trusted any more.
        let hasSurplus = self.inbound.readableBytes > 0
        self.inbound = self.node.emptyBuffer
        self.state = .idle
        if hasSurplus { self.isDistrusted = true }
        client.responseEnded(at: self.lastActivity)
    }

    // MARK: Ending

    private func leaveQueue() {
        if self.isQueued { self.node.surgeQueue.leave() }
        self.isQueued = false
    }

    func failed(_ failure: Exchange.TargetFailure) {
        self.leaveQueue()
        let client = self.client
        self.client = nil
        self.inbound = self.node.emptyBuffer
        if let client {
            client.targetFailed(failure)
        }
        self.close()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.takesMore = context.channel.isWritable
        if self.takesMore {
            self.lastActivity = self.node.now()
            self.client?.process()
            self.flush()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        let client = self.client
        let state = self.state
        self.state = .closed
        self.client = nil
        self.node.wheel.remove(self)
        self.pool.closed(self)
        self.context = nil
        guard let client else { return }
        if case .body(.untilClose) = state, self.endedCleanly {
            client.responseEnded(at: self.node.now())
        } else {
            client.targetFailed(.closed)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed, case .tunnel = self.state {
            self.client?.tunnelEndedByTarget()
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    override func tunnelEndedByClient() {
        self.context?.flush()
        self.context?.close(mode: .output, promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.endedCleanly = false
        context.close(promise: nil)
    }
}
