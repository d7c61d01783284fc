import ELBModel
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A connection that carries no protocol: the backend says who it is, then sends back what it gets. Its record tells the first bytes
/// and how the connection ended. One without a byte is a probe. Lives on the backend's event loop.
final class StreamConnection: ChannelInboundHandler, BackendPeer {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let number: Int
    private let channel: any Channel
    private let end: SocketEnd
    private let server: BackendServer
    private var sequence: Int?
    /// What may be a header of PROXY protocol or its beginning; `nil` once that is decided.
    private var opening: [UInt8]? = []
    private var proxy: RecordedProxyHeader?
    private var isSilent = false
    private var wasReset = false
    private var saysNothing = false
    /// The other side has said all, and this one has not; nothing but a reset ends that from there.
    private var isHalfOpen = false

    init(number: Int, channel: any Channel, end: SocketEnd, server: BackendServer) {
        self.number = number
        self.channel = channel
        self.end = end
        self.server = server
    }

    func channelActive(context: ChannelHandlerContext) {
        self.send(Array(self.server.description.greeting.utf8))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isSilent else { return }
        var bytes = Array(Self.unwrapInboundIn(data).readableBytesView)
        if let opening = self.opening {
            bytes = opening + bytes
            switch RecordedProxyHeader.read(bytes) {
            case .incomplete:
                self.opening = bytes
                return
            case .header(let header, let length):
                self.proxy = header
                // A header that has been damaged on its way is not believed, and nothing behind it (NLB-PP-014).
                guard header.isChecksumRight != false else {
                    self.opening = nil
                    self.begin(.traffic)
                    return self.reset(as: .dropped)
                }
                bytes.removeFirst(length)
            case .none: break
            }
            self.opening = nil
        }
        guard !bytes.isEmpty else { return }
        self.take(bytes)
    }

    private func take(_ bytes: [UInt8]) {
        let sequence = self.sequence ?? self.begin(.traffic)
        guard !self.isSilent, self.channel.isActive else { return }
        let limit = self.server.description.bodyLimit
        self.server.update(sequence) { record in
            record.bodyLength += bytes.count
            record.body.bytes += bytes.prefix(max(0, limit - record.body.bytes.count))
        }
        self.server.frameArrived()
        if !self.saysNothing { self.send(bytes) }
    }

    /// Enters the connection into the journal, and meets a fault if there is one.
    @discardableResult
    private func begin(_ kind: RequestRecord.Kind) -> Int {
        var record = RequestRecord(
            sequence: 0,
            kind: kind,
            monotonicNanoseconds: MachineClock.monotonicNanoseconds(),
            wallClockMicroseconds: MachineClock.wallClockMicroseconds(),
            connection: self.number,
            requestOnConnection: 1,
            peerAddress: self.channel.remoteAddress?.ipAddress ?? "",
            peerPort: self.channel.remoteAddress?.port ?? 0,
            localPort: self.channel.localAddress?.port ?? 0,
            rawHead: RecordedBytes(),
            method: "",
            target: "",
            version: "TCP",
            headers: []
        )
        record.proxy = self.proxy
        let exchange = self.server.accept(record)
        self.sequence = exchange.sequence
        switch exchange.applied?.fault {
        case .reset: self.reset(as: .dropped)
        case .close: self.drop(as: .dropped)
        case .hang: self.saysNothing = true
        case .fail, .slow, .truncate, .garbage, nil: break
        }
        return exchange.sequence
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .inputClosed = event as? ChannelEvent else { return context.fireUserInboundEventTriggered(event) }
        // What has been said is echoed before the farewell.
        guard !self.isSilent else { return }
        // Who hangs says nothing, not even farewell.
        if self.saysNothing { self.isHalfOpen = true } else { self.finish() }
    }

    /// A channel whose input is closed drops what it still has to send when its output is closed, too.
    private func finish() {
        let channel = self.channel
        channel.writeAndFlush(ByteBuffer()).whenComplete { _ in channel.close(mode: .output, promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? IOError, error.errnoCode == ECONNRESET { self.wasReset = true }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.server.connectionClosed(self)
        let sequence = self.sequence ?? self.begin(.probe)
        self.server.update(sequence) { $0.ending = self.wasReset || self.isHalfOpen ? "reset" : "closed" }
        self.server.settle(sequence, as: .answered)
        self.server.frameArrived()
    }

    private func send(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        self.channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    // Ends that the backend makes.

    func drop(as outcome: RequestRecord.Outcome) {
        self.isHalfOpen = false
        if let sequence { self.server.settle(sequence, as: outcome) }
        if outcome == .backendGone { self.end.close() } else { self.channel.close(promise: nil) }
    }

    func reset(as outcome: RequestRecord.Outcome) {
        if let sequence { self.server.settle(sequence, as: outcome) }
        self.end.reset()
    }

    func fallSilent() {
        self.isSilent = true
        try? self.channel.syncOptions?.setOption(.autoRead, value: false)
    }
}

extension BackendDescription {
    /// What a backend without a protocol says first: the body that one with HTTP would answer.
    var greeting: String { self.behaviour.body ?? "\(self.name) \(self.zone)\n" }
}
