import ELBCore
import ELBModel
import ELBTestSupport
import ELBWire
import Testing

@Suite struct `Outgoing heads` {
    private func forwarded(_ text: String, drops: Bool = false, closes: Bool = false, quirks: Set<Quirk> = []) -> String
    {
        var parser = RequestHeadParser()
        var head = RequestHead()
        let bytes = Array(text.utf8)
        guard parser.parse(bytes.span, into: &head) == .complete, let length = head.framing.requestBodyLength else {
            return "refused"
        }
        var generator = SplitMix64(seed: 1)
        var output = ByteOutput()
        _ = OutgoingRequestHead.append(
            head,
            bytes: bytes.span,
            length: length,
            closesAfterwards: closes,
            dropsInvalidNames: drops,
            quirks: ExchangeQuirks(quirks),
            forwarded: ForwardedHeaders(
                attributes: LoadBalancerAttributes(),
                listenerPort: 80,
                listenerProtocol: .http,
                dnsName: "lb.test",
                quirks: QuirkSet([.traceIDMissing])
            ),
            client: Array("192.0.2.1".utf8),
            epochSeconds: 0,
            generator: &generator,
            to: &output
        )
        return String(decoding: output.bytes, as: UTF8.self)
    }

    private static let added =
        "Host: a\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Port: 80\r\n"

    @Test(
        .covers("ALB-HTTP-019", "ALB-HTTP-023", "ALB-HTTP-036", "ALB-HDR-034", "ALB-HDR-037", "ALB-HDR-039"),
        arguments: [
            (
                "GET /a%2F?x HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\n\r\n",
                "GET /a%2F?x HTTP/1.1\r\n\(added)A: 1\r\nB: 2\r\n\r\n"
            ),
            ("GET http://a/p?q HTTP/1.1\r\nHost: b\r\n\r\n", "GET /p?q HTTP/1.1\r\n\(added)\r\n"),
            ("GET http://a?q HTTP/1.1\r\nHost: b\r\n\r\n", "GET /?q HTTP/1.1\r\n\(added)\r\n"),
            ("GET / HTTP/1.0\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\n\(added)\r\n"),
            (
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, X-Mine\r\nKeep-Alive: 5\r\nX-Mine: 1\r\nTE: trailers\r\n"
                    + "Upgrade: h2c\r\nProxy-Connection: x\r\nProxy-Authorization: y\r\nA: 1\r\n\r\n",
                "GET / HTTP/1.1\r\n\(added)A: 1\r\n\r\n"
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n",
                "POST / HTTP/1.1\r\n\(added)Content-Length: 3\r\n\r\n"
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\nA: 1\r\n\r\n",
                "POST / HTTP/1.1\r\n\(added)A: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
            ),
            ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a%20b HTTP/1.1\r\n\(added)\r\n"),
            ("GET / HTTP/1.1\r\nHost: a\r\nA: 1\n\r\n", "GET / HTTP/1.1\r\n\(added)A: 1\r\n\r\n"),
            ("GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\n more\r\n\r\n", "GET / HTTP/1.1\r\n\(added)A: 1\r\nmore: \r\n\r\n"),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n",
                "POST / HTTP/1.1\r\n\(added)Content-Length: 3\r\n\r\n"
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
                "POST / HTTP/1.1\r\n\(added)Transfer-Encoding: chunked\r\n\r\n"
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer_Encoding: chunked\r\nContent-Length : 3\r\n\r\n",
                "POST / HTTP/1.1\r\n\(added)\r\n"
            ),
        ]
    )
    func `carry what the client meant, once and unmistakably`(request: String, expected: String) {
        #expect(self.forwarded(request) == expected)
    }

    @Test(.covers("ALB-HDR-034"))
    func `leave out names outside AWS's alphabet only when told to`() {
        let request = "GET / HTTP/1.1\r\nHost: a\r\nbad_name: 1\r\nGood: 2\r\n\r\n"
        #expect(self.forwarded(request).contains("bad_name: 1\r\n"))
        #expect(self.forwarded(request, drops: true) == "GET / HTTP/1.1\r\n\(Self.added)Good: 2\r\n\r\n")
    }

    @Test func `deviate where a quirk says so`() {
        let request = "GET /a%2Fb HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n"
        #expect(self.forwarded(request, quirks: [.urlDecoded]).hasPrefix("GET /a/b HTTP/1.1\r\n"))
        #expect(self.forwarded(request, quirks: [.hopByHopForwarded]).contains("Connection: close\r\n"))
        #expect(self.forwarded(request, quirks: [.expectForwarded]).contains("Expect: 100-continue\r\n"))
        #expect(self.forwarded(request, closes: true).hasSuffix("Connection: close\r\n\r\n"))
    }

    @Test(.covers("ALB-HTTP-023"))
    func `of responses lose what belonged to the target's connection`() {
        var parser = ResponseHeadParser()
        var head = ResponseHead()
        let text =
            "HTTP/1.0 200 Fine\r\nServer: x\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nSet-Cookie: a\r\n"
            + "Set-Cookie: b\r\nContent-Length: 0\r\n\r\n"
        let bytes = Array(text.utf8)
        #expect(parser.parse(bytes.span, into: &head) == .complete)
        var output = ByteOutput()
        OutgoingResponseHead.append(
            head,
            bytes: bytes.span,
            keepsConnection: true,
            dropsChunking: false,
            isInterim: false,
            edits: nil,
            quirks: [],
            to: &output
        )
        #expect(
            String(decoding: output.bytes, as: UTF8.self)
                == "HTTP/1.1 200 Fine\r\nServer: x\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 0\r\n"
                + "Connection: keep-alive\r\n\r\n"
        )
    }
}
