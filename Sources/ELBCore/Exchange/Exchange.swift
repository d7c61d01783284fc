package import ELBWire

/// One request's life, from its complete head to its last response byte. Knows no sockets: it is told what happened and
/// says what follows.
///
///     idle ── admitted ──▶ dispatching ── sent ──▶ awaiting ── responseStarted ──▶ relaying ── both ends ──▶ idle
///                              │                      │                               │
///                              └── refused, failed ───┴── failed: 502, 504, retry     └── failed: cut the client
///
/// The request's body may end before, during or after the response; only when both have ended is the exchange over.
package struct Exchange: Hashable, Sendable {
    private enum State: Hashable, Sendable {
        case idle
        /// A target is being chosen or connected to; nothing has been sent to it.
        case dispatching
        /// The head has been sent; nothing has come back.
        case awaiting
        /// The response's head has gone to the client.
        case relaying
        /// The target has switched protocols: the two connections carry bytes that nobody here looks at.
        case tunnel
    }

    private var state = State.idle
    private var requestEnded = true
    private var clientPersists = false
    private var targetPersists = false
    private var mayRepeat = false
    private var onReusedConnection = false
    private var sawResponseBytes = false

    package init() {}

    /// Whether no request is under way.
    package var isIdle: Bool { self.state == .idle }
    /// Whether the whole request has been received.
    package var hasWholeRequest: Bool { self.requestEnded }
    /// Whether the response's head has gone to the client, so that no error page can be sent any more (ALB-ERR-048).
    package var responseStarted: Bool { self.state == .relaying || self.state == .tunnel }
    /// Whether the two connections have become one tunnel (ALB-HTTP-031).
    package var isTunnel: Bool { self.state == .tunnel }
    /// Whether the connection to the client outlives this exchange, as far as is known now.
    package var keepsClient: Bool { self.clientPersists }

    /// A request was let in and goes to a target.
    ///
    /// - Parameters:
    ///   - hasBody: whether a body follows its head.
    ///   - closesAfterwards: an ambiguous request costs both connections (ALB-DSYNC-004).
    ///   - retriesAnything: the quirk `retries.post`.
    package mutating func admitted(
        _ head: borrowing RequestHead,
        hasBody: Bool,
        closesAfterwards: Bool,
        retriesAnything: Bool = false
    ) {
        self.state = .dispatching
        self.requestEnded = !hasBody
        self.clientPersists = !closesAfterwards && Self.clientWantsPersistence(head)
        self.targetPersists = !closesAfterwards
        self.mayRepeat = !hasBody && (head.knownMethod.isIdempotent || retriesAnything)
        self.onReusedConnection = false
        self.sawResponseBytes = false
    }

    /// HTTP/1.1 connections last unless the client says otherwise, HTTP/1.0 ones only if it asks (ALB-CONN-006).
    package static func clientWantsPersistence(_ head: borrowing RequestHead) -> Bool {
        let options = head.framing.connection
        if options.contains(.close) { return false }
        switch head.version {
        case .http11: return true
        case .http10: return options.contains(.keepAlive)
        case .http09: return false
        }
    }

    /// The request's head has been handed to a connection; `reused` if it has carried a request before.
    package mutating func sent(reused: Bool) {
        self.state = .awaiting
        self.onReusedConnection = reused
        self.sawResponseBytes = false
    }

    /// The client's connection shall not be used again: the balancer stops, or it is too old (ALB-CONN-005).
    package mutating func clientConnectionExpires() {
        self.clientPersists = false
    }

    /// The last byte of the request's body has come.
    package mutating func requestBodyEnded() {
        self.requestEnded = true
    }

    /// Some bytes came from the target, enough for a head or not: from now on nothing is repeated.
    package mutating func responseBytesSeen() {
        self.sawResponseBytes = true
    }

    /// The final response's head is complete and goes to the client.
    ///
    /// - Parameter untilClose: the body ends when the target closes; then the client's connection ends as well, because
    ///   framing is passed on unchanged.
    package mutating func responseHeadReceived(_ head: borrowing ResponseHead, untilClose: Bool) {
        self.state = .relaying
        if !head.keepsConnection || untilClose { self.targetPersists = false }
        if untilClose { self.clientPersists = false }
        // A target that answers before it has read everything leaves the rest of the body in doubt on both sides.
        if !self.requestEnded { self.targetPersists = false }
    }

    /// The target agreed to speak another protocol; neither connection will carry a request again.
    package mutating func protocolsSwitched() {
        self.state = .tunnel
        self.clientPersists = false
        self.targetPersists = false
    }

    /// The head waits for the first byte of its body, so that a target that promises one and sends nothing can still be answered
    /// for (ALB-ERR-041). Nothing is repeated any more.
    package mutating func responseHeadHeld() {
        self.state = .awaiting
        self.sawResponseBytes = true
    }

    /// The head that has been held back goes to the client.
    package mutating func responseHeadReleased() {
        self.state = .relaying
    }

    /// The client cannot be told where the body ends except by closing (a chunked body for HTTP/1.0).
    package mutating func responseEndsWithClose() {
        self.clientPersists = false
    }

    /// The last byte of the response has come: which of the two connections may carry another request.
    package mutating func responseEnded() -> Persistence {
        // Without its whole body a request cannot be told from the next one.
        if !self.requestEnded {
            self.clientPersists = false
            self.targetPersists = false
        }
        return Persistence(client: self.clientPersists, target: self.targetPersists)
    }

    /// Which connections outlive an exchange.
    package struct Persistence: Hashable, Sendable {
        package var client: Bool
        package var target: Bool

        package init(client: Bool, target: Bool) {
            self.client = client
            self.target = target
        }
    }

    /// The target refused, closed, reset or sent garbage.
    package mutating func targetFailed(_ failure: TargetFailure) -> FailureResult {
        switch self.state {
        case .idle: return .nothing
        case .relaying: return .cutClient
        case .tunnel: return .endTunnel
        case .dispatching: return .answer(failure.status)
        case .awaiting:
            // The one safe retry: a kept connection that died before it gave a byte was most likely closed by the target
            // while the request was on its way. Anything else may have been acted upon (RFC 9110, section 9.2.2), so the
            // client gets 502 (ALB-CONN-010).
            guard failure == .closed, self.onReusedConnection, self.mayRepeat, !self.sawResponseBytes else {
                return .answer(failure.status)
            }
            self.state = .dispatching
            self.mayRepeat = false
            return .retry
        }
    }

    /// The exchange is over, however it ended; the next request may begin.
    package mutating func finished() {
        self.state = .idle
        self.requestEnded = true
    }

    package enum TargetFailure: Hashable, Sendable {
        /// RST or "unreachable" while connecting (ALB-ERR-027, -028).
        case refused
        /// FIN or RST with a request outstanding (ALB-ERR-029).
        case closed
        /// Not a response (ALB-ERR-030, -031).
        case malformed
        /// The deregistration delay ran out (ALB-ERR-032).
        case deregistered
        /// No connection within 10 s (ALB-ERR-039).
        case connectTimeout
        /// The target does not speak TLS as it should (ALB-ERR-033).
        case tlsHandshakeFailed
        /// The TLS handshake took more than 10 s (ALB-ERR-042).
        case tlsHandshakeTimeout
        /// No answer within the idle timeout (ALB-ERR-040, -041).
        case idleTimeout

        /// Whether it speaks against the target: connection errors do (ALB-ALG-011), a slow answer and an ordered end do not.
        package var outcome: RequestOutcome {
            switch self {
            case .refused, .closed, .malformed, .connectTimeout, .tlsHandshakeFailed, .tlsHandshakeTimeout: .failed
            case .deregistered, .idleTimeout: .unknown
            }
        }

        /// 502 or 504.
        package var status: Int {
            switch self {
            case .refused, .closed, .malformed, .deregistered, .tlsHandshakeFailed: 502
            case .connectTimeout, .idleTimeout, .tlsHandshakeTimeout: 504
            }
        }
    }

    package enum FailureResult: Hashable, Sendable {
        case nothing
        case retry
        case answer(Int)
        /// The response has started: the client can only be told by cutting its connection (ALB-ERR-048).
        case cutClient
        /// The tunnel has lost its other end.
        case endTunnel
    }
}
