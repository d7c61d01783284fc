import NIOCore
import NIOHTTP2

/// What the two ends of an HTTP/2 connection have in common, to a client or to a target: windows of the connection as a whole,
/// settings, and one write per turn of the event loop, however many streams had something to say.
final class HTTP2Link {
    /// What a peer may send on one stream before somebody has taken any of it.
    static let windowSize = 65_535
    /// Consumed bytes are given back to the peer in steps of this size.
    static let windowStep = 32_768

    private let eventLoop: any EventLoop
    var context: ChannelHandlerContext?
    /// Streams that have data and wait for the connection's window, the longest waiting first.
    private var waiting: [HTTP2Outbox] = []

    /// What the peer still takes on the connection as a whole.
    private var sendWindow = 65_535
    /// What the peer grants a new stream.
    private(set) var initialSendWindow = 65_535
    private(set) var frameLimit = 16_384
    /// Streams that the peer lets be open at once. What most say, until this one has said it.
    private(set) var streamLimit = 100
    /// The codec has yet to send what is given back of the connection's window.
    private var isGranting = false
    private var hasUnflushed = false
    /// Whether what the codec sends was written here.
    private var isWriting = false
    /// With what code the codec has reset a stream by itself. The error that it reports next is that stream's alone; it marks few of
    /// them so.
    private var justReset: HTTP2ErrorCode?

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    // MARK: Out

    func write(_ payload: HTTP2Frame.FramePayload, on id: HTTP2StreamID) {
        guard let context = self.context else { return }
        self.isWriting = true
        context.write(NIOAny(HTTP2Frame(streamID: id, payload: payload)), promise: nil)
        self.isWriting = false
        guard !self.hasUnflushed else { return }
        self.hasUnflushed = true
        self.eventLoop.assumeIsolated().execute { self.flush() }
    }

    func flush() {
        guard self.hasUnflushed else { return }
        self.hasUnflushed = false
        self.context?.flush()
    }

    /// Closes when everything written is out.
    func closeAfterFlush() {
        guard let context = self.context else { return }
        self.hasUnflushed = false
        context.flush()
        // An empty write below the codec is out when everything before it is.
        guard let codec = try? context.pipeline.syncOperations.context(handlerType: NIOHTTP2Handler.self) else {
            context.close(promise: nil)
            return
        }
        codec.writeAndFlush(NIOAny(ByteBuffer())).assumeIsolated().whenComplete { _ in
            self.context?.close(promise: nil)
        }
    }

    // MARK: Windows

    /// Takes up to `count` bytes from what the peer still accepts on the connection.
    func takeSendWindow(_ count: Int) -> Int {
        let taken = min(count, max(0, self.sendWindow))
        self.sendWindow -= taken
        return taken
    }

    /// The stream has data, and only the connection's window holds it back.
    func waitForWindow(_ outbox: HTTP2Outbox) {
        self.waiting.append(outbox)
    }

    func forget(_ outbox: HTTP2Outbox) {
        self.waiting.removeAll { $0 === outbox }
    }

    /// The peer takes more on the connection. One frame each and back to the end, so that no stream starves.
    func windowOpened(by increment: Int) {
        self.sendWindow += increment
        while self.sendWindow > 0, !self.waiting.isEmpty {
            self.waiting.removeFirst().sendNextFrame()
        }
    }

    /// So much the peer may still send on the connection. It is given back whoever has taken what came, and even what nobody will,
    /// such as a body that was on its way to a stream already reset: a stream whose other end does not read must not stop the
    /// others. What may wait is bounded by the streams' own windows.
    func receiveWindow(is window: Int) {
        guard window <= Self.windowSize - Self.windowStep, !self.isGranting else { return }
        self.isGranting = true
        self.write(.windowUpdate(windowSizeIncrement: Self.windowSize - window), on: .rootStream)
    }

    /// Takes in what the peer wants.
    ///
    /// - Returns: by how much the windows of open streams change (RFC 9113, section 6.9.2).
    func settingsReceived(_ settings: HTTP2Settings) -> Int {
        var change = 0
        for setting in settings {
            switch setting.parameter {
            case .initialWindowSize:
                change += setting.value - self.initialSendWindow
                self.initialSendWindow = setting.value
            case .maxFrameSize: self.frameLimit = min(setting.value, 65_536)
            case .maxConcurrentStreams: self.streamLimit = setting.value
            default: break
            }
        }
        return change
    }
}

extension HTTP2Link: NIOHTTP2FrameDelegate {
    func wroteFrame(_ frame: HTTP2Frame) {
        switch frame.payload {
        case .rstStream(let code) where !self.isWriting: self.justReset = code
        case .windowUpdate where frame.streamID == .rootStream: self.isGranting = false
        default: break
        }
    }

    /// An error has been reported: if it was one stream's, the code with which the codec has reset that stream.
    func takeReset() -> HTTP2ErrorCode? {
        defer { self.justReset = nil }
        return self.justReset
    }

    /// Heeds what the codec tells of windows besides frames.
    func heed(_ event: Any) {
        if let event = event as? NIOHTTP2WindowUpdatedEvent, event.streamID == .rootStream,
            let window = event.inboundWindowSize
        {
            self.receiveWindow(is: window)
        }
    }
}
