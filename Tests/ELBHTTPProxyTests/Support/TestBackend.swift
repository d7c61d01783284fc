import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// A server whose every answer is scripted, and which keeps every byte it got.
final class TestBackend: Sendable {
    /// What to do with a request.
    enum Reply: Sendable {
        /// Exactly these bytes; the connection stays.
        case bytes(String)
        /// The same, shared by all who get them.
        case buffer(ByteBuffer)
        /// These bytes, then FIN.
        case bytesThenClose(String)
        /// RST.
        case reset(after: String)
        case silence
        /// One piece after the other, each this long after what came before it; FIN at the end if `closes`.
        case drip([String], milliseconds: Int64, closes: Bool = false)
    }

    struct Request: Sendable {
        var text: String
        var connection: Int
    }

    private struct State {
        var requests: [Request] = []
        var connections = 0
        var open = 0
        var peers: Set<String> = []
        var isHealthy = true
    }

    private let state = Mutex(State())
    private let channel: any Channel
    let port: UInt16

    var requests: [Request] { self.state.withLock { $0.requests } }
    /// Connections that carried a request; health probes have their own.
    var connections: Int { self.state.withLock { Set($0.requests.map(\.connection)).count } }
    var openConnections: Int { self.state.withLock { $0.open } }
    /// Where connections came from, those of health probes included.
    var peers: Set<String> { self.state.withLock { $0.peers } }
    /// Whether health probes get 200 or 503.
    var isHealthy: Bool {
        get { self.state.withLock { $0.isHealthy } }
        set { self.state.withLock { $0.isHealthy = newValue } }
    }

    private init(channel: any Channel, port: UInt16) {
        self.channel = channel
        self.port = port
    }

    /// Starts a server; `script` gets each request's text and its number on the server, from 0. Health probes are not counted.
    ///
    /// - Parameter port: the system's choice if 0.
    static func start(
        host: String = "127.0.0.1",
        port: UInt16 = 0,
        script: @Sendable @escaping (String, Int) -> Reply
    ) async throws -> TestBackend {
        let box = Mutex<TestBackend?>(nil)
        let shared = Shared(box: box)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // Hundreds may connect at once, and a SYN that finds the queue full is repeated after a second only.
            .serverChannelOption(.backlog, value: 1024)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let backend = shared.backend else { throw ChannelError.alreadyClosed }
                    try channel.pipeline.syncOperations.addHandler(Handler(backend: backend, script: script))
                }
            }
            .serverChannelOption(.autoRead, value: false)
            .bind(host: host, port: Int(port)).get()
        let backend = TestBackend(channel: channel, port: UInt16(channel.localAddress?.port ?? 0))
        shared.backend = backend
        try await channel.setOption(.autoRead, value: true).get()
        return backend
    }

    func stop() async {
        try? await self.channel.close()
    }

    private final class Shared: Sendable {
        private let box: Mutex<TestBackend?>

        init(box: consuming Mutex<TestBackend?>) {
            self.box = box
        }

        var backend: TestBackend? {
            get { self.box.withLock { $0 } }
            set { self.box.withLock { $0 = newValue } }
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let backend: TestBackend
        private let script: @Sendable (String, Int) -> Reply
        private let number: Int
        private var received = ""

        init(backend: TestBackend, script: @Sendable @escaping (String, Int) -> Reply) {
            self.backend = backend
            self.script = script
            self.number = backend.state.withLock { state in
                state.connections += 1
                state.open += 1
                return state.connections - 1
            }
        }

        func channelActive(context: ChannelHandlerContext) {
            guard let peer = context.remoteAddress?.ipAddress else { return }
            self.backend.state.withLock { _ = $0.peers.insert(peer) }
        }

        func channelInactive(context: ChannelHandlerContext) {
            self.backend.state.withLock { $0.open -= 1 }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.received += String(buffer: self.unwrapInboundIn(data))
            while let request = self.takeRequest() {
                if request.contains("ELB-HealthChecker") {
                    let status = self.backend.isHealthy ? "200 OK" : "503 Service Unavailable"
                    self.write("HTTP/1.1 \(status)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", context)
                    continue
                }
                let index = self.backend.state.withLock { state in
                    state.requests.append(Request(text: request, connection: self.number))
                    return state.requests.count - 1
                }
                switch self.script(request, index) {
                case .bytes(let text): self.write(text, context)
                case .buffer(let buffer): context.writeAndFlush(self.wrapOutboundOut(buffer), promise: nil)
                case .bytesThenClose(let text):
                    self.write(text, context)
                    context.close(promise: nil)
                case .reset(let text):
                    if !text.isEmpty { self.write(text, context) }
                    let channel = context.channel
                    (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete {
                        _ in
                        channel.close(promise: nil)
                    }
                case .silence: break
                case .drip(let pieces, let milliseconds, let closes):
                    self.drip(pieces, every: .milliseconds(milliseconds), closes: closes, context.channel)
                }
            }
        }

        private func drip(_ pieces: [String], every interval: TimeAmount, closes: Bool, _ channel: any Channel) {
            for (index, piece) in pieces.enumerated() {
                channel.eventLoop.scheduleTask(in: interval * (index + 1)) {
                    channel.writeAndFlush(ByteBuffer(string: piece), promise: nil)
                    if closes, index == pieces.count - 1 { channel.close(promise: nil) }
                }
            }
        }

        private func write(_ text: String, _ context: ChannelHandlerContext) {
            context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        }

        private func takeRequest() -> String? {
            guard let end = self.received.range(of: "\r\n\r\n") else { return nil }
            let head = self.received[..<end.lowerBound].lowercased()
            var bodyEnd = end.upperBound
            if head.contains("transfer-encoding: chunked") {
                guard let last = self.received[end.upperBound...].firstRange(of: "0\r\n"),
                    let empty = self.received[last.lowerBound...].firstRange(of: "\r\n\r\n")
                else { return nil }
                bodyEnd = empty.upperBound
            } else if let field = head.range(of: "content-length: ") {
                let length = Int(head[field.upperBound...].prefix { $0.isNumber }) ?? 0
                guard
                    let position = self.received.utf8.index(
                        bodyEnd,
                        offsetBy: length,
                        limitedBy: self.received.utf8.endIndex
                    )
                else { return nil }
                bodyEnd = position
            }
            let request = String(self.received[..<bodyEnd])
            self.received = String(self.received[bodyEnd...])
            return request
        }
    }
}
