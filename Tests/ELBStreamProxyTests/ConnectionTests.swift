import ELBConformance
import ELBCore
import ELBFleet
import ELBModel
import ELBNet
import ELBStreamProxy
import ELBTestSupport
import Glibc
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A connection through a Network Load Balancer` {
    @Test(.covers("NLB-FH-003", "NLB-FH-008", "NLB-LS-010")) func `carries bytes both ways, and their ends`()
        async throws
    {
        let running = try await RunningNetworkBalancer.start()
        let seen = try await running.onConnection { connection in
            let first = connection.echo("hello")
            connection.sendAndFinish(Array(repeating: 1, count: 3_000_000), within: .seconds(20))
            return (first, connection.received.count, connection.end)
        }
        #expect(seen.0 == "hello")
        #expect(seen.1 == 3_000_005)
        #expect(seen.2 == .closed)
        let records = try await running.backends[0].waitForRecords(count: 1, kind: .traffic)
        #expect(records[0].ending == "closed")
        #expect(records[0].localPort == running.backends[0].port)
        let counters = await running.balancer.counters()
        #expect(counters.newTCP == 1)
        #expect(counters.bytesTCP == 6_000_010)
        await running.stop()
    }

    @Test func `carries what comes in bulk unchanged, both ways at once`() async throws {
        let running = try await RunningNetworkBalancer.start()
        let sent = (0..<12_000_000).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 7) }
        let seen = try await running.onConnection { connection in
            connection.sendAndFinish(sent, within: .seconds(40))
            return (connection.received, connection.end)
        }
        // A comparison of the arrays would print them.
        #expect(seen.0.count == sent.count)
        #expect(!zip(seen.0, sent).contains { $0 != $1 })
        #expect(seen.1 == .closed)
        let counters = await running.balancer.counters()
        #expect(counters.bytesTCP == 2 * sent.count)
        await running.stop()
    }

    @Test(.covers("NLB-TO-008")) func `passes resets on and counts who made them`() async throws {
        let running = try await RunningNetworkBalancer.start()
        try await running.onConnection { connection in
            _ = connection.echo("hello")
            connection.close(abruptly: true)
        }
        let records = try await running.backends[0].waitForRecords(count: 1, kind: .traffic) { $0.ending != nil }
        #expect(records[0].ending == "reset")
        try await running.backends[0].set(Fault.reset, scope: .traffic)
        let end = try await running.onConnection { connection in
            connection.send("hello")
            connection.receive(within: .seconds(5))
            return connection.end
        }
        #expect(end == .reset)
        let counters = await running.balancer.counters()
        #expect(counters.clientResets == 1)
        #expect(counters.targetResets == 1)
        #expect(counters.ownResets == 0)
        await running.stop()
    }

    @Test(.covers("NLB-TO-008")) func `passes a reset on that comes after everything has been said`() async throws {
        let running = try await RunningNetworkBalancer.start()
        try await running.backends[0].set(Fault.hang, scope: .traffic)
        let counters = await running.balancer.counters()
        try await running.onConnection { connection in
            connection.send("hello")
            connection.finishSending()
            // Whatever it says, it says after the end has gone through.
            connection.receive(within: .milliseconds(200))
            connection.close(abruptly: true)
        }
        let records = try await running.backends[0].waitForRecords(count: 1, kind: .traffic) { $0.ending == "reset" }
        #expect(records.count == 1)
        #expect(await running.balancer.counters().clientResets == counters.clientResets + 1)
        await running.stop()
    }

    @Test(.covers("NLB-FH-005", "NLB-HC-016")) func `is reset when its target refuses, until the target is out`()
        async throws
    {
        let running = try await RunningNetworkBalancer.start(backends: 2) { _, group in
            // Checks see nothing of it.
            group.healthCheck.intervalSeconds = 300
        }
        try await running.backends[0].set(MachineFault.refuse)
        var resets = 0
        for _ in 0..<40 {
            // The reset may come before the client knows of its connection.
            let count = try? await running.onConnection { connection in
                connection.send("hello")
                connection.receive(within: .seconds(5)) { $0.count >= 5 }
                return connection.received.count
            }
            if count ?? 0 == 0 { resets += 1 }
        }
        #expect(resets == 3)
        #expect(await running.balancer.counters().targetResets == 3)
        await running.waitForHealth(.unhealthy, of: 0)
        await running.stop()
    }

    @Test(.covers("NLB-LS-017", "NLB-FO-014")) func `is reset when there is no target`() async throws {
        let running = try await RunningNetworkBalancer.start(backends: 0)
        // The reset may come before the client knows of its connection.
        let end = try? await running.onConnection { connection in
            connection.receive(within: .seconds(5))
            return connection.end
        }
        #expect(end == nil || end == .reset)
        #expect(await running.balancer.counters().ownResets == 1)
        await running.stop()
    }

    @Test(.covers("NLB-TO-001", "NLB-TO-002", "NLB-TO-003")) func `is forgotten silently when it is idle for too long`()
        async throws
    {
        let running = try await RunningNetworkBalancer.start(timeScale: 200) { balancer, _ in
            balancer.listeners[0].attributes.tcpIdleTimeoutSeconds = 60
        }
        let balancer = running.balancer
        let seen = try await running.onConnection { connection in
            _ = connection.echo("hello")
            let quiet = connection.receive(within: .milliseconds(800))
            let end = connection.end
            connection.send("again")
            connection.receive(within: .seconds(5))
            return (quiet, end, connection.end)
        }
        #expect(seen.0 == .timedOut)
        #expect(seen.1 == nil)
        #expect(seen.2 == .reset)
        #expect(await balancer.counters().ownResets == 1)
        #expect(await balancer.counters().activeTCP == 0)
        await running.stop()
    }

    @Test(.covers("NLB-FO-001", "NLB-FO-002", "NLB-FO-003"), arguments: [true, false])
    func `ends with its target's health, where it is told to`(terminates: Bool) async throws {
        let running = try await RunningNetworkBalancer.start(backends: 2) { _, group in
            group.attributes.unhealthyConnectionTerminationEnabled = terminates
        }
        let turn = AsyncStream.makeStream(of: Void.self)
        let go = AsyncStream.makeStream(of: Void.self)
        let endpoint = running.endpoint
        async let seen = Task.detached {
            let connection = try RawConnection(to: endpoint, within: .seconds(5))
            _ = connection.echo("hello")
            turn.continuation.yield(())
            for await _ in go.stream { break }
            let text = connection.echo("again")
            return (text, connection.end)
        }.value
        for await _ in turn.stream { break }
        var number = 0
        while await running.backends[number].records().allSatisfy({ $0.kind == .probe }) { number = 1 - number }
        try await running.backends[number].set(MachineFault.refuse)
        await running.waitForHealth(.unhealthy, of: number)
        go.continuation.yield(())
        let result = try await seen
        #expect(result.0 == (terminates ? "" : "again"))
        #expect(result.1 == (terminates ? .reset : nil))
        await running.stop()
    }

    @Test(.covers("NLB-IP-008", "NLB-IP-009"), arguments: [true, false])
    func `of a target with itself gets no answer where clients are shown`(shows: Bool) async throws {
        let running = try await RunningNetworkBalancer.start { _, group in
            group.attributes.preserveClientIPEnabled = shows
        }
        let own = running.backends[0].endpoints[0].address
        let count = try await running.onConnection(from: own) { connection in
            connection.send("hello")
            connection.receive(within: .milliseconds(shows ? 300 : 5000)) { $0.count >= 5 }
            return connection.received.count
        }
        #expect(count == (shows ? 0 : 5))
        await running.stop()
    }

    @Test(.covers("NLB-IP-010")) func `gets no port when there are too many to one target`() async throws {
        var limits = NetworkLoadBalancer.Limits()
        limits.portsPerTarget = 2
        let running = try await RunningNetworkBalancer.start(limits: limits)
        let endpoint = running.endpoint
        let ends = try await running.onConnection { first in
            _ = first.echo("a")
            guard let second = try? RawConnection(to: endpoint, within: .seconds(5)),
                let third = try? RawConnection(to: endpoint, within: .seconds(5))
            else { return [String]() }
            let text = second.echo("b")
            third.receive(within: .seconds(5))
            return [text, third.end?.rawValue ?? "stands"]
        }
        #expect(ends == ["b", "reset"])
        #expect(await running.balancer.counters().portAllocationErrors == 1)
        await running.stop()
    }

    @Test(.covers("NLB-SG-002", "NLB-SG-003")) func `is not answered when no rule lets it in`() async throws {
        var running = try await RunningNetworkBalancer.start { balancer, _ in
            balancer.ingress = TrafficFilter()
        }
        let silent = try await running.onConnection { connection in
            connection.send("hello")
            return connection.receive(within: .milliseconds(300))
        }
        #expect(silent == .timedOut)
        #expect(await running.balancer.counters().blockedInboundTCP == 1)
        #expect(await running.balancer.counters().newTCP == 0)
        try await running.change { balancer, _ in balancer.ingress = nil }
        #expect(try await running.onConnection { $0.echo("hello") } == "hello")
        await running.stop()
    }

    @Test(.covers("NLB-LS-016", "NLB-LS-018", "NLB-IP-004"))
    func `stays when its group is replaced, and its listener deleted`() async throws {
        var running = try await RunningNetworkBalancer.start(timeScale: 1)
        let connection = try RawConnection(to: running.endpoint, within: .seconds(5))
        #expect(connection.echo("a") == "a")
        try await running.change { balancer, group in
            group.attributes.preserveClientIPEnabled = true
            balancer.listeners[0].attributes.tcpIdleTimeoutSeconds = 60
        }
        #expect(connection.echo("b") == "b")
        try await running.change { balancer, _ in balancer.listeners = [] }
        #expect(connection.echo("c") == "c")
        let refused = await running.raw.run(to: running.endpoint, script: { _ in })
        #expect(refused.failure != nil)
        connection.close()
        await running.stop()
    }

    @Test(.covers("NLB-WT-004")) func `ends some time after its group's weight has become zero`() async throws {
        var running = try await RunningNetworkBalancer.start(timeScale: 200)
        let connection = try RawConnection(to: running.endpoint, within: .seconds(5))
        #expect(connection.echo("a") == "a")
        try await running.change { balancer, group in
            balancer.listeners[0].defaultActions = [.forward(.init(targetGroups: [.init(group.id, weight: 0)]))]
        }
        while await running.balancer.counters().activeTCP > 0 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(connection.echo("b") == "")
        #expect(connection.end == .reset)
        await running.stop()
    }

    @Test(.covers("NLB-FO-015"), arguments: [Listener.Proto.tcp, .tls])
    func `is counted when it goes to an unhealthy target for want of a better one, but not with TLS`(
        proto: Listener.Proto
    ) async throws {
        var behaviour = BackendBehaviour()
        behaviour.status = 500
        var description = BackendDescription(name: "sick", address: .v4(IPv4Address(127, 10, 1, 96)))
        description.behaviour = behaviour
        let backend = try await Backend.start(description)
        let running = try await RunningNetworkBalancer.start(proto, backends: 0) { balancer, group in
            if proto == .tls { balancer.listeners[0].tls = RunningNetworkBalancer.tls() }
            group.healthCheck = .network(.http)
            group.healthCheck.intervalSeconds = 10
            group.targets = backend.targets
        }
        await running.waitForHealth(.unhealthy)
        let endpoint = running.endpoint
        let request = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        let answer = try await Task.detached {
            let connection: any ByteStream =
                proto == .tls
                ? try TLSConnection(to: endpoint, within: .seconds(10))
                : try RawConnection(to: endpoint, within: .seconds(10))
            connection.send(request, within: .seconds(5))
            connection.receive(within: .seconds(10)) { $0.count > 12 }
            return String(decoding: connection.received.prefix(12), as: UTF8.self)
        }.value
        #expect(answer == "HTTP/1.1 500")
        #expect(await running.balancer.counters().unhealthyRouting == (proto == .tls ? 0 : 1))
        await running.stop()
        await backend.stop()
    }

    @Test(.covers("NLB-LS-011")) func `passes a handshake on to a target that has it`() async throws {
        var behaviour = BackendBehaviour()
        behaviour.speaks = .tcp
        behaviour.body = ""
        behaviour.tls = BackendTLS()
        let running = try await RunningNetworkBalancer.start(behaviour: behaviour)
        let endpoint = running.endpoint
        let echo = try await Task.detached {
            let connection = try TLSConnection(to: endpoint, within: .seconds(10))
            connection.send(Array("hello".utf8))
            connection.receive(within: .seconds(10)) { $0.count >= 5 }
            return String(decoding: connection.received, as: UTF8.self)
        }.value
        #expect(echo == "hello")
        let counters = await running.balancer.counters()
        #expect(counters.newTLS == 0 && counters.newTCP == 1)
        await running.stop()
    }

    @Test(.covers("NLB-FH-012")) func `is reset when its target has not answered for thirty seconds`() async throws {
        // Nobody accepts here, and after the first one or two connections the system drops what asks for one.
        let full = try FullListener()
        let running = try await RunningNetworkBalancer.start(backends: 0) { _, group in
            group.targets = [
                Target(id: TargetID(rawValue: "full"), endpoint: full.endpoint, zone: .a)
            ]
        }
        let end = try await running.onConnection { connection in
            connection.receive(within: .seconds(10))
            return connection.end
        }
        #expect(end == .reset)
        let counters = await running.balancer.counters()
        #expect(counters.ownResets == 1 && counters.targetResets == 0)
        await running.stop()
        full.close()
    }
}

/// A listening socket whose queue is full.
private struct FullListener {
    let endpoint: Endpoint
    private var descriptors: [Int32] = []

    init() throws {
        let listener = Self.socket()
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f0a_015f).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer -> Int in
                guard bind(listener, pointer, length) == 0, listen(listener, 0) == 0,
                    getsockname(listener, pointer, &length) == 0
                else { return 0 }
                return Int(
                    pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee.sin_port.bigEndian }
                )
            }
        }
        self.endpoint = Endpoint(address: .v4(IPv4Address(127, 10, 1, 95)), port: try #require(Port(port)))
        self.descriptors = [listener]
        for _ in 0..<4 {
            let client = Self.socket()
            withUnsafePointer(to: &address) { pointer in
                _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(client, $0, length) }
            }
            self.descriptors.append(client)
        }
    }

    private static func socket() -> Int32 {
        Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    }

    func close() {
        for descriptor in self.descriptors { Glibc.close(descriptor) }
    }
}
