import ELBModel
import ELBTestSupport
import Testing

/// Requests that must not reach a target: answered, the connection closed, the balancer alive.
@Suite(.timeLimit(.minutes(1))) struct `Refusals` {
    static let cases: [(String, Int, String)] = [
        ("garbage\r\n\r\n", 400, "no request"),
        ("GET / HTTP/1.1\r\n\r\n", 400, "no Host"),
        ("GET / HTTP/1.1\r\nHost: a\r\nA: b\u{0}c\r\n\r\n", 400, "NUL in a field"),
        ("GET / HTTP/1.1\r\nHost: a\r\nA: b\rc\r\n\r\n", 400, "bare CR in a field"),
        ("GET /\rx HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bare CR in the target"),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n", 400, "folded Transfer-Encoding"),
        ("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n Content-Length: 5\r\n\r\n", 400, "a fold that looks like a field"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", 400, "two lengths"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1x\r\n\r\nx", 400, "a length that is no number"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx", 400, "a length with a sign"),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400, "no coding's name"),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
            "chunked twice"
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length : 3\r\n\r\n0\r\n\r\n", 400,
            "a suspicious length beside chunked"
        ),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501, "a coding that is not handled"),
        ("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405, "TRACE"),
        ("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "CONNECT"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "HTTP/2 preface"),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: "
                + Array(repeating: "1.1.1.1", count: 31).joined(separator: ", ")
                + "\r\n\r\n", 463, "31 forwarded addresses"
        ),
        ("GET /" + String(repeating: "a", count: 20_000) + " HTTP/1.1\r\nHost: a\r\n\r\n", 414, "a long target"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "a", count: 17_000) + "\r\n\r\n", 400, "a long field"),
        (
            "GET / HTTP/1.1\r\nHost: a\r\n"
                + String(repeating: "X: " + String(repeating: "a", count: 1000) + "\r\n", count: 70)
                + "\r\n", 400, "a long head"
        ),
    ]

    @Test(
        .covers(
            "ALB-DSYNC-005",
            "ALB-DSYNC-006",
            "ALB-ERR-003",
            "ALB-ERR-004",
            "ALB-ERR-005",
            "ALB-ERR-007",
            "ALB-ERR-012",
            "ALB-ERR-016",
            "ALB-ERR-019",
            "ALB-ERR-025",
            "ALB-ERR-044",
            "ALB-HTTP-017",
            "ALB-HTTP-018",
            "ALB-HTTP-025",
            "ALB-HTTP-026",
            "ALB-HTTP-030",
            "ALB-HDR-011"
        ),
        arguments: cases
    )
    func `are answered, close the connection and reach no target`(
        request: String,
        status: Int,
        reason: String
    ) async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let running = try await RunningBalancer.start(backends: [backend.port])
        let client = try await running.connect()
        await client.send(request)
        let answer = await client.receiveAll()
        #expect(answer.text.hasPrefix("HTTP/1.1 \(status) "), "\(reason): \(answer.text.prefix(60))")
        #expect(answer.text.contains("Connection: close\r\n"))
        #expect(answer.text.contains("Server: awselb/2.0\r\n"))
        #expect(answer.ending != .timedOut, "\(reason)")
        client.close()
        #expect(backend.requests.isEmpty)
        // Alive, and the next client is served.
        #expect(try await running.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n").text.contains(" 200 OK"))
        await running.stop()
        await backend.stop()
    }

    @Test(
        .covers("ALB-DSYNC-004"),
        arguments: [
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
            "GET / HTTP/1.1\r\nHost: a\r\nTransfer_Encoding: chunked\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n folded\r\n\r\n",
        ]
    )
    func `of ambiguous requests cost both connections, never a second request`(request: String) async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let running = try await RunningBalancer.start(backends: [backend.port])
        let client = try await running.connect()
        await client.send(request + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = await client.receiveAll()
        #expect(answer.text.count(of: "HTTP/1.1 200") == 1)
        #expect(answer.text.contains("Connection: close\r\n"))
        client.close()
        #expect(backend.requests.count == 1)
        #expect(!backend.requests.contains { $0.text.contains("/smuggled") })
        let forwarded = backend.requests.first?.text.lowercased() ?? ""
        #expect(!(forwarded.contains("content-length") && forwarded.contains("transfer-encoding")))
        #expect(forwarded.count(of: "content-length") <= 1)
        #expect(forwarded.contains("connection: close\r\n"))
        await running.stop()
        await backend.stop()
    }

    @Test(arguments: [
        "5\nhello\r\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "5\r\nhelloXX0\r\n\r\n", "ffffffffffffffff\r\n", "-1\r\n",
    ])
    func `of bad chunks are 400, and the target never sees an end`(body: String) async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let running = try await RunningBalancer.start(backends: [backend.port])
        let client = try await running.connect()
        await client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
        let answer = await client.receiveAll()
        #expect(answer.text.hasPrefix("HTTP/1.1 400 "))
        client.close()
        #expect(backend.requests.isEmpty)
        await running.stop()
        await backend.stop()
    }

    @Test(.covers("ALB-DSYNC-001", "ALB-DSYNC-003", "ALB-DSYNC-032"))
    func `follow the mode`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let acceptable = "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"
        let strict = try await RunningBalancer.start(backends: [backend.port]) { attributes, _ in
            attributes.desyncMitigationMode = .strictest
        }
        #expect(try await strict.exchange(acceptable).text.hasPrefix("HTTP/1.1 400"))
        await strict.stop()
        let defensive = try await RunningBalancer.start(backends: [backend.port])
        #expect(try await defensive.exchange(acceptable).text.hasPrefix("HTTP/1.1 200"))
        await defensive.stop()
        #expect(defensive.log.lines.first?.contains(#""Acceptable" "SpaceInUri""#) == true)
        await backend.stop()
    }
}

/// Bytes without sense: whatever comes, the balancer answers or closes, and goes on serving others.
@Suite(.timeLimit(.minutes(1))) struct `Random bytes` {
    @Test func `kill nothing and reach no target as a request`() async throws {
        var system = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: .min ... .max, using: &system)
        var random = SeededGenerator(seed: seed)
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let running = try await RunningBalancer.start(backends: [backend.port], timeScale: 60)
        let pieces = [
            "GET / HTTP/1.1\r\n", "Host: a\r\n", "\r\n", "\n", "\r", "\u{0}", "Transfer-Encoding: chunked\r\n",
            "Content-Length: 3\r\n",
            "5\r\n", "hello", "0\r\n\r\n", ":", " ", "POST /x HTTP/1.1\r\n", "\u{ff}", "HTTP/1.1", "-1",
        ]
        for round in 0..<60 {
            let client = try await running.connect()
            let count = Int.random(in: 1...12, using: &random)
            await client.send((0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined())
            if round % 2 == 0 { client.shutdownOutput() }
            if round % 5 == 0 {
                client.close(reset: true)
            } else {
                _ = await client.receive(milliseconds: 20) { _ in false }
                client.close()
            }
        }
        #expect(
            try await running.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n").text.contains(" 200 OK"),
            "seed \(seed)"
        )
        await running.stop()
        await backend.stop()
    }
}

/// A generator with a seed that failures print.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return self.state ^ self.state >> 29
    }
}
