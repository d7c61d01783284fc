import NIOCore
import NIOPosix

/// Answers every request with one status and nothing else, or hangs up without an answer.
final class ProbedServer: Sendable {
    private let channel: any Channel
    let port: UInt16

    private init(channel: any Channel) {
        self.channel = channel
        self.port = UInt16(channel.localAddress?.port ?? 0)
    }

    /// - Parameter status: code and reason; empty to hang up.
    static func start(status: String) async throws -> ProbedServer {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(status: status))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return ProbedServer(channel: channel)
    }

    func stop() async {
        try? await self.channel.close()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let status: String

        init(status: String) {
            self.status = status
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if !self.status.isEmpty {
                let answer = "HTTP/1.1 \(self.status)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
            }
            context.close(promise: nil)
        }
    }
}
