import ELBConformance
import ELBFleet
import ELBModel
import FoundationEssentials
import Testing

/// HTTPS in the files of other makes, with certificates that are real, since some of them are looked up by what stands in them.
@Suite(.timeLimit(.minutes(1))) struct `HTTPS for balancers of other makes` {
    private static let authority = try? CertificateAuthority(name: "shop")

    private static func certificate(
        _ name: String,
        key: CertificateAuthority.Key = .ecdsaP256
    ) throws -> (certificate: Certificate, chain: String) {
        let issued = try #require(Self.authority).issue(name, key: key)
        let source = Certificate.Source.imported(
            certificate: .text(issued.certificate),
            privateKey: .text(issued.privateKey)
        )
        return (Certificate(arn: CertificateARN(rawValue: name), source: source), issued.certificate)
    }

    private static func configuration(
        _ tls: ListenerTLS,
        attributes: LoadBalancerAttributes = .init(),
        group configure: (inout TargetGroup) -> Void = { _ in }
    ) -> SubjectConfiguration {
        let endpoint = Endpoint(address: LabAddresses.privateAddress(.a, host: 64), port: 9001)
        var group = TargetGroup(
            id: TargetGroupID(rawValue: "web"),
            name: TargetGroupName(rawValue: "web"),
            port: 80,
            targetType: .ip,
            targets: [Target(id: TargetID(rawValue: "\(endpoint.address)"), endpoint: endpoint, zone: .a)]
        )
        configure(&group)
        var listener = Listener(port: 8443, defaultActions: [.forward(ForwardAction(to: group.id))])
        listener.protocol = .https
        listener.tls = tls
        var balancer = LoadBalancer(
            name: LoadBalancerName(rawValue: "shop"),
            nodes: [.init(zone: .a, address: LabAddresses.publicAddress(.a, host: 4))],
            listeners: [listener],
            dnsName: "shop-1.ap-northeast-2.elb.aws.test"
        )
        balancer.attributes = attributes
        return SubjectConfiguration(loadBalancer: balancer, targetGroups: [group], timeScale: 10)
    }

    private static func files(_ engine: String, _ configuration: SubjectConfiguration) throws -> [EngineFile] {
        try #require(Engines.engine(engine)).files(for: configuration, folder: "/f")
    }

    private static func text(_ engine: String, _ configuration: SubjectConfiguration) throws -> String {
        // JSON without its line breaks.
        try Self.files(engine, configuration).filter { !$0.name.hasSuffix(".pem") }.map(\.text).joined()
            .split { " \n".contains($0) }.joined(separator: " ")
    }

    /// One that no other certificate has.
    private static func line(_ chain: String) -> Substring { chain.split(separator: "\n")[4] }

    @Test func `nginx finds certificates by maps, a wildcard for one label, and both kinds of key for one name`() throws
    {
        let tls = ListenerTLS(
            defaultCertificate: try Self.certificate("default.example.com").certificate,
            certificates: [
                try Self.certificate("*.Example.com").certificate,
                try Self.certificate("shop.example.com", key: .rsa(bits: 2048)).certificate,
                try Self.certificate("shop.example.com").certificate,
            ]
        )
        let files = try Self.files("nginx", Self.configuration(tls))
        #expect(files.map(\.name) == (0...3).map { "port-8443-\($0).pem" } + ["nginx.conf"])
        #expect(files[0].text.contains("BEGIN CERTIFICATE") && files[0].text.contains("PRIVATE KEY"))
        let text = try #require(files.last?.text)
        let wildcard = "\"~*^[^.]+[.]example[.]com$\" /f/port-8443-1.pem;"
        for (kind, shop) in [(0, 2), (1, 3)] {
            let map = "map $ssl_server_name $p8443_certificate_\(kind) { default /f/port-8443-0.pem; \(wildcard)"
            #expect(text.contains("\(map) \"shop.example.com\" /f/port-8443-\(shop).pem; }"))
            #expect(text.contains("ssl_certificate_key $p8443_certificate_\(kind);"))
        }
        #expect(text.contains("listen 127.50.1.4:8443 ssl http2;") && text.contains("X-Forwarded-Proto https;"))
    }

    @Test func `Caddy shows those of the list to who asks for their names, and the default to anybody else`() throws {
        let rsa = try Self.certificate("shop.example.com", key: .rsa(bits: 2048))
        let ecdsa = try Self.certificate("*.example.net")
        let tls = ListenerTLS(
            defaultCertificate: try Self.certificate("default.example.com").certificate,
            certificates: [rsa.certificate, ecdsa.certificate]
        )
        let text = try Self.text("caddy", Self.configuration(tls))
        #expect(
            text.contains(
                "\"match\": { \"sni\": [ \"*.example.net\", \"shop.example.com\" ] }, "
                    + "\"certificate_selection\": { \"any_tag\": [ \"port-8443-list\" ] }"
            )
        )
        // The one with an RSA key comes behind the others, so that it is shown to those alone who have no use for them.
        let marks = text.split(separator: "\"tags\": [ ").dropFirst().map { $0.prefix { $0 != " " } }
        #expect(marks == ["\"port-8443-default\"", "\"port-8443-list\"", "\"port-8443-list\""])
        let places = try [ecdsa, rsa].map { certificate in
            try #require(text.firstRange(of: Self.line(certificate.chain))?.lowerBound)
        }
        #expect(places[0] < places[1])
    }

    @Test
    func `Envoy gets certificates in their order, and probes that speak something else have a socket of their own`()
        throws
    {
        let first = try Self.certificate("default.example.com")
        let second = try Self.certificate("shop.example.com")
        let tls = ListenerTLS(defaultCertificate: first.certificate, certificates: [second.certificate])
        let configuration = Self.configuration(tls) { $0.protocol = .https }
        let listeners = try Self.files("envoy", configuration).first { $0.name == "listeners.json" }?.text ?? ""
        let places = try [first, second].map { certificate in
            try #require(listeners.firstRange(of: Self.line(certificate.chain))?.lowerBound)
        }
        #expect(places[0] < places[1])
        let text = try Self.text("envoy", configuration)
        #expect(text.contains("\"transport_socket_match_criteria\": { \"probe\": true }"))
        #expect(text.contains("extensions.transport_sockets.raw_buffer.v3.RawBuffer"))
        #expect(text.contains("extensions.transport_sockets.tls.v3.UpstreamTlsContext"))
        #expect(throws: Inexpressible.self) { try Self.files("caddy", configuration) }
    }

    @Test(arguments: [
        ("haproxy", "alpn h2,http/1.1", "alpn http/1.1"), ("nginx", " ssl http2;", " ssl;"),
        ("envoy", "\"alpn_protocols\": [ \"h2\", \"http/1.1\" ]", "\"alpn_protocols\": [ \"http/1.1\" ]"),
        ("caddy", "\"protocols\": [ \"h1\", \"h2\" ]", "\"protocols\": [ \"h1\" ]"),
    ])
    func `HTTP/2 is offered unless it is switched off`(sample: (engine: String, on: String, off: String)) throws {
        let tls = ListenerTLS(defaultCertificate: try Self.certificate("www.example.com").certificate)
        #expect(try Self.text(sample.engine, Self.configuration(tls)).contains(sample.on))
        var attributes = LoadBalancerAttributes()
        attributes.http2Enabled = false
        #expect(try Self.text(sample.engine, Self.configuration(tls, attributes: attributes)).contains(sample.off))
    }

    @Test(arguments: [
        ("haproxy", "ssl-min-ver TLSv1.3 ssl-max-ver TLSv1.3 ciphersuites TLS_AES_128_GCM_SHA256:"),
        ("nginx", "ssl_protocols TLSv1.3;"), ("envoy", "\"tls_minimum_protocol_version\": \"TLSv1_3\""),
        ("caddy", "\"protocol_min\": \"tls1.3\""),
    ])
    func `a policy's versions are the listener's`(sample: (engine: String, text: String)) throws {
        let tls = ListenerTLS(
            sslPolicy: "ELBSecurityPolicy-TLS13-1-3-2021-06",
            defaultCertificate: try Self.certificate("www.example.com").certificate
        )
        #expect(try Self.text(sample.engine, Self.configuration(tls)).contains(sample.text))
    }

    @Test(arguments: [
        ("haproxy", "X-Amzn-Tls-Version %[ssl_fc_protocol]"), ("nginx", "X-Amzn-Tls-Version $ssl_protocol;"),
        ("envoy", "%DOWNSTREAM_TLS_VERSION%"),
    ])
    func `targets are told of TLS where the attribute asks for it`(sample: (engine: String, text: String)) throws {
        let tls = ListenerTLS(defaultCertificate: try Self.certificate("www.example.com").certificate)
        var attributes = LoadBalancerAttributes()
        #expect(try !Self.text(sample.engine, Self.configuration(tls)).contains(sample.text))
        attributes.tlsVersionAndCipherSuiteEnabled = true
        let configuration = Self.configuration(tls, attributes: attributes)
        #expect(try Self.text(sample.engine, configuration).contains(sample.text))
        // Caddy has other words for versions and suites.
        #expect(throws: Inexpressible.self) { try Self.files("caddy", configuration) }
    }

    @Test(arguments: Engines.all.map(\.name))
    func `certificates are read from files, and those that the lab makes are refused`(engine: String) throws {
        let issued = try #require(Self.authority).issue("www.example.com")
        let folder = FileManager.default.temporaryDirectory.appending(path: "elblab-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let paths = ["certificate.pem", "key.pem"].map { folder.appending(path: $0) }
        for (path, text) in zip(paths, [issued.certificate, issued.privateKey]) {
            try Data(text.utf8).write(to: path)
        }
        let configuration = { (source: Certificate.Source) in
            Self.configuration(
                ListenerTLS(defaultCertificate: Certificate(arn: CertificateARN(rawValue: "arn"), source: source))
            )
        }
        let given = configuration(.imported(certificate: .file(paths[0].path), privateKey: .file(paths[1].path)))
        let line = Self.line(issued.certificate)
        #expect(try Self.files(engine, given).contains { $0.text.contains(line) })
        let missing = configuration(.imported(certificate: .file("/f/none"), privateKey: .file("/f/none")))
        let made = configuration(.issued(names: ["www.example.com"], keyAlgorithm: .rsa2048))
        for configuration in [missing, made] {
            #expect(throws: Inexpressible.self) { try Self.files(engine, configuration) }
        }
    }
}
