import ELBCore
import ELBModel
import ELBWire
import NIOCore
import NIOHPACK
import NIOHTTP2

/// One request of an HTTP/2 client. Its header block becomes a head in HTTP/1's form (`HTTP2RequestHead`), from which on it is a
/// request like any other; its answer goes back as frames, as far as the client's windows allow.
///
/// At most a window's worth of the request's body waits here, and of the response's body what a target's last read brought: while
/// the client does not take it, its target is not read (ALB-HTTP-006).
final class HTTP2ClientStream: ClientRequest {
    let id: HTTP2StreamID
    private let connection: HTTP2ClientConnection

    // The request's body.
    private var body = Body.none
    private var hasEnded = false
    private var unacknowledged = 0
    private var isProcessing = false

    // The response.
    private var outbox: HTTP2Outbox?
    private var trailers: HPACKHeaders?
    /// Nothing more is sent or received here.
    private var isOver = false

    private enum Body {
        case none
        case bytes(UInt64)
        /// Chunks are put around it for a target that speaks HTTP/1.
        case chunked(isFinished: Bool)
    }

    init(_ id: HTTP2StreamID, of connection: HTTP2ClientConnection) {
        self.id = id
        self.connection = connection
        super.init(
            node: connection.node,
            listener: connection.listener,
            peer: connection.peer,
            peerPort: connection.peerPort,
            logConnection: connection.logConnection,
            session: connection.session
        )
        self.outbox = HTTP2Outbox(id, on: connection.link, owner: self)
    }

    // MARK: From the client

    func headersReceived(_ headers: HPACKHeaders, endsStream: Bool) {
        self.hasEnded = endsStream
        let quirks = self.node.settings.quirks
        var head = HTTP2RequestHead(quirks: quirks)
        var text: [UInt8] = []
        do throws(HTTP2RequestHead.Problem) {
            for (name, value, _) in headers { try head.add(name: name, value: value) }
            _ = try head.append(hasBody: !endsStream, to: &text)
        } catch {
            self.end(resetting: .protocolError)
            return
        }
        if quirks.contains(.namesCapitalized) { HeadLines.capitalizeNames(of: &text) }
        self.isGRPC = head.isGRPC
        self.inbound = ByteBuffer(bytes: text)
        self.countBytes(text.count)
        switch self.parseHead() {
        case .complete: self.requestReceived()
        case .targetTooLong: self.refuse(414)
        case .headTooLong, .noRequestLine, .incomplete: self.refuse(400)
        }
    }

    func dataReceived(_ data: ByteBuffer, padding: Int, endsStream: Bool) {
        guard !self.isOver else { return }
        self.lastActivity = self.connection.lastActivity
        self.countBytes(data.readableBytes)
        self.inbound.writeImmutableBuffer(data)
        self.hasEnded = endsStream
        self.consumed(padding)
        self.process()
    }

    /// Fields behind the body end it (RFC 9113, section 8.1). A target that speaks HTTP/1 does not get them (ALB-HTTP-027).
    func trailersReceived(_ fields: HPACKHeaders, endsStream: Bool) {
        guard !self.isOver else { return }
        let isProper =
            endsStream && fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count } <= HeadLimits.request.total
            && fields.allSatisfy { field in
                HTTP2RequestHead.isFieldName(field.name) && HTTP2RequestHead.isFieldValue(field.value)
            }
        guard isProper else {
            self.leave()
            self.end(resetting: .protocolError)
            return
        }
        self.requestTrailers = fields
        self.hasEnded = true
        self.process()
        self.flushTarget()
    }

    func flushTarget() {
        self.target?.flush()
    }

    /// The client wants no answer any more.
    func clientReset() {
        guard !self.isOver else { return }
        self.leave()
        self.end()
    }

    /// The client is gone.
    func connectionLost() {
        guard !self.isOver else { return }
        self.isOver = true
        self.outbox?.discard()
        self.leave()
    }

    private func leave() {
        if !self.exchange.isIdle { self.clientLeft() }
        self.releaseTarget(keep: false)
    }

    /// Nothing has come from the client, and nothing has been taken by it, for as long as the idle timeout.
    func idleTimeoutReached() {
        guard !self.isOver else { return }
        let isUnread = self.outbox?.isEmpty == false
        let awaitsBody = !self.exchange.isIdle && !self.exchange.hasWholeRequest && self.target?.isWritable != false
        if isUnread || (awaitsBody && self.exchange.responseStarted) {
            self.abort()
        } else if awaitsBody {
            self.refuse(408)
        }
    }

    override var speaksHTTP2: Bool { true }

    // MARK: The request's body

    override func process() {
        guard !self.isProcessing, !self.isOver, !self.exchange.isIdle, !self.exchange.hasWholeRequest else { return }
        guard self.inbound.readableBytes > 0 || self.hasEnded else { return }
        // What the target does not take stays here, and the client's window closed.
        guard self.target?.isWritable == true else { return }
        self.isProcessing = true
        defer { self.isProcessing = false }
        _ = self.relayRequestBody()
    }

    override func bodyBegins(_ length: BodyLength) {
        switch length {
        case .none, .untilClose: self.body = .none
        case .bytes(let count): self.body = .bytes(count)
        case .chunked: self.body = .chunked(isFinished: false)
        }
    }

    override var hasMoreBody: Bool {
        switch self.body {
        case .none: false
        case .bytes(let remaining): remaining > 0
        case .chunked(let isFinished): !isFinished
        }
    }

    override func takeBody() -> ByteBuffer? {
        switch self.body {
        case .none: return self.node.emptyBuffer
        case .bytes(let remaining):
            let count = Int(clamping: min(remaining, UInt64(self.inbound.readableBytes)))
            // The codec compares the length that was said with what comes; this holds without it, too.
            guard !self.hasEnded || remaining == UInt64(self.inbound.readableBytes) else { return nil }
            self.body = .bytes(remaining - UInt64(count))
            self.took(count)
            return self.inbound.readSlice(length: count)
        case .chunked(isFinished: true): return self.node.emptyBuffer
        case .chunked(isFinished: false):
            let count = self.inbound.readableBytes
            self.took(count)
            self.body = .chunked(isFinished: self.hasEnded)
            guard self.takesChunks else {
                let whole = self.inbound
                self.inbound = self.node.emptyBuffer
                return whole
            }
            var chunk = ByteBufferAllocator().buffer(capacity: count + 24)
            if count > 0 {
                chunk.writeString(String(count, radix: 16))
                chunk.writeStaticString("\r\n")
                chunk.writeBuffer(&self.inbound)
                chunk.writeStaticString("\r\n")
            }
            if self.hasEnded { chunk.writeStaticString("0\r\n\r\n") }
            return chunk
        }
    }

    private func took(_ count: Int) {
        self.record.receivedBytes += count
        self.consumed(count)
    }

    /// Gives the client back what has been passed on of its stream's window.
    private func consumed(_ count: Int) {
        self.unacknowledged += count
        guard self.unacknowledged >= HTTP2Link.windowStep, !self.hasEnded else { return }
        self.connection.link.write(.windowUpdate(windowSizeIncrement: self.unacknowledged), on: self.id)
        self.unacknowledged = 0
    }

    override func bodyEnded() {
        self.body = .none
    }

    // MARK: The answer

    override var takesPlainBodies: Bool { true }

    override func isLastOfConnection(at now: UInt64) -> Bool {
        now >= self.connection.expiresAt
    }

    override func passInterim(_ head: borrowing ResponseHead, bytes: Span<UInt8>) {
        guard !self.isOver else { return }
        var interim = ByteOutput()
        OutgoingResponseHead.append(
            head,
            bytes: bytes,
            keepsConnection: true,
            dropsChunking: true,
            isInterim: true,
            edits: nil,
            quirks: self.node.settings.quirks,
            to: &interim
        )
        self.record.sentBytes += interim.count
        self.outbox?.send(Self.fields(of: interim.bytes, status: head.status).block)
        self.outbox?.flush()
    }

    override func prepareResponseHead(_ head: borrowing ResponseHead, bytes: Span<UInt8>, dropsChunking: Bool) {
        self.scratch.removeAll()
        OutgoingResponseHead.append(
            head,
            bytes: bytes,
            keepsConnection: true,
            dropsChunking: dropsChunking,
            isInterim: false,
            additions: self.responseAdditions,
            edits: self.responseEdits,
            quirks: self.node.settings.quirks,
            to: &self.scratch
        )
    }

    override func writeResponseHead(followedBy body: ByteBuffer) {
        guard !self.isOver else { return }
        self.record.sentBytes += self.scratch.count + body.readableBytes
        self.outbox?.send(Self.fields(of: self.scratch.bytes, status: self.record.status).block)
        self.outbox?.send(body)
    }

    override func writeResponseBody(_ body: ByteBuffer, at now: UInt64) {
        guard !self.isOver else { return }
        self.lastActivity = now
        self.record.sentBytes += body.readableBytes
        self.outbox?.send(body)
    }

    override func writeTrailers(_ fields: HPACKHeaders) {
        self.trailers = self.node.settings.quirks.contains(.trailersDropped) ? nil : fields
    }

    override func responseIsWhole() {
        guard !self.isOver else { return }
        self.outbox?.end(trailers: self.trailers)
    }

    override func flush() {
        self.outbox?.flush()
    }

    override func writeOwn(_ response: PreparedResponse, location: [UInt8]?, keepsClient: Bool) -> Int {
        guard !self.isOver else { return 0 }
        var written = ByteOutput()
        response.append(
            to: &written,
            date: self.node.httpDate(at: self.answeredAt),
            location: location,
            namesServer: self.listener.rules.namesServer,
            edits: self.listener.rules.ownResponseHeaders,
            keepsAlive: true,
            includesBody: !self.answersHead && !self.isGRPC
        )
        let output = written.bytes
        var (block, end) = Self.fields(of: output, status: response.status)
        // A length that no body follows is malformed, but for HEAD (RFC 9113, section 8.1.1).
        if self.isGRPC { block.remove(name: "content-length") }
        if self.isGRPC, !self.node.settings.quirks.contains(.grpcStatusMissing) {
            let status = GRPCStatus(ofHTTP: response.status)
            block.add(name: "grpc-status", value: String(status.code))
            block.add(name: "grpc-message", value: status.message)
        }
        self.outbox?.send(block)
        self.outbox?.send(ByteBuffer(bytes: output[end...]))
        self.responseIsWhole()
        return output.count
    }

    /// A head in HTTP/1's form as a header block, and where the head ends.
    private static func fields(of head: [UInt8], status: Int) -> (block: HPACKHeaders, end: Int) {
        var block = HPACKHeaders()
        block.add(name: ":status", value: String(status))
        let end = HeadLines.forEachField(of: head) { name, value in
            block.add(
                name: String(decoding: name.lazy.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self),
                value: String(decoding: value, as: UTF8.self)
            )
        }
        return (block, end)
    }

    // MARK: Windows

    func windowOpened(by change: Int) {
        self.outbox?.windowOpened(by: change)
    }

    /// Whether a target may be read for this client.
    func updateWritability() {
        let takesMore = self.outbox?.isEmpty == true && self.connection.isChannelWritable
        guard takesMore != self.isWritable else { return }
        self.isWritable = takesMore
        if takesMore { self.target?.setReading(true) }
    }

    // MARK: The end

    override func exchangeOver(keepsClient: Bool, hadWholeRequest: Bool) {
        // The stream ends with its last frame, which may still wait for the client.
        self.inbound = self.node.emptyBuffer
    }

    // Of a response that is not whole (ALB-ERR-048).
    override func cut() {
        self.end(resetting: .internalError)
    }

    private func abort() {
        if !self.exchange.isIdle {
            self.finishRecord(at: self.node.now())
            self.exchange.finished()
        }
        self.releaseTarget(keep: false)
        self.cut()
    }

    private func end(resetting code: HTTP2ErrorCode? = nil) {
        guard !self.isOver else { return }
        self.isOver = true
        self.outbox?.discard()
        if let code { self.connection.reset(self.id, code) }
        self.connection.ended(self)
    }

    override var bufferedBytes: Int {
        super.bufferedBytes + (self.outbox?.bufferedBytes ?? 0)
    }
}

extension HTTP2ClientStream: HTTP2OutboxOwner {
    func outboxProgressed() {
        self.lastActivity = self.connection.lastActivity
        self.updateWritability()
        guard self.outbox?.hasEnded == true else { return }
        // An answer to less than the whole request: the rest need not be sent (RFC 9113, section 8.1).
        self.end(resetting: self.hasEnded ? nil : .noError)
    }
}
