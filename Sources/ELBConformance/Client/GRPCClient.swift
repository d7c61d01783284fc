internal import ELBFleet

/// gRPC calls over `HTTP2Connection`, without generated code: messages are bytes. Blocking.
package struct GRPCClient {
    private let connection: HTTP2Connection
    private let authority: String
    private let scheme: String

    /// - Parameter authority: what calls say as `:authority`.
    package init(over connection: HTTP2Connection, authority: String, scheme: String = "https") {
        self.connection = connection
        self.authority = authority
        self.scheme = scheme
    }

    /// What a call came to.
    package struct Outcome: Sendable {
        package var answer: HTTP2Answer
        package var messages: [[UInt8]]

        /// From the trailers, or from the head of an answer without messages; `nil` if there is none.
        package var status: Int? {
            (self.answer.trailer("grpc-status") ?? self.answer.header("grpc-status")).flatMap { Int($0) }
        }

        package var message: String? { self.answer.trailer("grpc-message") ?? self.answer.header("grpc-message") }

        /// Whether our own limit ran out before the call ended; the call was cancelled then.
        package var isLate: Bool { !self.answer.isOver }
    }

    /// The head of a call.
    package func fields(_ path: String, metadata: [CurlHeader] = [], timeout: String? = nil) -> [CurlHeader] {
        var fields = [
            CurlHeader(":method", "POST"), CurlHeader(":scheme", self.scheme), CurlHeader(":path", path),
            CurlHeader(":authority", self.authority), CurlHeader("content-type", "application/grpc"),
            CurlHeader("te", "trailers"), CurlHeader("user-agent", "elblab-grpc/1"),
        ]
        if let timeout { fields.append(CurlHeader("grpc-timeout", timeout)) }
        return fields + metadata
    }

    /// A call with all its messages at once: unary, or a stream either way.
    /// - Parameter limit: the call's deadline; `grpc-timeout` says it too.
    package func call(
        _ path: String,
        _ messages: [[UInt8]],
        metadata: [CurlHeader] = [],
        within limit: Duration = .seconds(10)
    ) -> Outcome {
        let timeout = "\(limit.milliseconds)m"
        let stream = self.open(path, metadata: metadata, timeout: timeout)
        self.connection.sendData(messages.flatMap { GRPCMessages.framed($0) }, on: stream, within: limit)
        return self.outcome(of: stream, within: limit)
    }

    /// Opens a call whose messages are sent one by one.
    /// - Returns: the call's stream.
    package func open(_ path: String, metadata: [CurlHeader] = [], timeout: String? = nil) -> Int {
        self.connection.request(self.fields(path, metadata: metadata, timeout: timeout), endsStream: false)
    }

    package func send(_ message: [UInt8], on stream: Int) {
        self.connection.sendData(GRPCMessages.framed(message), on: stream, endsStream: false)
    }

    /// Says that no more messages will come.
    package func finish(_ stream: Int) { self.connection.sendData([], on: stream, endsStream: true) }

    /// Waits until the call has brought so many messages, or is over.
    package func messages(_ count: Int, on stream: Int, within limit: Duration = .seconds(10)) -> [[UInt8]] {
        self.connection.receive(within: limit) { connection in
            let answer = connection.answers[stream] ?? HTTP2Answer()
            return answer.isOver || Self.messages(in: answer).count >= count
        }
        return Self.messages(in: self.connection.answers[stream] ?? HTTP2Answer())
    }

    /// Waits until the call is over; a call that is not over by the limit is cancelled.
    package func outcome(of stream: Int, within limit: Duration = .seconds(10)) -> Outcome {
        let answer = self.connection.answer(on: stream, within: limit)
        if !answer.isOver { self.connection.reset(stream) }
        return Outcome(answer: answer, messages: Self.messages(in: answer))
    }

    private static func messages(in answer: HTTP2Answer) -> [[UInt8]] {
        var reader = GRPCMessages.Reader()
        reader.append(answer.body)
        var messages: [[UInt8]] = []
        while let message = try? reader.next() { messages.append(message) }
        return messages
    }
}
