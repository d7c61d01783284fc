import ELBConformance
import ELBCore
import ELBFleet
import ELBModel
import ELBStreamProxy
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A TLS listener of a Network Load Balancer` {
    private static func tls(_ alpn: ALPNPolicy = .none) -> ListenerTLS {
        ListenerTLS(
            sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
            defaultCertificate: Certificate(
                arn: CertificateARN(rawValue: "arn:aws:acm:\(AvailabilityZone.region):123456789012:certificate/1"),
                source: .issued(names: ["www.example.com"], keyAlgorithm: .ecdsaP256)
            ),
            alpnPolicy: alpn
        )
    }

    /// What comes back of a text, and what ALPN has chosen of `h2` and `http/1.1`.
    private static func exchange(
        _ text: String,
        with running: RunningNetworkBalancer,
        http2: Bool = true
    ) async throws -> (text: String, protocol: String?) {
        let endpoint = running.endpoint
        return try await Task.detached {
            let connection = try TLSConnection(to: endpoint, http2: http2, within: .seconds(10))
            connection.send(Array(text.utf8))
            connection.receive(within: .seconds(10)) { $0.count >= text.utf8.count }
            return (String(decoding: connection.received, as: UTF8.self), connection.applicationProtocol)
        }.value
    }

    @Test(.covers("NLB-FH-007", "NLB-TL-001", "NLB-TL-017")) func `has the handshake, and gives targets clear text`()
        async throws
    {
        let running = try await RunningNetworkBalancer.start(.tls) { balancer, _ in
            balancer.listeners[0].tls = Self.tls()
        }
        let long = String(repeating: "0123456789", count: 200_000)
        let seen = try await Self.exchange(long, with: running)
        #expect(seen.text == long)
        #expect(seen.protocol == nil)
        let records = try await running.backends[0].waitForRecords(count: 1, kind: .traffic)
        #expect(records[0].body.text.hasPrefix("0123456789"))
        let counters = await running.balancer.counters()
        #expect(counters.newTLS == 1)
        #expect(counters.newTCP == 0)
        await running.stop()
    }

    @Test(
        .covers("NLB-TL-018", "NLB-TL-019"),
        arguments: [
            (.http1Only, true, "http/1.1"), (.http2Only, true, "h2"), (.http2Optional, true, "http/1.1"),
            (.http2Preferred, true, "h2"), (.http2Only, false, nil), (.http2Preferred, false, "http/1.1"),
        ] as [(ALPNPolicy, Bool, String?)]
    )
    func `negotiates by its policy's order, or not at all`(
        policy: ALPNPolicy,
        http2: Bool,
        chosen: String?
    ) async throws {
        let running = try await RunningNetworkBalancer.start(.tls) { balancer, _ in
            balancer.listeners[0].tls = Self.tls(policy)
        }
        let seen = try await Self.exchange("hello", with: running, http2: http2)
        #expect(seen.text == "hello")
        #expect(seen.protocol == chosen)
        await running.stop()
    }

    @Test(.covers("NLB-TL-013"), arguments: [BackendTLS.Certificate.selfSigned, .expired, .wrongName])
    func `speaks TLS to targets of such a group, whatever they show`(certificate: BackendTLS.Certificate) async throws {
        var behaviour = BackendBehaviour()
        behaviour.speaks = .tcp
        behaviour.body = ""
        behaviour.tls = BackendTLS()
        behaviour.tls?.certificate = certificate
        let running = try await RunningNetworkBalancer.start(.tls, to: .tls, behaviour: behaviour) { balancer, _ in
            balancer.listeners[0].tls = Self.tls()
        }
        #expect(try await Self.exchange("hello", with: running).text == "hello")
        await running.stop()
    }

    @Test(.covers("NLB-PP-012")) func `says who connects in clear text before what it has decrypted`() async throws {
        let running = try await RunningNetworkBalancer.start(.tls) { balancer, group in
            balancer.listeners[0].tls = Self.tls()
            group.attributes.proxyProtocolV2Enabled = true
        }
        #expect(try await Self.exchange("hello", with: running).text == "hello")
        let records = try await running.backends[0].waitForRecords(count: 1, kind: .traffic)
        #expect(records[0].proxy?.destination == "\(running.endpoint)")
        #expect(records[0].proxy?.isChecksumRight == true)
        #expect(records[0].body.text == "hello")
        await running.stop()
    }

    @Test(.covers("NLB-TL-023", "NLB-TL-024"))
    func `refuses what is no handshake, a header of PROXY protocol among it`() async throws {
        let running = try await RunningNetworkBalancer.start(.tls) { balancer, _ in
            balancer.listeners[0].tls = Self.tls()
        }
        let end = try await running.onConnection { connection in
            connection.send("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + String(repeating: "x", count: 200))
            connection.receive(within: .seconds(5))
            return connection.end
        }
        #expect(end != nil)
        while await running.balancer.counters().clientTLSErrors == 0 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(await running.balancer.counters().newTLS == 0)
        await running.stop()
    }

    @Test(.covers("NLB-TL-024")) func `counts handshakes that fail at the target`() async throws {
        let running = try await RunningNetworkBalancer.start(.tls, to: .tls) { balancer, _ in
            balancer.listeners[0].tls = Self.tls()
        }
        let endpoint = running.endpoint
        let end = try await Task.detached {
            let connection = try TLSConnection(to: endpoint, within: .seconds(10))
            connection.receive(within: .seconds(10)) { _ in false }
            return connection.end
        }.value
        #expect(end != nil)
        #expect(await running.balancer.counters().targetTLSErrors == 1)
        await running.stop()
    }
}
