import ELBCore
import ELBModel
import ELBWire
import NIOCore
import NIOHPACK
import NIOHTTP2

/// A request on an HTTP/2 connection to a target. Its head comes and its response's head goes in HTTP/1's form, so that both are
/// what they are for every other target; bodies pass as they are, and trailers behind them (ALB-HTTP-011).
final class HTTP2TargetStream: TargetExchange {
    private(set) var id: HTTP2StreamID?
    private let connection: HTTP2TargetConnection
    private var client: ClientRequest?
    private var outbox: HTTP2Outbox?
    private var parser = ResponseHeadParser()
    private var head = ResponseHead()
    private var hasHead = false
    private var isReading = true
    private var unacknowledged = 0
    /// What the head promised and has not come yet.
    private var missing: UInt64?

    init(for client: ClientRequest, on connection: HTTP2TargetConnection) {
        self.client = client
        self.connection = connection
        super.init()
    }

    override var isReady: Bool { self.outbox != nil }
    override var isWritable: Bool { self.outbox?.isEmpty != false && self.connection.isChannelWritable }
    override var bufferedBytes: Int { self.outbox?.bufferedBytes ?? 0 }

    // MARK: The request

    /// The connection has a stream for it.
    func opened(as id: HTTP2StreamID, reused: Bool, at now: UInt64) {
        self.id = id
        self.outbox = HTTP2Outbox(id, on: self.connection.link, owner: self)
        self.client?.targetReady(self, reused: reused, at: now)
    }

    override func send(requestOf client: ClientRequest, at now: UInt64) {
        self.outbox?.send(self.block(of: client.scratch.bytes, isCall: client.isGRPC))
        if !client.hasMoreBody { self.finishBody() }
    }

    /// The head's line and fields as a header block.
    private func block(of head: [UInt8], isCall: Bool) -> HPACKHeaders {
        let line = head.prefix { $0 != UInt8(ascii: "\r") }.split(separator: UInt8(ascii: " "))
        var block = HPACKHeaders()
        block.add(name: ":method", value: Self.text(line.first ?? []))
        block.add(name: ":scheme", value: self.connection.isSecure ? "https" : "http")
        block.add(name: ":path", value: Self.text(line.count > 1 ? line[1] : []))
        var authority = ""
        var fields: [(String, String)] = []
        _ = HeadLines.forEachField(of: head) { name, value in
            let name = String(decoding: name.lazy.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
            if name == "host", authority.isEmpty {
                authority = Self.text(value)
            } else {
                fields.append((name, Self.text(value)))
            }
        }
        block.add(name: ":authority", value: authority)
        for (name, value) in fields { block.add(name: name, value: value) }
        // gRPC servers refuse calls from peers that would drop trailers on the way.
        if isCall { block.add(name: "te", value: "trailers") }
        return block
    }

    private static func text(_ bytes: some Collection<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    override func write(_ body: ByteBuffer) {
        self.outbox?.send(body)
    }

    override func finishBody() {
        self.outbox?.end(trailers: self.client?.requestTrailers)
    }

    override func flush() {
        self.outbox?.flush()
    }

    func windowOpened(by change: Int) {
        self.outbox?.windowOpened(by: change)
    }

    // MARK: The response

    func headersReceived(_ block: HPACKHeaders, endsStream: Bool) {
        guard let client = self.client else { return }
        client.responseBytesSeen()
        if self.hasHead {
            self.ended(trailers: block)
        } else {
            self.readHead(block, endsStream: endsStream, for: client)
        }
    }

    private func readHead(_ block: HPACKHeaders, endsStream: Bool, for client: ClientRequest) {
        guard let text = Self.head(of: block) else {
            self.failed(.malformed)
            return
        }
        self.parser.reset()
        guard self.parser.parse(text.span, into: &self.head) == .complete, self.head.status != 101 else {
            self.failed(.malformed)
            return
        }
        guard self.head.status >= 200 else {
            client.interimResponse(self.head, bytes: text.span)
            return
        }
        self.hasHead = true
        let now = self.connection.lastActivity
        let length = self.head.bodyLength(answering: client.head.knownMethod) ?? .untilClose
        if case .bytes(let count) = length { self.missing = count }
        client.responseHead(self.head, bytes: text.span, length: length, dropsChunking: false, at: now)
        client.writeResponseHead(followedBy: client.node.emptyBuffer)
        if endsStream { self.ended(trailers: nil) } else { client.flush() }
    }

    /// A response's header block as a head in HTTP/1's form; `nil` if that would not be a response.
    private static func head(of block: HPACKHeaders) -> [UInt8]? {
        guard let status = block.first(name: ":status"), status.utf8.count == 3,
            status.utf8.allSatisfy(ByteClass.isDigit)
        else { return nil }
        var text = Array("HTTP/1.1 \(status) \r\n".utf8)
        for (name, value, _) in block where name.utf8.first != ByteClass.colon {
            guard HTTP2RequestHead.isFieldName(name), HTTP2RequestHead.isFieldValue(value) else { return nil }
            text += name.utf8
            text.append(": ")
            text += value.utf8
            text.append("\r\n")
        }
        text.append("\r\n")
        return text
    }

    func dataReceived(_ data: ByteBuffer, padding: Int, endsStream: Bool) {
        guard let client = self.client, self.hasHead else {
            if self.client != nil { self.failed(.malformed) }
            return
        }
        if let missing {
            guard UInt64(data.readableBytes) <= missing else {
                self.failed(.malformed)
                return
            }
            self.missing = missing - UInt64(data.readableBytes)
        }
        self.unacknowledged += data.readableBytes + padding
        client.writeResponseBody(data, at: self.connection.lastActivity)
        if endsStream { self.ended(trailers: nil) } else { self.acknowledge() }
    }

    /// All frames of this read have come.
    func readComplete() {
        guard self.hasHead, let client = self.client else { return }
        client.flush()
        if !client.isWritable { self.setReading(false) }
    }

    // A stream that is not read keeps its window closed; the connection's other streams go on.
    override func setReading(_ isReading: Bool) {
        self.isReading = isReading
        self.acknowledge()
    }

    private func acknowledge() {
        guard self.isReading, self.unacknowledged >= HTTP2Link.windowStep, let id else { return }
        self.connection.link.write(.windowUpdate(windowSizeIncrement: self.unacknowledged), on: id)
        self.unacknowledged = 0
    }

    private func ended(trailers: HPACKHeaders?) {
        guard let client = self.client else { return }
        guard self.missing ?? 0 == 0 || client.answersHead else {
            self.failed(.malformed)
            return
        }
        if let trailers {
            let isProper = trailers.allSatisfy {
                HTTP2RequestHead.isFieldName($0.name) && HTTP2RequestHead.isFieldValue($0.value)
            }
            guard isProper else {
                self.failed(.malformed)
                return
            }
            client.writeTrailers(trailers)
        }
        self.client = nil
        let isUnfinished = self.outbox?.hasEnded == false
        self.outbox?.discard()
        if isUnfinished, let id { self.connection.link.write(.rstStream(.noError), on: id) }
        self.connection.ended(self)
        client.responseEnded(at: self.connection.lastActivity)
    }

    // MARK: Ending

    func wasReset(_ code: HTTP2ErrorCode) {
        // Refused streams were not looked at; whatever else it was, the target has given the request up.
        self.failed(.closed)
    }

    /// The request fails; its stream is given up.
    func failed(_ failure: Exchange.TargetFailure) {
        guard let client = self.client else { return }
        self.giveUp()
        client.targetFailed(failure)
    }

    /// Nothing has moved for as long as the idle timeout.
    func idleTimeoutReached() {
        guard let client = self.client else { return }
        // A client that still uploads, or does not read, is waited for by its own timer.
        let awaitsUpload = self.isWritable && !client.exchange.hasWholeRequest
        if awaitsUpload || !self.isReading { return }
        self.failed(.idleTimeout)
    }

    override func release() {
        self.client = nil
    }

    override func abandon() {
        self.giveUp()
    }

    private func giveUp() {
        guard self.client != nil else { return }
        self.client = nil
        self.outbox?.discard()
        if let id { self.connection.link.write(.rstStream(.cancel), on: id) }
        self.connection.ended(self)
    }
}

extension HTTP2TargetStream: HTTP2OutboxOwner {
    func outboxProgressed() {
        guard self.isWritable, let client = self.client else { return }
        client.process()
        self.flush()
    }
}
