import ELBConformance
import ELBCore
import ELBFleet
import ELBModel
import ELBNet
import ELBStreamProxy
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Datagrams through a Network Load Balancer` {
    private static let client = IPAddress.v4(IPv4Address(127, 200, 0, 3))

    @Test(.covers("NLB-FH-002", "NLB-UD-001", "NLB-UD-002")) func `go to one target and come back`() async throws {
        let running = try await RunningNetworkBalancer.start(.udp, to: .udp, backends: 3)
        let answers = try await running.onDatagrams(from: Self.client) { socket in
            (0..<5).map { number in
                socket.send("\(number)")
                return socket.receive(within: .seconds(5))
            }
        }
        #expect(answers == ["0", "1", "2", "3", "4"])
        var peers: Set<String> = []
        for backend in running.backends {
            for record in await backend.records() where record.kind == .traffic { peers.insert(record.peerAddress) }
        }
        #expect(peers == ["\(Self.client)"])
        let counters = await running.balancer.counters()
        #expect(counters.newUDP == 1)
        #expect(counters.packets == 10)
        await running.stop()
    }

    @Test(.covers("NLB-TO-007")) func `make a new flow after the timeout`() async throws {
        let running = try await RunningNetworkBalancer.start(.udp, to: .udp, timeScale: 500)
        let balancer = running.balancer
        _ = try await running.onDatagrams { socket in
            socket.send("a")
            return socket.receive(within: .seconds(5))
        }
        #expect(await balancer.counters().newUDP == 1)
        while await balancer.counters().activeUDP > 0 { try await Task.sleep(for: .milliseconds(5)) }
        await running.stop()
    }

    @Test func `make the oldest flow go when there are too many`() async throws {
        var limits = NetworkLoadBalancer.Limits()
        limits.datagramFlows = 4
        let running = try await RunningNetworkBalancer.start(.udp, to: .udp, timeScale: 1, limits: limits)
        for _ in 0..<10 {
            let answer = try await running.onDatagrams { socket in
                socket.send("a")
                return socket.receive(within: .seconds(5))
            }
            #expect(answer == "a")
        }
        let counters = await running.balancer.counters()
        #expect(counters.activeUDP == 4)
        #expect(counters.displacedUDP == 6)
        await running.stop()
    }

    @Test(.covers("NLB-UD-005", "NLB-LS-002")) func `share a port with connections`() async throws {
        let running = try await RunningNetworkBalancer.start(.tcpUDP, to: .tcpUDP)
        let datagram = try await running.onDatagrams { socket in
            socket.send("d")
            return socket.receive(within: .seconds(5))
        }
        #expect(datagram == "d")
        #expect(try await running.onConnection { $0.echo("c") } == "c")
        let counters = await running.balancer.counters()
        #expect(counters.newUDP == 1)
        #expect(counters.newTCP == 1)
        await running.stop()
    }

    @Test(.covers("NLB-UD-006", "NLB-DR-003")) func `are cut when their target's delay is over`() async throws {
        var running = try await RunningNetworkBalancer.start(.udp, to: .udp, backends: 2, timeScale: 100) { _, group in
            group.attributes.deregistrationDelaySeconds = 10
        }
        let endpoint = running.endpoint
        let socket = try RawDatagrams(to: endpoint)
        socket.send("a")
        #expect(socket.receive(within: .seconds(5)) == "a")
        var first = 0
        while await running.backends[first].records().allSatisfy({ $0.kind == .probe }) { first = 1 - first }
        let gone = running.backends[first].endpoints[0]
        try await running.change { _, group in group.targets.removeAll { $0.endpoint == gone } }
        while await running.balancer.counters().activeUDP > 0 { try await Task.sleep(for: .milliseconds(5)) }
        socket.send("b")
        #expect(socket.receive(within: .seconds(5)) == "b")
        let others = await running.backends[1 - first].records().filter { $0.kind == .traffic }
        #expect(others.map(\.body.text) == ["b"])
        await running.stop()
    }

    @Test(.covers("NLB-UD-004")) func `go on to a target that refuses them as long as its checks pass`() async throws {
        var behaviour = BackendBehaviour()
        behaviour.speaks = .tcp
        let running = try await RunningNetworkBalancer.start(.udp, to: .udp, behaviour: behaviour)
        let answer = try await running.onDatagrams { socket in
            for _ in 0..<20 {
                socket.send("a")
                if let answer = socket.receive(within: .milliseconds(20)) { return answer }
            }
            return "nothing"
        }
        #expect(answer == "nothing")
        let health = await running.balancer.targetHealth()
        #expect(health.map(\.health.state) == [.healthy])
        await running.stop()
    }
}
