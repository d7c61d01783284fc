import ELBHTTPProxy
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Security groups` {
    private static let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    private static func filter(_ block: String, ports: ClosedRange<UInt16> = 0...UInt16.max) throws -> TrafficFilter {
        TrafficFilter([.init(ports: ports, peer: try #require(CIDRBlock(block)))])
    }

    @Test(.covers("ALB-DNS-019")) func `keep silent towards whom they do not let in`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        var running = try await RunningBalancer.start(backends: [backend.port])
        let known = try await running.connect()
        await known.send(Self.request)
        #expect(await known.receiveResponse().text.hasSuffix("hello"))

        running.loadBalancer.ingress = try Self.filter("127.200.0.0/16")
        try await running.balancer.apply(running.loadBalancer, targetGroups: running.targetGroups)
        // A connection that stands was let in, and stays.
        await known.send(Self.request)
        #expect(await known.receiveResponse().text.hasSuffix("hello"))
        known.close()
        let stranger = try await running.connect()
        await stranger.send(Self.request)
        #expect(await stranger.receiveAll(milliseconds: 300).ending == .timedOut)

        running.loadBalancer.ingress = try Self.filter("127.0.0.1/32", ports: running.port...running.port)
        try await running.balancer.apply(running.loadBalancer, targetGroups: running.targetGroups)
        #expect(try await running.exchange(Self.request).text.hasSuffix("hello"))
        // It was asked before the change, and gets no answer after it.
        #expect(await stranger.receiveAll(milliseconds: 100).ending == .timedOut)
        await running.stop()
        #expect(await stranger.receiveAll(milliseconds: 10_000).ending != .timedOut)
        stranger.close()
        #expect(running.log.lines.count == 3)
        await backend.stop()
    }

    @Test func `cost nobody else a place`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        var running = try await RunningBalancer.start(backends: [backend.port], connectionLimit: 2)
        running.loadBalancer.ingress = TrafficFilter()
        try await running.balancer.apply(running.loadBalancer, targetGroups: running.targetGroups)
        var strangers: [RawClient] = []
        for _ in 0..<300 { strangers.append(try await running.connect()) }
        // Of 300 the first 44 are let go, the last of them when all have been accepted.
        #expect(await strangers[43].receiveAll().ending != .timedOut)
        running.loadBalancer.ingress = nil
        try await running.balancer.apply(running.loadBalancer, targetGroups: running.targetGroups)
        #expect(try await running.exchange(Self.request).text.hasSuffix("hello"))
        for stranger in strangers { stranger.close() }
        await running.stop()
        await backend.stop()
    }
}
