import ELBCore
import ELBModel
import ELBWire
import NIOCore
import NIOPosix
import NIOSSL

/// One question to an identity provider: connect, ask, read the answer, close. Gives its answer exactly once, or never if it is
/// cancelled.
package final class ProviderCall {
    private enum State {
        case idle
        case running(timer: Scheduled<Void>)
        case done
    }

    private let request: ProviderRequest
    private let eventLoop: any EventLoop
    private let context: NIOSSLContext?
    private var completion: ((ProviderAnswer) -> Void)?
    private var state = State.idle
    private var channel: (any Channel)?

    init(
        _ request: ProviderRequest,
        eventLoop: any EventLoop,
        context: NIOSSLContext?,
        _ completion: @escaping (ProviderAnswer) -> Void
    ) {
        self.request = request
        self.eventLoop = eventLoop
        self.context = context
        self.completion = completion
    }

    /// Starts the time that the provider has, the look-up of its name included.
    func start(timeout: TimeAmount) {
        self.state = .running(
            timer: self.eventLoop.assumeIsolated().scheduleTask(in: timeout) { self.finish(.timedOut) }
        )
    }

    func connect(to endpoint: Endpoint) {
        guard case .running = self.state else { return }
        guard self.request.url.scheme == .http || self.context != nil else { return self.fail() }
        let call = NIOLoopBound(self, eventLoop: self.eventLoop)
        let (request, context) = (self.request, self.context)
        let limit = TimeAmount.seconds(30)
        ClientBootstrap(group: self.eventLoop)
            .connectTimeout(limit)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handlers = channel.pipeline.syncOperations
                    if request.url.scheme == .https, let context {
                        // An address is no name to ask for; it is then compared with the certificate's addresses.
                        let name = IPAddress(request.url.host) == nil ? request.url.host : nil
                        try handlers.addHandler(NIOSSLClientHandler(context: context, serverHostname: name))
                    }
                    try handlers.addHandler(
                        ProviderHandler(request.bytes, bodyLimit: request.bodyLimit) { call.value.finish($0) }
                    )
                    call.value.opened(channel)
                }
            }
            .connect(host: endpoint.address.description, port: Int(endpoint.port.rawValue))
            .assumeIsolated().whenFailure { _ in self.finish(.failed) }
    }

    /// Ends the call: there is nobody to ask.
    func fail() {
        self.finish(.failed)
    }

    /// Ends the call without an answer.
    package func cancel() {
        self.completion = nil
        self.finish(.failed)
    }

    private func opened(_ channel: any Channel) {
        guard case .running = self.state else { return channel.close(promise: nil) }
        self.channel = channel
    }

    private func finish(_ answer: ProviderAnswer) {
        guard case .running(let timer) = self.state else { return }
        self.state = .done
        timer.cancel()
        self.channel?.close(promise: nil)
        self.channel = nil
        let completion = self.completion
        self.completion = nil
        completion?(answer)
    }
}

/// Sends the request and gathers the response, both bounded.
final class ProviderHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case head
        case bytes(remaining: UInt64)
        case chunks(ChunkedBodyScanner)
        case untilClose
        case done
    }

    private let request: [UInt8]
    private let bodyLimit: Int
    private let answered: (ProviderAnswer) -> Void
    private var phase = Phase.head
    private var received = ByteBuffer()
    private var parser = ResponseHeadParser()
    private var head = ResponseHead()
    private var body: [UInt8] = []

    init(_ request: [UInt8], bodyLimit: Int, answered: @escaping (ProviderAnswer) -> Void) {
        self.request = request
        self.bodyLimit = bodyLimit
        self.answered = answered
    }

    func channelActive(context: ChannelHandlerContext) {
        // Behind TLS it waits for the handshake.
        context.writeAndFlush(Self.wrapOutboundOut(context.channel.allocator.buffer(bytes: self.request)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var incoming = Self.unwrapInboundIn(data)
        self.received.writeBuffer(&incoming)
        if case .head = self.phase { self.readHead() }
        self.readBody()
    }

    private func readHead() {
        while case .head = self.phase, self.received.readableBytes > 0 {
            switch self.parser.parse(self.received.readableBytesUInt8Span, into: &self.head) {
            case .incomplete: return
            case .malformed, .tooLong: return self.finish(.failed)
            case .complete: break
            }
            self.parser.reset()
            self.received.moveReaderIndex(forwardBy: self.head.length)
            // An interim answer is not the answer (RFC 9110, section 15.2).
            guard self.head.status >= 200 else { continue }
            switch self.head.bodyLength(answering: .get) {
            case nil: self.finish(.failed)
            case BodyLength.none?: self.complete()
            case .bytes(let count)?:
                if count > UInt64(self.bodyLimit) { return self.finish(.tooLarge) }
                self.phase = .bytes(remaining: count)
            case .chunked?: self.phase = .chunks(ChunkedBodyScanner())
            case .untilClose?: self.phase = .untilClose
            }
        }
    }

    private func readBody() {
        switch self.phase {
        case .head, .done: return
        case .bytes(let remaining):
            let count = Int(min(remaining, UInt64(self.received.readableBytes)))
            self.take(count)
            if case .done = self.phase { return }
            self.phase = .bytes(remaining: remaining - UInt64(count))
            if remaining == UInt64(count) { self.complete() }
        case .untilClose:
            self.take(self.received.readableBytes)
        case .chunks(let before):
            self.readChunks(before)
        }
    }

    private func readChunks(_ before: ChunkedBodyScanner) {
        var scanner = before
        var index = 0
        scan: while true {
            switch scanner.next(self.received.readableBytesUInt8Span, from: index) {
            case .framing(let end): index = end
            case .data(let range):
                guard self.body.count + range.count <= self.bodyLimit else { return self.finish(.tooLarge) }
                self.body +=
                    self.received.viewBytes(
                        at: self.received.readerIndex + range.lowerBound,
                        length: range.count
                    ) ?? .init(ByteBuffer())
                index = range.upperBound
            case .finished: return self.complete()
            case .needsMore: break scan
            case .malformed: return self.finish(.failed)
            }
        }
        self.received.moveReaderIndex(forwardBy: index)
        self.received.discardReadBytes()
        self.phase = .chunks(scanner)
    }

    private func take(_ count: Int) {
        guard self.body.count + count <= self.bodyLimit else { return self.finish(.tooLarge) }
        self.body += self.received.readBytes(length: count) ?? []
        self.received.discardReadBytes()
    }

    func channelInactive(context: ChannelHandlerContext) {
        // A body that ends with the connection is whole only if the end was an orderly one; TLS says so (`errorCaught`).
        if case .untilClose = self.phase { self.complete() } else { self.finish(.failed) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.finish(.failed)
        context.close(promise: nil)
    }

    private func complete() {
        self.finish(.response(status: self.head.status, body: self.body))
    }

    private func finish(_ answer: ProviderAnswer) {
        if case .done = self.phase { return }
        self.phase = .done
        self.answered(answer)
    }
}
