import ELBModel
import NIOCore
import NIOHPACK
import NIOHTTP2

/// One connection that speaks HTTP/2 to a backend, and its streams. Lives on the backend's event loop.
///
/// NIO reads and writes the frames and does the flow control of what is sent; what a header block may hold is not checked
/// there, because the record has to show what a load balancer sent, right or wrong.
final class HTTP2Connection: ChannelInboundHandler, BackendPeer {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    let number: Int
    let server: BackendServer
    private let channel: any Channel
    private let end: SocketEnd
    private let tls: TLSWatch?
    private let opening = OpeningBytes()
    private var context: ChannelHandlerContext?
    private var streams: [HTTP2StreamID: HTTP2Stream] = [:]
    private var requests = 0
    private var isSilent = false
    private var isClosing = false

    /// Streams that a peer may have open at once.
    private static let streamLimit = 128
    /// How long the peer may take to read that nothing more will come.
    private static let farewell = TimeAmount.milliseconds(100)
    /// Bytes of a header block, as many as of an HTTP/1 head in a record.
    private static let headerLimit = 1 << 18

    init(number: Int, channel: any Channel, end: SocketEnd, tls: TLSWatch?, server: BackendServer) {
        self.number = number
        self.channel = channel
        self.end = end
        self.tls = tls
        self.server = server
    }

    /// Adds itself and what it needs in front of it.
    func addHandlers() throws {
        let settings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: Self.streamLimit),
            HTTP2Setting(parameter: .maxHeaderListSize, value: Self.headerLimit),
        ]
        try self.channel.pipeline.syncOperations.addHandlers(
            self.opening,
            NIOHTTP2Handler(
                mode: .server,
                initialSettings: settings,
                headerBlockValidation: .disabled,
                contentLengthValidation: .disabled
            ),
            self
        )
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // What arrives.

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isSilent else { return }
        let frame = self.unwrapInboundIn(data)
        switch frame.payload {
        case .headers(let headers): self.headersArrived(headers, on: frame.streamID)
        case .data(let data): self.dataArrived(data, frame)
        case .rstStream(let code):
            self.streams[frame.streamID]?.note(RecordedFrame("RST_STREAM"))
            self.streams.removeValue(forKey: frame.streamID)?.peerReset(code)
        case .windowUpdate: self.streams[frame.streamID]?.note(RecordedFrame("WINDOW_UPDATE"))
        case .priority: self.streams[frame.streamID]?.note(RecordedFrame("PRIORITY"))
        // The settings, pings and goodbyes of a connection belong to no request.
        case .settings, .ping, .goAway, .pushPromise, .alternativeService, .origin: break
        }
    }

    private func headersArrived(_ headers: HTTP2Frame.FramePayload.Headers, on id: HTTP2StreamID) {
        if let stream = self.streams[id] {
            stream.trailersArrived(headers.headers)
            return
        }
        guard !self.isClosing else { return }
        self.requests += 1
        let stream =
            self.server.description.behaviour.speaks == .grpc ? GRPCStream(id, self) : WebStream(id, self)
        self.streams[id] = stream
        stream.headArrived(headers.headers, isLast: headers.endStream, self.newRecord(id))
    }

    private func dataArrived(_ data: HTTP2Frame.FramePayload.Data, _ frame: HTTP2Frame) {
        guard case .byteBuffer(let bytes) = data.data else { return }
        self.streams[frame.streamID]?.dataArrived(bytes, isLast: data.endStream)
        // Padding counts too, and a peer may fill the window with it alone.
        let size = bytes.readableBytes + (data.paddingBytes.map { $0 + 1 } ?? 0)
        guard size > 0 else { return }
        self.write(.windowUpdate(windowSizeIncrement: size), on: .rootStream)
        if !data.endStream, self.streams[frame.streamID] != nil {
            self.write(.windowUpdate(windowSizeIncrement: size), on: frame.streamID)
        }
        self.flush()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // A stream that ends with an error need not end by the peer's frame.
        if let event = event as? StreamClosedEvent, let reason = event.reason {
            self.streams.removeValue(forKey: event.streamID)?.peerReset(reason)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.server.connectionClosed(self)
        let streams = self.streams.values
        self.streams = [:]
        for stream in streams { stream.over(as: .peerGone) }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // What is wrong with one stream is told by that stream; NIO has reset it.
        if error is NIOHTTP2Errors.StreamError { return }
        if error is NIOHTTP2Errors.BadClientMagic, !self.isSilent, !self.isClosing {
            self.requests += 1
            var record = self.newRecord(.rootStream)
            record.stream = nil
            record.rawHead = RecordedBytes(self.opening.bytes)
            let exchange = self.server.accept(record, isHTTP: false)
            self.server.settle(exchange.sequence, as: .malformed)
        } else {
            for stream in self.streams.values { stream.over(as: .malformed) }
            self.streams = [:]
        }
        self.isClosing = true
        context.close(promise: nil)
    }

    private func newRecord(_ stream: HTTP2StreamID) -> RequestRecord {
        var record = RequestRecord(
            sequence: 0,
            kind: .traffic,
            monotonicNanoseconds: MachineClock.monotonicNanoseconds(),
            wallClockMicroseconds: MachineClock.wallClockMicroseconds(),
            connection: self.number,
            requestOnConnection: self.requests,
            peerAddress: self.channel.remoteAddress?.ipAddress ?? "",
            peerPort: self.channel.remoteAddress?.port ?? 0,
            localPort: self.channel.localAddress?.port ?? 0,
            rawHead: RecordedBytes(),
            method: "",
            target: "",
            version: "HTTP/2",
            headers: []
        )
        record.stream = Int(stream)
        record.tls = self.tls?.facts
        return record
    }

    // What is sent.

    func write(_ payload: HTTP2Frame.FramePayload, on id: HTTP2StreamID, promise: EventLoopPromise<Void>? = nil) {
        guard let context = self.context, !self.isSilent else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        context.write(self.wrapOutboundOut(HTTP2Frame(streamID: id, payload: payload)), promise: promise)
    }

    func flush() { self.context?.flush() }

    /// Sends bytes that are no frame, then closes.
    func writeRaw(_ bytes: [UInt8]) {
        self.isClosing = true
        self.opening.writeAround(bytes)
        self.channel.close(promise: nil)
    }

    /// Takes no more requests; closes when those in hand are over.
    func goAway() {
        guard !self.isClosing else { return }
        self.isClosing = true
        let last = self.streams.keys.max() ?? .rootStream
        self.write(.goAway(lastStreamID: last, errorCode: .noError, opaqueData: nil), on: .rootStream)
        self.flush()
        self.closeIfIdle()
    }

    /// A stream's request is read and answered, or will never be.
    func streamIsOver(_ id: HTTP2StreamID) {
        self.streams[id] = nil
        self.closeIfIdle()
    }

    /// What the peer has on its way is read first: a socket that is closed with bytes unread resets the connection, and the peer
    /// may never read the farewell (RFC 9113, section 6.8).
    private func closeIfIdle() {
        guard self.isClosing, self.streams.isEmpty else { return }
        let channel = self.channel
        channel.eventLoop.scheduleTask(in: Self.farewell) { channel.close(promise: nil) }
    }

    // Ends.

    func drop(as outcome: RequestRecord.Outcome) {
        self.endStreams(outcome)
        if outcome == .backendGone { self.end.close() } else { self.channel.close(promise: nil) }
    }

    func reset(as outcome: RequestRecord.Outcome) {
        self.endStreams(outcome)
        self.end.reset()
    }

    func fallSilent() {
        self.endStreams(.backendGone)
        self.isSilent = true
        try? self.channel.syncOptions?.setOption(.autoRead, value: false)
    }

    private func endStreams(_ outcome: RequestRecord.Outcome) {
        self.isClosing = true
        let streams = self.streams.values
        self.streams = [:]
        for stream in streams { stream.over(as: outcome) }
    }
}

/// Keeps the first bytes of a connection, for the record of one that does not speak HTTP/2, and lets bytes out that are no
/// frames. Stands between the socket, or TLS, and HTTP/2.
private final class OpeningBytes: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private(set) var bytes: [UInt8] = []
    private var context: ChannelHandlerContext?

    private static let limit = 4096

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if self.bytes.count < Self.limit {
            self.bytes += self.unwrapInboundIn(data).readableBytesView.prefix(Self.limit - self.bytes.count)
        }
        context.fireChannelRead(data)
    }

    func writeAround(_ bytes: [UInt8]) {
        self.context?.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }
}
