import ELBModel
import NIOCore
import NIOHTTP1

/// One connection that speaks HTTP/1 to a backend: turns the parser's parts into records, and asks the server what to do
/// with each request. Lives on the backend's event loop.
final class BackendConnection: ChannelInboundHandler, BackendPeer, ExchangeHolder {
    typealias InboundIn = HTTPServerRequestPart

    let number: Int
    let channel: any Channel
    let feed: RequestFeed
    /// Strong both ways; the server forgets a connection when it closes.
    private let server: BackendServer
    private let end: SocketEnd
    private let tls: TLSWatch?
    private var requests = 0
    /// The request in hand. One at a time: the next waits in `feed` until this one is answered and read.
    private(set) var exchange: Exchange?
    /// What the connection has become by a handshake.
    private var webSocket: WebSocketSession?
    private var isSilent = false

    init(number: Int, channel: any Channel, end: SocketEnd, tls: TLSWatch?, server: BackendServer) {
        self.number = number
        self.channel = channel
        self.end = end
        self.tls = tls
        self.server = server
        self.feed = RequestFeed()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head): self.headArrived(head)
        case .body(let bytes): self.bodyArrived(bytes)
        case .end(let trailers): self.requestEnded(trailers)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.feed.close()
        self.server.connectionClosed(self)
        if let exchange = self.exchange {
            self.server.settle(exchange.sequence, as: .peerGone)
            self.server.abandoned(exchange.sequence)
        }
        self.exchange = nil
        self.webSocket?.connectionClosed()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? HTTPParserError, error != .invalidEOFState, self.feed.expectation != .closed {
            self.unreadable(error)
        } else {
            context.close(promise: nil)
        }
    }

    // The parts of a request.

    private func headArrived(_ head: HTTPRequestHead) {
        guard !self.isSilent else { return }
        self.requests += 1
        let isChunked = head.headers[canonicalForm: "transfer-encoding"].last?.lowercased() == "chunked"
        let length = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        var record = self.newRecord()
        record.method = self.feed.foreignMethod ?? head.method.rawValue
        record.target = head.uri
        record.version = "HTTP/\(head.version.major).\(head.version.minor)"
        record.headers = head.headers.map { RecordedField(name: $0.name, value: $0.value) }
        record.kind = self.server.kind(of: record)
        var exchange = self.server.accept(record)
        exchange.keepsAlive = head.isKeepAlive && !head.endsConnection
        exchange.expectsContinue =
            head.version == .http1_1
            && head.headers[canonicalForm: "expect"].contains { $0.lowercased() == "100-continue" }
        do throws(AnswerSwitches.Problem) {
            exchange.switches = try AnswerSwitches(target: head.uri)
            try exchange.switches.check(for: self.server.description.behaviour.speaks)
        } catch {
            exchange.problem = error.message
        }
        if self.server.description.behaviour.speaks == .ws { exchange.handshake = WebSocketHandshake(record) }
        self.exchange = exchange
        self.feed.headArrived(isChunked: isChunked, contentLength: length)
        self.continueIfExpected(exchange)
        if exchange.switches.isEarly { self.server.ready(self, exchange) }
    }

    private func bodyArrived(_ bytes: ByteBuffer) {
        guard var exchange = self.exchange, !self.isSilent else { return }
        exchange.checksum.append(bytes.readableBytesView)
        if self.server.host != nil {
            let room = InvokeRequest.bodyLimit + 1 - exchange.event.count
            // The one reference, so that the event is not copied with every piece.
            self.exchange = nil
            exchange.event += bytes.readableBytesView.prefix(max(0, room))
        }
        self.exchange = exchange
        let limit = self.server.description.bodyLimit
        self.server.update(exchange.sequence) { record in
            record.bodyLength += bytes.readableBytes
            record.bodyChecksum = exchange.checksum.value
            record.body.bytes += bytes.readableBytesView.prefix(max(0, limit - record.body.bytes.count))
        }
    }

    private func requestEnded(_ trailers: HTTPHeaders?) {
        self.feed.requestEnded()
        guard var exchange = self.exchange, !self.isSilent else { return }
        exchange.wasRead = true
        self.exchange = exchange
        self.server.update(exchange.sequence) { record in
            record.requestCompleted = true
            record.trailers = trailers?.map { RecordedField(name: $0.name, value: $0.value) } ?? []
        }
        if exchange.wasAnswered {
            self.exchangeEnded()
        } else if !exchange.switches.isEarly {
            self.server.ready(self, exchange)
        }
    }

    private func unreadable(_ error: HTTPParserError) {
        let sequence: Int
        if let exchange = self.exchange {
            sequence = exchange.sequence
        } else {
            self.requests += 1
            var record = self.newRecord()
            record.kind = .traffic
            sequence = self.server.accept(record, isHTTP: false).sequence
        }
        self.feed.close()
        self.exchange = nil
        let answer = AnswerPlan.badRequest("cannot read this request: \(error)", by: self.server.description)
        self.server.update(sequence) { $0.status = answer.status }
        self.server.settle(sequence, as: .malformed)
        self.send(answer.bytes)
        self.channel.close(promise: nil)
    }

    private func newRecord() -> RequestRecord {
        var record = RequestRecord(
            sequence: 0,
            kind: .traffic,
            monotonicNanoseconds: MachineClock.monotonicNanoseconds(),
            wallClockMicroseconds: MachineClock.wallClockMicroseconds(),
            connection: self.number,
            requestOnConnection: self.requests,
            peerAddress: self.channel.remoteAddress?.ipAddress ?? "",
            peerPort: self.channel.remoteAddress?.port ?? 0,
            localPort: self.channel.localAddress?.port ?? 0,
            rawHead: RecordedBytes(self.feed.rawHead),
            method: "",
            target: "",
            version: "",
            headers: []
        )
        record.tls = self.tls?.facts
        return record
    }

    // The answer.

    private func continueIfExpected(_ exchange: Exchange) {
        guard exchange.switches.sendsContinue ?? exchange.expectsContinue,
            exchange.applied.map({ $0.fault.answersAtAll }) ?? true
        else { return }
        self.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
    }

    func answer(_ request: AnswerPlan.Request) {
        if let handshake = self.exchange?.handshake, request.isServedAsUsual {
            self.answer(handshake, request)
        } else {
            self.answer(AnswerPlan(request, by: self.server.description))
        }
    }

    func refuse(_ reason: String) {
        self.answer(.badRequest(reason, by: self.server.description))
    }

    private func answer(_ handshake: WebSocketHandshake, _ request: AnswerPlan.Request) {
        switch handshake.verdict {
        case .refused(let status, let reason):
            self.answer(handshake.refusal(status, reason, by: self.server.description))
        case .accepted(let accept):
            self.send(handshake.acceptance(accept, request.switches, by: self.server.description))
            self.becomeWebSocket(handshake, request)
        }
    }

    /// From here on the connection carries frames, and its record tells them.
    private func becomeWebSocket(_ handshake: WebSocketHandshake, _ request: AnswerPlan.Request) {
        guard let exchange = self.exchange else { return }
        self.exchange = nil
        self.server.update(exchange.sequence) { $0.status = 101 }
        self.server.settle(exchange.sequence, as: .answered)
        let session = WebSocketSession(
            record: exchange.sequence,
            switches: request.switches,
            channel: self.channel,
            server: self.server
        )
        self.webSocket = session
        session.start()
        self.feed.becomeTunnel { [weak session] bytes in session?.received(bytes) }
    }

    /// Sends the answer of the exchange in hand and goes on with the connection as the plan says.
    func answer(_ plan: AnswerPlan) {
        guard let sequence = self.exchange?.sequence, !self.isSilent else { return }
        self.send(plan.bytes)
        guard plan.pauseMilliseconds > 0 else {
            self.finish(plan, sequence)
            return
        }
        self.server.schedule(after: plan.pauseMilliseconds) { [weak self] in
            guard let self, self.exchange?.sequence == sequence, !self.isSilent else { return }
            self.send(plan.laterBytes)
            self.finish(plan, sequence)
        }
    }

    private func finish(_ plan: AnswerPlan, _ sequence: Int) {
        let flushed = self.channel.eventLoop.makePromise(of: Void.self)
        self.channel.writeAndFlush(ByteBuffer(), promise: flushed)
        flushed.futureResult.assumeIsolated().whenComplete { [weak self] result in
            guard let self, self.exchange?.sequence == sequence else { return }
            switch result {
            case .success: self.answerWasSent(plan, sequence)
            case .failure: self.channel.close(promise: nil)
            }
        }
    }

    private func answerWasSent(_ plan: AnswerPlan, _ sequence: Int) {
        self.server.update(sequence) { $0.status = plan.status }
        self.server.settle(sequence, as: .answered)
        switch plan.ending {
        case .close:
            self.exchange = nil
            self.feed.close()
            self.channel.close(promise: nil)
        case .keepAlive:
            self.exchange?.wasAnswered = true
            if self.exchange?.wasRead == true { self.exchangeEnded() }
        }
    }

    private func exchangeEnded() {
        self.exchange = nil
        guard let feedContext = try? self.channel.pipeline.syncOperations.context(handler: self.feed) else { return }
        self.feed.nextRequest(context: feedContext)
    }

    private func send(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        self.channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    // Ends that are no answer.

    func drop(as outcome: RequestRecord.Outcome) {
        if let exchange = self.exchange { self.server.settle(exchange.sequence, as: outcome) }
        self.exchange = nil
        self.feed.close()
        // What is killed does not say farewell.
        if outcome == .backendGone { self.end.close() } else { self.channel.close(promise: nil) }
    }

    func reset(as outcome: RequestRecord.Outcome) {
        if let exchange = self.exchange { self.server.settle(exchange.sequence, as: outcome) }
        self.exchange = nil
        self.feed.close()
        self.end.reset()
    }

    func fallSilent() {
        self.isSilent = true
        if let exchange = self.exchange { self.server.settle(exchange.sequence, as: .backendGone) }
        self.exchange = nil
        self.webSocket?.fallSilent()
        self.feed.close()
        try? self.channel.syncOptions?.setOption(.autoRead, value: false)
    }
}

extension Fault {
    /// Whether a request that meets the fault gets some answer.
    var answersAtAll: Bool {
        switch self {
        case .hang, .reset, .close: false
        case .fail, .slow, .truncate, .garbage: true
        }
    }
}

extension AnswerPlan.Request {
    /// Whether neither a fault nor a switch asks for another answer than the ordinary one.
    fileprivate var isServedAsUsual: Bool {
        guard self.switches.status == nil, self.switches.raw == nil else { return false }
        switch self.fault {
        case .fail, .truncate, .garbage, .hang, .reset, .close: return false
        case .slow, nil: return true
        }
    }
}

extension HTTPRequestHead {
    /// Whether NIO's parser reads nothing behind this request: it stops where a protocol could change.
    fileprivate var endsConnection: Bool {
        self.method == .CONNECT || (self.headers.contains(name: "upgrade") && self.headers.contains(name: "connection"))
    }
}
