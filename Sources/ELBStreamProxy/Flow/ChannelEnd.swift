import ELBNet
import Glibc
import NIOCore
import NIOPosix

/// A side with a channel, which may speak TLS: the last handler in its pipeline. What it reads it hands to the other side by reference.
///
/// What is done per read is little: one write without a promise, and one flush when there is nothing more to read.
final class ChannelEnd: FlowEnd, ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What belongs to a flow is used under this lock; `nil` if it belongs to an event loop alone.
    private let loop: SocketLoop?
    /// The other side, for as long as bytes go there.
    private var peer: ChannelEnd?
    private(set) var context: ChannelHandlerContext?

    init(_ side: Side, of loop: SocketLoop? = nil) {
        self.loop = loop
        super.init(side)
    }

    func join(_ flow: RelayedPair, peer: ChannelEnd) {
        self.flow = flow
        self.peer = peer
    }

    private func exclusively(_ body: () -> Void) {
        if let loop = self.loop { loop.exclusively(body) } else { body() }
    }

    // MARK: Channels

    /// Most that is read at once: with it bulk costs few system calls, and small reads get small buffers.
    static let receiveAllocator = AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 2048, maximum: 262_144)
    /// What may wait for a side that does not read, before the other is not read any more: room for one read of the largest kind.
    private static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 65_536, high: 393_216)

    /// Makes connections to targets; initializer and source are set for each.
    static func bootstrap(on eventLoop: any EventLoop, connectTimeout: TimeAmount) -> ClientBootstrap {
        ClientBootstrap(group: eventLoop)
            .connectTimeout(connectTimeout)
            .channelOption(.ipOption(.bindAddressNoPort), value: 1)
    }

    /// What both sides' channels need.
    static func prepare(_ channel: any Channel) throws {
        guard let options = channel.syncOptions else { return }
        try options.setOption(.allowRemoteHalfClosure, value: true)
        try options.setOption(.recvAllocator, value: Self.receiveAllocator)
        try options.setOption(.writeBufferWaterMark, value: Self.waterMark)
        try options.setOption(.maxMessagesPerRead, value: 2)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        guard self.side == .target else { return }
        self.exclusively { self.flow?.targetConnected() }
    }

    // MARK: Bytes

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = Self.unwrapInboundIn(data)
        self.exclusively {
            guard let flow = self.flow else { return }
            guard flow.passes(buffer.readableBytes, from: self) else { return flow.keep(buffer, from: self) }
            self.peer?.context?.write(Self.wrapOutboundOut(buffer), promise: nil)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.exclusively { self.peer?.context?.flush() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.exclusively { self.peer?.setReading(context.channel.isWritable) }
    }

    override func send(_ buffer: ByteBuffer) {
        self.context?.writeAndFlush(Self.wrapOutboundOut(buffer), promise: nil)
    }

    override func setReading(_ isReading: Bool) {
        try? self.context?.channel.syncOptions?.setOption(.autoRead, value: isReading)
    }

    override func keepAlive(everySeconds seconds: Int) {
        guard let options = self.context?.channel.syncOptions else { return }
        try? options.setOption(.tcpOption(.init(rawValue: TCP_KEEPIDLE)), value: seconds)
        try? options.setOption(.tcpOption(.init(rawValue: TCP_KEEPINTVL)), value: seconds)
        try? options.setOption(.socketOption(.so_keepalive), value: 1)
    }

    // MARK: Ends

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .inputClosed = event as? ChannelEvent else { return context.fireUserInboundEventTriggered(event) }
        self.exclusively {
            self.isInputClosed = true
            self.flow?.inputClosed(self)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? IOError, error.errnoCode == ECONNRESET { self.exclusively { self.wasReset = true } }
        // Most errors close the channel by themselves; TLS's do not all, and an unclean farewell is one all the same.
        if !(error is IOError), !(error is ChannelError) { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.exclusively {
            self.peer = nil
            self.becomeInactive()
        }
    }

    override func closeOutput() {
        guard !self.isOutputClosed, self.isAlive else { return }
        self.isOutputClosed = true
        if self.isInputClosed { return self.closeWhenSent() }
        self.context?.channel.close(mode: .output, promise: nil)
    }

    override func closeWhenSent() {
        guard let context = self.context, self.isAlive else { return }
        self.isOutputClosed = true
        let channel = context.channel
        let sent = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(Self.wrapOutboundOut(channel.allocator.buffer(capacity: 0)), promise: sent)
        sent.futureResult.assumeIsolated().whenComplete { _ in channel.close(promise: nil) }
    }

    override func reset() {
        guard self.isAlive else { return }
        self.context?.channel.reset()
    }

    override var segments: UInt64 { self.context?.channel.segmentsReceived ?? 0 }
}
