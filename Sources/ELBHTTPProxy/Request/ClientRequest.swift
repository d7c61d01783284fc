import ELBCore
import ELBModel
import ELBNet
import ELBWire
import NIOCore
import NIOHPACK

/// A client's request under way: decided, sent to a target, answered, logged. How it came, and how the answer goes back, is its
/// subclasses' matter: `HTTP1ClientConnection` carries one request after the other.
///
/// Whatever the client speaks, a request is one head in HTTP/1's form at the start of `inbound`, and behind it the body. Rules,
/// headers and logs therefore have one implementation. Lives on its node's event loop.
class ClientRequest {
    /// Bodies up to this size are copied behind their head, so that both leave in one write.
    static let coalescingLimit = 16_384

    let node: NodeRuntime
    let listener: ListenerRuntime
    let peer: IPAddress
    let peerPort: UInt16
    /// What the client's handshake settled; `nil` without TLS.
    final let session: TLSSession?
    let isIPv6: Bool

    // Unchecked are values whose methods call nobody outside themselves: on one event loop no two accesses to them can overlap, and
    // the run-time check of each access was a sixth of the time spent outside the kernel (docs/decisions/0011).

    /// The head, until it has been sent, and what waits of the body.
    @exclusivity(unchecked) final var inbound = ByteBuffer()
    @exclusivity(unchecked) final var parser = RequestHeadParser()
    @exclusivity(unchecked) final var head = RequestHead()
    @exclusivity(unchecked) final var exchange = Exchange()
    /// What serves the request.
    final var target: TargetExchange?
    final var pool: TargetPool?

    /// What the request waits for before its rule's action is carried out.
    final var pendingQuestion: PendingQuestion?

    /// The head that goes to the target, kept for the one retry; afterwards reused for what goes to the client.
    @exclusivity(unchecked) final var scratch = ByteOutput()
    /// Whole field lines, line ends included, that the target gets besides the client's own. Made anew for every request.
    @exclusivity(unchecked) final var requestAdditions: [UInt8] = []
    /// Whole field lines, line ends included, that the client gets besides the target's own. Made anew for every request.
    @exclusivity(unchecked) final var responseAdditions: [UInt8] = []
    /// What the rule's transforms have made of the request.
    @exclusivity(unchecked) final var rewritten: RewrittenRequest?
    /// What the listener sets in responses, as it was when the request came.
    @exclusivity(unchecked) final var responseEdits: ResponseHeaderEdits?
    /// What the response says about the client's bond to a group or target; `nil` for most requests.
    final var stickyPlan: StickyPlan?
    @exclusivity(unchecked) final var forwardedEntry: [UInt8] = []
    /// The lines that tell a target of the client's TLS.
    @exclusivity(unchecked) final var sessionLines: [UInt8] = []
    final var forwardedEpoch = -1
    @exclusivity(unchecked) final var record: AccessLogRecord

    final var lastActivity: UInt64
    final var receivedAt: UInt64 = 0
    final var sentAt: UInt64 = 0
    final var answeredAt: UInt64 = 0
    final var isWritable = true
    /// The request asks for a WebSocket.
    final var asksForUpgrade = false
    /// The request is a gRPC call (ALB-HTTP-009).
    final var isGRPC = false
    /// Fields behind the request's body, for targets that can take them.
    final var requestTrailers: HPACKHeaders?
    /// Bodies without a length go to the request's target in chunks, as HTTP/1 has them.
    final var takesChunks = true
    final var answersHead = false
    /// How many instances of a Classic Load Balancer have been tried for the request that came then.
    final var attempts = (request: UInt64(0), count: 0)

    init(
        node: NodeRuntime,
        listener: ListenerRuntime,
        peer: IPAddress,
        peerPort: UInt16,
        logConnection: AccessLogRecord.Connection,
        session: TLSSession? = nil
    ) {
        self.node = node
        self.listener = listener
        self.peer = peer
        self.peerPort = peerPort
        self.session = session
        self.isIPv6 = if case .v6 = peer { true } else { false }
        self.lastActivity = node.now()
        self.record = AccessLogRecord(of: logConnection)
    }

    // A subclass cannot borrow the bytes of `inbound` itself.

    /// Reads on in the head at the start of `inbound`, into `head`.
    final func parseHead() -> RequestHeadParser.Outcome {
        let outcome = self.parser.parse(self.inbound.readableBytesUInt8Span, into: &self.head)
        if outcome == .complete { self.parser.reset() }
        return outcome
    }

    /// How many bytes of `inbound` belong to a chunked body, and where that leaves its scanner; `nil` if it is malformed.
    final func measureChunks(_ before: ChunkedBodyScanner) -> (count: Int, scanner: ChunkedBodyScanner)? {
        var scanner = before
        let inbound = self.inbound
        guard let count = scanner.consume(inbound.readableBytesUInt8Span) else { return nil }
        return (count, scanner)
    }

    /// Counts bytes that came from the client.
    final func countBytes(_ count: Int) {
        self.node.counters.processedBytes &+= count
        if self.isIPv6 { self.node.counters.ipv6ProcessedBytes &+= count }
    }

    // MARK: For subclasses: the request

    /// Whether the client speaks HTTP/2.
    var speaksHTTP2: Bool { false }

    /// Goes on with what lies in `inbound`, as far as the exchange under way allows.
    func process() {}

    /// The client has been let in and its head is admitted: prepares for a body of this length.
    func bodyBegins(_ length: BodyLength) {}

    /// Tells a client that asked for it to send its body (ALB-HTTP-019).
    func sendContinue() {}

    /// Whether some of the request's body has not been taken yet.
    var hasMoreBody: Bool { false }

    /// The part of `inbound` that belongs to the body, in HTTP/1's framing; `nil` if it is malformed.
    func takeBody() -> ByteBuffer? { nil }

    /// Nothing is left of the body.
    func bodyEnded() {}

    // MARK: For subclasses: the answer

    /// Whether bodies go to this client without the chunks that a target sent them in.
    var takesPlainBodies: Bool { false }

    /// Whether the client's connection is too old for another request after this one (ALB-CONN-005).
    func isLastOfConnection(at now: UInt64) -> Bool { false }

    /// A 1xx response other than 100.
    func passInterim(_ head: borrowing ResponseHead, bytes: Span<UInt8>) {}

    /// Puts the final response's head into `scratch`, as `writeResponseHead` will send it.
    func prepareResponseHead(_ head: borrowing ResponseHead, bytes: Span<UInt8>, dropsChunking: Bool) {}

    /// Writes the head that has been prepared, with what is there of the body.
    func writeResponseHead(followedBy body: ByteBuffer) {}

    /// Passes on a part of the body, by reference.
    func writeResponseBody(_ body: ByteBuffer, at now: UInt64) {}

    /// The target's last fields, behind the body: how a gRPC call ended (ALB-HTTP-011). Clients of HTTP/1 do not get them.
    func writeTrailers(_ fields: HPACKHeaders) {}

    /// Nothing follows the parts of the body that have been written.
    func responseIsWhole() {}

    func flush() {}

    /// The target has switched protocols: writes this head, then everything that comes from either side goes to the other.
    func openTunnel(_ head: borrowing ResponseHead, bytes: Span<UInt8>) {}

    /// The target has sent its last byte through the tunnel.
    func tunnelEndedByTarget() {}

    /// Writes an answer of the balancer's own and returns how many bytes that took.
    func writeOwn(_ response: PreparedResponse, location: [UInt8]?, keepsClient: Bool) -> Int { 0 }

    // MARK: For subclasses: the end

    /// The exchange is over; goes on with the next one, or closes.
    ///
    /// - Parameters:
    ///   - keepsClient: another request may follow.
    ///   - hadWholeRequest: nothing more will come that belongs to this one.
    func exchangeOver(keepsClient: Bool, hadWholeRequest: Bool) {}

    /// Ends the connection, or the client's part of it, without an orderly end: the only way to say that a response is not whole
    /// (ALB-ERR-048).
    func cut() {}

    /// What waits here, unread by the target or by the client.
    var bufferedBytes: Int { self.inbound.readableBytes + (self.target?.bufferedBytes ?? 0) }
}
