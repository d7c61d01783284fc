import ArgumentParser
import NIOCore
import NIOPosix
import Synchronization

/// The clients of the measurement of WebSockets.
struct LoadWebSocketsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load-websockets",
        abstract: "Send WebSocket messages and wait for their echoes; used by the measurements.",
        shouldDisplay: false
    )

    @Option(help: "Port on 127.0.0.1.")
    var port: Int

    @Option(help: "How long.")
    var seconds: Int

    @Option(help: "Connections.")
    var connections: Int

    func run() async throws {
        let tally = EchoTally()
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup(numberOfThreads: 1))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(EchoClient(tally: tally))
                }
            }
        var channels: [any Channel] = []
        for _ in 0..<self.connections {
            channels.append(try await bootstrap.connect(host: "127.0.0.1", port: self.port).get())
        }
        try await Task.sleep(for: .seconds(self.seconds))
        tally.isOver.store(true, ordering: .relaxed)
        for channel in channels { try? await channel.close() }
        let (trips, errors) = (tally.roundTrips.load(ordering: .relaxed), tally.errors.load(ordering: .relaxed))
        print("\(trips) round trips, \(errors) errors")
    }
}

/// What all clients saw together.
private final class EchoTally: Sendable {
    let roundTrips = Atomic(0)
    let errors = Atomic(0)
    /// Connections that end from here on end because we ended them.
    let isOver = Atomic(false)
}

/// One client: opens the WebSocket, and then sends a message each time the one before has come back.
private final class EchoClient: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let tally: EchoTally
    private var isOpen = false
    private var received = ByteBuffer()

    init(tally: EchoTally) {
        self.tally = tally
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(string: WebSocketSample.request)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = self.unwrapInboundIn(data)
        self.received.writeBuffer(&buffer)
        if !self.isOpen {
            let head = self.received.readableBytesView
            guard let end = head.firstRange(of: WebSocketSample.headEnd) else { return }
            guard head.starts(with: WebSocketSample.accepted) else { return self.fail(context) }
            self.received.moveReaderIndex(to: end.upperBound)
            self.isOpen = true
            self.send(context)
        }
        let echo = WebSocketSample.echo
        while self.received.readableBytes >= echo.count {
            guard self.received.readableBytesView.starts(with: echo) else { return self.fail(context) }
            self.received.moveReaderIndex(forwardBy: echo.count)
            self.tally.roundTrips.wrappingAdd(1, ordering: .relaxed)
            self.send(context)
        }
        self.received.discardReadBytes()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !self.tally.isOver.load(ordering: .relaxed) { self.tally.errors.wrappingAdd(1, ordering: .relaxed) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func send(_ context: ChannelHandlerContext) {
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: WebSocketSample.message)), promise: nil)
    }

    /// Its end counts as an error.
    private func fail(_ context: ChannelHandlerContext) {
        context.close(promise: nil)
    }
}
