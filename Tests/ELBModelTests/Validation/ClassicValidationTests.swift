import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Validation of Classic Load Balancers` {
    private static let certificate = Certificate(
        arn: CertificateARN(rawValue: "arn:aws:acm:ap-northeast-2:123456789012:certificate/1"),
        source: .issued(names: ["www.example.com"], keyAlgorithm: .rsa2048)
    )

    private static func listener(
        _ protocol: ClassicListener.Proto = .http,
        _ port: Port = 80,
        to instanceProtocol: ClassicListener.Proto? = nil,
        _ instancePort: Port = 8080,
        policies: [String] = []
    ) -> ClassicListener {
        ClassicListener(
            port: port,
            protocol: `protocol`,
            instancePort: instancePort,
            instanceProtocol: instanceProtocol,
            certificate: `protocol`.isSecure ? Self.certificate : nil,
            policies: policies
        )
    }

    private static func balancer(
        _ listeners: [ClassicListener] = [listener()],
        _ change: (inout ClassicLoadBalancer) -> Void = { _ in }
    ) -> ClassicLoadBalancer {
        var balancer = ClassicLoadBalancer(
            name: LoadBalancerName(rawValue: "old"),
            nodes: [.init(zone: .a, address: .loopback)],
            listeners: listeners,
            dnsName: "old"
        )
        change(&balancer)
        return balancer
    }

    private static func errors(
        _ listeners: [ClassicListener] = [listener()],
        _ change: (inout ClassicLoadBalancer) -> Void = { _ in }
    ) -> [String] {
        Self.balancer(listeners, change).validate().map { "\($0.code.rawValue) at \($0.property)" }
    }

    private static func policy(_ name: String, _ kind: ClassicPolicy.Kind) -> ClassicPolicy {
        ClassicPolicy(name: name, kind: kind)
    }

    @Test func `accepts what is right`() {
        #expect(Self.errors() == [])
        #expect(Self.errors([]) == [])
        #expect(Topology(classicLoadBalancers: [Self.balancer()]).validate() == [])
    }

    @Test(
        .covers("CLB-AP-007"),
        arguments: [
            ("a", true), ("a-1", true), (String(repeating: "a", count: 32), true),
            (String(repeating: "a", count: 33), false), ("", false), ("-a", false), ("a-", false), ("a_b", false),
        ]
    )
    func `judges names`(name: String, isAllowed: Bool) {
        let errors = Self.errors { $0.name = LoadBalancerName(rawValue: name) }
        #expect(errors.isEmpty == isAllowed)
        #expect(errors.allSatisfy { $0 == "ValidationError at Name" })
    }

    @Test(.covers("CLB-AP-007", "CLB-AP-010"))
    func `judges all together`() {
        let twice = Topology(classicLoadBalancers: [Self.balancer(), Self.balancer()]).validate()
        #expect(twice.map(\.code) == [.duplicateLoadBalancerName])
        let many = (0...20).map { number in Self.balancer { $0.name = LoadBalancerName(rawValue: "lb\(number)") } }
        #expect(Topology(classicLoadBalancers: many).validate().map(\.code) == [.tooManyLoadBalancers])
        #expect(Topology(classicLoadBalancers: Array(many.dropLast())).validate().isEmpty)
    }

    @Test(.covers("CLB-AP-008"))
    func `judges zones`() {
        #expect(Self.errors { $0.nodes = [] } == ["InvalidConfigurationRequest at Subnets"])
        #expect(Self.errors { $0.nodes += $0.nodes } == ["InvalidConfigurationRequest at Subnets[1]"])
    }

    @Test(
        .covers("CLB-LS-001", "CLB-LS-002"),
        arguments: ClassicListener.Proto.allCases,
        ClassicListener.Proto.allCases
    )
    func `judges pairs of protocols`(front: ClassicListener.Proto, back: ClassicListener.Proto) {
        let isAllowed =
            [front, back].allSatisfy { [.http, .https].contains($0) }
            || [front, back].allSatisfy { [.tcp, .ssl].contains($0) }
        let errors = Self.errors([Self.listener(front, to: back)])
        #expect(errors == (isAllowed ? [] : ["InvalidConfigurationRequest at Listeners[0].InstanceProtocol"]))
    }

    @Test(
        .covers("CLB-LS-004"),
        arguments: [
            (ClassicListener.Proto.http, ClassicListener.Proto.http), (.https, .http), (.tcp, .tcp), (.ssl, .tcp),
        ]
    )
    func `takes the plain protocol where none is given`(front: ClassicListener.Proto, back: ClassicListener.Proto) {
        #expect(Self.listener(front).instanceProtocol == back)
    }

    @Test(.covers("CLB-LS-003"))
    func `judges instance ports that several listeners share`() {
        let place = "Listeners[1].InstanceProtocol"
        #expect(
            Self.errors([Self.listener(), Self.listener(.https, 443, to: .https)])
                == ["InvalidConfigurationRequest at \(place)"]
        )
        #expect(Self.errors([Self.listener(), Self.listener(.https, 443, to: .http)]) == [])
        #expect(Self.errors([Self.listener(), Self.listener(.tcp, 81)]) == [])
        #expect(Self.errors([Self.listener(), Self.listener(.https, 443, to: .https, 8443)]) == [])
    }

    @Test(.covers("CLB-LS-005"))
    func `judges ports that are taken`() {
        #expect(
            Self.errors([Self.listener(), Self.listener(.tcp)])
                == ["DuplicateListener at Listeners[1].LoadBalancerPort"]
        )
    }

    @Test(.covers("CLB-LS-006", "CLB-TL-004"))
    func `judges certificates`() {
        func errors(_ protocol: ClassicListener.Proto, _ certificate: Certificate?) -> [String] {
            var listener = Self.listener(`protocol`)
            listener.certificate = certificate
            return Self.errors([listener])
        }
        #expect(errors(.https, Self.certificate) == [])
        #expect(errors(.ssl, nil) == ["ValidationError at Listeners[0].SSLCertificateId"])
        #expect(errors(.http, Self.certificate) == ["ValidationError at Listeners[0].SSLCertificateId"])
        var elliptic = Self.certificate
        elliptic.source = .issued(names: ["www.example.com"], keyAlgorithm: .ecdsaP256)
        #expect(errors(.https, elliptic) == ["InvalidConfigurationRequest at Listeners[0].SSLCertificateId"])
        elliptic.arn = CertificateARN(rawValue: "arn:aws:iam::123456789012:server-certificate/www")
        #expect(errors(.https, elliptic) == [])
        var foreign = Self.certificate
        foreign.arn = CertificateARN(rawValue: "arn:aws:acm:us-east-1:123456789012:certificate/1")
        #expect(errors(.https, foreign) == ["CertificateNotFound at Listeners[0].SSLCertificateId"])
    }

    @Test(
        .covers("CLB-HC-001"),
        arguments: [
            ("TCP:80", true), ("SSL:443", true), ("HTTP:1/", true), ("HTTPS:65535/a?b=c", true), ("tcp:80", true),
            ("HTTP:80", false), ("HTTPS:80", false), ("TCP:80/", false), ("SSL:80/a", false), ("TCP:0", false),
            ("TCP:65536", false), ("TCP:", false), ("TCP", false), ("UDP:80", false), ("HTTP:80/a b", false),
            ("", false),
            ("HTTP:80/" + String(repeating: "a", count: 1016), true),
            ("HTTP:80/" + String(repeating: "a", count: 1017), false),
        ]
    )
    func `reads targets of health checks`(text: String, isAllowed: Bool) {
        let target = ClassicHealthCheck.Target(text)
        #expect((target != nil) == isAllowed)
        if let target { #expect("\(target)".lowercased() == text.lowercased()) }
    }

    @Test(.covers("CLB-HC-002", "CLB-HC-003"))
    func `judges health checks`() {
        func errors(_ change: (inout ClassicHealthCheck) -> Void) -> [String] {
            Self.errors { change(&$0.healthCheck) }
        }
        let check = ClassicHealthCheck()
        #expect("\(check.target)" == "TCP:80")
        #expect(
            [check.intervalSeconds, check.timeoutSeconds, check.unhealthyThreshold, check.healthyThreshold] == [
                30, 5, 2, 10,
            ]
        )
        #expect(errors { ($0.intervalSeconds, $0.timeoutSeconds) = (5, 2) } == [])
        #expect(errors { ($0.intervalSeconds, $0.timeoutSeconds) = (300, 60) } == [])
        #expect(
            errors { ($0.intervalSeconds, $0.timeoutSeconds) = (4, 2) } == ["ValidationError at HealthCheck.Interval"]
        )
        #expect(errors { $0.intervalSeconds = 301 } == ["ValidationError at HealthCheck.Interval"])
        #expect(errors { $0.timeoutSeconds = 1 } == ["ValidationError at HealthCheck.Timeout"])
        #expect(
            errors { ($0.intervalSeconds, $0.timeoutSeconds) = (300, 61) } == ["ValidationError at HealthCheck.Timeout"]
        )
        #expect(
            errors { ($0.intervalSeconds, $0.timeoutSeconds) = (30, 30) } == ["ValidationError at HealthCheck.Timeout"]
        )
        #expect(errors { ($0.unhealthyThreshold, $0.healthyThreshold) = (2, 2) } == [])
        #expect(errors { ($0.unhealthyThreshold, $0.healthyThreshold) = (10, 10) } == [])
        #expect(errors { $0.unhealthyThreshold = 1 } == ["ValidationError at HealthCheck.UnhealthyThreshold"])
        #expect(errors { $0.healthyThreshold = 11 } == ["ValidationError at HealthCheck.HealthyThreshold"])
    }

    @Test(.covers("CLB-RT-006", "CLB-DR-001", "CLB-TO-001", "CLB-DS-001", "CLB-LG-001"))
    func `judges attributes`() {
        func errors(_ change: (inout ClassicAttributes) -> Void) -> [String] { Self.errors { change(&$0.attributes) } }
        let attributes = ClassicAttributes()
        #expect(!attributes.crossZoneEnabled)
        #expect(attributes.connectionDrainingSeconds == nil)
        #expect(ClassicAttributes.defaultDrainingSeconds == 300)
        #expect(attributes.idleTimeoutSeconds == 60)
        #expect(attributes.desyncMitigationMode == .defensive)
        #expect(!attributes.accessLog.delivery.isEnabled)
        #expect(attributes.accessLog.intervalMinutes == 60)
        let place = "InvalidConfigurationRequest at LoadBalancerAttributes"
        #expect(errors { $0.idleTimeoutSeconds = 0 } == ["\(place).ConnectionSettings.IdleTimeout"])
        #expect(errors { $0.idleTimeoutSeconds = 4001 } == ["\(place).ConnectionSettings.IdleTimeout"])
        #expect(errors { $0.idleTimeoutSeconds = 1 } == [])
        #expect(errors { $0.idleTimeoutSeconds = 3600 } == [])
        #expect(errors { $0.connectionDrainingSeconds = 0 } == ["\(place).ConnectionDraining.Timeout"])
        #expect(errors { $0.connectionDrainingSeconds = 3601 } == ["\(place).ConnectionDraining.Timeout"])
        #expect(errors { $0.connectionDrainingSeconds = 3600 } == [])
        #expect(errors { $0.accessLog.delivery.isEnabled = true } == ["\(place).AccessLog.S3BucketName"])
        #expect(errors { $0.accessLog.intervalMinutes = 30 } == ["\(place).AccessLog.EmitInterval"])
        #expect(errors { $0.accessLog.delivery = LogDelivery(isEnabled: true, bucket: "logs", prefix: "a/b") } == [])
        #expect(
            errors { $0.accessLog.delivery = LogDelivery(isEnabled: true, bucket: "logs", prefix: "../b") }
                == ["\(place).AccessLog.S3BucketPrefix"]
        )
        #expect(errors { $0.accessLog.delivery.bucket = "My Logs" } == ["\(place).AccessLog.S3BucketName"])
    }

    @Test(.covers("CLB-RT-011", "CLB-AP-010"))
    func `judges instances and numbers`() {
        func instances(_ numbers: some Sequence<Int>) -> [ClassicLoadBalancer.RegisteredInstance] {
            numbers.map { .init(id: InstanceID(rawValue: "i-\($0)"), address: .loopback, zone: .a) }
        }
        #expect(Self.errors { $0.instances = instances(1...1000) } == [])
        #expect(Self.errors { $0.instances = instances(0...1000) } == ["InvalidConfigurationRequest at Instances"])
        #expect(Self.errors { $0.instances = instances([1, 2, 1]) } == ["InvalidInstance at Instances[2]"])
        let listeners = (1...101).compactMap(Port.init).map { Self.listener(.tcp, $0) }
        #expect(Self.errors(listeners) == ["InvalidConfigurationRequest at Listeners"])
        #expect(Self.errors(Array(listeners.dropLast())) == [])
    }

    @Test func `judges policies by themselves`() {
        func errors(_ kind: ClassicPolicy.Kind, name: String = "p") -> [String] {
            Self.errors { $0.policies = [Self.policy(name, kind)] }
        }
        #expect(errors(.durationStickiness(seconds: nil)) == [])
        #expect(errors(.durationStickiness(seconds: 1)) == [])
        #expect(errors(.durationStickiness(seconds: -1)) == ["ValidationError at Policies[0].CookieExpirationPeriod"])
        #expect(errors(.durationStickiness(seconds: nil), name: "a_b") == ["ValidationError at Policies[0].PolicyName"])
        #expect(errors(.durationStickiness(seconds: nil), name: "") == ["ValidationError at Policies[0].PolicyName"])
        #expect(errors(.applicationStickiness(cookie: "JSESSIONID")) == [])
        #expect(errors(.applicationStickiness(cookie: "a b")) == ["ValidationError at Policies[0].CookieName"])
        #expect(
            errors(.applicationStickiness(cookie: "AWSELB")) == [
                "InvalidConfigurationRequest at Policies[0].CookieName"
            ]
        )
        #expect(errors(.publicKey("TUlJ")) == [])
        #expect(errors(.publicKey("-----BEGIN")) == ["InvalidConfigurationRequest at Policies[0].PublicKey"])
        #expect(
            Self.errors { $0.policies = Array(repeating: Self.policy("p", .proxyProtocol(isEnabled: true)), count: 2) }
                == ["DuplicatePolicyName at Policies[1].PolicyName"]
        )
        let many = (0...100).map { Self.policy("p\($0)", .proxyProtocol(isEnabled: true)) }
        #expect(Self.errors { $0.policies = many } == ["TooManyPolicies at Policies"])
    }

    @Test(.covers("CLB-TL-002"))
    func `judges what policies negotiate`() {
        func errors(_ negotiation: ClassicPolicy.Negotiation) -> [String] {
            Self.errors { $0.policies = [Self.policy("p", .sslNegotiation(negotiation))] }
        }
        for policy in ClassicSecurityPolicy.all { #expect(errors(.predefined(policy.name)) == []) }
        #expect(
            errors(.predefined("ELBSecurityPolicy-TLS13-1-2-2021-06"))
                == ["InvalidConfigurationRequest at Policies[0].Reference-Security-Policy"]
        )
        func custom(_ versions: [TLSVersion], _ suites: [String]) -> [String] {
            errors(.custom(versions: versions, cipherSuites: suites, serverOrder: true))
        }
        let place = "at Policies[0]"
        #expect(custom([.v12], ["ECDHE-RSA-AES128-GCM-SHA256"]) == [])
        #expect(custom([], ["ECDHE-RSA-AES128-GCM-SHA256"]) == ["InvalidConfigurationRequest \(place)"])
        #expect(custom([.v12], []) == ["InvalidConfigurationRequest \(place)"])
        #expect(custom([.v13], ["ECDHE-RSA-AES128-GCM-SHA256"]) == ["InvalidConfigurationRequest \(place)"])
        #expect(custom([.v12], ["ECDHE-RSA-AES128-GCM-SHA256", "mine"]) == ["InvalidConfigurationRequest \(place)"])
        #expect(custom([.v12], ["RC4-SHA"]) == ["NotInLab \(place)"])
    }

    @Test(.covers("CLB-TL-001", "CLB-TL-002", "CLB-TL-003"))
    func `knows AWS's predefined policies`() throws {
        #expect(
            ClassicSecurityPolicy.all.map(\.name) == [
                "ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-TLS-1-2-2017-01", "ELBSecurityPolicy-TLS-1-1-2017-01",
                "ELBSecurityPolicy-2015-05", "ELBSecurityPolicy-2015-03", "ELBSecurityPolicy-2015-02",
                "ELBSecurityPolicy-2014-10", "ELBSecurityPolicy-2014-01", "ELBSecurityPolicy-2011-08",
                "ELBSample-ELBDefaultCipherPolicy", "ELBSample-OpenSSLDefaultCipherPolicy",
            ]
        )
        let usual = try #require(ClassicSecurityPolicy.named(ClassicSecurityPolicy.defaultName))
        #expect(usual.versions == [.v10, .v11, .v12])
        #expect(usual.serverOrder)
        #expect(usual.cipherSuites.count == 18)
        let old = try #require(ClassicSecurityPolicy.named("ELBSecurityPolicy-2011-08"))
        #expect(!old.serverOrder)
        #expect(old.hasSSL3)
        #expect(
            ClassicSecurityPolicy.all.allSatisfy { $0.cipherSuites.allSatisfy(ClassicSecurityPolicy.known.contains) }
        )
    }

    @Test(.covers("CLB-SK-001"))
    func `judges policies on listeners`() {
        func errors(_ protocol: ClassicListener.Proto, _ names: String...) -> [String] {
            Self.errors([Self.listener(`protocol`, policies: names)]) {
                $0.policies = [
                    Self.policy("duration", .durationStickiness(seconds: nil)),
                    Self.policy("application", .applicationStickiness(cookie: "c")),
                    Self.policy("tls", .sslNegotiation(.predefined(ClassicSecurityPolicy.defaultName))),
                    Self.policy("proxy", .proxyProtocol(isEnabled: true)),
                ]
            }
        }
        let refused = ["InvalidConfigurationRequest at Listeners[0].PolicyNames"]
        #expect(errors(.http, "duration") == [])
        #expect(errors(.https, "application", "tls") == [])
        #expect(errors(.ssl, "tls") == [])
        #expect(errors(.tcp, "duration") == refused)
        #expect(errors(.ssl, "application") == refused)
        #expect(errors(.http, "tls") == refused)
        #expect(errors(.tcp, "proxy") == refused)
        #expect(errors(.http, "duration", "application") == refused)
        #expect(errors(.http, "duration", "duration") == refused)
        #expect(errors(.http, "none") == ["PolicyNotFound at Listeners[0].PolicyNames"])
    }

    @Test(.covers("CLB-PP-001", "CLB-PP-004", "CLB-TL-007", "CLB-TL-008"))
    func `judges policies on instance ports`() {
        func errors(
            _ front: ClassicListener.Proto,
            _ back: ClassicListener.Proto,
            port: Port = 8080,
            _ names: String...
        ) -> [String] {
            Self.errors([Self.listener(front, to: back)]) {
                $0.policies = [
                    Self.policy("proxy", .proxyProtocol(isEnabled: true)),
                    Self.policy("proxy2", .proxyProtocol(isEnabled: true)),
                    Self.policy("key", .publicKey("TUlJ")), Self.policy("key2", .publicKey("TUlK")),
                    Self.policy("trust", .backendAuthentication(publicKeyPolicies: ["key", "key2"])),
                    Self.policy("duration", .durationStickiness(seconds: nil)),
                ]
                $0.backendPolicies = [port: names]
            }
        }
        let refused = ["InvalidConfigurationRequest at BackendServers[8080].PolicyNames"]
        #expect(errors(.tcp, .tcp, "proxy") == [])
        #expect(errors(.ssl, .tcp, "proxy") == [])
        #expect(errors(.ssl, .ssl, "proxy") == refused)
        #expect(errors(.http, .http, "proxy") == [])
        #expect(errors(.https, .https, "trust") == [])
        #expect(errors(.ssl, .ssl, "trust") == [])
        #expect(errors(.https, .http, "trust") == refused)
        #expect(errors(.https, .https, "key") == refused)
        #expect(errors(.http, .http, "duration") == refused)
        #expect(errors(.tcp, .tcp, "proxy", "proxy2") == refused)
        #expect(errors(.tcp, .tcp, "none") == ["PolicyNotFound at BackendServers[8080].PolicyNames"])
        #expect(
            errors(.tcp, .tcp, port: 81, "proxy") == ["InvalidConfigurationRequest at BackendServers[81].PolicyNames"]
        )
        func keys(_ names: [String]) -> [String] {
            Self.errors { $0.policies = [Self.policy("trust", .backendAuthentication(publicKeyPolicies: names))] }
        }
        #expect(keys([]) == ["InvalidConfigurationRequest at Policies[0].PublicKeyPolicyName"])
        #expect(keys(["none"]) == ["InvalidConfigurationRequest at Policies[0].PublicKeyPolicyName"])
    }
}
