import NIOCore
import NIOHPACK
import NIOHTTP2

/// Whoever speaks on a stream.
protocol HTTP2OutboxOwner: AnyObject {
    /// Something has gone out, or the last frame has.
    func outboxProgressed()
}

/// What one stream has to say: sends it as far as the peer's windows allow and keeps the rest.
///
/// The latest frame is held back until it is known whether it is the last: then it ends the stream, and no empty frame has to.
final class HTTP2Outbox {
    let id: HTTP2StreamID
    private let link: HTTP2Link
    private weak var owner: (any HTTP2OutboxOwner)?
    private var window: Int
    private var isWaiting = false
    private var held: HTTP2Frame.FramePayload?
    private var queue = CircularBuffer<ByteBuffer>(initialCapacity: 1)
    private var trailers: HPACKHeaders?
    private var isEnding = false
    /// The last frame has been written, or nothing will be any more.
    private(set) var hasEnded = false

    init(_ id: HTTP2StreamID, on link: HTTP2Link, owner: any HTTP2OutboxOwner) {
        self.id = id
        self.link = link
        self.owner = owner
        self.window = link.initialSendWindow
    }

    /// Whether nothing waits for the peer's windows.
    var isEmpty: Bool { self.queue.isEmpty }

    var bufferedBytes: Int { self.queue.reduce(0) { $0 + $1.readableBytes } }

    func send(_ head: HPACKHeaders) {
        self.hold(.headers(.init(headers: head)))
    }

    func send(_ body: ByteBuffer) {
        guard body.readableBytes > 0, !self.hasEnded else { return }
        self.queue.append(body)
        self.sendWhatFits()
    }

    /// Nothing follows but, perhaps, trailers.
    func end(trailers: HPACKHeaders? = nil) {
        guard !self.hasEnded else { return }
        self.trailers = trailers
        self.isEnding = true
        self.endIfDrained()
    }

    /// Sends what is held back; more may follow.
    func flush() {
        guard let held else { return }
        self.held = nil
        self.link.write(held, on: self.id)
    }

    /// Throws away what has not been sent; nothing more will be.
    func discard() {
        self.hasEnded = true
        self.queue.removeAll()
        self.held = nil
        if self.isWaiting { self.link.forget(self) }
    }

    // MARK: Windows

    /// The peer's window for this stream has changed.
    func windowOpened(by change: Int) {
        self.window += change
        guard change > 0, !self.queue.isEmpty, !self.isWaiting else { return }
        self.sendWhatFits()
        self.flush()
    }

    /// The connection's window has opened, and it is this stream's turn.
    func sendNextFrame() {
        self.isWaiting = false
        guard !self.hasEnded else { return }
        _ = self.takeFrame()
        self.settle()
        self.flush()
    }

    private func sendWhatFits() {
        while self.takeFrame() {}
        self.settle()
    }

    private func takeFrame() -> Bool {
        guard !self.queue.isEmpty, self.window > 0 else { return false }
        let first = self.queue.startIndex
        let wanted = min(self.queue[first].readableBytes, self.window, self.link.frameLimit)
        let count = self.link.takeSendWindow(wanted)
        guard count > 0, let part = self.queue[first].readSlice(length: count) else { return false }
        self.window -= count
        if self.queue[first].readableBytes == 0 { self.queue.removeFirst() }
        self.hold(.data(.init(data: .byteBuffer(part))))
        return true
    }

    private func settle() {
        if !self.queue.isEmpty, self.window > 0, !self.isWaiting {
            self.isWaiting = true
            self.link.waitForWindow(self)
        }
        self.endIfDrained()
        self.owner?.outboxProgressed()
    }

    // MARK: The last frame

    private func hold(_ payload: HTTP2Frame.FramePayload) {
        self.flush()
        self.held = payload
    }

    private func endIfDrained() {
        guard self.isEnding, self.queue.isEmpty, !self.hasEnded else { return }
        self.hasEnded = true
        if let trailers {
            self.flush()
            self.held = .headers(.init(headers: trailers, endStream: true))
        } else {
            self.markHeldAsLast()
        }
        self.flush()
        self.owner?.outboxProgressed()
    }

    private func markHeldAsLast() {
        switch self.held {
        case .headers(var headers):
            headers.endStream = true
            self.held = .headers(headers)
        case .data(var data):
            data.endStream = true
            self.held = .data(data)
        default:
            self.held = .data(.init(data: .byteBuffer(ByteBuffer()), endStream: true))
        }
    }
}
