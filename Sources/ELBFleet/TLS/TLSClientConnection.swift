import Dispatch
package import ELBModel
import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Synchronization

/// A client's TLS connection for any bytes, for threads that may block. libcurl does TLS for requests; where a test has to say
/// by ALPN that it speaks HTTP/2 and then speak it in its own way, libcurl would speak it too. Certificates are not verified.
package final class TLSClientConnection: Sendable {
    /// Why there is no connection, in words.
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
        /// Whether the caller's limit ran out before the other side had said anything that decides.
        package var isTimeout = false
    }

    package enum End: Hashable, Sendable {
        case closed
        case reset
    }

    private struct State {
        var unread: [UInt8] = []
        var end: End?
        /// Reading has stopped until somebody takes what is there.
        var isPaused = false
    }

    /// The protocol that ALPN chose, `h2`; `nil` if none.
    package let applicationProtocol: String?
    private let channel: any Channel
    private let inbox: Inbox

    /// What the channel's handler puts in, and threads take out.
    private final class Inbox: Sendable {
        let state = Mutex(State())
        let arrival = DispatchSemaphore(value: 0)
    }

    /// Bytes that wait to be taken before reading stops.
    private static let limit = 1 << 20

    /// Connects and does the handshake. Blocks.
    /// - Parameters:
    ///   - name: the host name that the handshake asks for (SNI); without one, none is asked for.
    ///   - protocols: what ALPN offers, the preferred first.
    package init(
        to endpoint: Endpoint,
        name: String? = nil,
        protocols: [String],
        within limit: Duration
    ) throws(Failure) {
        do {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.certificateVerification = .none
            configuration.applicationProtocols = protocols
            let context = try NIOSSLContext(configuration: configuration)
            let inbox = Inbox()
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            let handshake = loop.makePromise(of: String?.self)
            let deadline = loop.scheduleTask(in: TimeAmount(limit)) {
                handshake.fail(Failure(description: "no handshake within \(limit)", isTimeout: true))
            }
            let connected = ClientBootstrap(group: loop)
                .connectTimeout(TimeAmount(limit))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandlers(
                            NIOSSLClientHandler(context: context, serverHostname: name),
                            Reader(inbox, handshake)
                        )
                    }
                }
                .connect(host: "\(endpoint.address)", port: Int(endpoint.port.rawValue))
            connected.whenFailure { handshake.fail($0) }
            self.applicationProtocol = try handshake.futureResult.wait()
            deadline.cancel()
            self.channel = try connected.wait()
            self.inbox = inbox
        } catch let failure as Failure {
            throw failure
        } catch {
            let isTimeout = if case ChannelError.connectTimeout = error { true } else { false }
            throw Failure(description: "\(error)", isTimeout: isTimeout)
        }
    }

    deinit { self.channel.close(promise: nil) }

    /// Sends all bytes. Blocks until the kernel has them; false when the other side is gone or the limit is reached.
    package func send(_ bytes: [UInt8], within limit: Duration) -> Bool {
        let outcome = Outcome()
        let done = DispatchSemaphore(value: 0)
        self.channel.writeAndFlush(ByteBuffer(bytes: bytes)).whenComplete { result in
            if case .success = result { outcome.succeeded.store(true, ordering: .releasing) }
            done.signal()
        }
        return done.wait(timeout: .now() + limit.interval) == .success && outcome.succeeded.load(ordering: .acquiring)
    }

    /// Has the system send keepalive packets, one a second, when nothing else is sent.
    package func keepAlive() {
        _ = self.channel.setOption(.socketOption(.so_keepalive), value: 1)
        for option in [TCP_KEEPIDLE, TCP_KEEPINTVL] {
            _ = self.channel.setOption(.tcpOption(.init(rawValue: option)), value: 1)
        }
    }

    private final class Outcome: Sendable {
        let succeeded = Atomic<Bool>(false)
    }

    /// What has arrived since the last call, and how the other side has ended, if it has.
    package func take() -> (bytes: [UInt8], end: End?) {
        let (bytes, end, wasPaused) = self.inbox.state.withLock { state in
            defer {
                state.unread = []
                state.isPaused = false
            }
            return (state.unread, state.end, state.isPaused)
        }
        if wasPaused { self.channel.read() }
        return (bytes, end)
    }

    /// Blocks until something arrives or the other side ends; false when the limit is reached. May return early.
    package func wait(within limit: Duration) -> Bool {
        self.inbox.arrival.wait(timeout: .now() + limit.interval) == .success
    }

    /// Puts what is read into the inbox, and reports the handshake.
    private final class Reader: ChannelDuplexHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundIn = ByteBuffer

        private let inbox: Inbox
        private let handshake: EventLoopPromise<String?>
        private var error: End = .closed

        init(_ inbox: Inbox, _ handshake: EventLoopPromise<String?>) {
            self.inbox = inbox
            self.handshake = handshake
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .handshakeCompleted(let name) = event as? TLSUserEvent { self.handshake.succeed(name) }
            context.fireUserInboundEventTriggered(event)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = self.unwrapInboundIn(data)
            self.inbox.state.withLock { $0.unread += bytes.readableBytesView }
            self.inbox.arrival.signal()
        }

        func read(context: ChannelHandlerContext) {
            let mayRead = self.inbox.state.withLock { state in
                state.isPaused = state.unread.count >= TLSClientConnection.limit
                return !state.isPaused
            }
            if mayRead { context.read() }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            self.handshake.fail(error)
            // A peer that leaves without close_notify has left all the same.
            if (error as? IOError)?.errnoCode == 104 { self.error = .reset }
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            self.handshake.fail(ChannelError.eof)
            let end = self.error
            self.inbox.state.withLock { $0.end = end }
            self.inbox.arrival.signal()
        }
    }
}

extension Duration {
    fileprivate var interval: DispatchTimeInterval {
        let (seconds, attoseconds) = self.components
        return .nanoseconds(Int(clamping: max(0, seconds)) * 1_000_000_000 + Int(max(0, attoseconds) / 1_000_000_000))
    }
}
