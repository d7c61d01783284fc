import ELBWire

/// Gathers what Lambda's Invoke API answers, as far as a limit, and tells the function's answer from an error.
package struct LambdaInvocationResponse: Sendable {
    package enum Progress: Hashable, Sendable {
        case incomplete
        /// The answer is whole; whether its connection may carry another invocation.
        case complete(keepsConnection: Bool)
        /// Not an answer of the API: the connection is of no more use.
        case failed(LambdaFailure)
    }

    private enum State: Sendable {
        case head
        case body(remaining: UInt64)
        case chunks(ChunkedBodyScanner)
        case untilClose
        case done
    }

    private let limit: Int
    private var state = State.head
    private var parser = ResponseHeadParser()
    private var head = ResponseHead()
    private var received: [UInt8] = []
    private var isFunctionError = false
    private var errorType = ""
    /// The body so far: the function's answer, or what the API says of an error.
    package private(set) var payload: [UInt8] = []

    /// - Parameter limit: most bytes of a payload; one more is `responseTooLarge`.
    package init(limit: Int = LambdaAnswer.limit) {
        self.limit = limit
    }

    /// Takes in what came from the connection.
    package mutating func append(_ bytes: Span<UInt8>) -> Progress {
        if case .head = self.state {
            self.received.append(bytes)
            return self.readHead()
        }
        return self.readBody(bytes)
    }

    /// The connection ended.
    package mutating func connectionEnded() -> Progress {
        switch self.state {
        case .untilClose, .done: .complete(keepsConnection: false)
        case .head, .body, .chunks: .failed(LambdaFailure(.connectionError))
        }
    }

    /// What came of the invocation, once it is complete.
    package func answer(date: [UInt8], form: LambdaEvent.Form) throws(LambdaFailure) -> LambdaAnswer {
        if self.head.status == 200 {
            // The function's own exception, or its time limit: the payload tells, to people (ALB-LMB-021).
            guard !self.isFunctionError else { throw LambdaFailure(.unhandled) }
            return try LambdaAnswer(json: self.payload.span, date: date, form: form)
        }
        throw LambdaFailure(apiError: self.errorType, status: self.head.status)
    }

    private mutating func readHead() -> Progress {
        while true {
            let received = self.received
            switch self.parser.parse(received.span, into: &self.head) {
            case .incomplete: return .incomplete
            case .malformed, .tooLong: return .failed(LambdaFailure(.unhandledException))
            case .complete: break
            }
            self.parser.reset()
            let rest = Array(received[self.head.length...])
            // Interim responses are not the answer (RFC 9110, section 15.2).
            guard self.head.status < 200 else { return self.finalHead(rest) }
            self.received = rest
        }
    }

    private mutating func finalHead(_ rest: [UInt8]) -> Progress {
        self.noteErrors()
        self.received = []
        switch self.head.bodyLength(answering: .post) {
        case nil: return .failed(LambdaFailure(.unhandledException))
        case .some(.none):
            self.state = .done
            return .complete(keepsConnection: self.head.keepsConnection && rest.isEmpty)
        case .bytes(let count):
            guard count <= UInt64(self.limit) else { return .failed(LambdaFailure(.responseTooLarge)) }
            self.state = .body(remaining: count)
        case .chunked: self.state = .chunks(ChunkedBodyScanner())
        case .untilClose: self.state = .untilClose
        }
        return self.readBody(rest.span)
    }

    private mutating func noteErrors() {
        let received = self.received
        let bytes = received.span
        for field in self.head.fields where field.known == .other {
            if bytes.equalsIgnoringCase("x-amz-function-error", at: field.name.range) { self.isFunctionError = true }
            guard bytes.equalsIgnoringCase("x-amzn-errortype", at: field.name.range) else { continue }
            // Sometimes a colon and an address follow the name.
            let name = Array(copying: bytes, field.value.range).prefix { $0 != UInt8(ascii: ":") }
            self.errorType = String(decoding: name, as: UTF8.self)
        }
    }

    private mutating func readBody(_ bytes: Span<UInt8>) -> Progress {
        switch self.state {
        case .head: return .incomplete
        case .done: return .complete(keepsConnection: false)
        case .body(let remaining):
            let count = Int(min(remaining, UInt64(bytes.count)))
            self.payload.append(bytes.extracting(0..<count))
            self.state = .body(remaining: remaining - UInt64(count))
            guard remaining == UInt64(count) else { return .incomplete }
            self.state = .done
            return .complete(keepsConnection: self.head.keepsConnection && count == bytes.count)
        case .chunks(let scanner): return self.readChunks(bytes, scanner)
        case .untilClose:
            self.payload.append(bytes)
            return self.payload.count > self.limit ? .failed(LambdaFailure(.responseTooLarge)) : .incomplete
        }
    }

    private mutating func readChunks(_ bytes: Span<UInt8>, _ before: ChunkedBodyScanner) -> Progress {
        var scanner = before
        var index = 0
        while true {
            switch scanner.next(bytes, from: index) {
            case .framing(let end): index = end
            case .data(let range):
                self.payload.append(bytes.extracting(range))
                guard self.payload.count <= self.limit else { return .failed(LambdaFailure(.responseTooLarge)) }
                index = range.upperBound
            case .finished(let end):
                self.state = .done
                return .complete(keepsConnection: self.head.keepsConnection && end == bytes.count)
            case .needsMore:
                self.state = .chunks(scanner)
                return .incomplete
            case .malformed: return .failed(LambdaFailure(.unhandledException))
            }
        }
    }
}
