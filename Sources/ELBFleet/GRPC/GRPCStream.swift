import ELBModel
import NIOCore
import NIOHTTP2

/// One gRPC call. A call has no query, so its switches stand in its metadata.
final class GRPCStream: HTTP2Stream {
    private var method = GRPCMethod.unknown
    private var reader = GRPCMessages.Reader()
    private var received: [[UInt8]] = []
    private var receivedBytes = 0
    private var isReady = false
    /// The head of the answer is out: messages of a bidirectional call go back as they come.
    private var isOpen = false
    /// The status that ends a bidirectional call.
    private var finalStatus: (status: Int, reason: String?)?

    /// Bytes of messages that a call may bring before it is answered.
    private static let longestCall = 16 << 20

    override func switches(_ record: RequestRecord) throws(AnswerSwitches.Problem) -> AnswerSwitches {
        try AnswerSwitches(metadata: record.headers)
    }

    override func headWasRead(_ record: RequestRecord) {
        guard let exchange = self.exchange else { return }
        guard record.values(of: "content-type").contains(where: { $0.hasPrefix("application/grpc") }) else {
            // gRPC over HTTP/2 asks for 415 here.
            var draft = ResponseDraft(status: 415, body: Array("not a gRPC call\n".utf8))
            draft.fields = [RecordedField(name: "X-Backend", value: self.server.description.name)]
            self.send(draft, exchange.sequence)
            return
        }
        self.method = GRPCMethod(path: record.path)
        if self.method.answersEarly { self.becomeReady() }
    }

    override func bodyWasRead(_ bytes: ByteBuffer) {
        guard self.exchange?.wasAnswered == false else { return }
        self.reader.append(bytes.readableBytesView)
        do throws(GRPCMessages.Problem) {
            while let message = try self.reader.next() { self.messageArrived(message) }
        } catch {
            self.finish(error.status, error.message)
        }
    }

    override func requestWasRead() {
        guard let exchange = self.exchange, !exchange.wasAnswered else { return }
        if self.reader.isInside {
            self.finish(13, "the call ended inside a message")
        } else if self.isOpen {
            self.finish(self.finalStatus?.status ?? 0, self.finalStatus?.reason)
        } else {
            self.becomeReady()
        }
    }

    private func becomeReady() {
        guard !self.isReady, let exchange = self.exchange else { return }
        self.isReady = true
        self.server.ready(self, exchange)
    }

    private func messageArrived(_ message: [UInt8]) {
        if self.isOpen {
            self.writeData(GRPCMessages.framed(message), isLast: false)
            self.connection.flush()
            return
        }
        self.receivedBytes += message.count
        guard self.receivedBytes <= Self.longestCall else { return self.finish(8, "the call is too long") }
        self.received.append(message)
    }

    // The answer.

    override func refuse(_ reason: String) { self.finish(3, reason) }

    override func answer(_ request: AnswerPlan.Request) {
        guard let exchange = self.exchange, !exchange.wasAnswered else { return }
        let sequence = request.record.sequence
        switch request.fault {
        case .garbage:
            self.server.settle(sequence, as: .answered)
            self.connection.writeRaw(AnswerPlan.garbage)
        case .fail(let status) where status < 200:
            self.finish(status, "a fault")
        case .fail:
            self.send(ResponseDraft(request, by: self.server.description), sequence)
        case .slow, .truncate, .hang, .reset, .close, nil:
            if request.switches.status != nil {
                // A status of HTTP in place of one of gRPC, as some proxy on the way would answer.
                self.send(ResponseDraft(request, by: self.server.description), sequence)
            } else {
                self.serve(request, isTruncated: request.fault == .truncate)
            }
        }
    }

    private func serve(_ request: AnswerPlan.Request, isTruncated: Bool) {
        let behaviour = self.server.description.behaviour
        var answer = GRPCAnswer(self.method, self.received, request.switches)
        if let status = request.switches.grpcStatus ?? behaviour.grpcStatuses[request.record.path] {
            if status != 0 { answer.messages = [] }
            answer.status = status
            answer.reason = status == 0 ? nil : "as asked for"
        }
        answer.reason = request.switches.grpcMessage ?? answer.reason
        if self.method == .bidirectional, answer.status == 0 {
            self.open(request.switches, isTruncated: isTruncated)
            return
        }
        if answer.messages.isEmpty, answer.status != 0 { return self.finish(answer.status, answer.reason) }
        self.writeHead(request.switches.fields)
        let bytes = answer.messages.flatMap { GRPCMessages.framed($0) }
        guard !isTruncated else {
            self.writeData(bytes.prefix(bytes.count / 2), isLast: false)
            self.resetStream(.internalError, settling: request.record.sequence, 200)
            return
        }
        self.writeData(bytes, isLast: false)
        self.finish(answer.status, answer.reason)
    }

    private func open(_ switches: AnswerSwitches, isTruncated: Bool) {
        self.writeHead(switches.fields)
        self.isOpen = true
        self.finalStatus = (0, switches.grpcMessage)
        for message in self.received { self.writeData(GRPCMessages.framed(message), isLast: false) }
        self.received = []
        self.connection.flush()
        if isTruncated, let sequence = self.exchange?.sequence {
            self.resetStream(.internalError, settling: sequence, 200)
        } else if self.exchange?.wasRead == true {
            self.finish(0, switches.grpcMessage)
        }
    }

    private func writeHead(_ fields: [RecordedField]) {
        self.isOpen = true
        self.writeFields(Self.head + [self.signature] + fields, isLast: false)
    }

    private static let head = [
        RecordedField(name: ":status", value: "200"),
        RecordedField(name: "content-type", value: "application/grpc"),
    ]

    private var signature: RecordedField { RecordedField(name: "x-backend", value: self.server.description.name) }

    /// Ends the call with a status: in trailers, or in the head when nothing was sent yet ("Trailers-Only").
    private func finish(_ status: Int, _ reason: String?) {
        guard let exchange = self.exchange, !exchange.wasAnswered else { return }
        var fields = self.isOpen ? [] : Self.head + [self.signature] + exchange.switches.fields
        fields.append(RecordedField(name: "grpc-status", value: String(status)))
        if let reason { fields.append(RecordedField(name: "grpc-message", value: Self.encoded(reason))) }
        self.server.update(exchange.sequence) { $0.grpcStatus = status }
        let written = self.whenWritten(exchange.sequence, 200)
        self.writeFields(fields + exchange.switches.trailers, isLast: true, promise: written)
        self.answerIsComplete()
    }

    /// Percent encoding of all but printable ASCII, as gRPC wants it.
    private static func encoded(_ text: String) -> String {
        text.utf8.reduce(into: "") { encoded, byte in
            if (0x20...0x7E).contains(byte), byte != UInt8(ascii: "%") {
                encoded.unicodeScalars.append(UnicodeScalar(byte))
            } else {
                encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}
