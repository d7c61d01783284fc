import ELBCore
import ELBTestSupport
import ELBWire
import Testing

@Suite struct `The exchange` {
    private static func request(_ text: String) -> RequestHead {
        var parser = RequestHeadParser()
        var head = RequestHead()
        let bytes = Array(text.utf8)
        _ = parser.parse(bytes.span, into: &head)
        return head
    }

    private static func response(_ text: String) -> ResponseHead {
        var parser = ResponseHeadParser()
        var head = ResponseHead()
        let bytes = Array(text.utf8)
        _ = parser.parse(bytes.span, into: &head)
        return head
    }

    private static let get = request("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    private static let post = request("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n")
    private static let ok = response("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    private func admitted(_ head: borrowing RequestHead, hasBody: Bool = false, closes: Bool = false) -> Exchange {
        var exchange = Exchange()
        exchange.admitted(head, hasBody: hasBody, closesAfterwards: closes)
        return exchange
    }

    @Test(.covers("ALB-CONN-006", "ALB-CONN-007"))
    func `keeps both connections after an ordinary request`() {
        var exchange = self.admitted(Self.get)
        exchange.sent(reused: false)
        exchange.responseBytesSeen()
        exchange.responseHeadReceived(Self.ok, untilClose: false)
        #expect(exchange.responseStarted)
        #expect(exchange.responseEnded() == Exchange.Persistence(client: true, target: true))
        exchange.finished()
        #expect(exchange.isIdle)
    }

    @Test(.covers("ALB-DSYNC-004"))
    func `closes both connections after an ambiguous request`() {
        var exchange = self.admitted(Self.get, closes: true)
        exchange.sent(reused: false)
        exchange.responseHeadReceived(Self.ok, untilClose: false)
        #expect(exchange.responseEnded() == Exchange.Persistence(client: false, target: false))
    }

    @Test(
        .covers("ALB-CONN-006", "ALB-HTTP-021"),
        arguments: [
            ("GET / HTTP/1.1\r\n\r\n", true), ("GET / HTTP/1.1\r\nConnection: close\r\n\r\n", false),
            ("GET / HTTP/1.1\r\nConnection: x, Close\r\n\r\n", false), ("GET / HTTP/1.0\r\n\r\n", false),
            ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true), ("GET /\r\n", false),
        ]
    )
    func `keeps the client's connection as its version and Connection say`(text: String, keeps: Bool) {
        #expect(Exchange.clientWantsPersistence(Self.request(text)) == keeps)
    }

    @Test(.covers("ALB-CONN-009"))
    func `does not keep a target's connection that says close or ends by closing`() {
        for (text, untilClose) in [
            ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", false),
            ("HTTP/1.0 200 OK\r\n\r\n", true),
        ] {
            var exchange = self.admitted(Self.get)
            exchange.sent(reused: false)
            exchange.responseHeadReceived(Self.response(text), untilClose: untilClose)
            #expect(exchange.responseEnded() == Exchange.Persistence(client: !untilClose, target: false))
        }
    }

    @Test(.covers("ALB-CONN-010", "ALB-CONN-011"))
    func `repeats once what is safe to repeat, and nothing else`() {
        var reused = self.admitted(Self.get)
        reused.sent(reused: true)
        #expect(reused.targetFailed(.closed) == .retry)
        reused.sent(reused: true)
        #expect(reused.targetFailed(.closed) == .answer(502))

        var fresh = self.admitted(Self.get)
        fresh.sent(reused: false)
        #expect(fresh.targetFailed(.closed) == .answer(502))

        var post = self.admitted(Self.post, hasBody: true)
        post.sent(reused: true)
        #expect(post.targetFailed(.closed) == .answer(502))

        var answered = self.admitted(Self.get)
        answered.sent(reused: true)
        answered.responseBytesSeen()
        #expect(answered.targetFailed(.closed) == .answer(502))

        var slow = self.admitted(Self.get)
        slow.sent(reused: true)
        #expect(slow.targetFailed(.idleTimeout) == .answer(504))
    }

    @Test(
        .covers("ALB-ERR-027", "ALB-ERR-029", "ALB-ERR-030", "ALB-ERR-032", "ALB-ERR-039", "ALB-ERR-040"),
        arguments: [
            (Exchange.TargetFailure.refused, 502), (.closed, 502), (.malformed, 502), (.deregistered, 502),
            (.connectTimeout, 504), (.idleTimeout, 504),
        ] as [(Exchange.TargetFailure, Int)]
    )
    func `turns a target's failure into its status`(failure: Exchange.TargetFailure, status: Int) {
        var exchange = self.admitted(Self.get)
        #expect(exchange.targetFailed(failure) == .answer(status))
    }

    @Test(.covers("ALB-ERR-048"))
    func `cuts the client when a response breaks off`() {
        var exchange = self.admitted(Self.get)
        exchange.sent(reused: true)
        exchange.responseHeadReceived(Self.ok, untilClose: false)
        #expect(exchange.targetFailed(.closed) == .cutClient)
    }

    @Test func `keeps nothing when the answer overtakes the request's body`() {
        var exchange = self.admitted(Self.post, hasBody: true)
        exchange.sent(reused: false)
        exchange.responseHeadReceived(Self.ok, untilClose: false)
        #expect(exchange.responseEnded() == Exchange.Persistence(client: false, target: false))
    }
}
