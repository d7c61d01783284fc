import ELBCore
import ELBHTTPProxy
import ELBModel
import ELBTestSupport
import Testing

/// What the balancer holds for peers that do not take it must stay small, and must end with their timers.
/// One test at a time, because senders that are held back keep the threads of the blocking clients.
@Suite(.serialized, .timeLimit(.minutes(1))) struct `Back pressure` {
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let bound = 1 << 20

    /// The most that waited in the balancer, looked at until something waits and a while longer.
    private static func mostBuffered(in running: RunningBalancer) async -> Int {
        while await running.balancer.bufferedBytes() == 0 { await Task.yield() }
        var most = 0
        for _ in 0..<500 {
            most = max(most, await running.balancer.bufferedBytes())
            await Task.yield()
        }
        return most
    }

    @Test(.covers("ALB-ERR-040", "ALB-CONN-001"))
    func `holds back an upload that the target does not read, and ends it with 504`() async throws {
        let target = try MuteServer()
        let running = try await RunningBalancer.start(backends: [target.port], timeScale: 20) { attributes, _ in
            attributes.idleTimeoutSeconds = 30
        }
        let client = try await running.connect()
        let upload = Task {
            await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 67108864\r\n\r\n")
            await client.send([UInt8](repeating: 0x78, count: 64 << 20))
        }
        let most = await Self.mostBuffered(in: running)
        #expect(most < Self.bound, "\(most) bytes wait in the balancer")
        let answer = await client.receiveResponse()
        #expect(answer.text.hasPrefix("HTTP/1.1 504 "))
        await upload.value
        client.close()
        await running.stop()
        target.close()
    }

    @Test(.covers("ALB-ERR-039", "ALB-ERR-043", "ALB-CONN-012", "ALB-LOG-016"))
    func `gives a target ten seconds to accept a connection`() async throws {
        let target = try MuteServer(isFull: true)
        let running = try await RunningBalancer.start(backends: [target.port], timeScale: 20)
        let clock = ContinuousClock()
        let start = clock.now
        let answer = try await running.exchange(Self.get)
        #expect(answer.text.hasPrefix("HTTP/1.1 504 "))
        // 10 s of AWS time are 500 ms; the idle timeout would be 3 s.
        #expect(clock.now - start >= .milliseconds(490))
        await running.stop()
        #expect(running.log.lines.first?.contains(" -1 -1 -1 504 - ") == true)
        target.close()
    }

    @Test func `holds back interim responses without end`() async throws {
        let interim = "HTTP/1.1 103 Early Hints\r\nLink: \(String(repeating: "x", count: 1000))\r\n\r\n"
        let count = 12 << 10
        let backend = try await TestBackend.start { _, _ in
            .bytes(String(repeating: interim, count: count) + Forwarding.hello)
        }
        let running = try await RunningBalancer.start(backends: [backend.port])
        let client = try await running.connect()
        await client.send(Self.get)
        let most = await Self.mostBuffered(in: running)
        #expect(most < Self.bound, "\(most) bytes wait in the balancer")
        #expect(await client.receiveCount(count * interim.utf8.count) >= count * interim.utf8.count)
        client.close()
        await running.stop()
        await backend.stop()
    }

    @Test func `answers no more pipelined requests than the client reads answers`() async throws {
        let page = FixedResponseAction(
            statusCode: 200,
            contentType: "text/plain",
            messageBody: String(repeating: "x", count: 1024)
        )
        let running = try await RunningBalancer.start(backends: [], defaultActions: [.fixedResponse(page)])
        let client = try await running.connect()
        let count = 10 << 10
        let flood = Task { await client.send(String(repeating: Self.get, count: count)) }
        let most = await Self.mostBuffered(in: running)
        #expect(most < Self.bound, "\(most) bytes wait in the balancer")
        #expect(await client.receiveCount(count * 1024) >= count * 1024)
        await flood.value
        client.close()
        await running.stop()
    }

    @Test(.covers("ALB-CONN-001"))
    func `lets go of clients that never read their last answer`() async throws {
        let backend = try await TestBackend.start { request, _ in
            let size = Int(request.dropFirst("GET /".count).prefix { $0.isNumber }) ?? 0
            return .bytes("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n" + String(repeating: "x", count: size))
        }
        let running = try await RunningBalancer.start(backends: [backend.port], timeScale: 20) { attributes, _ in
            attributes.idleTimeoutSeconds = 20
        }
        // Somewhere between these sizes the system's buffers end, and less than the balancer's bound is left in it: the response
        // is over for the target, and not for the client.
        var clients: [RawClient] = []
        for size in stride(from: 7 << 19, to: 9 << 19, by: 96 << 10) {
            let client = try await running.connect()
            await client.send("GET /\(size) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            clients.append(client)
        }
        while backend.requests.count < clients.count { await Task.yield() }
        while await running.balancer.metrics().activeConnectionCount > 0 {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(await running.balancer.bufferedBytes() == 0)
        for client in clients { client.close() }
        await running.stop()
        await backend.stop()
    }

    @Test func `passes on a body that ends with its connection, and ends the client's`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytesThenClose("HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\nhello") }
        let running = try await RunningBalancer.start(backends: [backend.port])
        let client = try await running.connect()
        await client.send(Self.get)
        let answer = await client.receiveAll()
        #expect(answer.text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.text.contains("Connection: close\r\n"))
        #expect(answer.text.hasSuffix("\r\n\r\nhello"))
        #expect(answer.ending == .closed)
        client.close()
        await running.stop()
        await backend.stop()
    }
}
