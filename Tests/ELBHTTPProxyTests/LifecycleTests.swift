import ELBHTTPProxy
import ELBModel
import ELBNet
import ELBTestSupport
import NIOPosix
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A running balancer` {
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test(.covers("ALB-LSN-010"))
    func `swaps its configuration without disturbing connections`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        var running = try await RunningBalancer.start(backends: [backend.port])
        let client = try await running.connect()
        await client.send(Self.get)
        #expect(await client.receiveResponse().text.hasSuffix("hello"))
        running.loadBalancer.listeners[0].defaultActions = [
            .fixedResponse(FixedResponseAction(statusCode: 200, contentType: "text/plain", messageBody: "fixed"))
        ]
        try await running.balancer.apply(running.loadBalancer, targetGroups: running.targetGroups)
        await client.send(Self.get)
        let fixed = await client.receiveResponse()
        #expect(fixed.text.hasSuffix("\r\n\r\nfixed"))
        #expect(fixed.text.contains("Content-Type: text/plain\r\n"))
        client.close()
        await running.stop()
        await backend.stop()
    }

    @Test(.covers("ALB-RDR-013", "ALB-RDR-014", "ALB-RDR-017"))
    func `redirects with the page that the service sends`() async throws {
        let running = try await RunningBalancer.start(
            backends: [],
            defaultActions: [.redirect(RedirectAction(host: "other.example", statusCode: .movedPermanently))]
        )
        let answer = try await running.exchange("GET /a?b HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(answer.text.hasPrefix("HTTP/1.1 301 Moved Permanently\r\n"))
        #expect(answer.text.contains("Location: http://other.example:\(running.port)/a?b\r\n"))
        #expect(answer.text.contains("Content-Length: 134\r\n"))
        await running.stop()
    }

    @Test func `refuses a taken port and stays as it was`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let running = try await RunningBalancer.start(backends: [backend.port])
        var second = running.loadBalancer
        second.listeners.append(
            Listener(port: Port(Int(backend.port)) ?? 1, defaultActions: second.listeners[0].defaultActions)
        )
        await #expect(throws: ListenError.self) {
            try await running.balancer.apply(second, targetGroups: running.targetGroups)
        }
        #expect(try await running.exchange(Self.get).text.hasSuffix("hello"))
        await running.stop()
        await backend.stop()
    }

    @Test func `stops by finishing what is under way`() async throws {
        let backend = try await TestBackend.start { _, index in index == 0 ? .bytes(Forwarding.hello) : .silence }
        let running = try await RunningBalancer.start(backends: [backend.port])
        let idle = try await running.connect()
        await idle.send(Self.get)
        #expect(await idle.receiveResponse().text.hasSuffix("hello"))
        let busy = try await running.connect()
        await busy.send(Self.get)
        while backend.requests.count < 2 { await Task.yield() }
        await running.balancer.stop(gracePeriod: .milliseconds(200))
        #expect(await idle.receiveAll().ending == .closed)
        #expect(await busy.receiveAll().ending != .timedOut)
        await #expect(throws: RawClient.Failure.self) { try await running.connect() }
        idle.close()
        busy.close()
        await backend.stop()
    }

    @Test(.covers("ALB-DRG-002", "ALB-DRG-004", "ALB-ERR-032"))
    func `ends requests at a deregistered target with 502 when its delay is over`() async throws {
        let backend = try await TestBackend.start { _, _ in .silence }
        var running = try await RunningBalancer.start(backends: [backend.port], timeScale: 20) { _, group in
            group.attributes.deregistrationDelaySeconds = 2
        }
        let client = try await running.connect()
        await client.send(Self.get)
        while backend.requests.isEmpty { await Task.yield() }
        running.targetGroups[0].targets = []
        try await running.balancer.apply(running.loadBalancer, targetGroups: running.targetGroups)
        #expect(await client.receiveResponse().text.hasPrefix("HTTP/1.1 502 "))
        await client.send(Self.get)
        #expect(await client.receiveResponse().text.hasPrefix("HTTP/1.1 503 "))
        client.close()
        await running.stop()
        await backend.stop()
    }

    @Test func `holds back a fast target when the client does not read`() async throws {
        let size = 64 << 20
        let body = String(repeating: "x", count: size)
        let backend = try await TestBackend.start { _, _ in
            .bytes("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n" + body)
        }
        let running = try await RunningBalancer.start(backends: [backend.port])
        let client = try await running.connect()
        await client.send(Self.get)
        // Once something waits in the balancer the kernel's buffers are full and its own bounds are all that is left.
        while await running.balancer.bufferedBytes() == 0 { await Task.yield() }
        var most = 0
        for _ in 0..<200 {
            most = max(most, await running.balancer.bufferedBytes())
            await Task.yield()
        }
        #expect(most < 1 << 20, "\(most) bytes wait in the balancer")
        #expect(await client.receiveCount(size) >= size)
        client.close()
        await running.stop()
        await backend.stop()
    }
}
