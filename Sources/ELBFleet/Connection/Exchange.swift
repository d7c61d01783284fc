import NIOCore

/// A request in a backend's hands, from its head to the end of its answer.
struct Exchange {
    let sequence: Int
    var switches = AnswerSwitches()
    var applied: AppliedFault?
    /// Whether HTTP/1's rules let the connection be used again behind it.
    var keepsAlive = true
    /// Whether the request asked for 100 Continue in a version that has it.
    var expectsContinue = false
    /// The WebSocket handshake that the request is, when the backend takes part in such.
    var handshake: WebSocketHandshake?
    var checksum = BodyChecksum()
    /// The whole body, for functions only, as far as one byte more than they take.
    var event: [UInt8] = []
    var wasRead = false
    var wasAnswered = false
    /// Why the backend answers 400, in words.
    var problem: String?
}

/// Who holds a request until it is answered: a connection of HTTP/1, or one stream of an HTTP/2 connection.
protocol ExchangeHolder: AnyObject {
    /// The request in hand; `nil` once it is over.
    var exchange: Exchange? { get }

    /// The request has been served: sends its answer.
    func answer(_ request: AnswerPlan.Request)

    /// The request asks for what the backend cannot do: says so.
    func refuse(_ reason: String)

    /// Ends the connection in order, without an answer.
    func drop(as outcome: RequestRecord.Outcome)

    /// Ends the connection with a RST.
    func reset(as outcome: RequestRecord.Outcome)
}

/// A connection as its server sees it, whatever is spoken on it.
protocol BackendPeer: AnyObject {
    /// Its number at the backend, from 1.
    var number: Int { get }

    /// Ends the connection in order; requests in hand get no answer.
    func drop(as outcome: RequestRecord.Outcome)

    /// Ends the connection with a RST.
    func reset(as outcome: RequestRecord.Outcome)

    /// From now on nothing is read or written, as if the machine had lost its power.
    func fallSilent()
}

/// The socket's own end of a pipeline. What is closed here is closed at once, without TLS's farewell.
final class SocketEnd: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func close() { self.context?.close(promise: nil) }

    /// Closes with a RST.
    func reset() {
        (self.context?.channel as? any SocketOptionProvider)?.resetWhenClosed()
        self.close()
    }
}
