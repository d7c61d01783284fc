import ELBTestSupport
import ELBWire
import Testing

@Suite struct `Response heads` {
    private func parse(_ text: String) -> (ResponseHeadParser.Outcome, ResponseHead) {
        var parser = ResponseHeadParser()
        var head = ResponseHead()
        let bytes = Array(text.utf8)
        var outcome = ResponseHeadParser.Outcome.incomplete
        for count in 0...bytes.count where outcome == .incomplete {
            outcome = parser.parse(bytes.span.extracting(0..<count), into: &head)
        }
        var again = ResponseHeadParser()
        var whole = ResponseHead()
        let outcomeWhole = again.parse(bytes.span, into: &whole)
        #expect(outcomeWhole == outcome)
        return (outcome, head)
    }

    @Test(
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", RequestHead.KnownMethod.get, BodyLength.bytes(5)),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", .head, .none),
            ("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", .get, .none),
            ("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", .get, .none),
            ("HTTP/1.1 100 Continue\r\n\r\n", .get, .none),
            ("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n", .get, .chunked),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", .get, .chunked),
            ("HTTP/1.0 200 OK\r\n\r\n", .get, .untilClose),
            ("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", .get, .none),
        ] as [(String, RequestHead.KnownMethod, BodyLength)]
    )
    func `say how long the body is`(text: String, method: RequestHead.KnownMethod, length: BodyLength) {
        let (outcome, head) = self.parse(text)
        #expect(outcome == .complete)
        #expect(head.bodyLength(answering: method) == length)
    }

    @Test(
        .covers("ALB-ERR-030"),
        arguments: [
            "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n",
            "garbage\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\u{0}\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        ]
    )
    func `that are no responses are malformed`(text: String) {
        #expect(self.parse(text).0 == .malformed)
    }

    @Test(.covers("ALB-ERR-031"))
    func `beyond 32K are too long`() {
        let field = "X: " + String(repeating: "a", count: 33_000) + "\r\n"
        #expect(self.parse("HTTP/1.1 200 OK\r\n" + field + "\r\n").0 == .tooLong)
    }
}
