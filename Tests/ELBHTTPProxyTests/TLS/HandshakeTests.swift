import ELBConformance
import ELBCore
import ELBFleet
import ELBHTTPProxy
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct `HTTPS listeners` {
    @Test(.covers("ALB-LOG-010", "ALB-LOG-024", "ALB-CLOG-002", "ALB-CLOG-003"))
    func `serve requests and log the connection once and each request`() async throws {
        let secure = try await SecureBalancer.start()
        var request = secure.request { $0.maximumVersion = .v12 }
        request.connection = .reuse
        let outcomes = await secure.getInOrder([request, request])
        for outcome in outcomes { #expect(try outcome.get().text == "own") }
        await secure.stop()
        #expect(secure.connectionLog.lines.count == 1)
        let connection = try #require(secure.connectionLog.lines.first).split(separator: " ").map(String.init)
        #expect(connection.count == 15)
        #expect(connection[3...5] == ["\(secure.port)", "TLSv1.2", "ECDHE-ECDSA-AES128-GCM-SHA256"])
        #expect(connection[10] == "Success")
        #expect(connection[12] == "x25519")
        #expect(secure.accessLog.lines.count == 2)
        let lines = secure.accessLog.lines
        #expect(lines.allSatisfy { $0.hasPrefix("https ") })
        #expect(lines.allSatisfy { $0.contains(" ECDHE-ECDSA-AES128-GCM-SHA256 TLSv1.2 ") })
        // The default certificate was used: no domain name, but its ARN.
        #expect(lines.allSatisfy { $0.contains(#" "-" "\#(SecureBalancer.arn)" "#) })
        #expect(lines.allSatisfy { $0.contains(connection[11]) })
    }

    @Test(.covers("ALB-TLS-004", "ALB-LOG-024"), arguments: [CurlTLS.Version.v12, .v13])
    func `resume sessions at the node that began them, and nowhere else`(version: CurlTLS.Version) async throws {
        let secure = try await SecureBalancer.start()
        let requests = [0, 0, 1].map { node in
            secure.request(at: SecureBalancer.addresses[node]) { $0.maximumVersion = version }
        }
        for outcome in await secure.getInOrder(requests) { _ = try outcome.get() }
        await secure.stop()
        let resumed = secure.accessLog.lines.map { $0.contains(#""session-reused""#) }
        #expect(resumed.filter { $0 }.count == 1)
        #expect(resumed.count == 3)
    }

    @Test(.covers("ALB-TLS-005"), arguments: [CurlTLS.Version.v12, .v13])
    func `do not resume where clients authenticate`(version: CurlTLS.Version) async throws {
        let secure = try await SecureBalancer.start { tls, _ in
            tls.mutualAuthentication = MutualAuthentication(mode: .passthrough)
        }
        let client = try secure.authority.issue("client", for: .client)
        let request = secure.request {
            $0.maximumVersion = version
            $0.certificate = client.certificate
            $0.privateKey = client.privateKey
        }
        for outcome in await secure.getInOrder([request, request, request]) { _ = try outcome.get() }
        await secure.stop()
        #expect(secure.accessLog.lines.count == 3)
        #expect(!secure.accessLog.lines.contains { $0.contains("session-reused") })
    }

    @Test(.covers("ALB-TLS-014", "ALB-MET-010", "ALB-CLOG-005"))
    func `count and log handshakes that fail`() async throws {
        let secure = try await SecureBalancer.start(policy: "ELBSecurityPolicy-TLS13-1-3-2021-06")
        guard case .failure(let failure) = await secure.get(tls: { $0.maximumVersion = .v12 }) else {
            Issue.record("TLS 1.2 was spoken")
            return
        }
        #expect(failure.kind == .tlsFailed)
        // A client that speaks no TLS at all, and one that says nothing.
        let raw = try await RawClient.connect(port: secure.port.rawValue)
        await raw.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = await raw.receiveResponse()
        raw.close()
        await secure.stop()
        let metrics = await secure.balancer.metrics()
        #expect(metrics.clientTLSNegotiationErrorCount == 2)
        #expect(secure.connectionLog.lines.count == 2)
        #expect(secure.connectionLog.lines.allSatisfy { $0.contains(" Failed:UnmappedConnectionError ") })
        #expect(secure.accessLog.lines.isEmpty)
    }

    @Test(.covers("ALB-TLS-019", "ALB-CLOG-008"))
    func `say in the connection log why a client's certificate was refused`() async throws {
        let secure = try await SecureBalancer.start { tls, authority in
            let store = TrustStore(
                arn: TrustStoreARN(rawValue: "store"),
                name: "store",
                caCertificates: .text(authority.certificate)
            )
            tls.mutualAuthentication = MutualAuthentication(mode: .verify, trustStore: store)
        }
        let expired = try secure.authority.issue("client", for: .client, validity: .expired)
        let stranger = try CertificateAuthority(name: "stranger").issue("client", for: .client)
        let good = try secure.authority.issue("client", for: .client)
        for client in [expired, stranger, good] {
            _ = await secure.get {
                $0.certificate = client.certificate
                $0.privateKey = client.privateKey
            }
        }
        await secure.stop()
        let status = secure.connectionLog.lines.compactMap { line in
            line.split(separator: " ").first { $0.hasPrefix("Failed:") || $0 == "Success" }
        }
        #expect(status == ["Failed:ClientCertExpired", "Failed:ClientCertUntrusted", "Success"])
        #expect(secure.connectionLog.lines[2].contains(#" "CN=client,O=elblab,C=KR" NotBefore="#))
    }

    @Test(.covers("ALB-TLS-022")) func `refuse material that does not fit together, and change nothing`() async throws {
        let secure = try await SecureBalancer.start()
        var broken = secure.loadBalancer
        let (one, other) = (try secure.authority.issue("a.example.com"), try secure.authority.issue("b.example.com"))
        broken.listeners[0].tls?.defaultCertificate.source = .imported(
            certificate: .text(one.certificate),
            privateKey: .text(other.privateKey)
        )
        await #expect(throws: ModelError.self) {
            try await secure.balancer.apply(broken, targetGroups: secure.targetGroups)
        }
        #expect(try await secure.get().get().status == 200)
        await secure.stop()
    }

    @Test(.covers("INT-AC-009")) func `go on showing a certificate that has expired`() async throws {
        let secure = try await SecureBalancer.start { tls, authority in
            let issued = try authority.issue(SecureBalancer.name, validity: .expired)
            tls.defaultCertificate.source = .imported(
                certificate: .text(issued.certificate),
                privateKey: .text(issued.privateKey)
            )
        }
        guard case .failure(let failure) = await secure.get() else {
            Issue.record("an expired certificate was trusted")
            return
        }
        #expect(failure.code == 60)
        var request = secure.request()
        request.verifiesCertificate = false
        #expect(try #require(await secure.getInOrder([request]).first).get().status == 200)
        await secure.stop()
    }

    @Test(.covers("ALB-TLS-001")) func `issue certificates by themselves when a template asks for one`() async throws {
        let secure = try await SecureBalancer.start { tls, _ in
            tls.defaultCertificate.source = .issued(names: [SecureBalancer.name], keyAlgorithm: .rsa2048)
        }
        var request = secure.request()
        request.verifiesCertificate = false
        let response = try #require(await secure.getInOrder([request]).first).get()
        #expect(response.status == 200)
        #expect(response.certificates.first?.subject.contains(SecureBalancer.name) == true)
        await secure.stop()
    }
}

@Suite(.timeLimit(.minutes(2))) struct `TLS to targets` {
    private static func backend(_ tls: BackendTLS) async throws -> Backend {
        var behaviour = BackendBehaviour()
        behaviour.tls = tls
        return try await Backend.start(
            BackendDescription(
                name: "target",
                zone: .a,
                address: .v4(IPv4Address(127, 0, 0, 1)),
                ports: [0],
                type: .unlimited,
                behaviour: behaviour
            )
        )
    }

    @Test(.covers("ALB-TLS-012", "ALB-TLS-013", "ALB-HC-020"), arguments: BackendTLS.Certificate.allCases)
    func `looks at no certificate, of targets and of probes`(certificate: BackendTLS.Certificate) async throws {
        var tls = BackendTLS()
        tls.certificate = certificate
        let backend = try await Self.backend(tls)
        let secure = try await SecureBalancer.start(targets: backend.endpoints.map(\.port.rawValue))
        _ = try await backend.waitForRecords(count: 1, kind: .probe)
        #expect(try await secure.get().get().status == 200)
        let record = try #require(await backend.records().first { $0.kind == .traffic })
        #expect(record.tls?.version == "1.3")
        #expect(record.tls?.serverName == nil)
        await secure.stop()
        await backend.stop()
    }

    @Test(.covers("ALB-TLS-013")) func `offers targets no TLS 1.3 unless a listener has it`() async throws {
        let backend = try await Self.backend(BackendTLS())
        let secure = try await SecureBalancer.start(
            targets: backend.endpoints.map(\.port.rawValue),
            policy: "ELBSecurityPolicy-2016-08"
        )
        #expect(try await secure.get().get().status == 200)
        let record = try #require(await backend.records().first { $0.kind == .traffic })
        #expect(record.tls?.version == "1.2")
        await secure.stop()
        await backend.stop()
    }

    @Test(
        .covers("ALB-ERR-033", "ALB-ERR-042", "ALB-CONN-012", "ALB-MET-009"),
        arguments: [(BackendTLS.Flaw.plainText, 502), (.silent, 504)]
    )
    func `answers for targets that fail the handshake`(flaw: BackendTLS.Flaw, status: Int) async throws {
        var tls = BackendTLS()
        tls.flaw = flaw
        let backend = try await Self.backend(tls)
        let secure = try await SecureBalancer.start(
            targets: backend.endpoints.map(\.port.rawValue),
            timeScale: 20
        )
        #expect(try await secure.get().get().status == status)
        await secure.stop()
        let metrics = await secure.balancer.metrics()
        #expect(metrics.targetTLSNegotiationErrorCount == 1)
        #expect(metrics.targetConnectionErrorCount == 0)
        await backend.stop()
    }
}
