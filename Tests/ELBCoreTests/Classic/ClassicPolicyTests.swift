import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Policies of a Classic Load Balancer` {
    private static let certificate = Certificate(
        arn: CertificateARN(rawValue: "arn:aws:acm:ap-northeast-2:123456789012:certificate/1"),
        source: .issued(names: ["a.example"], keyAlgorithm: .rsa2048)
    )

    private static func secure(_ negotiation: ClassicPolicy.Negotiation?) throws -> CompiledTLS {
        let policies = negotiation.map { [ClassicPolicy(name: "tls", kind: .sslNegotiation($0))] } ?? []
        let listener = ClassicListener(
            port: 443,
            protocol: .https,
            instancePort: 80,
            certificate: Self.certificate,
            policies: policies.map(\.name)
        )
        let snapshot = try Snapshot(compiling: LoweredClassic(SampleClassic.make([listener], policies: policies)))
        return try #require(snapshot.listeners[0].tls)
    }

    @Test(.covers("CLB-TL-001", "CLB-LS-007"))
    func `negotiate by ELBSecurityPolicy-2016-08 unless told otherwise`() throws {
        let tls = try Self.secure(nil)
        #expect(tls.policy == SecurityPolicy.named("ELBSecurityPolicy-2016-08"))
        #expect(tls.policy.versions == [.v10, .v11, .v12])
        #expect(!tls.quirks.contains(.clientOrder))
        #expect(tls.settings.certificates.isEmpty)
    }

    @Test(.covers("CLB-TL-002", "CLB-TL-003"))
    func `negotiate protocol by protocol and cipher by cipher, in the client's order if they say so`() throws {
        let suites = ["AES256-SHA", "ECDHE-RSA-AES128-GCM-SHA256", "RC4-MD5"]
        let tls = try Self.secure(.custom(versions: [.v12, .v11], cipherSuites: suites, serverOrder: false))
        #expect(tls.policy.versions == [.v11, .v12])
        #expect(tls.policy.cipherSuites.map(\.name) == ["AES256-SHA", "ECDHE-RSA-AES128-GCM-SHA256"])
        #expect(tls.quirks.contains(.clientOrder))
        let predefined = try Self.secure(.predefined("ELBSecurityPolicy-2015-02"))
        #expect(predefined.policy.versions == [.v10, .v11, .v12])
        #expect(!predefined.quirks.contains(.clientOrder))
    }

    @Test
    func `are refused where the lab cannot negotiate like that`() {
        #expect(throws: ModelError.self) {
            try Self.secure(.custom(versions: [.v10, .v12], cipherSuites: ["AES256-SHA"], serverOrder: true))
        }
        #expect(throws: ModelError.self) {
            try Self.secure(.custom(versions: [.v12], cipherSuites: ["RC4-MD5"], serverOrder: true))
        }
        #expect(throws: ModelError.self) { try Self.secure(.predefined("ELBSecurityPolicy-1999")) }
    }

    @Test(.covers("CLB-TL-006", "CLB-TL-007", "CLB-TL-008"))
    func `say whose keys instances must show, on the ports that they are set on`() throws {
        let lowered = try LoweredClassic(
            SampleClassic.make(
                [
                    ClassicListener(port: 80, protocol: .http, instancePort: 443, instanceProtocol: .https),
                    ClassicListener(port: 81, protocol: .http, instancePort: 444, instanceProtocol: .https),
                ],
                policies: [
                    ClassicPolicy(name: "k1", kind: .publicKey("QQ==")),
                    ClassicPolicy(name: "k2", kind: .publicKey("Qg==")),
                    ClassicPolicy(name: "auth", kind: .backendAuthentication(publicKeyPolicies: ["k1", "k2"])),
                ]
            ) {
                $0.backendPolicies = [443: ["auth"]]
                $0.healthCheck.target = .init(protocol: .ssl, port: 443, path: nil)
            }
        )
        let keys = lowered.settings.publicKeys
        #expect(keys[TargetGroupID(rawValue: "shop:HTTPS:443")] == ["QQ==", "Qg=="])
        #expect(keys[TargetGroupID(rawValue: "shop:HTTPS:444")] == nil)
        // Checks that speak TLS to that port look at the key, too.
        #expect(keys[TargetGroupID(rawValue: "shop:instances")] == ["QQ==", "Qg=="])
    }

    @Test(.covers("CLB-PP-001", "CLB-PP-004", "CLB-PP-006"))
    func `ask for a line of PROXY protocol in clear text only`() throws {
        func proxied(_ policies: [Port: [String]]) throws -> Set<String> {
            let lowered = try LoweredClassic(
                SampleClassic.make(
                    [
                        ClassicListener(port: 80, protocol: .tcp, instancePort: 80),
                        ClassicListener(port: 81, protocol: .tcp, instancePort: 443, instanceProtocol: .ssl),
                        ClassicListener(port: 82, protocol: .http, instancePort: 82),
                    ],
                    policies: [ClassicPolicy(name: "p", kind: .proxyProtocol(isEnabled: true))]
                ) { $0.backendPolicies = policies }
            )
            return Set(lowered.settings.proxied.map(\.rawValue))
        }
        #expect(try proxied([80: ["p"], 443: ["p"], 82: ["p"]]) == ["shop:TCP:80"])
        #expect(try proxied([80: []]).isEmpty)
    }

    @Test(.covers("CLB-RT-001", "CLB-LS-002"))
    func `carry streams to one instance after the other`() throws {
        let lowered = try LoweredClassic(
            SampleClassic.make([ClassicListener(port: 80, protocol: .tcp, instancePort: 80, instanceProtocol: .ssl)])
        )
        #expect(lowered.hasStreams)
        #expect(lowered.loadBalancer.listeners[0].protocol == .tcp)
        #expect(lowered.targetGroups[1].protocol == .tls)
        #expect(lowered.targetGroups[1].attributes.algorithm == .roundRobin)
    }
}

@Suite struct `A surge queue` {
    @Test(.covers("CLB-RT-008"))
    func `has room for 1024 and turns away who comes then`() {
        var queue = SurgeQueue()
        let joined = (0..<1024).count { _ in queue.join() }
        #expect(joined == 1024)
        let isTurnedAway = !queue.join()
        #expect(isTurnedAway)
        #expect(queue.depth == 1024)
        queue.leave()
        let finds = queue.join()
        #expect(finds)
    }

    @Test func `tells how long it was at most in a period`() {
        var queue = SurgeQueue(limit: 3)
        for _ in 0..<3 { _ = queue.join() }
        for _ in 0..<2 { queue.leave() }
        #expect(queue.depth == 3)
        queue.periodEnds()
        #expect(queue.depth == 1)
    }
}
