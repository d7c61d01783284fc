import ELBModel
import ELBTestSupport
import Testing

@Suite struct `A target group of protocol version HTTP2 or GRPC` {
    private static let id = TargetGroupID(rawValue: "api")

    private static func errors(
        _ version: TargetGroup.ProtocolVersion,
        on protocol: Listener.Proto,
        actions: [RuleAction] = [.forward(ForwardAction(to: Self.id))]
    ) -> [ModelError.Code] {
        let certificate = Certificate(
            arn: CertificateARN(rawValue: "arn:aws:acm:ap-northeast-2:123456789012:certificate/1"),
            source: .issued(names: ["www.example.com"], keyAlgorithm: .ecdsaP256)
        )
        let topology = Topology(
            loadBalancers: [
                LoadBalancer(
                    name: LoadBalancerName(rawValue: "web"),
                    nodes: [
                        .init(zone: .a, address: .v4(IPv4Address(127, 50, 1, 4))),
                        .init(zone: .b, address: .v4(IPv4Address(127, 50, 2, 4))),
                    ],
                    listeners: [
                        Listener(
                            port: 8443,
                            protocol: `protocol`,
                            defaultActions: actions,
                            tls: `protocol` == .https ? ListenerTLS(defaultCertificate: certificate) : nil
                        )
                    ],
                    dnsName: "web-1.ap-northeast-2.elb.aws.test"
                )
            ],
            targetGroups: [
                TargetGroup(
                    id: Self.id,
                    name: TargetGroupName(rawValue: "api"),
                    protocolVersion: version,
                    port: 80,
                    targetType: .ip
                )
            ]
        )
        return topology.validate().map(\.code)
    }

    @Test(.covers("ALB-HTTP-008")) func `is one of three, HTTP1 unless said otherwise`() {
        let group = TargetGroup(id: Self.id, name: TargetGroupName(rawValue: "api"), port: 80)
        #expect(group.protocolVersion == .http1)
        #expect(TargetGroup.ProtocolVersion.allCases.map(\.rawValue) == ["HTTP1", "HTTP2", "GRPC"])
    }

    @Test(.covers("ALB-HTTP-010"), arguments: TargetGroup.ProtocolVersion.allCases)
    func `serves HTTPS listeners only`(version: TargetGroup.ProtocolVersion) {
        #expect(Self.errors(version, on: .https) == [])
        #expect(Self.errors(version, on: .http) == (version == .http1 ? [] : [.incompatibleProtocols]))
    }

    @Test(.covers("ALB-RULE-017"), arguments: [TargetGroup.ProtocolVersion.http2, .grpc])
    func `lets nothing happen before the forward`(version: TargetGroup.ProtocolVersion) {
        let check = JWTValidationAction(jwksEndpoint: "https://id.example.com/jwks", issuer: "https://id.example.com")
        let actions: [RuleAction] = [.jwtValidation(check), .forward(ForwardAction(to: Self.id))]
        #expect(Self.errors(version, on: .https, actions: actions) == [.invalidLoadBalancerAction])
        #expect(Self.errors(.http1, on: .https, actions: actions) == [])
    }

    @Test(
        .covers("ALB-HC-011"),
        arguments: [("0", true), ("12", true), ("0-99", true), ("0,12", true), ("100", false), ("-1", false)]
    )
    func `matches gRPC codes from 0 to 99`(text: String, isGood: Bool) {
        #expect((StatusMatcher(text, allowed: StatusMatcher.grpcCodes) != nil) == isGood)
    }
}
