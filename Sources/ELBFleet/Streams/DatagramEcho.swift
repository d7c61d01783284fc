import ELBModel
import NIOCore
import NIOPosix

/// Answers datagrams at one port: who the backend is, and behind it what it got. Each is a record. Lives on the backend's event loop.
final class DatagramEcho: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private let port: UInt16
    private let server: BackendServer
    private var channel: (any Channel)?

    init(port: UInt16, server: BackendServer) {
        self.port = port
        self.server = server
    }

    func open(at address: IPAddress) -> EventLoopFuture<Void> {
        let bound = NIOLoopBound(self, eventLoop: self.server.eventLoop)
        return DatagramBootstrap(group: self.server.eventLoop)
            .channelOption(.socketOption(.so_reuseaddr), value: 1)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 65_536))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    bound.value.channel = channel
                    try channel.pipeline.syncOperations.addHandler(bound.value)
                }
            }
            .bind(host: address.description, port: Int(self.port))
            .map { _ in }
    }

    func close() {
        self.channel?.close(promise: nil)
        self.channel = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = Self.unwrapInboundIn(data)
        guard self.server.machine == .running, self.server.lets(in: envelope.remoteAddress, to: Int(self.port)) else {
            return
        }
        let bytes = Array(envelope.data.readableBytesView)
        var record = RequestRecord(
            sequence: 0,
            kind: .traffic,
            monotonicNanoseconds: MachineClock.monotonicNanoseconds(),
            wallClockMicroseconds: MachineClock.wallClockMicroseconds(),
            connection: 0,
            requestOnConnection: 1,
            peerAddress: envelope.remoteAddress.ipAddress ?? "",
            peerPort: envelope.remoteAddress.port ?? 0,
            localPort: Int(self.port),
            rawHead: RecordedBytes(),
            method: "",
            target: "",
            version: "UDP",
            headers: []
        )
        record.bodyLength = bytes.count
        record.body.bytes = Array(bytes.prefix(self.server.description.bodyLimit))
        let exchange = self.server.accept(record)
        let isSilent = exchange.applied.map { !$0.fault.answersAtAll } ?? false
        if !isSilent {
            let answer = ByteBuffer(bytes: Array(self.server.description.greeting.utf8) + bytes)
            context.writeAndFlush(
                Self.wrapOutboundOut(AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: answer)),
                promise: nil
            )
        }
        self.server.settle(exchange.sequence, as: isSilent ? .dropped : .answered)
    }

    /// A client that is gone concerns nobody else.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
