import ELBFleet
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A backend's answers` {
    /// The answer to one request on a connection of its own, head and body apart.
    private func answer(
        _ backend: Backend,
        _ target: String,
        _ method: String = "GET"
    ) async throws -> (head: String, body: String) {
        let client = try await RawClient.connect(backend.port)
        try await client.send("\(method) \(target) HTTP/1.1\r\nConnection: close\r\n\r\n")
        let text = String(decoding: try await client.receivedUntilEnd().bytes, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return (text, "") }
        return (String(text[..<end.upperBound]), String(text[end.upperBound...]))
    }

    @Test func `obey the query's switches`() async throws {
        try await withBackend { backend in
            let status = try await self.answer(backend, "/?x=1&elb-status=418&elb-header=X-A:%20b%25&elb-header=x-a:c")
            #expect(status.head.hasPrefix("HTTP/1.1 418 Teapot\r\n"))
            #expect(status.head.contains("X-A: b%\r\nx-a: c\r\n"))
            let large = try await self.answer(backend, "/?elb-body-bytes=5000")
            #expect(Array(large.body.utf8) == AnswerPlan.pattern(5000))
            let chunked = try await self.answer(backend, "/?elb-body-bytes=5&elb-trailer=T:v")
            #expect(chunked.body == "2\r\n01\r\n3\r\n234\r\n0\r\nT: v\r\n\r\n")
            let cut = try await self.answer(backend, "/?elb-body-bytes=100&elb-truncate=3")
            #expect(cut.head.contains("Content-Length: 100\r\n") && cut.body == "012")
            let raw = try await self.answer(backend, "/?elb-raw=aGkNCg0KIQ")
            #expect(raw.head + raw.body == "hi\r\n\r\n!")
            let paused = try await self.answer(backend, "/?elb-body-bytes=10&elb-pause=1")
            #expect(paused.body == "0123456789")
        }
    }

    @Test func `are chunked, late or last as the query says`() async throws {
        try await withBackend { backend in
            let chunked = try await self.answer(backend, "/?elb-body-bytes=5000&elb-chunked=1")
            #expect(chunked.head.contains("Transfer-Encoding: chunked\r\n"))
            #expect(!chunked.head.contains("Content-Length"))
            let pattern = AnswerPlan.pattern(5000)
            let halves = [pattern[..<2500], pattern[2500...]].map { String(decoding: $0, as: UTF8.self) }
            #expect(chunked.body == "9c4\r\n\(halves[0])\r\n9c4\r\n\(halves[1])\r\n0\r\n\r\n")

            // HTTP/1.0 knows no chunks.
            let old = try await RawClient.connect(backend.port)
            try await old.send("GET /?elb-body-bytes=3&elb-trailer=T:v HTTP/1.0\r\n\r\n")
            let plain = String(decoding: try await old.receivedUntilEnd().bytes, as: UTF8.self)
            #expect(plain.contains("Content-Length: 3\r\n") && plain.hasSuffix("\r\n\r\n012"))

            let closing = try await RawClient.connect(backend.port)
            try await closing.send("GET /?elb-close=1 HTTP/1.1\r\n\r\nGET /never HTTP/1.1\r\n\r\n")
            let last = try await closing.receivedUntilEnd()
            #expect(String(decoding: last.bytes, as: UTF8.self).contains("Connection: close\r\n"))
            #expect(last.ending == .inOrder)

            _ = try await self.answer(backend, "/?elb-delay=50")
            let records = await backend.records()
            #expect(records.map(\.target).contains("/never") == false)
            let late = try #require(records.last)
            let took = try #require(late.settledNanoseconds) - late.monotonicNanoseconds
            #expect(took >= 50_000_000)
        }
    }

    @Test(arguments: [
        "elb-status=99", "elb-status", "elb-delay=-1", "elb-nonsense=1", "elb-header=none", "elb-header=A:b%0d%0aC:d",
        "elb-raw=*", "elb-close=2", "elb-chunked=yes", "elb-status=%+200", "elb-body-bytes=999999999999999999999",
    ])
    func `refuse a switch that cannot be obeyed`(query: String) async throws {
        try await withBackend { backend in
            let answer = try await self.answer(backend, "/?\(query)")
            #expect(answer.head.hasPrefix("HTTP/1.1 400 "))
            #expect(answer.body.hasPrefix("WebA: "))
        }
    }

    @Test func `have no body where HTTP allows none`() async throws {
        try await withBackend { backend in
            let head = try await self.answer(backend, "/", "HEAD")
            #expect(head.head.contains("Content-Length: 12\r\n") && head.body.isEmpty)
            for status in [204, 304] {
                let bare = try await self.answer(backend, "/?elb-status=\(status)")
                #expect(!bare.head.contains("Content-Length") && bare.body.isEmpty)
            }
        }
    }

    @Test func `echo the request as its record`() async throws {
        try await withBackend { backend in
            let echo = try await self.answer(backend, "/_echo?a", "PROPFIND")
            let record = try ControlLines.decode(RequestRecord.self, from: Array(echo.body.utf8))
            #expect((record.method, record.target) == ("PROPFIND", "/_echo?a"))
            #expect(record.rawHead.text == "PROPFIND /_echo?a HTTP/1.1\r\nConnection: close\r\n\r\n")
        }
    }

    @Test func `send 100 Continue when it is expected, and not when told otherwise`() async throws {
        try await withBackend { backend in
            let head = "HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
            let client = try await RawClient.connect(backend.port)
            try await client.send("POST / \(head)")
            #expect(try await client.received(endingWith: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            try await client.send("ok")
            _ = try await client.received(endingWith: "WebA zone a\n")
            let early = try await RawClient.connect(backend.port)
            try await early.send("POST /?elb-continue=0&elb-early=1&elb-status=413 \(head)")
            #expect(try await early.received(endingWith: "WebA zone a\n").hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func `keep HTTP 1.0 connections only when asked to`() async throws {
        try await withBackend { backend in
            let closed = try await RawClient.connect(backend.port)
            try await closed.send("GET / HTTP/1.0\r\n\r\n")
            #expect(try await closed.receivedUntilEnd().ending == .inOrder)
            let kept = try await RawClient.connect(backend.port)
            try await kept.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            _ = try await kept.received(endingWith: "\n")
            try await kept.send("GET /2 HTTP/1.0\r\n\r\n")
            #expect(try await backend.waitForRecords(count: 3).map(\.connection) == [1, 2, 2])
        }
    }
}
