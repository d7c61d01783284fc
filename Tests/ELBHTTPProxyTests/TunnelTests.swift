import ELBHTTPProxy
import ELBModel
import ELBTestSupport
import Testing

/// WebSockets: one handshake by HTTP's rules, then a tunnel.
@Suite(.timeLimit(.minutes(1))) struct `A WebSocket through a running balancer` {
    private static let handshake = """
        GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n
        """
    private static let agreed = """
        HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n
        """

    /// Agrees to the first request and sends back what comes through the tunnel, without its line ends, each of which is one
    /// character to Swift. The test backend takes anything that ends in an empty line for one message.
    private static func echo() async throws -> TestBackend {
        try await TestBackend.start { text, number in
            number == 0 ? .bytes(Self.agreed + "early") : .bytes("<" + text.dropLast(2) + ">")
        }
    }

    private static func open(_ running: RunningBalancer) async throws -> (client: RawClient, answer: String) {
        let client = try await running.connect()
        await client.send(Self.handshake)
        let answer = await client.receive { $0.hasSuffix("early") }
        #expect(answer.ending == .matched)
        return (client, answer.text)
    }

    @Test(.covers("ALB-HTTP-031", "ALB-LSN-014")) func `becomes a tunnel once the target agrees`() async throws {
        let backend = try await Self.echo()
        let running = try await RunningBalancer.start(backends: [backend.port])
        let (client, answer) = try await Self.open(running)
        #expect(answer.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
        #expect(answer.contains("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"))
        #expect(answer.contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
        for word in ["one", "two"] {
            await client.send(word + "\r\n\r\n")
            let echoed = await client.receive { $0.hasSuffix(">") }
            #expect(echoed.text == "<\(word)>")
        }
        let asked = try #require(backend.requests.first?.text)
        #expect(asked.contains("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"))
        #expect(asked.contains("\r\nX-Forwarded-For: 127.0.0.1\r\n"))
        #expect(Set(backend.requests.map(\.connection)).count == 1)
        client.close()
        await running.stop()
        await backend.stop()
    }

    @Test(.covers("ALB-HTTP-032", "ALB-HDR-024"))
    func `is not looked into: a request inside it meets no rule and gains no field`() async throws {
        let backend = try await Self.echo()
        let never = ListenerRule(
            priority: 1,
            conditions: [.pathPattern(.patterns(["/never"]))],
            actions: [.fixedResponse(FixedResponseAction(statusCode: 404))]
        )
        let running = try await RunningBalancer.start(backends: [backend.port], rules: [never])
        let (client, _) = try await Self.open(running)
        await client.send("GET /never HTTP/1.1\r\nHost: a\r\n\r\n")
        let echoed = await client.receive { $0.hasSuffix(">") }
        #expect(echoed.text == "<GET /never HTTP/1.1\r\nHost: a>")
        client.close()
        await running.stop()
        await backend.stop()
    }

    @Test(.covers("ALB-LOG-004", "ALB-LOG-010", "ALB-LOG-020")) func `leaves one line, when it ends`() async throws {
        let backend = try await Self.echo()
        let running = try await RunningBalancer.start(backends: [backend.port])
        let (client, _) = try await Self.open(running)
        await client.send("word\r\n\r\n")
        _ = await client.receive { $0.hasSuffix(">") }
        #expect(running.log.lines.isEmpty)
        client.close()
        await running.stop()
        let lines = running.log.lines
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        #expect(line.hasPrefix("ws "))
        let fields = line.split(separator: " ")
        #expect(fields[8] == "101" && fields[9] == "101")
        // Head and message, from the client.
        #expect(fields[10] == "\(Self.handshake.utf8.count + 8)")
        await backend.stop()
    }

    @Test(.covers("ALB-HTTP-034")) func `that the target refuses is an ordinary request`() async throws {
        let backend = try await TestBackend.start { _, _ in
            .bytes("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
        }
        let running = try await RunningBalancer.start(backends: [backend.port])
        let client = try await running.connect()
        for _ in 0..<2 {
            await client.send(Self.handshake)
            let answer = await client.receiveResponse()
            #expect(answer.text.hasPrefix("HTTP/1.1 403 Forbidden\r\n") && answer.text.hasSuffix("\r\n\r\nno"))
        }
        client.close()
        await running.stop()
        #expect(running.log.lines.map { $0.hasPrefix("http ") } == [true, true])
        await backend.stop()
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 0\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    ])
    func `is all that an upgrade can be, so a 101 to anything else is garbage`(request: String) async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Self.agreed) }
        let running = try await RunningBalancer.start(backends: [backend.port])
        let answer = try await running.exchange(request)
        #expect(answer.text.hasPrefix("HTTP/1.1 502 "))
        #expect(backend.requests.first?.text.lowercased().contains("upgrade") == false)
        await running.stop()
        await backend.stop()
    }

    @Test(.covers("ALB-HTTP-035")) func `that stays silent is closed after the idle timeout`() async throws {
        let backend = try await Self.echo()
        let running = try await RunningBalancer.start(backends: [backend.port], timeScale: 20) { attributes, _ in
            attributes.idleTimeoutSeconds = 10
        }
        let (client, _) = try await Self.open(running)
        #expect(await client.receiveAll().ending == .closed)
        await running.stop()
        await backend.stop()
    }

    @Test func `ends for the client when the target ends it`() async throws {
        let backend = try await TestBackend.start { _, number in
            number == 0 ? .bytes(Self.agreed + "early") : .bytesThenClose("bye")
        }
        let running = try await RunningBalancer.start(backends: [backend.port])
        let (client, _) = try await Self.open(running)
        await client.send("end\r\n\r\n")
        let rest = await client.receiveAll()
        #expect(rest.text == "bye" && rest.ending == .closed)
        await running.stop()
        await backend.stop()
    }

    @Test func `that the client ends reaches its target, and what the target still says its client`() async throws {
        let backend = try await TestBackend.start { _, number in
            number == 0 ? .bytes(Self.agreed + "early") : .drip(["late"], milliseconds: 50, closes: true)
        }
        let running = try await RunningBalancer.start(backends: [backend.port])
        let (client, _) = try await Self.open(running)
        await client.send("last\r\n\r\n")
        _ = await client.receive { $0.hasSuffix("late") }
        client.shutdownOutput()
        #expect(await client.receiveAll().ending == .closed)
        while backend.openConnections > 0 { await Task.yield() }
        await running.stop()
        await backend.stop()
    }

    @Test(.covers("ALB-DRG-009")) func `lives until the deregistration delay of its target is over`() async throws {
        let backend = try await Self.echo()
        var running = try await RunningBalancer.start(backends: [backend.port], timeScale: 20) { _, group in
            group.attributes.deregistrationDelaySeconds = 10
        }
        let (client, _) = try await Self.open(running)
        running.targetGroups[0].targets = []
        try await running.balancer.apply(running.loadBalancer, targetGroups: running.targetGroups)
        await client.send("still\r\n\r\n")
        #expect(await client.receive { $0.hasSuffix(">") }.text == "<still>")
        #expect(await client.receiveAll().ending == .closed)
        await running.stop()
        await backend.stop()
    }
}
