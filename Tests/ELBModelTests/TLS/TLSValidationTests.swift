import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Validation of certificates and client authentication` {
    private static func certificate(_ name: String = "c", names: [String] = ["example.com"]) -> Certificate {
        Certificate(
            arn: CertificateARN(rawValue: "arn:aws:acm:ap-northeast-2:123456789012:certificate/\(name)"),
            source: .issued(names: names, keyAlgorithm: .rsa2048)
        )
    }

    private static let bundle = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"
    private static let list = "-----BEGIN X509 CRL-----\nMA==\n-----END X509 CRL-----\n"

    private static func store(_ name: String = "store", bundle: String = bundle, lists: [String] = []) -> TrustStore {
        TrustStore(
            arn: TrustStoreARN(rawValue: name),
            name: name,
            caCertificates: .text(bundle),
            revocations: lists.map { .text($0) }
        )
    }

    private static func listener(_ tls: ListenerTLS?, port: Port = 443, protocol: Listener.Proto = .https) -> Listener {
        Listener(
            port: port,
            protocol: `protocol`,
            defaultActions: [.fixedResponse(.init(statusCode: 200))],
            tls: tls
        )
    }

    private static func tls(_ change: (inout ListenerTLS) -> Void = { _ in }) -> ListenerTLS {
        var tls = ListenerTLS(defaultCertificate: Self.certificate())
        change(&tls)
        return tls
    }

    private static func balancer(_ listeners: [Listener]) -> LoadBalancer {
        LoadBalancer(
            name: LoadBalancerName(rawValue: "lb"),
            nodes: [.init(zone: .a, address: .loopback)],
            listeners: listeners,
            dnsName: "lb"
        )
    }

    private static func errors(_ errors: [ModelError]) -> [String] {
        errors.map { "\($0.code.rawValue) at \($0.property)" }
    }

    @Test(.covers("ALB-LSN-007"))
    func `an HTTPS listener needs a certificate, and an HTTP listener takes none`() {
        #expect(Self.listener(Self.tls()).validate().isEmpty)
        #expect(Self.errors(Self.listener(nil).validate()) == ["ValidationError at Certificates"])
        #expect(
            Self.errors(Self.listener(Self.tls(), protocol: .http).validate()) == ["ValidationError at Certificates"]
        )
        #expect(
            Self.errors(Self.listener(Self.tls { $0.sslPolicy = "ELBSecurityPolicy-Mine" }).validate())
                == ["SSLPolicyNotFound at SslPolicy"]
        )
    }

    @Test(.covers("ALB-LSN-008"))
    func `a change to HTTP drops certificate and policy, and a change to HTTPS needs them`() throws {
        var listener = Self.listener(Self.tls { $0.sslPolicy = "ELBSecurityPolicy-FS-2018-06" })
        try listener.modify(protocol: .http)
        #expect(listener.tls == nil)
        #expect(throws: ModelError.self) { try listener.modify(protocol: .https) }
        #expect(throws: ModelError.self) { try listener.modify(protocol: .http, tls: Self.tls()) }
        #expect(listener.protocol == .http)
        try listener.modify(protocol: .https, tls: Self.tls())
        #expect(listener.tls == Self.tls())
        try listener.modify(protocol: .https)
        #expect(listener.tls == Self.tls())
    }

    @Test(.covers("ALB-TLS-010", "INT-AC-002"))
    func `25 certificates beside the default ones, over all listeners`() {
        func listener(_ port: Port, _ count: Int) -> Listener {
            Self.listener(Self.tls { $0.certificates = (0..<count).map { Self.certificate("c\($0)") } }, port: port)
        }
        #expect(Self.balancer([listener(443, 20), listener(444, 5)]).validate().isEmpty)
        #expect(
            Self.errors(Self.balancer([listener(443, 20), listener(444, 6)]).validate())
                == ["TooManyCertificates at Listeners"]
        )
    }

    @Test(.covers("INT-AC-001")) func `a certificate of another region is not found`() {
        var elsewhere = Self.certificate()
        elsewhere.arn = CertificateARN(rawValue: "arn:aws:acm:us-east-1:123456789012:certificate/x")
        #expect(
            Self.errors(Self.listener(Self.tls { $0.defaultCertificate = elsewhere }).validate())
                == ["CertificateNotFound at Certificates[0].CertificateArn"]
        )
        elsewhere.arn = CertificateARN(rawValue: "arn:aws:iam::123456789012:server-certificate/x")
        #expect(Self.listener(Self.tls { $0.defaultCertificate = elsewhere }).validate().isEmpty)
    }

    @Test(arguments: [
        ("example.com", true), ("*.example.com", true), ("a-b.example.com", true), ("example", false), ("*", false),
        ("a.*.example.com", false), ("-a.example.com", false), ("a..com", false), ("", false), ("ä.example.com", false),
    ])
    func `certificates are for domain names`(name: String, isRight: Bool) {
        let tls = Self.tls { $0.defaultCertificate = Self.certificate(names: [name]) }
        #expect(Self.listener(tls).validate().isEmpty == isRight)
    }

    @Test func `FIPS policies do not mix with others`() {
        let fips = Self.listener(Self.tls { $0.sslPolicy = "ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04" })
        #expect(Self.balancer([fips]).validate().isEmpty)
        #expect(
            Self.errors(Self.balancer([fips, Self.listener(Self.tls(), port: 444)]).validate())
                == ["InvalidConfigurationRequest at Listeners"]
        )
    }

    @Test(.covers("ALB-TLS-015", "ALB-TLS-021", "ALB-TLS-022"))
    func `a trust store and its settings belong to mode verify`() {
        func errors(_ mutual: MutualAuthentication) -> [String] {
            Self.errors(Self.listener(Self.tls { $0.mutualAuthentication = mutual }).validate())
        }
        #expect(Self.tls().mutualAuthentication.mode == .off)
        #expect(errors(.init(mode: .passthrough)).isEmpty)
        #expect(errors(.init(mode: .verify, trustStore: Self.store(), ignoreClientCertificateExpiry: true)).isEmpty)
        #expect(errors(.init(mode: .verify)) == ["ValidationError at MutualAuthentication.TrustStoreArn"])
        #expect(
            errors(.init(mode: .passthrough, trustStore: Self.store(), advertiseTrustStoreCANames: true)) == [
                "ValidationError at MutualAuthentication.TrustStoreArn",
                "ValidationError at MutualAuthentication.AdvertiseTrustStoreCaNames",
            ]
        )
        #expect(
            errors(.init(mode: .off, ignoreClientCertificateExpiry: true))
                == ["ValidationError at MutualAuthentication.IgnoreClientCertificateExpiry"]
        )
    }

    @Test(.covers("ALB-TLS-026")) func `trust stores have limits`() {
        func verify(_ port: Port, _ store: TrustStore) -> Listener {
            Self.listener(Self.tls { $0.mutualAuthentication = .init(mode: .verify, trustStore: store) }, port: port)
        }
        let one = Self.store()
        #expect(Self.balancer([verify(443, one), verify(444, one)]).validate().isEmpty)
        #expect(
            Self.errors(Self.balancer([verify(443, one), verify(444, one), verify(445, one)]).validate())
                == ["InvalidConfigurationRequest at Listeners"]
        )
        func bundle(_ count: Int) -> [ModelError] {
            verify(443, Self.store(bundle: String(repeating: Self.bundle, count: count))).validate()
        }
        #expect(bundle(25).isEmpty)
        #expect(bundle(26).map(\.code) == [.invalidCaCertificatesBundle])
        #expect(bundle(0).map(\.code) == [.invalidCaCertificatesBundle])
        let balancers = (0..<21).map { index in
            var balancer = Self.balancer([verify(443, Self.store("store-\(index)"))])
            balancer.name = LoadBalancerName(rawValue: "lb-\(index)")
            return balancer
        }
        #expect(Topology(loadBalancers: Array(balancers.prefix(20))).validate().isEmpty)
        #expect(Topology(loadBalancers: balancers).validate().map(\.code) == [.tooManyTrustStores])
    }

    @Test(.covers("ALB-TLS-025")) func `revocation lists are PEM, and at most 30`() {
        func errors(_ lists: [String]) -> [ModelError.Code] {
            let store = Self.store(lists: lists)
            return Self.listener(
                Self.tls { $0.mutualAuthentication = .init(mode: .verify, trustStore: store) }
            ).validate().map(\.code)
        }
        #expect(errors(Array(repeating: Self.list, count: 30)).isEmpty)
        #expect(errors(Array(repeating: Self.list, count: 31)) == [.tooManyTrustStoreRevocationEntries])
        #expect(errors(["0\u{1}\u{2}"]) == [.invalidRevocationContent])
        #expect(TrustStore.judge(revocationList: Self.list + String(repeating: "x", count: 50 << 20)) != nil)
    }

    @Test func `blocks of PEM are counted`() {
        #expect(PEMText.blocks(of: "CERTIFICATE", in: Self.bundle + "-" + Self.bundle) == 2)
        #expect(PEMText.blocks(of: "CERTIFICATE", in: "----BEGIN CERTIFICATE-----") == 0)
        #expect(PEMText.blocks(of: "X509 CRL", in: Self.bundle + Self.list) == 1)
    }
}
