import ELBModel
import NIOCore
import NIOHPACK
import NIOHTTP2

/// One request and its answer on an HTTP/2 connection. What is answered, and when, is the subclass's.
class HTTP2Stream: ExchangeHolder {
    let id: HTTP2StreamID
    let connection: HTTP2Connection
    private(set) var exchange: Exchange?
    /// The record's number. It outlives the exchange: frames are noted behind the answer too.
    private var sequence: Int?

    init(_ id: HTTP2StreamID, _ connection: HTTP2Connection) {
        self.id = id
        self.connection = connection
    }

    var server: BackendServer { self.connection.server }

    // For the subclass.

    /// Reads the switches of a request whose head has arrived.
    func switches(_ record: RequestRecord) throws(AnswerSwitches.Problem) -> AnswerSwitches {
        try AnswerSwitches(target: record.target)
    }

    /// The head is there.
    func headWasRead(_ record: RequestRecord) {}

    /// A part of the body is there.
    func bodyWasRead(_ bytes: ByteBuffer) {}

    /// The request is there whole.
    func requestWasRead() {}

    /// Sends the answer. To be overridden.
    func answer(_ request: AnswerPlan.Request) {}

    // What arrives.

    func headArrived(_ headers: HPACKHeaders, isLast: Bool, _ blank: RequestRecord) {
        var record = blank
        record.headers = headers.map { RecordedField(name: $0.name, value: $0.value) }
        record.rawHead = RecordedBytes(Self.text(of: record.headers))
        record.method = record.values(of: ":method").first ?? ""
        record.target = record.values(of: ":path").first ?? ""
        record.kind = self.server.kind(of: record)
        record.note(RecordedFrame("HEADERS", isLast: isLast))
        let isWhole = !record.method.isEmpty && !record.target.isEmpty
        var exchange = self.server.accept(record, isHTTP: isWhole)
        self.sequence = exchange.sequence
        guard isWhole else {
            self.server.settle(exchange.sequence, as: .malformed)
            self.resetStream(.protocolError)
            return
        }
        exchange.expectsContinue = record.values(of: "expect").contains { $0.lowercased() == "100-continue" }
        do throws(AnswerSwitches.Problem) {
            exchange.switches = try self.switches(record)
            try exchange.switches.check(for: self.server.description.behaviour.speaks)
        } catch {
            exchange.problem = error.message
        }
        self.exchange = exchange
        self.headWasRead(record)
        if isLast { self.requestEnded([]) }
    }

    func dataArrived(_ bytes: ByteBuffer, isLast: Bool) {
        self.note(RecordedFrame("DATA", length: bytes.readableBytes, isLast: isLast))
        guard var exchange = self.exchange else { return }
        exchange.checksum.append(bytes.readableBytesView)
        self.exchange = exchange
        let limit = self.server.description.bodyLimit
        self.server.update(exchange.sequence) { record in
            record.bodyLength += bytes.readableBytes
            record.bodyChecksum = exchange.checksum.value
            record.body.bytes += bytes.readableBytesView.prefix(max(0, limit - record.body.bytes.count))
        }
        self.bodyWasRead(bytes)
        if isLast { self.requestEnded([]) }
    }

    func trailersArrived(_ trailers: HPACKHeaders) {
        self.note(RecordedFrame("HEADERS", isLast: true))
        self.requestEnded(trailers.map { RecordedField(name: $0.name, value: $0.value) })
    }

    private func requestEnded(_ trailers: [RecordedField]) {
        guard let sequence = self.exchange?.sequence else { return }
        self.exchange?.wasRead = true
        self.server.update(sequence) { record in
            record.requestCompleted = true
            record.trailers = trailers
        }
        self.requestWasRead()
        self.endIfOver()
    }

    func note(_ frame: RecordedFrame) {
        guard let sequence = self.sequence else { return }
        self.server.update(sequence) { $0.note(frame) }
    }

    /// The peer has reset the stream.
    func peerReset(_ code: HTTP2ErrorCode) { self.over(as: .peerGone) }

    /// The stream ends without an answer, or behind it.
    func over(as outcome: RequestRecord.Outcome) {
        guard let exchange = self.exchange else { return }
        self.exchange = nil
        self.server.settle(exchange.sequence, as: outcome)
        self.server.abandoned(exchange.sequence)
    }

    // What is sent.

    func refuse(_ reason: String) {
        guard let sequence = self.exchange?.sequence else { return }
        var draft = ResponseDraft(status: 400, body: Array("\(self.server.description.name): \(reason)\n".utf8))
        draft.fields = [RecordedField(name: "X-Backend", value: self.server.description.name)]
        self.send(draft, sequence)
    }

    /// Sends a whole answer and settles the request with it.
    func send(_ draft: ResponseDraft, _ sequence: Int) {
        let hasBody = draft.hasBody && !draft.isForHead && (!draft.body.isEmpty || draft.isTruncated)
        let trailers = draft.isForHead || !draft.hasBody ? [] : draft.trailers
        let sent = hasBody ? draft.body.prefix(draft.truncatedTo ?? draft.body.count) : []
        let half = sent.count / 2
        let pause = self.exchange?.switches.pauseMilliseconds ?? 0
        let finish = { [weak self] (rest: ArraySlice<UInt8>) in
            guard let self, self.exchange?.sequence == sequence else { return }
            if draft.isTruncated {
                self.writeData(rest, isLast: false)
                // A shorter body with END_STREAM would be another mistake: a wrong Content-Length.
                return self.resetStream(.internalError, settling: sequence, draft.status)
            }
            let written = self.whenWritten(sequence, draft.status)
            if hasBody { self.writeData(rest, isLast: trailers.isEmpty, promise: trailers.isEmpty ? written : nil) }
            if !trailers.isEmpty { self.writeFields(trailers, isLast: true, promise: written) }
            self.answerIsComplete(closes: draft.closes)
        }
        guard hasBody || !trailers.isEmpty else {
            self.writeHead(draft, isLast: true, promise: self.whenWritten(sequence, draft.status))
            self.answerIsComplete(closes: draft.closes)
            return
        }
        self.writeHead(draft, isLast: false)
        guard pause > 0 else {
            finish(sent)
            return
        }
        self.writeData(sent.prefix(half), isLast: false)
        self.connection.flush()
        self.server.schedule(after: pause) { finish(sent.dropFirst(half)) }
    }

    private func writeHead(_ draft: ResponseDraft, isLast: Bool, promise: EventLoopPromise<Void>? = nil) {
        var fields = [RecordedField(name: ":status", value: String(draft.status))]
        if draft.hasBody {
            fields.append(RecordedField(name: "content-type", value: draft.contentType))
            if !draft.isChunked {
                fields.append(RecordedField(name: "content-length", value: String(draft.announcedLength)))
            }
        }
        self.writeFields(fields + draft.fields, isLast: isLast, promise: promise)
    }

    func writeFields(_ fields: [RecordedField], isLast: Bool, promise: EventLoopPromise<Void>? = nil) {
        let headers = HPACKHeaders(fields.map { ($0.name.lowercased(), $0.value) })
        self.connection.write(.headers(.init(headers: headers, endStream: isLast)), on: self.id, promise: promise)
    }

    func writeData(_ bytes: some Sequence<UInt8>, isLast: Bool, promise: EventLoopPromise<Void>? = nil) {
        let data = HTTP2Frame.FramePayload.Data(data: .byteBuffer(ByteBuffer(bytes: bytes)), endStream: isLast)
        self.connection.write(.data(data), on: self.id, promise: promise)
    }

    /// Ends the stream alone with an error.
    /// - Parameter sequence: the record that is settled as answered with `status`, as far as it was.
    func resetStream(_ code: HTTP2ErrorCode, settling sequence: Int? = nil, _ status: Int = 0) {
        // What waits to be written would be thrown away with the stream.
        self.connection.flush()
        // Given up before the frame is written, which ends the stream at once: that is no peer that leaves.
        self.exchange = nil
        self.connection.write(.rstStream(code), on: self.id, promise: sequence.map { self.whenWritten($0, status) })
        self.connection.flush()
        self.connection.streamIsOver(self.id)
    }

    /// A promise for the last frame of an answer: the record is settled when the kernel has it, which flow control may
    /// delay.
    func whenWritten(_ sequence: Int, _ status: Int) -> EventLoopPromise<Void> {
        let server = self.server
        let promise = server.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success:
                server.update(sequence) { $0.status = status }
                server.settle(sequence, as: .answered)
            case .failure:
                server.settle(sequence, as: .peerGone)
            }
        }
        return promise
    }

    /// The answer's last frame is on its way.
    func answerIsComplete(closes: Bool = false) {
        self.connection.flush()
        self.exchange?.wasAnswered = true
        if closes { self.connection.goAway() }
        self.endIfOver()
    }

    private func endIfOver() {
        guard let exchange = self.exchange, exchange.wasRead, exchange.wasAnswered else { return }
        self.exchange = nil
        self.connection.streamIsOver(self.id)
    }

    // Ends that are no answer.

    func drop(as outcome: RequestRecord.Outcome) { self.connection.drop(as: outcome) }

    func reset(as outcome: RequestRecord.Outcome) { self.connection.reset(as: outcome) }

    /// The fields as lines: HTTP/2 has no other text of a head.
    private static func text(of fields: [RecordedField]) -> [UInt8] {
        var text = ""
        for field in fields { text += "\(field.name): \(field.value)\r\n" }
        return Array((text + "\r\n").utf8)
    }
}

/// A request of HTTP/2 that is answered like one of HTTP/1.
final class WebStream: HTTP2Stream {
    override func headWasRead(_ record: RequestRecord) {
        guard let exchange = self.exchange else { return }
        if exchange.switches.sendsContinue ?? exchange.expectsContinue,
            exchange.applied?.fault.answersAtAll ?? true
        {
            self.writeFields([RecordedField(name: ":status", value: "100")], isLast: false)
            self.connection.flush()
        }
        if exchange.switches.isEarly { self.server.ready(self, exchange) }
    }

    override func requestWasRead() {
        guard let exchange = self.exchange, !exchange.switches.isEarly else { return }
        self.server.ready(self, exchange)
    }

    override func answer(_ request: AnswerPlan.Request) {
        let raw = request.fault == .garbage ? AnswerPlan.garbage : request.fault == nil ? request.switches.raw : nil
        if let raw {
            self.server.settle(request.record.sequence, as: .answered)
            self.connection.writeRaw(raw)
        } else {
            self.send(ResponseDraft(request, by: self.server.description), request.record.sequence)
        }
    }
}
