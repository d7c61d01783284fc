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
    private var unacknowledged = 0
    private var hasUnflushed = false

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    // MARK: Out

    func write(_ payload: HTTP2Frame.FramePayload, on id: HTTP2StreamID) {
        guard let context = self.context else { return }
        context.write(NIOAny(HTTP2Frame(streamID: id, payload: payload)), promise: nil)
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

    /// A DATA frame has come. The connection's window is given back at once: a stream whose other end does not read must not stop
    /// the others. What may wait is bounded by the streams' own windows.
    func received(_ count: Int) {
        self.unacknowledged += count
        guard self.unacknowledged >= Self.windowStep else { return }
        self.write(.windowUpdate(windowSizeIncrement: self.unacknowledged), on: .rootStream)
        self.unacknowledged = 0
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
