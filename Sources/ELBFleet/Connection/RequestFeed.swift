import NIOCore

/// Stands in front of NIO's HTTP parser and hands it the socket's bytes in pieces that end where a request's head or body
/// can end. So the raw bytes of each head are known exactly, although the parser tells only what it understood, and a
/// pipelined request waits untouched until the one before it is answered.
///
/// The rule behind it: a head, and a chunked body, end behind a line feed and nowhere else; a body with Content-Length
/// ends after so many bytes. Whether one has ended is the parser's word alone, asked for after every piece.
final class RequestFeed: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer

    /// What the parser expects next, as the connection's handler learned it.
    enum Expectation: Equatable {
        /// The first line of a request, of which nothing has been fed yet.
        case requestLine
        case head
        case chunks
        case body(remaining: Int)
        /// A request has been read to its end and is not answered yet.
        case nothing
        /// No more requests will be read from this connection: it carries something else now.
        case tunnel
        /// Nothing will be read from this connection.
        case closed
    }

    private(set) var expectation: Expectation = .requestLine
    /// The head's bytes so far, as the socket gave them.
    private(set) var rawHead: [UInt8] = []
    /// The method as sent, when the parser was given another in its place.
    private(set) var foreignMethod: String?

    private var held = ByteBuffer()
    private var tunnel: ((ByteBuffer) -> Void)?
    private var isFeeding = false
    private var wantsRead = false

    /// More than this is not read ahead of a request that is being answered.
    private static let heldLimit = 1 << 20
    /// A request line longer than this is fed as it is.
    private static let longestRequestLine = 16384
    /// Bytes of a head kept for the record.
    private static let rawHeadLimit = 1 << 18

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard self.expectation != .closed else { return }
        var buffer = self.unwrapInboundIn(data)
        if let tunnel = self.tunnel { return tunnel(buffer) }
        self.held.writeBuffer(&buffer)
        self.feed(context: context)
    }

    func read(context: ChannelHandlerContext) {
        guard self.held.readableBytes < Self.heldLimit else {
            self.wantsRead = true
            return
        }
        context.read()
    }

    /// The parser announced a head; its body, if any, comes next.
    func headArrived(isChunked: Bool, contentLength: Int) {
        self.expectation = isChunked ? .chunks : .body(remaining: contentLength)
    }

    /// The parser announced the request's end.
    func requestEnded() {
        guard self.expectation != .closed, self.expectation != .tunnel else { return }
        self.expectation = .nothing
    }

    /// The request before has been answered: the next one may be fed.
    func nextRequest(context: ChannelHandlerContext) {
        guard self.expectation == .nothing else { return }
        self.rawHead = []
        self.foreignMethod = nil
        self.expectation = .requestLine
        self.feed(context: context)
    }

    /// Whatever else arrives, what was held back first, goes to `receive` as it is.
    func becomeTunnel(_ receive: @escaping (ByteBuffer) -> Void) {
        self.expectation = .tunnel
        self.tunnel = receive
        let early = self.held
        self.held.clear()
        if early.readableBytes > 0 { receive(early) }
    }

    /// Whatever else arrives is thrown away.
    func close() {
        self.expectation = .closed
        self.tunnel = nil
        self.held.clear()
    }

    private func feed(context: ChannelHandlerContext) {
        // A piece may bring an answer at once, and the answer asks for the next request: loop here, do not recurse.
        guard !self.isFeeding else { return }
        self.isFeeding = true
        defer { self.isFeeding = false }
        while let piece = self.nextPiece() {
            context.fireChannelRead(self.wrapInboundOut(piece))
        }
        self.held.discardReadBytes()
        if self.wantsRead, self.held.readableBytes < Self.heldLimit {
            self.wantsRead = false
            context.read()
        }
    }

    private func nextPiece() -> ByteBuffer? {
        guard self.held.readableBytes > 0 else { return nil }
        switch self.expectation {
        case .requestLine: return self.requestLinePiece()
        case .head:
            guard let piece = self.linePiece() else { return nil }
            self.keep(piece)
            return piece
        case .chunks: return self.linePiece()
        case .body(let remaining):
            let piece = self.held.readSlice(length: min(max(remaining, 1), self.held.readableBytes))
            self.expectation = .body(remaining: remaining - (piece?.readableBytes ?? 0))
            return piece
        case .nothing, .tunnel, .closed: return nil
        }
    }

    /// The bytes up to and with the next line feed, or all if there is none.
    private func linePiece() -> ByteBuffer? {
        let length = self.held.readableBytesView.firstIndex(of: UInt8(ascii: "\n")).map {
            $0 - self.held.readerIndex + 1
        }
        return self.held.readSlice(length: length ?? self.held.readableBytes)
    }

    private func requestLinePiece() -> ByteBuffer? {
        let isWhole = self.held.readableBytesView.contains(UInt8(ascii: "\n"))
        guard isWhole || self.held.readableBytes > Self.longestRequestLine, let line = self.linePiece() else {
            return nil
        }
        self.keep(line)
        // Empty lines in front of a request are skipped by the parser (RFC 9112, section 2.2).
        let isEmpty = line.readableBytesView.allSatisfy { $0 == 0x0D || $0 == 0x0A }
        if !isEmpty { self.expectation = .head }
        return isEmpty ? line : self.withKnownMethod(line)
    }

    /// llhttp refuses methods that it does not know; a balancer may forward any token. The parser gets POST instead, which
    /// is framed by the same rules, and the record gets the method that was sent.
    private func withKnownMethod(_ line: ByteBuffer) -> ByteBuffer {
        guard let space = line.readableBytesView.firstIndex(of: UInt8(ascii: " ")) else { return line }
        let token = line.readableBytesView[..<space]
        let method = String(decoding: token, as: UTF8.self)
        guard !token.isEmpty, !Self.knownMethods.contains(method), token.allSatisfy(Self.isTokenByte) else {
            return line
        }
        self.foreignMethod = method
        var replaced = ByteBuffer(string: "POST")
        replaced.writeBytes(line.readableBytesView[space...])
        return replaced
    }

    private func keep(_ piece: ByteBuffer) {
        self.rawHead += piece.readableBytesView.prefix(max(0, Self.rawHeadLimit - self.rawHead.count))
    }

    private static let knownMethods: Set<String> = [
        "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE",
    ]

    /// RFC 9110, section 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default:
            "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
