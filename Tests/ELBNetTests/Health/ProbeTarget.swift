import ELBModel
import NIOCore
import NIOPosix

/// A target for probes: records what it is sent and answers the n-th connection with the n-th script, the last one
/// again and again.
final class ProbeTarget: Sendable {
    /// What is done once the request's head has come.
    enum Script: Sendable {
        case answer(String)
        /// Says nothing and keeps the connection.
        case silence
        /// Closes without a word.
        case hangUp
    }

    /// One probe as the target saw it.
    struct Visit: Sendable {
        var request: String
        var peer: String
    }

    let endpoint: Endpoint
    let visits: AsyncStream<Visit>
    private let channel: any Channel

    init(_ scripts: [Script], on group: any EventLoopGroup) async throws {
        let (visits, continuation) = AsyncStream.makeStream(of: Visit.self)
        let eventLoop = group.next()
        let turn = NIOLoopBoundBox.makeBoxSendingValue(0, eventLoop: eventLoop)
        let channel = try await ServerBootstrap(group: eventLoop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let script = scripts[min(turn.value, scripts.count - 1)]
                    turn.value += 1
                    try channel.pipeline.syncOperations.addHandler(Handler(script, continuation))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        guard let port = channel.localAddress?.port.flatMap({ Port($0) }) else {
            throw ChannelError.unknownLocalAddress
        }
        self.endpoint = Endpoint(address: .loopback, port: port)
        self.visits = visits
        self.channel = channel
    }

    func close() async throws {
        try await self.channel.close()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let script: Script
        private let visits: AsyncStream<Visit>.Continuation
        private var request = ""

        init(_ script: Script, _ visits: AsyncStream<Visit>.Continuation) {
            self.script = script
            self.visits = visits
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.request += String(buffer: Self.unwrapInboundIn(data))
            guard self.request.hasSuffix("\r\n\r\n") else { return }
            self.visits.yield(
                Visit(request: self.request, peer: context.channel.remoteAddress?.ipAddress ?? "")
            )
            switch self.script {
            case .answer(let text):
                context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            case .silence:
                break
            case .hangUp:
                context.close(promise: nil)
            }
        }
    }
}
