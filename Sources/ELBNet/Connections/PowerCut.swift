package import NIOCore

/// A power cut of a whole node: connections that stand fall silent, and new ones are taken by the system and hear nothing. Lives on
/// its node's event loop.
///
/// When the power is back, everything from before is reset, as by a machine that has forgotten it.
package final class PowerCut {
    package private(set) var isOn = false
    private var ends: [SilentEnd] = []
    private let newcomers = SilencedConnections()

    package init() {}

    /// - Parameters:
    ///   - connections: of clients; nothing that is said to them arrives from now on, nor what they say.
    ///   - sockets: that take datagrams; the same, but that they outlive it.
    package func begin(connections: [any Channel], sockets: [any Channel]) {
        guard !self.isOn else { return }
        self.isOn = true
        for channel in connections { self.silence(channel, outlivesCut: false) }
        for channel in sockets { self.silence(channel, outlivesCut: true) }
    }

    /// A connection that came meanwhile.
    package func silence(newcomer: any Channel) { self.newcomers.add(newcomer) }

    /// The power is back.
    package func end() {
        guard self.isOn else { return }
        self.isOn = false
        let ends = self.ends
        self.ends = []
        for end in ends { end.release() }
        self.newcomers.resetAll()
    }

    private func silence(_ channel: any Channel, outlivesCut: Bool) {
        let end = SilentEnd(outlivesCut: outlivesCut)
        // A channel that has just closed needs no silencing.
        guard (try? channel.pipeline.syncOperations.addHandler(end, position: .first)) != nil else { return }
        self.ends.append(end)
    }
}

/// Stands between a channel and its handlers, and lets nothing through.
private final class SilentEnd: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny
    typealias OutboundIn = NIOAny

    private let outlivesCut: Bool
    private var context: ChannelHandlerContext?

    init(outlivesCut: Bool) {
        self.outlivesCut = outlivesCut
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // Whoever sends into a power cut hears of no failure.
        promise?.succeed(())
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard self.outlivesCut else {
            // Not even the farewell arrives.
            promise?.succeed(())
            return
        }
        context.close(mode: mode, promise: promise)
    }

    /// Lets everything through again; of a connection, its end.
    func release() {
        guard let context else { return }
        let channel = context.channel
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        if !self.outlivesCut { channel.reset() }
    }
}
