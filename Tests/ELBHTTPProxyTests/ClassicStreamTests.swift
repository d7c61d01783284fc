import ELBConformance
import ELBCore
import ELBFleet
import ELBHTTPProxy
import ELBModel
import ELBNet
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Streams through a Classic Load Balancer` {
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    private static func start(
        instances: Int = 2,
        timeScale: Double = 1,
        waits: Bool = true,
        configure: (inout ClassicLoadBalancer) -> Void = { _ in }
    ) async throws -> RunningClassic {
        try await RunningClassic.start(
            instances: instances,
            timeScale: timeScale,
            waits: waits,
            configure: {
                $0.listeners[0].protocol = .tcp
                $0.listeners[0].instanceProtocol = .tcp
                configure(&$0)
            },
            script: { number, _, _ in .bytes("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(number)") }
        )
    }

    @Test(.covers("CLB-LS-014", "CLB-RT-001", "CLB-HD-004"))
    func `carry bytes as they are, to one instance after the other`() async throws {
        let running = try await Self.start()
        var answers: [Character?] = []
        for _ in 0..<6 { answers.append(try await running.get("/", "Connection: keep-alive").last) }
        #expect(answers.filter { $0 == "0" }.count == 3)
        #expect(zip(answers, answers.dropFirst()).allSatisfy { $0 != $1 })
        let request = try #require(running.backends[0].requests.first?.text)
        #expect(request == "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
        #expect(running.backends[0].peers == ["127.0.0.1"])
        await running.stop()
    }

    @Test(.covers("CLB-PP-001", "CLB-PP-002", "CLB-PP-003", "CLB-PP-005", "CLB-PP-007"))
    func `begin with a line that says whose they are where a policy asks for it`() async throws {
        let running = try await Self.start(instances: 1) {
            $0.policies = [ClassicPolicy(name: "proxy", kind: .proxyProtocol(isEnabled: true))]
            $0.backendPolicies[$0.listeners[0].instancePort] = ["proxy"]
        }
        _ = try await running.exchange(Self.get)
        let request = try #require(running.backends[0].requests.first?.text)
        let line = try #require(request.split(separator: "\r\n").first)
        #expect(line.wholeMatch(of: #/PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ \d+/#) != nil)
        #expect(line.hasSuffix(" \(running.port)"))
        #expect(request.hasSuffix("\r\n\(Self.get)"))
        // A line that the client sends stands behind it.
        let own = "PROXY TCP4 1.2.3.4 5.6.7.8 9 10\r\n"
        _ = try await running.exchange(own + Self.get)
        let second = try #require(running.backends[0].requests.last?.text)
        #expect(second.split(separator: "\r\n").prefix(2).allSatisfy { $0.hasPrefix("PROXY TCP4 ") })
        #expect(second.hasSuffix("\r\n\(own)\(Self.get)"))
        await running.stop()
    }

    @Test(.covers("CLB-RT-009"))
    func `end at once when no instance is in service`() async throws {
        let running = try await Self.start(instances: 0, waits: false)
        let client = try await RawClient.connect(port: running.port)
        let received = await client.receiveAll()
        #expect(received.text.isEmpty && received.ending == .closed)
        client.close()
        await running.stop()
    }

    @Test(.covers("CLB-RT-010"))
    func `go to another instance when one cannot be reached`() async throws {
        let running = try await Self.start()
        await running.backends[0].stop()
        for _ in 0..<4 { #expect(try await running.get().last == "1") }
        await running.stop()
    }

    @Test(.covers("CLB-TO-002", "CLB-TO-004"))
    func `end when nothing has been said for the idle timeout, and not before`() async throws {
        // A second, three times as long as what is waited between the bytes.
        let running = try await Self.start(instances: 1, timeScale: 20) { $0.attributes.idleTimeoutSeconds = 20 }
        let client = try await RawClient.connect(port: running.port)
        let begin = ContinuousClock.now
        for byte in ["G", "E", "T"] {
            await client.send(byte)
            try await Task.sleep(for: .milliseconds(300))
        }
        let received = await client.receiveAll()
        #expect(received.ending == .closed)
        #expect(begin.duration(to: .now) > .milliseconds(1590))
        while running.backends[0].openConnections > 0 { await Task.yield() }
        client.close()
        await running.stop()
    }

    @Test(.covers("CLB-TO-003")) func `end however many keepalive packets the system sends`() async throws {
        // Three seconds, in which the client's system sends two.
        let running = try await Self.start(instances: 1, timeScale: 10) { $0.attributes.idleTimeoutSeconds = 30 }
        let endpoint = Endpoint(address: .loopback, port: try #require(Port(rawValue: running.port)))
        let end = try await Task.detached {
            let connection = try RawConnection(to: endpoint, within: .seconds(5))
            connection.keepAlive()
            connection.send("G")
            connection.receive(within: .seconds(20))
            return connection.end
        }.value
        #expect(end == .closed)
        await running.stop()
    }

    @Test(.covers("CLB-DR-004"))
    func `are cut when their instance leaves and nobody waits`() async throws {
        var running = try await Self.start(instances: 1)
        let client = try await RawClient.connect(port: running.port)
        await client.send(Self.get)
        #expect(await client.receiveResponse().text.hasSuffix("0"))
        try await running.change { $0.instances = [] }
        #expect([.closed, .reset].contains(await client.receiveAll().ending))
        client.close()
        await running.stop()
    }

    @Test(.covers("CLB-LG-002", "CLB-LG-005", "CLB-LG-006", "CLB-LG-011", "CLB-LG-012"))
    func `are logged and counted as connections`() async throws {
        let running = try await Self.start(instances: 1)
        let client = try await RawClient.connect(port: running.port)
        await client.send(Self.get)
        let answer = await client.receiveResponse().text
        client.close()
        while running.log.lines.isEmpty {
            await Task.yield()
            if await running.balancer.metrics().requestCount > 1 { break }
        }
        #expect(await running.balancer.metrics().requestCount == 1)
        await running.stop()
        let line = (running.log.lines.first ?? "").split(separator: " ", maxSplits: 7)
        try #require(line.count == 8)
        #expect(line[4...6].allSatisfy { $0.wholeMatch(of: #/\d+\.\d{6}/#) != nil })
        #expect(line[7] == "- - \(Self.get.utf8.count) \(answer.utf8.count) \"- - - \" \"-\" - -")
    }

    @Test(.covers("CLB-LS-002", "CLB-LS-007", "CLB-TL-001"))
    func `come out of TLS where the listener is secure`() async throws {
        let authority = try CertificateAuthority()
        let certificate = try SecureBalancer.certificate(authority)
        let running = try await Self.start(instances: 1) {
            $0.listeners[0].protocol = .ssl
            $0.listeners[0].certificate = certificate
        }
        var request = CurlRequest(
            "GET",
            "https://\(SecureBalancer.name):\(running.port)/",
            connection: .fresh,
            resolve: ["\(SecureBalancer.name):\(running.port):127.0.0.1"],
            timeout: .seconds(15)
        )
        request.tls = CurlTLS(authorities: authority.certificate)
        let outcome = await CurlClient(parallelism: 1).perform(request)
        #expect(running.backends[0].requests.first?.text.hasPrefix("GET / HTTP/1.1\r\n") == true)
        #expect(running.backends[0].requests.first?.text.contains("X-Forwarded") == false)
        guard case .success(let response) = outcome else {
            Issue.record("\(outcome)")
            return await running.stop()
        }
        #expect(response.body == Array("0".utf8))
        await running.stop()
    }
}
