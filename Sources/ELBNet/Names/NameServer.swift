package import ELBCore
package import ELBModel
import ELBWire
package import NIOCore
import NIOPosix
import Synchronization

/// Answers DNS queries by UDP and TCP on one address, from a table that can be swapped while it runs (RFC 1035, section 4.2; RFC
/// 7766).
package final class NameServer: Sendable {
    /// Connections at a time; more are closed at once.
    static let mostConnections = 64
    /// How long a connection may be silent. Real seconds: clients' timeouts are not of the lab's time.
    static let idleTimeout = TimeAmount.seconds(5)

    private let group: any EventLoopGroup
    private let state: Mutex<State>

    private struct State {
        var table: NameTable
        var generator: SplitMix64
        var channels: [any Channel] = []
        var connections = 0
    }

    /// - Parameter seed: decides in which order addresses are given out.
    package init(group: any EventLoopGroup, table: NameTable, seed: UInt64) {
        self.group = group
        self.state = Mutex(State(table: table, generator: SplitMix64(seed: seed)))
    }

    /// From now on answers come from this table.
    package func use(_ table: NameTable) {
        self.state.withLock { $0.table = table }
    }

    /// Starts to listen by UDP and TCP.
    ///
    /// - Parameter port: `nil` takes one that is free.
    /// - Returns: where it listens.
    /// - Throws: what the system said, when the address cannot be bound; then nothing listens.
    package func listen(at address: IPAddress, port wanted: Port?) async throws -> Endpoint {
        let host = address.description
        var port = Int(wanted?.rawValue ?? 0)
        let stream = try await ServerBootstrap(group: self.group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard self.admitConnection() else { return channel.close(promise: nil) }
                    channel.closeFuture.whenComplete { _ in self.connectionEnded() }
                    try channel.pipeline.syncOperations.addHandlers(
                        IdleStateHandler(readTimeout: Self.idleTimeout),
                        NameServerStream(server: self)
                    )
                }
            }
            .bind(host: host, port: port).get()
        port = stream.localAddress?.port ?? port
        do {
            let datagrams = try await DatagramBootstrap(group: self.group)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(NameServerDatagrams(server: self))
                    }
                }
                .bind(host: host, port: port).get()
            self.state.withLock { $0.channels = [stream, datagrams] }
        } catch {
            try? await stream.close()
            throw error
        }
        guard let bound = Port(port) else { throw ChannelError.unknownLocalAddress }
        return Endpoint(address: address, port: bound)
    }

    /// Stops listening; nothing of it is left.
    package func stop() async {
        let channels = self.state.withLock { state in
            defer { state.channels = [] }
            return state.channels
        }
        for channel in channels { try? await channel.close() }
    }

    private func admitConnection() -> Bool {
        self.state.withLock { state in
            guard state.table.isAnsweredByStream else { return false }
            state.connections += 1
            guard state.connections > Self.mostConnections else { return true }
            state.connections -= 1
            return false
        }
    }

    private func connectionEnded() {
        self.state.withLock { $0.connections -= 1 }
    }

    /// What goes back for one message; `nil` for what is no query.
    func answer(_ message: Span<UInt8>, from client: IPAddress?, byDatagram: Bool) -> [UInt8]? {
        switch DNSQueryParser.parse(message) {
        case .ignored: return nil
        case .unreadable(let id, let opcode, let code):
            return DNSResponse.message(toUnreadable: id, opcode: opcode, code)
        case .query(let query):
            return self.state.withLock {
                $0.table.reply(to: query, from: client, byDatagram: byDatagram, using: &$0.generator)
            }
        }
    }
}

/// One query in each datagram, and one answer.
private final class NameServerDatagrams: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private let server: NameServer

    init(server: NameServer) {
        self.server = server
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = self.unwrapInboundIn(data)
        let client = envelope.remoteAddress.modelAddress
        guard let answer = self.server.answer(envelope.data.readableBytesUInt8Span, from: client, byDatagram: true)
        else { return }
        let reply = AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: ByteBuffer(bytes: answer))
        context.write(self.wrapOutboundOut(reply), promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
    }

    // A client that is gone by the time of its answer, which the system tells on the next read.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}

/// Queries one behind the other, each with its length before it.
private final class NameServerStream: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let server: NameServer
    private var received = ByteBuffer()

    init(server: NameServer) {
        self.server = server
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.received.writeImmutableBuffer(self.unwrapInboundIn(data))
        while let length = self.received.getInteger(at: self.received.readerIndex, as: UInt16.self),
            self.received.readableBytes >= 2 + Int(length)
        {
            self.received.moveReaderIndex(forwardBy: 2)
            guard let query = self.received.readSlice(length: Int(length)),
                let answer = self.server.answer(
                    query.readableBytesUInt8Span,
                    from: context.remoteAddress?.modelAddress,
                    byDatagram: false
                )
            else {
                // Not a client: it gets nothing more.
                context.close(promise: nil)
                return
            }
            var reply = context.channel.allocator.buffer(capacity: 2 + answer.count)
            reply.writeInteger(UInt16(answer.count))
            reply.writeBytes(answer)
            context.write(self.wrapOutboundOut(reply), promise: nil)
        }
        self.received.discardReadBytes()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        // Whoever does not read the answers sends no more queries.
        try? context.channel.syncOptions?.setOption(.autoRead, value: context.channel.isWritable)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
