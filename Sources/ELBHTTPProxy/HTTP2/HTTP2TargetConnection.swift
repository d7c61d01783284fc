import ELBCore
import ELBModel
import ELBNet
import NIOCore
import NIOHTTP2
import NIOPosix

/// One HTTP/2 connection to a target, for groups of protocol version HTTP2 and GRPC: over TLS, or in clear text with prior
/// knowledge (ALB-HTTP-012). Carries many requests at once, each a stream (`HTTP2TargetStream`).
final class HTTP2TargetConnection: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    private enum State {
        case connecting
        case open
        /// The target takes no new streams.
        case leaving
        case closed
    }

    let node: NodeRuntime
    let link: HTTP2Link
    private let pool: TargetPool
    private var state = State.connecting
    /// Streams that wait for the connection.
    private var pending: [HTTP2TargetStream] = []
    private var streams: [HTTP2StreamID: HTTP2TargetStream] = [:]
    private var nextStreamID: HTTP2StreamID = 1
    private var hasCarriedRequests = false
    private(set) var isChannelWritable = true
    private(set) var lastActivity: UInt64
    var wheelPlace = WheelPlace.none

    /// Whether it speaks TLS.
    var isSecure: Bool { self.pool.group.state.group.protocol == .https }

    private init(node: NodeRuntime, pool: TargetPool) {
        self.node = node
        self.pool = pool
        self.link = HTTP2Link(eventLoop: node.eventLoop)
        self.lastActivity = node.now()
    }

    // MARK: Connecting

    /// Starts a connection.
    static func connect(pool: TargetPool, node: NodeRuntime) -> HTTP2TargetConnection {
        let connection = HTTP2TargetConnection(node: node, pool: pool)
        let bound = NIOLoopBound(connection, eventLoop: node.eventLoop)
        let tls = pool.group.state.group.protocol == .https ? node.targetTLS?.speakingHTTP2 : nil
        let timeLimit = node.settings.connectTimeout
        let bootstrap = ClientBootstrap(group: node.eventLoop)
            .connectTimeout(timeLimit)
            .channelOption(.recvAllocator, value: node.receiveAllocator)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try tls?.install(on: channel, timeLimit: timeLimit) { failure in
                        switch failure {
                        case .refused: bound.value.failed(.tlsHandshakeFailed)
                        case .timedOut: bound.value.failed(.tlsHandshakeTimeout)
                        }
                    }
                    try channel.pipeline.syncOperations.addHandlers([bound.value.codec(), bound.value])
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

    private func codec() -> NIOHTTP2Handler {
        var configuration = NIOHTTP2Handler.ConnectionConfiguration()
        configuration.initialSettings = [
            HTTP2Setting(parameter: .enablePush, value: 0),
            HTTP2Setting(parameter: .initialWindowSize, value: HTTP2Link.windowSize),
            // All response headers together (ALB-HTTP-024).
            HTTP2Setting(parameter: .maxHeaderListSize, value: 32_768),
        ]
        return NIOHTTP2Handler(
            mode: .client,
            frameDelegate: self.link,
            connectionConfiguration: configuration,
            streamConfiguration: .init()
        )
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.link.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.link.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        guard case .connecting = self.state else { return }
        self.node.counters.newConnectionCount += 1
        self.pool.opened(self)
        self.state = .open
        self.lastActivity = self.node.now()
        self.node.wheel.add(self, at: self.lastActivity &+ self.node.settings.idleTimeout)
        let pending = self.pending
        self.pending = []
        for stream in pending { self.open(stream) }
    }

    // MARK: Streams

    /// Whether another request may be given to this connection.
    var takesRequests: Bool {
        let isFull = self.streams.count + self.pending.count >= self.link.streamLimit
        return switch self.state {
        case .connecting, .open: !isFull && self.nextStreamID < HTTP2StreamID(1 << 30)
        case .leaving, .closed: false
        }
    }

    /// Has the stream's client told when it can speak.
    func serve(_ stream: HTTP2TargetStream) {
        switch self.state {
        case .connecting: self.pending.append(stream)
        case .open: self.open(stream)
        case .leaving, .closed: stream.failed(.refused)
        }
    }

    private func open(_ stream: HTTP2TargetStream) {
        let id = self.nextStreamID
        self.nextStreamID = id.advanced(by: 2)
        self.streams[id] = stream
        self.lastActivity = self.node.now()
        let isReused = self.hasCarriedRequests
        self.hasCarriedRequests = true
        stream.opened(as: id, reused: isReused, at: self.lastActivity)
    }

    /// The stream has ended both ways, or is given up.
    func ended(_ stream: HTTP2TargetStream) {
        self.pending.removeAll { $0 === stream }
        if let id = stream.id { self.streams[id] = nil }
        if case .leaving = self.state, self.streams.isEmpty { self.link.closeAfterFlush() }
    }

    // MARK: Frames

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = self.unwrapInboundIn(data)
        self.lastActivity = self.node.now()
        switch frame.payload {
        case .headers(let headers):
            self.streams[frame.streamID]?.headersReceived(headers.headers, endsStream: headers.endStream)
        case .data(let data):
            guard case .byteBuffer(let buffer) = data.data else { return }
            let padding = data.paddingBytes.map { $0 + 1 } ?? 0
            self.streams[frame.streamID]?.dataReceived(buffer, padding: padding, endsStream: data.endStream)
        case .rstStream(let code):
            self.streams[frame.streamID]?.wasReset(code)
        case .windowUpdate(let increment):
            if frame.streamID == .rootStream {
                self.link.windowOpened(by: increment)
            } else {
                self.streams[frame.streamID]?.windowOpened(by: increment)
            }
        case .settings(.settings(let settings)):
            let change = self.link.settingsReceived(settings)
            if change != 0 { for stream in Array(self.streams.values) { stream.windowOpened(by: change) } }
        case .goAway(let last, _, _):
            self.leave(after: last)
        case .settings(.ack), .ping, .priority, .pushPromise, .alternativeService, .origin: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.link.flush()
        for stream in Array(self.streams.values) { stream.readComplete() }
    }

    /// The target is leaving: what runs here may finish (ALB-DRG-008).
    func takeNoMoreRequests() {
        guard case .open = self.state else { return }
        self.state = .leaving
        if self.streams.isEmpty { self.link.closeAfterFlush() }
    }

    /// Streams behind the last one were not looked at by the target (RFC 9113, section 6.8).
    private func leave(after last: HTTP2StreamID) {
        if case .open = self.state { self.state = .leaving }
        self.pool.closed(self)
        for (id, stream) in self.streams where id > last { stream.failed(.closed) }
        if self.streams.isEmpty { self.link.closeAfterFlush() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.isChannelWritable = context.channel.isWritable
        guard self.isChannelWritable else { return }
        self.lastActivity = self.node.now()
        for stream in Array(self.streams.values) { stream.outboxProgressed() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        self.link.heed(event)
        // A stream that the codec has ended because its frames broke the protocol.
        if let event = event as? StreamClosedEvent, let code = event.reason {
            self.streams[event.streamID]?.wasReset(code)
        }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: Ending

    private func failed(_ failure: Exchange.TargetFailure) {
        self.state = .closed
        self.pool.closed(self)
        let streams = self.pending + Array(self.streams.values)
        self.pending = []
        self.streams = [:]
        for stream in streams { stream.failed(failure) }
        self.close()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The codec has given up a stream that broke the protocol, and the others go on.
        if self.link.takeReset() != nil { return }
        self.failed(.malformed)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.node.wheel.remove(self)
        if case .connecting = self.state { return }
        self.failed(.closed)
    }
}

extension HTTP2TargetConnection: PooledConnection {
    func close() {
        self.link.context?.close(promise: nil)
    }

    /// The deregistration delay is over: requests that still run here end in 502 (ALB-DRG-004).
    func deregistered() {
        self.failed(.deregistered)
    }
}

extension HTTP2TargetConnection: DeadlineObserver {
    func deadlineReached(now: UInt64) -> UInt64? {
        if case .closed = self.state { return nil }
        let deadline = self.lastActivity &+ self.node.settings.idleTimeout
        guard now >= deadline else { return deadline }
        if self.streams.isEmpty {
            self.close()
            return nil
        }
        for stream in Array(self.streams.values) { stream.idleTimeoutReached() }
        return now &+ self.node.settings.idleTimeout
    }
}
