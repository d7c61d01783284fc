import ELBCore
import ELBModel
import ELBNet
import ELBWire
import NIOCore
import NIOHTTP2

/// An HTTP/2 client's connection: works on frames, behind NIO's codec. Every request is a stream of its own
/// (`HTTP2ClientStream`); what they share is here and in the `HTTP2Link`.
final class HTTP2ClientConnection: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    /// ALB-HTTP-003.
    static let streamLimit = 128
    /// Beyond this many requests the client is asked to connect anew (ALB-HTTP-004).
    static let requestLimit = 10_000
    /// Streams that a client may have open that it has not yet heard are refused; beyond them its connection ends.
    private static let streamTolerance = 4096
    /// What is read of a header list, to be answered 400; a longer one ends the connection.
    private static let headerTolerance = 262_144
    let node: NodeRuntime
    let listener: ListenerRuntime
    let peer: IPAddress
    let peerPort: UInt16
    let session: TLSSession?
    let logConnection: AccessLogRecord.Connection
    var wheelPlace = WheelPlace.none

    let link: HTTP2Link
    private var streams: [HTTP2StreamID: HTTP2ClientStream] = [:]
    /// Streams that handed bytes to a target in this read.
    private var touched: [HTTP2ClientStream] = []

    private var requestCount = 0
    private var lastStreamID = HTTP2StreamID.rootStream
    private var isGoingAway = false
    private var isClosed = false
    private(set) var isChannelWritable = true
    private let streamLimit: Int

    /// When the client keep-alive duration ends; fixed at connect time (ALB-CONN-004).
    let expiresAt: UInt64
    var lastActivity: UInt64

    init(
        node: NodeRuntime,
        listener: ListenerRuntime,
        peer: IPAddress,
        peerPort: UInt16,
        number: UInt64,
        session: TLSSession?
    ) {
        self.node = node
        self.streamLimit = node.settings.quirks.contains(.streamsFew) ? 10 : Self.streamLimit
        self.link = HTTP2Link(eventLoop: node.eventLoop)
        self.listener = listener
        self.peer = peer
        self.peerPort = peerPort
        self.session = session
        self.logConnection = node.logConnection(from: peer, port: peerPort, number: number, session: session)
        self.lastActivity = node.now()
        self.expiresAt = self.lastActivity &+ node.settings.clientKeepAlive
    }

    /// What stands before this handler: the codec, and while the connection begins a `HTTP2Greeting`.
    var codec: [any ChannelHandler] {
        let quirks = self.node.settings.quirks
        // All request headers together (ALB-HTTP-024).
        let headerLimit = HeadLimits.request.total
        let isHonest = !quirks.contains(.limitsEndConnection)
        var configuration = NIOHTTP2Handler.ConnectionConfiguration()
        configuration.initialSettings = [
            HTTP2Setting(
                parameter: .maxConcurrentStreams,
                value: isHonest ? Self.streamTolerance : self.streamLimit
            ),
            HTTP2Setting(parameter: .initialWindowSize, value: HTTP2Link.windowSize),
            HTTP2Setting(parameter: .maxHeaderListSize, value: isHonest ? Self.headerTolerance : headerLimit),
        ]
        // As many frames as the tolerated header list fills.
        configuration.maximumSequentialContinuationFrames = Self.headerTolerance / 16_384
        // Bodies on their way to streams that have been refused.
        configuration.maximumRecentlyResetStreams = 2 * Self.streamLimit
        if quirks.contains(.malformedAccepted) {
            configuration.headerBlockValidation = .disabled
            configuration.contentLengthValidation = .disabled
        }
        let codec = NIOHTTP2Handler(
            mode: .server,
            frameDelegate: self.link,
            connectionConfiguration: configuration,
            streamConfiguration: .init()
        )
        guard isHonest else { return [codec] }
        return [HTTP2Greeting(streamLimit: self.streamLimit, headerLimit: headerLimit), codec]
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.link.context = context
        self.node.clientOpened(self)
        self.node.wheel.add(self, at: self.lastActivity &+ self.node.settings.idleTimeout)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.connectionLost()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = self.unwrapInboundIn(data)
        switch frame.payload {
        case .headers(let headers):
            self.lastActivity = self.node.now()
            if let stream = self.streams[frame.streamID] {
                stream.trailersReceived(headers.headers, endsStream: headers.endStream)
            } else {
                self.requestReceived(frame.streamID, headers)
            }
        case .data(let data):
            self.dataReceived(frame.streamID, data)
        case .rstStream:
            self.streams[frame.streamID]?.clientReset()
        case .windowUpdate(let increment):
            self.windowOpened(frame.streamID, by: increment)
        case .settings(.settings(let settings)):
            self.settingsReceived(settings)
        case .goAway:
            // The client opens no more streams; those under way go on.
            self.goAway()
        case .ping where self.node.settings.quirks.contains(.pingIsActivity):
            self.lastActivity = self.node.now()
        case .settings(.ack), .ping, .priority, .pushPromise, .alternativeService, .origin:
            // The codec answers pings; they are no activity (ALB-HTTP-005).
            break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        let touched = self.touched
        self.touched.removeAll(keepingCapacity: true)
        for stream in touched { stream.flushTarget() }
        self.link.flush()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.isChannelWritable = context.channel.isWritable
        if self.isChannelWritable { self.lastActivity = self.node.now() }
        for stream in Array(self.streams.values) { stream.updateWritability() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        self.link.heed(event)
        // A stream that the codec has ended because its frames broke the protocol.
        if let event = event as? StreamClosedEvent, event.reason != nil {
            self.streams[event.streamID]?.clientReset()
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let code = self.link.takeReset() {
            // The codec has reset a stream that broke the protocol, and the others go on.
            guard error is NIOHTTP2Errors.BadStreamStateTransition, code == .protocolError else { return }
            // A second head on a stream that its client has ended is named wrongly by the codec, and whoever sends that has lost
            // count of his streams (RFC 9113, sections 5.1 and 5.4.1).
            self.link.write(
                .goAway(lastStreamID: self.lastStreamID, errorCode: .streamClosed, opaqueData: nil),
                on: .rootStream
            )
        }
        // After any other error the codec has said so in a GOAWAY, and nothing more can be understood.
        self.isClosed = true
        self.link.flush()
        context.flush()
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.connectionLost()
    }

    private func connectionLost() {
        guard self.link.context != nil else { return }
        self.link.context = nil
        self.isClosed = true
        self.node.wheel.remove(self)
        let streams = self.streams.values
        self.streams = [:]
        for stream in streams { stream.connectionLost() }
        self.node.clientClosed(self)
    }

    // MARK: Frames from the client

    private func requestReceived(_ id: HTTP2StreamID, _ headers: HTTP2Frame.FramePayload.Headers) {
        guard !self.isClosed else { return }
        guard !self.isGoingAway else {
            // Opened before the client knew; it may try again elsewhere (RFC 9113, section 8.7).
            self.reset(id, .refusedStream)
            return
        }
        self.requestCount += 1
        guard self.streams.count < self.streamLimit else {
            // It was told (RFC 9113, section 5.1.2).
            self.reset(id, .refusedStream)
            return
        }
        self.lastStreamID = id
        let stream = HTTP2ClientStream(id, of: self)
        self.streams[id] = stream
        stream.headersReceived(headers.headers, endsStream: headers.endStream)
        let isLast =
            self.requestCount > Self.requestLimit || self.lastActivity >= self.expiresAt || self.node.isStopping
        if isLast, !self.node.settings.quirks.contains(.goAwayNever) { self.goAway() }
    }

    private func dataReceived(_ id: HTTP2StreamID, _ data: HTTP2Frame.FramePayload.Data) {
        guard case .byteBuffer(let buffer) = data.data else { return }
        self.lastActivity = self.node.now()
        let padding = data.paddingBytes.map { $0 + 1 } ?? 0
        guard let stream = self.streams[id] else { return }
        stream.dataReceived(buffer, padding: padding, endsStream: data.endStream)
        self.touched.append(stream)
    }

    private func windowOpened(_ id: HTTP2StreamID, by increment: Int) {
        if id == .rootStream {
            self.link.windowOpened(by: increment)
        } else {
            self.streams[id]?.windowOpened(by: increment)
        }
    }

    private func settingsReceived(_ settings: HTTP2Settings) {
        let change = self.link.settingsReceived(settings)
        guard change != 0 else { return }
        for stream in Array(self.streams.values) { stream.windowOpened(by: change) }
    }

    // MARK: For streams

    func reset(_ id: HTTP2StreamID, _ code: HTTP2ErrorCode) {
        // The codec throws away what a stream has written and not flushed when it is reset: an answer that came early, say.
        self.link.flush()
        self.link.write(.rstStream(code), on: id)
    }

    /// The stream has ended both ways, or has been reset.
    func ended(_ stream: HTTP2ClientStream) {
        guard self.streams.removeValue(forKey: stream.id) != nil else { return }
        if self.isGoingAway { self.closeIfIdle() }
    }

    // MARK: Ending

    /// Tells the client to open no more streams here (ALB-CONN-005, ALB-HTTP-004), and closes when the last one has ended.
    private func goAway() {
        guard !self.isGoingAway, !self.isClosed else { return }
        self.isGoingAway = true
        let last = self.lastStreamID
        self.link.write(.goAway(lastStreamID: last, errorCode: .noError, opaqueData: nil), on: .rootStream)
        self.closeIfIdle()
    }

    private func closeIfIdle() {
        guard self.streams.isEmpty, !self.isClosed else { return }
        self.isClosed = true
        self.link.closeAfterFlush()
    }
}

extension HTTP2ClientConnection: ClientConnection {
    var channel: (any Channel)? { self.link.context?.channel }

    var bufferedBytes: Int {
        let unwritten = try? self.link.context?.channel.syncOptions?.getOption(.bufferedWritableBytes)
        return self.streams.values.reduce(unwritten ?? 0) { $0 + $1.bufferedBytes }
    }

    func stopGracefully() {
        self.goAway()
    }

    func cut() {
        self.link.context?.close(promise: nil)
    }
}

extension HTTP2ClientConnection: DeadlineObserver {
    func deadlineReached(now: UInt64) -> UInt64? {
        guard self.link.context != nil else { return nil }
        let deadline = self.lastActivity &+ self.node.settings.idleTimeout
        guard now >= deadline else { return deadline }
        if self.isClosed || self.streams.isEmpty {
            self.goAway()
            self.link.flush()
            self.cut()
            return nil
        }
        // Whoever waits for his target is not idle: the target's own limit ends that. The others have kept us waiting.
        for stream in Array(self.streams.values) { stream.idleTimeoutReached() }
        return now &+ self.node.settings.idleTimeout
    }
}
