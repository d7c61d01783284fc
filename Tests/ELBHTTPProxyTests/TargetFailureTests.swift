import ELBCore
import ELBHTTPProxy
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Failing targets` {
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test(
        .covers("ALB-ERR-029", "ALB-ERR-030", "ALB-ERR-031"),
        arguments: [
            TestBackend.Reply.bytes("HTTP/1.1 abc\r\n\r\n"), .bytes("garbage, no response at all\r\n\r\n"),
            .bytes("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx"),
            .bytes("HTTP/1.1 200 OK\r\nX: " + String(repeating: "a", count: 33_000) + "\r\n\r\n"),
            .bytes("HTTP/1.1 101 Switching Protocols\r\n\r\n"), .bytesThenClose("HTTP/1.1 200 OK\r\nConte"),
            .bytesThenClose(""),
            .reset(after: ""), .reset(after: "HTTP/1.1 20"),
        ]
    )
    func `that answer garbage or break off are 502, and the client goes on`(reply: TestBackend.Reply) async throws {
        let backend = try await TestBackend.start { _, index in index == 0 ? reply : .bytes(Forwarding.hello) }
        let running = try await RunningBalancer.start(backends: [backend.port])
        let client = try await running.connect()
        await client.send(Self.get)
        let answer = await client.receiveResponse()
        #expect(answer.text.hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
        #expect(answer.text.contains("Content-Length: 122\r\n"))
        await client.send(Self.get)
        #expect(await client.receiveResponse().text.hasSuffix("hello"))
        client.close()
        await running.stop()
        #expect(running.log.lines.first?.contains(" 502 - ") == true)
        await backend.stop()
    }

    @Test(.covers("ALB-ERR-027", "ALB-LOG-015"))
    func `that refuse are 502, with no times in the log`() async throws {
        let running = try await RunningBalancer.start(backends: [RunningBalancer.freePort().rawValue])
        #expect(try await running.exchange(Self.get).text.hasPrefix("HTTP/1.1 502 "))
        await running.stop()
        #expect(running.log.lines.first?.contains(" -1 -1 -1 502 - ") == true)
    }

    @Test(.covers("ALB-ERR-040", "ALB-CONN-001"))
    func `that stay silent are 504 after the idle timeout`() async throws {
        let backend = try await TestBackend.start { _, _ in .silence }
        let running = try await RunningBalancer.start(backends: [backend.port], timeScale: 20) { attributes, _ in
            attributes.idleTimeoutSeconds = 4
        }
        #expect(try await running.exchange(Self.get).text.hasPrefix("HTTP/1.1 504 "))
        await running.stop()
        await backend.stop()
    }

    // Linux has no way to a broadcast address by TCP and says so at once.
    @Test(.covers("ALB-ERR-028"))
    func `that no route leads to are 502`() async throws {
        var running = try await RunningBalancer.start(backends: [])
        let nowhere = Endpoint(address: .v4(IPv4Address(255, 255, 255, 255)), port: 80)
        running.targetGroups[0].targets = [Target(id: TargetID(rawValue: "nowhere"), endpoint: nowhere, zone: nil)]
        try await running.balancer.apply(running.loadBalancer, targetGroups: running.targetGroups)
        #expect(try await running.exchange(Self.get).text.hasPrefix("HTTP/1.1 502 "))
        await running.stop()
    }

    @Test(.covers("ALB-ERR-041"))
    func `that promise a body and send none of it are 504 after the idle timeout`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n") }
        let running = try await RunningBalancer.start(backends: [backend.port], timeScale: 20) { attributes, _ in
            attributes.idleTimeoutSeconds = 4
        }
        #expect(try await running.exchange(Self.get).text.hasPrefix("HTTP/1.1 504 "))
        await running.stop()
        #expect(running.log.lines.first?.contains(" 504 200 ") == true)
        #expect(backend.requests.count == 1)
        await backend.stop()
    }

    @Test(.covers("ALB-ERR-029", "ALB-ERR-048"))
    func `that leave before the first byte of their body are 502, and slow ones are waited for`() async throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
        let backend = try await TestBackend.start { request, _ in
            request.contains("/slow")
                ? .drip([head, "he", "llo"], milliseconds: 20) : .drip([head, ""], milliseconds: 20, closes: true)
        }
        let running = try await RunningBalancer.start(backends: [backend.port])
        #expect(try await running.exchange(Self.get).text.hasPrefix("HTTP/1.1 502 "))
        let answer = try await running.exchange("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(answer.text.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.text.hasSuffix("hello"))
        await running.stop()
        #expect(backend.requests.count == 2)
        await backend.stop()
    }

    @Test(.covers("ALB-ERR-048"))
    func `that break off within a response cut the client`() async throws {
        let backend = try await TestBackend.start { request, _ in
            request.contains("/chunked")
                ? .bytesThenClose("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")
                : .bytesThenClose("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
        }
        let running = try await RunningBalancer.start(backends: [backend.port])
        for path in ["/", "/chunked"] {
            let client = try await running.connect()
            await client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = await client.receiveAll()
            #expect(answer.text.hasPrefix("HTTP/1.1 200"))
            #expect(!answer.text.contains("502"))
            #expect(answer.ending != .timedOut)
            client.close()
        }
        await running.stop()
        await backend.stop()
    }

    @Test(.covers("ALB-CONN-010", "ALB-CONN-011"))
    func `that drop a kept connection cost a GET nothing and a POST 502`() async throws {
        // The second request on a connection is dropped without an answer.
        let backend = try await TestBackend.start { _, index in
            index == 1 || index == 4 ? .bytesThenClose("") : .bytes(Forwarding.hello)
        }
        let running = try await RunningBalancer.start(backends: [backend.port])
        let client = try await running.connect()
        await client.send(Self.get)
        #expect(await client.receiveResponse().text.hasSuffix("hello"))
        await client.send(Self.get)
        #expect(await client.receiveResponse().text.hasSuffix("hello"))
        #expect(backend.requests.count == 3)
        await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
        #expect(await client.receiveResponse().text.hasSuffix("hello"))
        await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
        #expect(await client.receiveResponse().text.hasPrefix("HTTP/1.1 502 "))
        #expect(backend.requests.count == 5)
        client.close()
        await running.stop()
        await backend.stop()
    }

    @Test(.covers("ALB-ERR-035"))
    func `that do not exist are 503`() async throws {
        let running = try await RunningBalancer.start(backends: [])
        let answer = try await running.exchange(Self.get)
        #expect(answer.text.hasPrefix("HTTP/1.1 503 Service Temporarily Unavailable\r\n"))
        #expect(answer.text.contains("Content-Length: 162\r\n"))
        await running.stop()
    }

    @Test(.covers("ALB-ERR-017", "ALB-ERR-006", "ALB-ERR-018"))
    func `are let go when the client leaves: 460, or 400 with half a body`() async throws {
        let backend = try await TestBackend.start { _, _ in .silence }
        let running = try await RunningBalancer.start(backends: [backend.port])
        let waiting = try await running.connect()
        await waiting.send(Self.get)
        _ = await waiting.receive(milliseconds: 100) { _ in !backend.requests.isEmpty }
        waiting.close()
        let half = try await running.connect()
        await half.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf")
        _ = await half.receive(milliseconds: 50) { _ in false }
        half.close()
        while await running.balancer.metrics().httpCodeELB4XXCount < 2 { await Task.yield() }
        await running.stop()
        #expect(running.log.lines.contains { $0.contains(" 460 - ") })
        #expect(running.log.lines.contains { $0.contains(" 400 - ") })
        await backend.stop()
    }
}
