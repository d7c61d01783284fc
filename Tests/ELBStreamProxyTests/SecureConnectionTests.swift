import ELBConformance
import ELBCore
import ELBFleet
import ELBModel
import ELBNet
import ELBStreamProxy
import ELBTestSupport
import Glibc
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A TLS listener of a Network Load Balancer` {
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
            balancer.listeners[0].tls = RunningNetworkBalancer.tls()
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
            balancer.listeners[0].tls = RunningNetworkBalancer.tls(policy)
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
            balancer.listeners[0].tls = RunningNetworkBalancer.tls()
        }
        #expect(try await Self.exchange("hello", with: running).text == "hello")
        await running.stop()
    }

    @Test(.covers("NLB-PP-012")) func `says who connects in clear text before what it has decrypted`() async throws {
        let running = try await RunningNetworkBalancer.start(.tls) { balancer, group in
            balancer.listeners[0].tls = RunningNetworkBalancer.tls()
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
            balancer.listeners[0].tls = RunningNetworkBalancer.tls()
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
            balancer.listeners[0].tls = RunningNetworkBalancer.tls()
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

    @Test(.covers("NLB-TO-006")) func `keeps both sides alive once somebody does`() async throws {
        // 350 s are 3.5 s.
        let running = try await RunningNetworkBalancer.start(.tls, timeScale: 100) { balancer, _ in
            balancer.listeners[0].tls = RunningNetworkBalancer.tls()
        }
        let endpoint = running.endpoint
        let connection = try TLSConnection(to: endpoint, within: .seconds(10))
        connection.send(Array("hello".utf8))
        connection.receive(within: .seconds(10)) { $0.count >= 5 }
        let target = running.backends[0].endpoints[0]
        #expect(!KernelTimers.isKept(from: endpoint, to: nil))
        connection.keepAlive()
        while !KernelTimers.isKept(from: endpoint, to: nil) || !KernelTimers.isKept(from: nil, to: target) {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(connection.end == nil)
        await running.stop()
    }

    @Test(.covers("NLB-TL-015"), arguments: [0, 1])
    func `resumes sessions unless there are several certificates`(others: Int) throws {
        var tls = RunningNetworkBalancer.tls()
        tls.certificates = Array(repeating: tls.defaultCertificate, count: others)
        let group = TargetGroupID(rawValue: "g")
        let balancer = LoadBalancer(
            name: LoadBalancerName(rawValue: "net"),
            kind: .network,
            nodes: [],
            listeners: [Listener(port: 443, protocol: .tls, defaultActions: [.forward(.init(to: group))], tls: tls)],
            dnsName: "net"
        )
        let targets = TargetGroup(id: group, name: TargetGroupName(rawValue: "g"), protocol: .tcp, port: 80)
        let snapshot = try NetworkSnapshot(compiling: balancer, targetGroups: [targets])
        let credentials = try CertificateStore().credentials(for: try #require(snapshot.listeners[0].tls))
        #expect(TLSContexts(of: .network).resumes(credentials) == (others == 0))
        #expect(TLSContexts(of: .application).resumes(credentials))
    }

    @Test(.covers("NLB-TL-016")) func `has the extended master secret in TLS 1.2`() async throws {
        let running = try await RunningNetworkBalancer.start(.tls) { balancer, _ in
            balancer.listeners[0].tls = RunningNetworkBalancer.tls()
        }
        // Extensions: groups, point formats, signature algorithms, extended_master_secret (23), and no renegotiation.
        let extensions: [UInt8] = [
            0, 10, 0, 6, 0, 4, 0, 29, 0, 23, 0, 11, 0, 2, 1, 0, 0, 13, 0, 4, 0, 2, 4, 3, 0, 23, 0, 0, 0xff, 1, 0, 1, 0,
        ]
        let body: [UInt8] =
            [3, 3] + Array(repeating: 7, count: 32) + [0, 0, 2, 0xc0, 0x2b, 1, 0, 0, UInt8(extensions.count)]
            + extensions
        let hello: [UInt8] = [22, 3, 1, 0, UInt8(body.count + 4), 1, 0, 0, UInt8(body.count)] + body
        let answer = try await running.onConnection { connection in
            connection.send(hello)
            connection.receive(within: .seconds(10)) { $0.count > 200 }
            return connection.received
        }
        // Record, handshake, version, random: the length of the session's id is next.
        #expect(answer.starts(with: [22, 3, 3]) && answer[5] == 2)
        let place = 9 + 34 + 1 + Int(answer[43]) + 3
        let length = Int(answer[place]) << 8 | Int(answer[place + 1])
        var rest = answer[(place + 2)..<(place + 2 + length)]
        var types: [Int] = []
        while rest.count >= 4 {
            let start = rest.startIndex
            types.append(Int(rest[start]) << 8 | Int(rest[start + 1]))
            rest = rest.dropFirst(4 + (Int(rest[start + 2]) << 8 | Int(rest[start + 3])))
        }
        #expect(types.contains(23), "\(types)")
        await running.stop()
    }

    @Test(.covers("NLB-TL-022")) func `tries its targets when it is new, without a word`() async throws {
        // The next health check would come after thirty seconds.
        let running = try await RunningNetworkBalancer.start(.tls, timeScale: 10) { balancer, group in
            balancer.listeners[0].tls = RunningNetworkBalancer.tls()
            group.healthCheck.intervalSeconds = 300
        }
        let records = try await running.backends[0].waitForRecords(count: 2)
        #expect(records.allSatisfy { $0.bodyLength == 0 })
        await running.stop()
    }
}

/// What the system's list of sockets says.
private enum KernelTimers {
    /// Whether keepalive packets will be sent on an established connection with these ends.
    static func isKept(from local: Endpoint?, to remote: Endpoint?) -> Bool {
        Self.lines.contains { line in
            let fields = line.split(separator: " ")
            guard fields.count > 5, fields[3] == "01" else { return false }
            if let local, fields[1] != Self.text(local) { return false }
            if let remote, fields[2] != Self.text(remote) { return false }
            // Timers are numbered; the second is the one for keepalive packets.
            return fields[5].hasPrefix("02:")
        }
    }

    private static var lines: [Substring] {
        guard let file = fopen("/proc/net/tcp", "r") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }

    /// `0100007F:1F90`: the address as the machine has it in memory, and the port.
    private static func text(_ endpoint: Endpoint) -> String {
        guard case .v4(let address) = endpoint.address else { return "" }
        func hexadecimal(_ number: UInt32, _ digits: Int) -> String {
            let text = String(number, radix: 16, uppercase: true)
            return String(repeating: "0", count: digits - text.count) + text
        }
        return hexadecimal(address.rawValue.byteSwapped, 8) + ":" + hexadecimal(UInt32(endpoint.port.rawValue), 4)
    }
}
