import NIOCore
import NIOHTTP1

/// One connection to a backend: turns the parser's parts into records, and asks the server what to do with each request.
/// Lives on the backend's event loop.
final class BackendConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart

    /// The request in hand. One at a time: the next waits in `feed` until this one is answered and read.
    struct Exchange {
        let sequence: Int
        let head: HTTPRequestHead
        var switches: AnswerSwitches
        var applied: AppliedFault?
        var checksum = BodyChecksum()
        var wasRead = false
        var wasAnswered = false
        var problem: String?
    }

    let number: Int
    let channel: any Channel
    let feed: RequestFeed
    /// Strong both ways; the server forgets a connection when it closes.
    private let server: BackendServer
    private var requests = 0
    private(set) var exchange: Exchange?
    private var isSilent = false

    init(number: Int, channel: any Channel, server: BackendServer) {
        self.number = number
        self.channel = channel
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
        if let exchange = self.exchange { self.server.settle(exchange.sequence, as: .peerGone) }
        self.server.connectionClosed(self)
        self.exchange = nil
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
        var exchange = self.server.accept(record, head: head)
        do throws(AnswerSwitches.Problem) {
            exchange.switches = try AnswerSwitches(target: head.uri)
        } catch {
            exchange.problem = error.message
        }
        self.exchange = exchange
        self.feed.headArrived(isChunked: isChunked, contentLength: length)
        self.continueIfExpected(exchange)
        if exchange.switches.isEarly { self.server.ready(self, exchange) }
    }

    private func bodyArrived(_ bytes: ByteBuffer) {
        guard var exchange = self.exchange, !self.isSilent else { return }
        exchange.checksum.append(bytes.readableBytesView)
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
            sequence = self.server.accept(record, head: nil).sequence
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
        RequestRecord(
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
    }

    // The answer.

    private func continueIfExpected(_ exchange: Exchange) {
        let expects = exchange.head.headers[canonicalForm: "expect"].contains { $0.lowercased() == "100-continue" }
        guard exchange.switches.sendsContinue ?? (expects && exchange.head.version == .http1_1),
            exchange.applied.map({ $0.fault.answersAtAll }) ?? true
        else { return }
        self.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
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

    /// Ends the connection in order, without an answer.
    func drop() {
        if let exchange = self.exchange { self.server.settle(exchange.sequence, as: .dropped) }
        self.exchange = nil
        self.feed.close()
        self.channel.close(promise: nil)
    }

    /// Ends the connection with a RST.
    func reset(as outcome: RequestRecord.Outcome) {
        if let exchange = self.exchange { self.server.settle(exchange.sequence, as: outcome) }
        self.exchange = nil
        self.feed.close()
        (self.channel as? any SocketOptionProvider)?.resetWhenClosed()
        self.channel.close(promise: nil)
    }

    /// From now on nothing is read or written, as if the machine had lost its power.
    func fallSilent() {
        self.isSilent = true
        if let exchange = self.exchange { self.server.settle(exchange.sequence, as: .backendGone) }
        self.exchange = nil
        self.feed.close()
        try? self.channel.syncOptions?.setOption(.autoRead, value: false)
    }
}

extension Fault {
    /// Whether a request that meets the fault gets some answer.
    fileprivate var answersAtAll: Bool {
        switch self {
        case .hang, .reset, .close: false
        case .fail, .slow, .truncate, .garbage: true
        }
    }
}
