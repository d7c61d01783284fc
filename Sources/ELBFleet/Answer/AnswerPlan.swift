import ELBModel

/// The bytes of one answer and what becomes of the connection behind it. Composed as a value, so that every byte a
/// backend can send is tested without a socket.
package struct AnswerPlan: Hashable, Sendable {
    /// What the connection does once the bytes are out.
    package enum Ending: Hashable, Sendable {
        case keepAlive
        case close
    }

    /// Status of the answer; `nil` for raw bytes.
    package var status: Int?
    /// Sent first.
    package var bytes: [UInt8]
    /// Sent after `pauseMilliseconds`; often empty.
    package var laterBytes: [UInt8] = []
    package var pauseMilliseconds = 0
    package var ending: Ending

    /// What composing an answer needs to know of the request.
    package struct Request: Hashable, Sendable {
        package var record: RequestRecord
        package var switches: AnswerSwitches
        /// Whether HTTP's rules let the connection be used again.
        package var keepsAlive: Bool
        package var fault: Fault?

        package init(record: RequestRecord, switches: AnswerSwitches, keepsAlive: Bool, fault: Fault?) {
            self.record = record
            self.switches = switches
            self.keepsAlive = keepsAlive
            self.fault = fault
        }
    }

    /// The answer of a backend to a request. Faults that give no answer (`hang`, `reset`, `close`) are not asked for here.
    package init(_ request: Request, by backend: BackendDescription) {
        let switches = request.switches
        if let raw = switches.raw, request.fault == nil {
            self.init(status: nil, bytes: raw, ending: .close)
            return
        }
        if request.fault == .garbage {
            self.init(status: nil, bytes: Self.garbage, ending: .close)
            return
        }
        let draft = ResponseDraft(request, by: backend)
        let (bytes, split) = draft.serialized()
        self.init(status: draft.status, bytes: bytes, ending: draft.closes || draft.isTruncated ? .close : .keepAlive)
        if switches.pauseMilliseconds > 0 {
            self.laterBytes = Array(self.bytes[split...])
            self.bytes.removeSubrange(split...)
            self.pauseMilliseconds = switches.pauseMilliseconds
        }
    }

    package init(status: Int?, bytes: [UInt8], ending: Ending) {
        self.status = status
        self.bytes = bytes
        self.ending = ending
    }

    /// What the fault of that name sends.
    static let garbage = Array("\u{1}\u{2} this is not HTTP\r\n\r\n".utf8)

    /// The answer to bytes that are not a request, or that ask for what a backend cannot do. Closes.
    package static func badRequest(_ reason: String, by backend: BackendDescription) -> Self {
        var draft = ResponseDraft(status: 400, body: Array("\(backend.name): \(reason)\n".utf8))
        draft.fields = [RecordedField(name: "X-Backend", value: backend.name)]
        draft.closes = true
        return Self(status: 400, bytes: draft.serialized().bytes, ending: .close)
    }

    /// The answer of Lambda's Invoke API.
    init(_ reply: InvokeReply, to request: Request, requestID: String) {
        var draft = ResponseDraft(status: reply.status, body: reply.payload)
        draft.contentType = "application/json"
        draft.version = request.record.version
        draft.fields = reply.fields(
            requestID: requestID,
            wantsLog: request.record.values(of: "x-amz-log-type").last?.lowercased() == "tail"
        )
        draft.closes = !request.keepsAlive
        self.init(
            status: reply.status,
            bytes: draft.serialized().bytes,
            ending: draft.closes ? .close : .keepAlive
        )
    }

    /// The path on every backend that answers with the request's own record as JSON.
    package static let echoPath = "/_echo"

    /// The body of `elb-body-bytes=count`: the digits 0 to 9 over and over, every 64th byte a line break.
    package static func pattern(_ count: Int) -> [UInt8] {
        (0..<count).map { $0 % 64 == 63 ? UInt8(ascii: "\n") : UInt8(ascii: "0") + UInt8($0 % 64 % 10) }
    }
}
