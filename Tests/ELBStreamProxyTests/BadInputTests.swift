import ELBConformance
import ELBCore
import ELBFleet
import ELBModel
import ELBNet
import ELBStreamProxy
import ELBTestSupport
import Testing

/// Whatever comes from the network is bounded and counted, and the load balancer goes on.
@Suite(.timeLimit(.minutes(1))) struct `What a Network Load Balancer survives` {
    @Test(.covers("NLB-TL-023", "NLB-TL-024")) func `garbage where a handshake should be`() async throws {
        let running = try await RunningNetworkBalancer.start(.tls) { balancer, _ in
            balancer.listeners[0].tls = RunningNetworkBalancer.tls()
        }
        var generator = SplitMix64(seed: 7)
        // A handshake record of the greatest length, a ClientHello that lies about its length, and noise.
        var openings: [[UInt8]] = [
            [22, 3, 1, 0xff, 0xff], [22, 3, 1, 0, 5, 1, 0xff, 0xff, 0xff, 3], [21, 3, 3, 0, 2, 2, 40],
        ]
        for length in 1...60 {
            openings.append((0..<length * 9).map { _ in UInt8(truncatingIfNeeded: generator.next()) })
        }
        for bytes in openings {
            _ = try await running.onConnection { connection in
                connection.send(bytes)
                connection.finishSending()
                connection.receive(within: .seconds(10))
            }
        }
        while await running.balancer.counters().clientTLSErrors < openings.count {
            try await Task.sleep(for: .milliseconds(5))
        }
        let counters = await running.balancer.counters()
        #expect(counters.clientTLSErrors == openings.count)
        #expect(counters.newTLS == 0 && counters.activeTLS == 0)
        let connection = try TLSConnection(to: running.endpoint, within: .seconds(10))
        connection.send(Array("hello".utf8))
        connection.receive(within: .seconds(10)) { $0.count >= 5 }
        #expect(connection.received.count == 5)
        await running.stop()
    }

    @Test func `clients that begin a handshake and say no more`() async throws {
        // A minute is 60 ms.
        let running = try await RunningNetworkBalancer.start(.tls, timeScale: 1000) { balancer, _ in
            balancer.listeners[0].tls = RunningNetworkBalancer.tls()
        }
        let ends = try await (0..<20).asyncMap { _ in
            try await running.onConnection { connection in
                connection.send([22, 3, 1, 1, 0])
                connection.receive(within: .seconds(10))
                return connection.end
            }
        }
        #expect(ends.allSatisfy { $0 != nil })
        #expect(await running.balancer.counters().clientTLSErrors == 20)
        await running.stop()
    }

    @Test(.covers("NLB-TO-008")) func `a storm of resets`() async throws {
        let running = try await RunningNetworkBalancer.start()
        for _ in 0..<300 {
            _ = try await running.onConnection { connection in
                let echo = connection.echo("a")
                connection.close(abruptly: true)
                return echo
            }
        }
        while await running.balancer.counters().clientResets < 300 { try await Task.sleep(for: .milliseconds(5)) }
        let counters = await running.balancer.counters()
        #expect(counters.newTCP == 300)
        #expect(counters.activeTCP == 0)
        #expect(counters.targetResets == 0)
        #expect(try await running.onConnection { $0.echo("b") } == "b")
        await running.stop()
    }

    @Test func `a flood of new sources, of which it keeps the latest`() async throws {
        var limits = NetworkLoadBalancer.Limits()
        limits.datagramFlows = 16
        let running = try await RunningNetworkBalancer.start(.udp, to: .udp, timeScale: 1, limits: limits)
        for source in UInt8(1)...200 {
            _ = try await running.onDatagrams(from: .v4(IPv4Address(127, 200, 1, source))) { $0.send("a") }
        }
        while await running.balancer.counters().newUDP < 200 { try await Task.sleep(for: .milliseconds(5)) }
        let counters = await running.balancer.counters()
        #expect(counters.activeUDP == 16)
        #expect(counters.displacedUDP == 184)
        let answer = try await running.onDatagrams { socket in
            socket.send("b")
            return socket.receive(within: .seconds(10))
        }
        #expect(answer == "b")
        await running.stop()
    }

    @Test(.covers("NLB-PP-014")) func `a target that does not believe a damaged header`() async throws {
        let running = try await RunningNetworkBalancer.start { balancer, group in
            group.attributes.proxyProtocolV2Enabled = true
            balancer.quirks = [.proxyProtocolChecksum]
        }
        let end = try await running.onConnection { connection in
            connection.send("hello")
            connection.receive(within: .seconds(10))
            return (connection.received.count, connection.end)
        }
        #expect(end.0 == 0 && end.1 == .reset)
        let records = try await running.backends[0].waitForRecords(count: 1, kind: .traffic)
        #expect(records[0].proxy?.isChecksumRight == false)
        #expect(records[0].bodyLength == 0)
        await running.stop()
    }

    @Test(.covers("NLB-PP-005")) func `headers of PROXY protocol from clients, which are bytes like others`()
        async throws
    {
        let running = try await RunningNetworkBalancer.start { _, group in
            group.attributes.proxyProtocolV2Enabled = true
        }
        let own = "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nhello"
        #expect(try await running.onConnection { $0.echo(own) } == own)
        let records = try await running.backends[0].waitForRecords(count: 1, kind: .traffic)
        #expect(records[0].proxy?.source.hasPrefix("127.0.0.1:") == true)
        #expect(records[0].body.text == own)
        await running.stop()
    }
}

extension Range<Int> {
    fileprivate func asyncMap<Value>(_ transform: (Int) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
