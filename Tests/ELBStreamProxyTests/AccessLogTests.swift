import ELBConformance
import ELBCore
import ELBFleet
import ELBModel
import ELBNet
import ELBStreamProxy
import ELBTestSupport
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct `The access log of TLS listeners` {
    /// Keeps delivered files in memory.
    private final class Store: LogStore {
        private let objects = Mutex<[LogFile.Object]>([])

        func deliver(_ object: LogFile.Object) { self.objects.withLock { $0.append(object) } }

        func flush() async {}

        var keys: [String] { self.objects.withLock { $0.map(\.key) } }

        /// Each line cut at its spaces.
        var lines: [[String]] {
            self.objects.withLock { $0 }.flatMap { object in
                String(decoding: object.chunks.joined(), as: UTF8.self).split(separator: "\n").map {
                    $0.split(separator: " ").map(String.init)
                }
            }
        }
    }

    private static func start(
        _ store: Store,
        _ alpn: ALPNPolicy = .http2Preferred,
        to proto: TargetGroup.Proto = .tcp,
        behaviour: BackendBehaviour? = nil
    ) async throws -> RunningNetworkBalancer {
        try await RunningNetworkBalancer.start(.tls, to: proto, logStore: store, behaviour: behaviour) { balancer, _ in
            balancer.attributes.accessLogs = LogDelivery(isEnabled: true, bucket: "logs")
            balancer.listeners[0].tls = RunningNetworkBalancer.tls(alpn)
        }
    }

    private static func exchange(_ text: String, with running: RunningNetworkBalancer) async throws {
        let endpoint = running.endpoint
        try await Task.detached {
            let connection = try TLSConnection(to: endpoint, name: "www.example.com", within: .seconds(10))
            connection.send(Array(text.utf8))
            connection.receive(within: .seconds(10)) { $0.count >= text.utf8.count }
        }.value
    }

    @Test(.covers("NLB-MT-009", "NLB-MT-010")) func `has a line for each connection`() async throws {
        let store = Store()
        let running = try await Self.start(store)
        try await Self.exchange("hello", with: running)
        try await Self.exchange("good day", with: running)
        await running.stop()
        let lines = store.lines
        #expect(lines.count == 2)
        let fields = try #require(lines.first { $0.count > 9 && $0[9] == "5" })
        #expect(fields.count == 22)
        #expect(fields[0] == "tls" && fields[1] == "2.0")
        #expect(fields[3] == running.loadBalancer.fullName)
        #expect(fields[5].hasPrefix("127.0.0.1:"))
        #expect(fields[6] == "\(running.endpoint)")
        #expect(Int(fields[7]) != nil && Int(fields[8]) != nil)
        #expect(fields[9...10] == ["5", "5"])
        #expect(fields[12].hasSuffix(":certificate/1"))
        #expect(fields[15] == "tlsv13")
        #expect(fields[17] == "www.example.com")
        #expect(fields[18...20] == ["h2", "-", #""h2","http/1.1""#])
        #expect(store.keys.allSatisfy { $0.contains("_net.net.") && !$0.contains("127.0.0.1") })
    }

    @Test(.covers("NLB-TL-021")) func `tells what was agreed on with a target that speaks TLS`() async throws {
        var behaviour = BackendBehaviour()
        behaviour.tls = BackendTLS()
        let store = Store()
        let running = try await Self.start(store, .http1Only, to: .tls, behaviour: behaviour)
        let endpoint = running.endpoint
        let answer = try await Task.detached {
            let connection = try TLSConnection(to: endpoint, within: .seconds(10))
            connection.send(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
            connection.receive(within: .seconds(10)) { $0.count > 20 }
            return String(decoding: connection.received, as: UTF8.self)
        }.value
        #expect(answer.hasPrefix("HTTP/1.1 200"))
        await running.stop()
        let fields = try #require(store.lines.first)
        #expect(fields[18] == "http/1.1")
        #expect(fields[19] == "http/1.1" || fields[19] == "-", "a target may know no ALPN")
        #expect(fields[17] == "-")
    }

    @Test(.covers("NLB-MT-011", "NLB-TL-024")) func `has a line for a handshake that came to nothing`() async throws {
        let store = Store()
        let running = try await Self.start(store)
        _ = try await running.onConnection { connection in
            connection.send("GET / HTTP/1.1\r\n\r\n" + String(repeating: "x", count: 200))
            connection.receive(within: .seconds(5))
        }
        while await running.balancer.counters().clientTLSErrors == 0 { try await Task.sleep(for: .milliseconds(5)) }
        await running.stop()
        let fields = try #require(store.lines.first)
        #expect(fields.count == 22)
        #expect(fields[8] == "-")
        #expect(fields[9...10] == ["0", "0"])
        #expect(fields[12...20].allSatisfy { $0 == "-" })
    }

    @Test(.covers("NLB-MT-010"), arguments: [CurlTLS.Version.v12, .v13])
    func `tells of the alert with which a client went away`(version: CurlTLS.Version) async throws {
        let store = Store()
        let running = try await Self.start(store)
        var request = CurlRequest("GET", "https://\(running.endpoint)/", connection: .fresh, timeout: .seconds(10))
        request.tls = CurlTLS()
        request.tls?.maximumVersion = version
        // It does not know who signed the certificate.
        guard case .failure = await CurlClient(parallelism: 1).perform(request) else {
            Issue.record("trusted, whoever signed")
            return
        }
        while await running.balancer.counters().clientTLSErrors == 0 { try await Task.sleep(for: .milliseconds(5)) }
        await running.stop()
        let fields = try #require(store.lines.first)
        #expect(fields[8] == "-")
        #expect(fields[11] == "48", "unknown_ca")
        #expect(fields[12].hasSuffix(":certificate/1"))
    }

    @Test(.covers("NLB-TL-007")) func `tells of the certificate that each handshake was given`() async throws {
        let store = Store()
        var running = try await Self.start(store)
        let endpoint = running.endpoint
        let before = try TLSConnection(to: endpoint, within: .seconds(10))
        try await running.change { balancer, _ in
            balancer.listeners[0].tls?.defaultCertificate.arn = CertificateARN(
                rawValue: "arn:aws:acm:\(AvailabilityZone.region):123456789012:certificate/2"
            )
        }
        try await Self.exchange("new", with: running)
        // The connection of before goes on with what it has.
        before.send(Array("still here".utf8))
        before.receive(within: .seconds(10)) { $0.count >= 10 }
        #expect(String(decoding: before.received, as: UTF8.self) == "still here")
        await running.stop()
        let certificates = Dictionary(store.lines.map { ($0[9], $0[12].suffix(1)) }) { first, _ in first }
        #expect(certificates == ["3": "2", "10": "1"])
    }

    @Test(.covers("NLB-MT-009")) func `is not there for connections that are not TLS`() async throws {
        let store = Store()
        let running = try await RunningNetworkBalancer.start(logStore: store) { balancer, _ in
            balancer.attributes.accessLogs = LogDelivery(isEnabled: true, bucket: "logs")
        }
        #expect(try await running.onConnection { $0.echo("a") } == "a")
        await running.stop()
        #expect(store.keys.isEmpty)
    }

    @Test func `needs somewhere to go`() async throws {
        await #expect(throws: ModelError.self) {
            try await RunningNetworkBalancer.start { balancer, _ in
                balancer.attributes.accessLogs = LogDelivery(isEnabled: true, bucket: "logs")
            }
        }
    }
}
