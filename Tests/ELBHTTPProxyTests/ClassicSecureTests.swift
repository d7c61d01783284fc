import ELBConformance
import ELBFleet
import ELBHTTPProxy
import ELBModel
import ELBNet
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `TLS of a Classic Load Balancer` {
    private static func request(_ running: RunningClassic, _ authority: CertificateAuthority) -> CurlRequest {
        var request = CurlRequest(
            "GET",
            "https://\(SecureBalancer.name):\(running.port)/",
            connection: .fresh,
            resolve: ["\(SecureBalancer.name):\(running.port):127.0.0.1"],
            timeout: .seconds(15)
        )
        request.tls = CurlTLS(authorities: authority.certificate)
        return request
    }

    private static func status(_ running: RunningClassic, _ authority: CertificateAuthority) async -> Int? {
        guard case .success(let response) = await CurlClient(parallelism: 1).perform(Self.request(running, authority))
        else { return nil }
        return response.status
    }

    private static func start(
        _ authority: CertificateAuthority,
        configure: (inout ClassicLoadBalancer) -> Void = { _ in }
    ) async throws -> RunningClassic {
        let certificate = try SecureBalancer.certificate(authority)
        return try await RunningClassic.start(
            instances: 1,
            configure: {
                $0.listeners[0].protocol = .https
                $0.listeners[0].certificate = certificate
                configure(&$0)
            },
            script: { _, _, _ in .bytes("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx") }
        )
    }

    @Test(.covers("CLB-LS-002", "CLB-HD-002", "CLB-LG-002"))
    func `ends at an HTTPS listener, and instances and log are told`() async throws {
        let authority = try CertificateAuthority()
        let running = try await Self.start(authority)
        #expect(await Self.status(running, authority) == 200)
        let request = try #require(running.backends[0].requests.first?.text)
        #expect(request.hasPrefix("GET / HTTP/1.1\r\n"))
        #expect(request.contains("\r\nX-Forwarded-Proto: https\r\n"))
        await running.stop()
        let line = running.log.lines.first ?? ""
        #expect(line.contains("\"GET https://\(SecureBalancer.name):\(running.port)/ HTTP/1.1\""))
        #expect(line.hasSuffix(" TLSv1.2"))
    }

    @Test(.covers("CLB-TL-005"))
    func `shows a replaced certificate to whoever comes then`() async throws {
        let (first, second) = (try CertificateAuthority(), try CertificateAuthority())
        var running = try await Self.start(first)
        #expect(await Self.status(running, first) == 200)
        #expect(await Self.status(running, second) == nil)
        let replaced = try SecureBalancer.certificate(second)
        try await running.change { $0.listeners[0].certificate = replaced }
        #expect(await Self.status(running, second) == 200)
        #expect(await Self.status(running, first) == nil)
        await running.stop()
    }

    @Test(.covers("CLB-LS-017", "CLB-TL-002"))
    func `negotiates by the policy that its listener has been given`() async throws {
        let authority = try CertificateAuthority()
        var running = try await Self.start(authority)
        func speaks(_ suite: String) async -> Bool {
            var request = Self.request(running, authority)
            request.tls?.maximumVersion = .v12
            request.tls?.cipherSuites = suite
            guard case .success(let response) = await CurlClient(parallelism: 1).perform(request) else { return false }
            return response.status == 200
        }
        let (short, long) = ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384")
        #expect(await speaks(short))
        #expect(await speaks(long))
        let custom = ClassicPolicy.Negotiation.custom(versions: [.v12], cipherSuites: [long], serverOrder: true)
        try await running.change {
            $0.policies.append(ClassicPolicy(name: "long", kind: .sslNegotiation(custom)))
            $0.listeners[0].policies = ["long"]
        }
        #expect(await !speaks(short))
        #expect(await speaks(long))
        await running.stop()
    }

    // MARK: Towards instances

    /// An instance that speaks TLS, or does not, with a certificate that nobody vouches for.
    private static func instance(_ flaw: BackendTLS.Flaw? = nil) async throws -> Backend {
        var behaviour = BackendBehaviour()
        var tls = BackendTLS()
        tls.certificate = .selfSigned
        tls.flaw = flaw
        behaviour.tls = tls
        behaviour.healthPaths = ["/health"]
        return try await Backend.start(
            BackendDescription(name: "web", address: .v4(IPv4Address(127, 10, 1, 71)), behaviour: behaviour)
        )
    }

    private static func start(
        before backend: Backend,
        checked proto: ClassicListener.Proto,
        configure: (inout ClassicLoadBalancer) -> Void = { _ in }
    ) async throws -> RunningClassic {
        let endpoint = try #require(backend.endpoints.first)
        return try await RunningClassic.start(
            instances: 0,
            timeScale: 100,
            waits: false,
            configure: {
                $0.instances = [.init(id: InstanceID(rawValue: "i-0"), address: endpoint.address, zone: .a)]
                $0.listeners[0].protocol = .tcp
                $0.listeners[0].instanceProtocol = .ssl
                $0.listeners[0].instancePort = endpoint.port
                $0.healthCheck.target = .init(
                    protocol: proto,
                    port: endpoint.port,
                    path: proto.isHTTP ? "/health" : nil
                )
                configure(&$0)
            },
            script: { _, _, _ in .silence }
        )
    }

    @Test(
        .covers("CLB-HC-006", "CLB-HC-007"),
        arguments: [
            (nil, .tcp, true), (nil, .ssl, true), (nil, .https, true), (nil, .http, false),
            // A connection is all that TCP asks for; SSL asks for a handshake.
            (.plainText, .tcp, true), (.plainText, .ssl, false), (.silent, .tcp, true), (.silent, .ssl, false),
        ] as [(BackendTLS.Flaw?, ClassicListener.Proto, Bool)]
    )
    func `is as much as a check of an instance asks for`(
        flaw: BackendTLS.Flaw?,
        proto: ClassicListener.Proto,
        passes: Bool
    ) async throws {
        let backend = try await Self.instance(flaw)
        let running = try await Self.start(before: backend, checked: proto)
        if passes {
            await running.wait(for: .inService)
        } else {
            // Out of service it is from the start, but not for this reason.
            while await running.balancer.instanceHealth().map(\.health.detail) != [.failedChecks] { await Task.yield() }
        }
        await running.stop()
        await backend.stop()
    }

    @Test(.covers("CLB-HC-007", "CLB-TL-007"))
    func `of an instance whose key is not the one that is asked for fails its checks`() async throws {
        let backend = try await Self.instance()
        let running = try await Self.start(before: backend, checked: .https) {
            $0.policies = [
                // A key of somebody else's.
                ClassicPolicy(name: "key", kind: .publicKey(Self.foreignKey)),
                ClassicPolicy(name: "auth", kind: .backendAuthentication(publicKeyPolicies: ["key"])),
            ]
            $0.backendPolicies[$0.listeners[0].instancePort] = ["auth"]
        }
        while await running.balancer.instanceHealth().map(\.health.detail) != [.failedChecks] { await Task.yield() }
        await running.stop()
        await backend.stop()
    }

    @Test(.covers("CLB-TL-009", "CLB-TL-006"))
    func `names nobody to instances`() async throws {
        let backend = try await Self.instance()
        let authority = try CertificateAuthority()
        let certificate = try SecureBalancer.certificate(authority)
        let running = try await Self.start(before: backend, checked: .tcp) {
            $0.listeners[0].protocol = .ssl
            $0.listeners[0].certificate = certificate
        }
        await running.wait(for: .inService)
        #expect(await Self.status(running, authority) == 200)
        let record = try #require(try await backend.waitForRecords(count: 1, kind: .traffic).first)
        // The client has named a host; nobody tells the instance in the handshake.
        #expect(record.tls != nil && record.tls?.serverName == nil)
        await running.stop()
        await backend.stop()
    }

    /// Of RSA, 2048 bits.
    private static let foreignKey =
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAm6WQSzYv4sVVyXCl2sCmbX6aYUgCyiXrVJw9406BdStC4nnLxgS7"
        + "6CjlKJncpSppUaFrNybdDlsUmp5miun2qpY+ocQ3043/phN7LvrbqLnFLzEacB1I9l/uFcy6YDEFT8MLDIsvjEMc0cLM6BTP"
        + "u98cWs0cceK7RFgU44TfOJGlhzZFt0jAkYZaPD+FGfQcejINQfc2Vli8YLTfN371ZtMHMiljy2qJF2BQ3q0Q4nugmXrzh81P"
        + "BjrvODmuWboguuC8eQX60o1ZkDGUyQ/xkeM3H4kZU6zEpZjlWIXtTkYM8hPJEY6nxeT+Qm8bI7MvizsgREmxB9Yi4FB9CkOe"
        + "xwIDAQAB"
}
