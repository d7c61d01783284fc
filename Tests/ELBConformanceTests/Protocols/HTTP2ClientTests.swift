import ELBConformance
import ELBFleet
import ELBModel
import Testing

@Suite(.timeLimit(.minutes(1))) struct `HTTP/2 between backends and clients` {
    static let curl = CurlClient()

    @Test func `libcurl and a backend understand each other in clear text`() async throws {
        try await withBackend(.h2) { backend, endpoint in
            let url = "http://\(endpoint)/a?elb-header=X-One:1&elb-trailer=X-Sum:9"
            let response = try await Self.curl.perform(CurlRequest("GET", url, version: .http2PriorKnowledge)).get()
            #expect(response.version == "HTTP/2")
            #expect(response.status == 200)
            #expect(response.header("x-one") == "1")
            #expect(response.trailers == [CurlHeader("x-sum", "9")])
            let record = try #require(await backend.records().first)
            #expect(record.version == "HTTP/2")
            #expect(record.stream == 1)
            #expect(record.headers.prefix(4).map(\.name) == [":method", ":path", ":scheme", ":authority"])
            #expect(record.frames.map(\.description) == ["HEADERS 0 last"])
            #expect(record.outcome == .answered)
        }
    }

    @Test(arguments: BackendTLS.Certificate.allCases)
    func `ALPN chooses it inside TLS, whatever the certificate`(certificate: BackendTLS.Certificate) async throws {
        var tls = BackendTLS()
        tls.certificate = certificate
        try await withBackend(.h2, tls: tls) { backend, endpoint in
            var request = CurlRequest(
                "POST",
                "https://\(endpoint)/a",
                body: .bytes(Array("hello".utf8)),
                version: .http2
            )
            request.verifiesCertificate = false
            let response = try await Self.curl.perform(request).get()
            #expect(response.version == "HTTP/2")
            let record = try #require(await backend.records().first)
            #expect(record.body.text == "hello")
            #expect(record.tls?.applicationProtocol == "h2")
            #expect(record.tls?.version == "1.3")
            request.verifiesCertificate = true
            guard case .failure = await Self.curl.perform(request) else {
                Issue.record("a certificate that nobody has signed is believed")
                return
            }
        }
    }

    @Test func `streams of one connection are answered as each is ready`() async throws {
        try await withBackend(.h2) { backend, endpoint in
            let order = try await onThread {
                let connection = HTTP2Connection(over: try RawConnection(to: endpoint, within: .seconds(5)))
                let slow = connection.request(h2Fields("/slow?elb-delay=200"))
                let quick = connection.request(h2Fields("/quick"))
                connection.answer(on: slow)
                let ends = connection.frames.filter { $0.flags.contains(.endStream) && $0.kind == .data }
                return (ends.map(\.stream), slow, quick)
            }
            #expect(order.0 == [order.2, order.1])
            #expect(await backend.records().map(\.connection) == [1, 1])
        }
    }

    @Test func `a body larger than every window arrives whole, both ways`() async throws {
        try await withBackend(.h2) { backend, endpoint in
            let body = AnswerPlan.pattern(300_000)
            let answer = try await onThread {
                let connection = HTTP2Connection(over: try RawConnection(to: endpoint, within: .seconds(5)))
                let fields = h2Fields("/?elb-body-bytes=300000", method: "POST")
                let stream = connection.request(fields, endsStream: false)
                connection.sendData(body, on: stream)
                return connection.answer(on: stream)
            }
            #expect(answer.body == body)
            let record = try #require(await backend.records().first)
            #expect(record.bodyLength == 300_000)
            #expect(record.bodyChecksum == BodyChecksum.of(body))
        }
    }

    @Test func `what a header block may not hold is recorded as it came`() async throws {
        try await withBackend(.h2) { backend, endpoint in
            _ = try await onThread {
                let connection = HTTP2Connection(over: try RawConnection(to: endpoint, within: .seconds(5)))
                let odd = [CurlHeader("X-Upper", "a"), CurlHeader("te", "gzip"), CurlHeader("connection", "close")]
                return connection.answer(on: connection.request(h2Fields("/odd", odd)))
            }
            let record = try #require(await backend.records().first)
            #expect(record.headers.suffix(3).map(\.name) == ["X-Upper", "te", "connection"])
        }
    }

    @Test func `faults end streams or connections`() async throws {
        try await withBackend(.h2) { backend, endpoint in
            try await backend.set(.fail(status: 503))
            let failed = try await Self.answer(to: "/", at: endpoint)
            #expect(failed.0.status == 503)
            await Self.heal(backend)
            try await backend.set(.truncate)
            let truncated = try await Self.answer(to: "/?elb-body-bytes=1000", at: endpoint)
            #expect(truncated.0.resetCode == HTTP2Code.internalError)
            #expect(truncated.0.body.count == 500)
            #expect(truncated.0.header("content-length") == "1000")
            await Self.heal(backend)
            try await backend.set(.reset)
            #expect(try await Self.answer(to: "/", at: endpoint).1 == .reset)
            await Self.heal(backend)
            try await backend.set(.garbage)
            // It closes with frames of ours unread, which TCP may tell as a reset.
            let ending = try await Self.answer(to: "/", at: endpoint).1
            #expect([.closed, .reset].contains(ending))
            await Self.heal(backend)
            let goodbye = try await Self.answer(to: "/?elb-close=1", at: endpoint)
            #expect(goodbye.0.status == 200)
            #expect(goodbye.2 == HTTP2Code.noError)
            #expect(await backend.records().map(\.outcome) == [.answered, .answered, .dropped, .answered, .answered])
        }
    }

    private static func heal(_ backend: Backend) async { try? await backend.heal() }

    private static func answer(
        to target: String,
        at endpoint: Endpoint
    ) async throws -> (HTTP2Answer, RawConnection.End?, Int?) {
        try await onThread {
            let connection = HTTP2Connection(over: try RawConnection(to: endpoint, within: .seconds(5)))
            let stream = connection.request(h2Fields(target))
            let answer = connection.answer(on: stream)
            if connection.end == nil, target.contains("close") {
                connection.receive(within: .seconds(5)) { $0.end != nil }
            }
            return (answer, connection.end, connection.goAway?.code)
        }
    }

    @Test func `HTTP/1 at an HTTP/2 backend is recorded as what it is`() async throws {
        try await withBackend(.h2) { backend, endpoint in
            let outcome = await Self.curl.perform(CurlRequest("GET", "http://\(endpoint)/"))
            guard case .failure = outcome else {
                Issue.record("HTTP/1 was answered")
                return
            }
            let record = try #require(await backend.waitForRecords(count: 1).first)
            #expect(record.outcome == .malformed)
            #expect(record.rawHead.text.hasPrefix("GET / HTTP/1.1\r\n"))
        }
    }

    @Test func `a request that waits in line leaves it when its stream is reset`() async throws {
        try await withBackend(.h2, type: .t3Nano) { backend, endpoint in
            let status = try await onThread {
                let connection = HTTP2Connection(over: try RawConnection(to: endpoint, within: .seconds(5)))
                let first = connection.request(h2Fields("/1?elb-delay=300"))
                let second = connection.request(h2Fields("/2"))
                let third = connection.request(h2Fields("/3"))
                connection.reset(second)
                let last = connection.answer(on: third)
                return [connection.answers[first]?.status, last.status]
            }
            #expect(status == [200, 200])
            #expect(await backend.records().map(\.outcome) == [.answered, .peerGone, .answered])
        }
    }
}
