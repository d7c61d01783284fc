import ELBHTTPProxy
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Requests under way` {
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test(.covers("ALB-HC-037", "ALB-HC-038"))
    func `stay with a target that turns unhealthy, and only new ones avoid it`() async throws {
        let script: @Sendable (String, Int) -> TestBackend.Reply = { _, index in
            index == 0 ? .drip([Forwarding.hello], milliseconds: 4000) : .bytes(Forwarding.hello)
        }
        let sick = try await TestBackend.start(script: script)
        let sound = try await TestBackend.start(script: script)
        let running = try await RunningBalancer.start(backends: [sick.port, sound.port], timeScale: 15) {
            attributes,
            group in
            attributes.idleTimeoutSeconds = 4000
            group.healthCheck.intervalSeconds = 5
            group.healthCheck.timeoutSeconds = 4
        }
        await running.waitForHealth(.healthy)
        let clients = [try await running.connect(), try await running.connect()]
        for client in clients { await client.send(Self.get) }
        while sick.requests.isEmpty || sound.requests.isEmpty { await Task.yield() }
        sick.isHealthy = false
        await running.waitForHealth(.unhealthy, port: sick.port)
        for _ in 0..<4 { #expect(try await running.exchange(Self.get).text.hasSuffix("hello")) }
        #expect(sick.requests.count == 1)
        #expect(sound.requests.count == 5)
        for client in clients {
            #expect(await client.receiveResponse().text.hasSuffix("hello"))
            client.close()
        }
        await running.stop()
        await sick.stop()
        await sound.stop()
    }

    @Test(.covers("ALB-ZS-005", "NLB-AZ-013"))
    func `and connections outlast a zonal shift, and only new requests avoid the zone`() async throws {
        let script: @Sendable (String, Int) -> TestBackend.Reply = { request, _ in
            request.hasPrefix("GET /slow") ? .drip([Forwarding.hello], milliseconds: 300) : .bytes(Forwarding.hello)
        }
        let near = try await TestBackend.start(script: script)
        let far = try await TestBackend.start(script: script)
        var running = try await RunningBalancer.start(backends: [near.port, far.port]) { attributes, group in
            attributes.zonalShiftEnabled = true
            // Of the VPC, where a target's zone counts.
            group.targetType = .instance
            group.targets[0].zone = .a
            group.targets[1].zone = .b
        }
        running.loadBalancer.nodes.append(.init(zone: .b, address: .v4(IPv4Address(127, 0, 0, 2))))
        try await running.balancer.apply(running.loadBalancer, targetGroups: running.targetGroups)
        await running.waitForHealth(.healthy)
        let clients = [
            try await RawClient.connect(port: running.port, of: IPv4Address(127, 0, 0, 2)),
            try await RawClient.connect(port: running.port, of: IPv4Address(127, 0, 0, 2)),
        ]
        for client in clients { await client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n") }
        while near.requests.isEmpty || far.requests.isEmpty { await Task.yield() }
        running.loadBalancer.shiftedZone = .b
        try await running.balancer.apply(running.loadBalancer, targetGroups: running.targetGroups)
        #expect(await running.balancer.publishedZones() == [.a])
        // Both get their answers, and the connections to the node that is shifted away from are good for more.
        for _ in 0..<2 {
            for client in clients { #expect(await client.receiveResponse().text.hasSuffix("hello")) }
            for client in clients { await client.send(Self.get) }
        }
        for client in clients {
            #expect(await client.receiveResponse().text.hasSuffix("hello"))
            client.close()
        }
        #expect(far.requests.count == 1)
        #expect(near.requests.count == 5)
        await running.stop()
        await near.stop()
        await far.stop()
    }

    @Test(.covers("ALB-DRG-006"))
    func `fail with 502 when a draining target closes early`() async throws {
        let backend = try await TestBackend.start { _, _ in .drip([""], milliseconds: 1000, closes: true) }
        var running = try await RunningBalancer.start(backends: [backend.port])
        let client = try await running.connect()
        await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
        while backend.requests.isEmpty { await Task.yield() }
        running.targetGroups[0].targets = []
        try await running.balancer.apply(running.loadBalancer, targetGroups: running.targetGroups)
        await running.waitForHealth(.draining)
        #expect(await client.receiveResponse().text.hasPrefix("HTTP/1.1 502 "))
        client.close()
        await running.stop()
        await backend.stop()
    }

    @Test(.covers("ALB-ALG-005")) func `count for their target no longer once their client has left`() async throws {
        let script: @Sendable (String, Int) -> TestBackend.Reply = { request, _ in
            request.hasPrefix("GET /held") ? .silence : .bytes(Forwarding.hello)
        }
        let backends = [try await TestBackend.start(script: script), try await TestBackend.start(script: script)]
        let running = try await RunningBalancer.start(backends: backends.map(\.port)) { _, group in
            group.attributes.algorithm = .leastOutstandingRequests
        }
        await running.waitForHealth(.healthy)
        let client = try await running.connect()
        await client.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
        while backends.allSatisfy({ $0.requests.isEmpty }) { try await Task.sleep(for: .milliseconds(1)) }
        client.close()
        // The request's connection to its target ends when the balancer has noticed.
        while backends.contains(where: { $0.openConnections > 0 }) { try await Task.sleep(for: .milliseconds(1)) }
        for _ in 0..<10 { #expect(try await running.exchange(Self.get).text.hasSuffix("hello")) }
        #expect(backends.map(\.requests.count).sorted() == [5, 6])
        await running.stop()
        for backend in backends { await backend.stop() }
    }

    @Test(.covers("ALB-CONN-002")) func `outlast the idle timeout as long as bytes drip, either way`() async throws {
        let backend = try await TestBackend.start { request, _ in
            request.hasPrefix("POST")
                ? .bytes(Forwarding.hello)
                : .drip(
                    ["HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"] + "drops!".map(String.init),
                    milliseconds: 250
                )
        }
        // The timeout is a second, and each direction takes more than that.
        let running = try await RunningBalancer.start(backends: [backend.port], timeScale: 20) { attributes, _ in
            attributes.idleTimeoutSeconds = 20
        }
        #expect(try await running.exchange(Self.get).text.hasSuffix("\r\n\r\ndrops!"))
        let client = try await running.connect()
        await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n")
        for byte in "drops!" {
            #expect(await client.receive(milliseconds: 250) { _ in false }.ending == .timedOut)
            await client.send(String(byte))
        }
        #expect(await client.receiveResponse().text.hasSuffix("hello"))
        client.close()
        await running.stop()
        await backend.stop()
    }
}
