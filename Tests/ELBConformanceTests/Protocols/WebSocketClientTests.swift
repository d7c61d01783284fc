import ELBConformance
import ELBFleet
import ELBModel
import Testing

@Suite(.timeLimit(.minutes(1))) struct `WebSockets between backends and clients` {
    /// What a script on a WebSocket found.
    struct Outcome: Sendable {
        var status: Int?
        var subprotocol: String?
        var isOpen: Bool
        var frames: [WebSocketFrame]
        var end: RawConnection.End?
    }

    private static func talk(
        _ target: String = "/chat",
        headers: [CurlHeader] = [],
        at endpoint: Endpoint,
        tls: Bool = false,
        _ script: @escaping @Sendable (WebSocketClient) -> Void
    ) async throws -> Outcome {
        try await onThread {
            let stream: any ByteStream =
                tls
                ? try TLSConnection(to: endpoint, http2: false, within: .seconds(5))
                : try RawConnection(to: endpoint, within: .seconds(5))
            let client = WebSocketClient(over: stream, host: "chat.example", target: target, headers: headers)
            script(client)
            return Outcome(
                status: client.answer?.status,
                subprotocol: client.answer?.header("Sec-WebSocket-Protocol"),
                isOpen: client.isOpen,
                frames: client.frames,
                end: client.end
            )
        }
    }

    @Test(arguments: [false, true])
    func `messages come back, pings are answered, and a close closes`(isTLS: Bool) async throws {
        try await withBackend(.ws, tls: isTLS ? BackendTLS() : nil) { backend, endpoint in
            let offered = [CurlHeader("Sec-WebSocket-Protocol", "chat.v2, chat.v1")]
            let outcome = try await Self.talk(headers: offered, at: endpoint, tls: isTLS) { client in
                client.send("hello")
                client.send(WebSocketFrame(.ping, [1, 2]))
                client.send(WebSocketFrame(.text, Array("in ".utf8), isLast: false))
                client.send(WebSocketFrame(.continuation, Array("pieces".utf8)))
                client.send(WebSocketFrame(.binary, AnswerPlan.pattern(200_000)))
                client.send(.close(1000, "bye"))
                client.receiveUntilEnd()
            }
            #expect(outcome.isOpen)
            #expect(outcome.subprotocol == "chat.v2")
            #expect(outcome.frames.map(\.opcode) == [.text, .pong, .text, .continuation, .binary, .close])
            #expect(outcome.frames.map(\.isLast) == [true, true, false, true, true, true])
            #expect(outcome.frames.map(\.mask) == Array(repeating: nil, count: 6))
            #expect(outcome.frames[4].payload == AnswerPlan.pattern(200_000))
            #expect(outcome.frames[5].closeCode == 1000)
            #expect(outcome.end == .closed)
            let record = try #require(try await backend.waitForRecords(count: 1, where: { $0.ending != nil }).first)
            #expect(record.status == 101)
            #expect(record.frames.map(\.kind) == ["text", "ping", "text", "continuation", "binary", "close"])
            #expect(record.frames.map(\.isMasked) == Array(repeating: true, count: 6))
            #expect(record.frames.first?.payload.text == "hello")
            #expect(record.ending == "close 1000 by the peer")
        }
    }

    @Test func `the first frame may come with the handshake`() async throws {
        try await withBackend(.ws) { _, endpoint in
            let received = try await onThread {
                let connection = try RawConnection(to: endpoint, within: .seconds(5))
                let head = """
                    GET / HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\nConnection: keep-alive, upgrade\r\n\
                    Sec-WebSocket-Key: \(WebSocketClient.key)\r\nSec-WebSocket-Version: 13\r\n\r\n
                    """
                let frame = WebSocketFrame(.text, Array("early".utf8), mask: 7).serialized
                connection.send(Array(head.utf8) + frame)
                connection.receive(within: .seconds(5)) { $0.suffix(5) == Array("early".utf8)[...] }
                return String(decoding: connection.received, as: UTF8.self)
            }
            #expect(received.hasSuffix("early"))
        }
    }

    @Test(arguments: [
        ("/?elb-status=403", [], 403),
        ("/", [CurlHeader("Sec-WebSocket-Version", "8")], 426),
        ("/", [CurlHeader("Sec-WebSocket-Key", "c2hvcnQ=")], 400),
        ("/?elb-ws-close=5", [], 400),
    ])
    func `a handshake is refused by a status`(target: String, headers: [CurlHeader], status: Int) async throws {
        try await withBackend(.ws) { _, endpoint in
            let outcome = try await Self.talk(target, headers: headers, at: endpoint) { _ in }
            #expect(outcome.status == status)
        }
    }

    @Test func `faults meet the handshake`() async throws {
        try await withBackend(.ws) { backend, endpoint in
            try await backend.set(.fail(status: 500))
            #expect(try await Self.talk(at: endpoint) { _ in }.status == 500)
            try await backend.set(.reset)
            #expect(try await Self.talk(at: endpoint) { $0.receiveUntilEnd() }.end == .reset)
        }
    }

    @Test func `a server greets, ticks and closes as its switches say`() async throws {
        try await withBackend(.ws) { backend, endpoint in
            let target = "/?elb-ws-greeting=hi&elb-ws-every=20&elb-ws-close=4001"
            let outcome = try await Self.talk(target, at: endpoint) { client in
                client.receive(frames: 3)
                client.send("enough")
                while !client.frames.contains(where: { $0.opcode == .close }), client.end == nil {
                    client.receive(frames: client.frames.count + 1)
                }
                client.send(.close(4001))
                client.receiveUntilEnd()
            }
            #expect(outcome.frames.prefix(3).map(\.text) == ["hi", "tick 1", "tick 2"])
            #expect(outcome.frames.last?.closeCode == 4001)
            let record = try #require(try await backend.waitForRecords(count: 1, where: { $0.ending != nil }).first)
            #expect(record.ending == "close 4001 by the backend")
        }
    }

    @Test func `an unmasked frame is a mistake of the client's`() async throws {
        try await withBackend(.ws) { backend, endpoint in
            _ = try await onThread {
                let connection = try RawConnection(to: endpoint, within: .seconds(5))
                let client = WebSocketClient(over: connection, host: "a", target: "/")
                connection.send(WebSocketFrame(.text, [1]).serialized)
                client.receiveUntilEnd()
                return client.frames
            }
            let record = try #require(try await backend.waitForRecords(count: 1, where: { $0.ending != nil }).first)
            #expect(record.ending == "close 1002 by the backend: a frame was not masked")
        }
    }

    @Test func `a cut silences a WebSocket, and healing resets it`() async throws {
        try await withBackend(.ws) { backend, endpoint in
            async let outcome = Self.talk(at: endpoint) { client in
                client.send("before")
                client.receive(frames: 1)
                client.receiveUntilEnd()
            }
            _ = try await backend.waitForRecords(count: 1, where: { !$0.frames.isEmpty })
            try await backend.set(.cut)
            try await backend.heal()
            let end = try await outcome.end
            #expect(end == .reset)
            #expect(await backend.records().first?.ending == "the backend fell silent")
        }
    }

    @Test func `requests that ask for nothing else are answered as ever`() async throws {
        try await withBackend(.ws) { _, endpoint in
            let response = try await CurlClient().perform(CurlRequest("GET", "http://\(endpoint)/health")).get()
            #expect(response.status == 200)
        }
    }
}
