import ELBHTTPProxy
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Forwarding` {
    static let hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

    @Test(.covers("ALB-HTTP-007", "ALB-HDR-001", "ALB-HDR-002"))
    func `passes a request on and its response back`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Self.hello) }
        let running = try await RunningBalancer.start(backends: [backend.port])
        let answer = try await running.exchange("GET /a%2Fb?x=%20 HTTP/1.1\r\nHost: Example.com\r\nX-One: 1\r\n\r\n")
        #expect(answer.text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.text.hasSuffix("\r\n\r\nhello"))
        let request = try #require(backend.requests.first?.text)
        #expect(request.hasPrefix("GET /a%2Fb?x=%20 HTTP/1.1\r\n"))
        #expect(request.contains("X-One: 1\r\n"))
        #expect(request.contains("X-Forwarded-For: 127.0.0.1\r\n"))
        #expect(request.contains("Host: example.com:\(running.port)\r\n"))
        await running.stop()
        #expect(running.log.lines.count == 1)
        await backend.stop()
    }

    @Test(.covers("ALB-DNS-011")) func `comes from the node's private address, also when it faces the internet`()
        async throws
    {
        let backend = try await TestBackend.start { _, _ in .bytes(Self.hello) }
        let running = try await RunningBalancer.start(backends: [backend.port])
        let address = IPv4Address(127, 50, 1, 63)
        var loadBalancer = running.loadBalancer
        loadBalancer.nodes = [LoadBalancer.Node(zone: .a, address: .v4(address))]
        try await running.balancer.apply(loadBalancer, targetGroups: running.targetGroups)
        let before = backend.peers
        let client = try await RawClient.connect(port: running.port, of: address)
        await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(await client.receiveResponse().text.hasSuffix("hello"))
        client.close()
        #expect(before.subtracting(["127.10.1.63"]) == ["127.0.0.1"])
        #expect(backend.peers.contains("127.10.1.63"))
        await running.stop()
        await backend.stop()
    }
}
