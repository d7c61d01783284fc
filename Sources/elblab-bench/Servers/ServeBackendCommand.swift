import ArgumentParser
import NIOCore
import NIOPosix

/// The backend of the measurements. It looks no further than it must and answers with bytes that are ready, so that it is never
/// the bottleneck.
struct ServeBackendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve-backend",
        abstract: "Serve a fixed small response; used by the measurements.",
        shouldDisplay: false
    )

    @Option(help: "Port on 127.0.0.1.")
    var port: Int

    @Option(help: "What it speaks.")
    var speaks = FixedBackend.http

    func run() async throws {
        let speaks = self.speaks
        guard speaks != .datagrams else { return try await self.echoDatagrams() }
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup(numberOfThreads: 1))
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    switch speaks {
                    case .http: try channel.pipeline.syncOperations.addHandler(FixedResponder())
                    case .grpc: try channel.pipeline.syncOperations.addHandler(FixedCallResponder())
                    case .webSocket: try channel.pipeline.syncOperations.addHandler(EchoResponder())
                    case .bulk:
                        try channel.pipeline.syncOperations.addHandler(FixedResponder(FixedResponder.megabyte))
                    case .datagrams: break
                    }
                }
            }
            .bind(host: "127.0.0.1", port: self.port).get()
        try await channel.closeFuture.get()
    }

    private func echoDatagrams() async throws {
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup(numberOfThreads: 1))
            .channelOption(.datagramVectorReadMessageCount, value: 64)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 64 * 2048))
            .channelOption(.socketOption(.so_rcvbuf), value: 4 << 20)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(DatagramEcho())
                }
            }
            .bind(host: "127.0.0.1", port: self.port).get()
        try await channel.closeFuture.get()
    }
}

/// Sends every datagram back.
private final class DatagramEcho: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.write(data, promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}

/// What a backend of the measurements speaks.
enum FixedBackend: String, CaseIterable, ExpressibleByArgument {
    case http
    case grpc
    case webSocket = "websocket"
    /// HTTP/1.1 with a megabyte in every answer.
    case bulk
    /// Echoes of datagrams.
    case datagrams

    /// Runs one, away from the proxies' core.
    static func start(_ kind: Self, in folder: WorkFolder) throws -> (process: ChildProcess, port: UInt16) {
        let port = try System.freePort()
        let command = [System.ownPath, "serve-backend", "--port", "\(port)", "--speaks", kind.rawValue]
        let process = try ChildProcess(
            ProxyMeasurement.pinned(command, toProxyCore: false),
            output: folder.file("backend.txt")
        )
        do {
            switch kind {
            case .http, .grpc, .webSocket, .bulk: try Loopback.waitForListener(port: port, seconds: 10)
            case .datagrams: try DatagramClient.waitForEcho(port: port, seconds: 10)
            }
        } catch {
            process.stop()
            throw error
        }
        return (process, port)
    }
}
