import ArgumentParser
import NIOCore
import NIOPosix

/// The backend of the measurements: answers every request with one small fixed response and looks no further than the empty
/// line, so that it is never the bottleneck.
struct ServeBackendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve-backend",
        abstract: "Serve a fixed small response; used by the measurements.",
        shouldDisplay: false
    )

    @Option(help: "Port on 127.0.0.1.")
    var port: Int

    func run() async throws {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup(numberOfThreads: 1))
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(FixedResponder())
                }
            }
            .bind(host: "127.0.0.1", port: self.port).get()
        try await channel.closeFuture.get()
    }
}

private final class FixedResponder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let response = ByteBuffer(
        string:
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nServer: bench\r\nContent-Length: 13\r\n\r\nHello, world\n"
    )
    /// How much of CR LF CR LF has been seen.
    private var matched = 0

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = self.unwrapInboundIn(data)
        var answers = 0
        buffer.withUnsafeReadableBytes { bytes in
            for byte in bytes {
                let wanted = self.matched % 2 == 0 ? UInt8(ascii: "\r") : UInt8(ascii: "\n")
                self.matched = byte == wanted ? self.matched + 1 : (byte == UInt8(ascii: "\r") ? 1 : 0)
                if self.matched == 4 {
                    answers += 1
                    self.matched = 0
                }
            }
        }
        for _ in 0..<answers { context.write(self.wrapOutboundOut(Self.response), promise: nil) }
        if answers > 0 { context.flush() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
