import ELBCore
import ELBNet
import Glibc
import NIOCore
import NIOPosix

/// One side of a relayed connection: the only handler in its channel's pipeline where there is no TLS. What it reads it hands to the
/// other side by reference; it holds nothing.
///
/// The relay is what a Network Load Balancer does all day, so what is done per read is little: one write without a promise, and one
/// flush when there is nothing more to read. A side whose other side takes no more is not read until that has changed.
final class FlowEnd: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Side: Hashable {
        case client
        case target
    }

    let side: Side
    private(set) var flow: RelayedPair?
    /// The other side, for as long as bytes go there.
    private var peer: FlowEnd?
    private(set) var context: ChannelHandlerContext?
    /// The side has said all that it will say.
    private(set) var isInputClosed = false
    private var isOutputClosed = false
    /// The side has broken off.
    private(set) var wasReset = false
    /// Whether the channel is there, or may come.
    private(set) var isAlive = true

    init(_ side: Side) {
        self.side = side
    }

    func join(_ flow: RelayedPair, peer: FlowEnd) {
        self.flow = flow
        self.peer = peer
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
        if self.side == .target { self.flow?.targetConnected() }
    }

    // MARK: Bytes

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let flow = self.flow else { return }
        let buffer = Self.unwrapInboundIn(data)
        guard flow.passes(buffer, from: self), let out = self.peer?.context else { return }
        out.write(Self.wrapOutboundOut(buffer), promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.peer?.context?.flush()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.peer?.setReading(context.channel.isWritable)
    }

    /// Writes what was held until the other side was there, and sends it.
    func send(_ buffer: ByteBuffer) {
        self.context?.writeAndFlush(Self.wrapOutboundOut(buffer), promise: nil)
    }

    func setReading(_ isReading: Bool) {
        try? self.context?.channel.syncOptions?.setOption(.autoRead, value: isReading)
    }

    // MARK: Ends

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .inputClosed = event as? ChannelEvent else { return context.fireUserInboundEventTriggered(event) }
        self.isInputClosed = true
        self.flow?.inputClosed(self)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? IOError, error.errnoCode == ECONNRESET { self.wasReset = true }
        // Most errors close the channel by themselves; TLS's do not all, and an unclean farewell is one all the same.
        if !(error is IOError), !(error is ChannelError) { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.isAlive = false
        self.peer = nil
        let flow = self.flow
        self.flow = nil
        flow?.inactive(self)
    }

    /// The connection never came up.
    func neverOpened() {
        self.isAlive = false
        self.peer = nil
        self.flow = nil
    }

    /// Passes on that the other side has said all, behind everything that it has said.
    func closeOutput() {
        guard !self.isOutputClosed, self.isAlive else { return }
        self.isOutputClosed = true
        if self.isInputClosed { return self.closeWhenSent() }
        self.context?.channel.close(mode: .output, promise: nil)
    }

    /// Closes when everything has been sent.
    func closeWhenSent() {
        guard let context = self.context, self.isAlive else { return }
        self.isOutputClosed = true
        let channel = context.channel
        let sent = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(Self.wrapOutboundOut(channel.allocator.buffer(capacity: 0)), promise: sent)
        sent.futureResult.assumeIsolated().whenComplete { _ in channel.close(promise: nil) }
    }

    /// Breaks off.
    func reset() {
        guard self.isAlive else { return }
        self.context?.channel.reset()
    }

    /// Whether this side was told that the other is done, so that its own end is no surprise.
    var isDone: Bool { self.isInputClosed || self.isOutputClosed }

    var segments: UInt64 { self.context?.channel.segmentsReceived ?? 0 }
}
