import ELBControlAPI
import ELBModel
import ELBTestSupport
import Testing

/// What subject files and templates say of rewriting, of listeners and of targets, and what is refused.
@Suite struct `Configurations of listeners and targets` {
    private static func subject(
        listener: String = "",
        rule: String = "",
        protocol: String = "HTTP",
        port: Int = 80
    ) -> String {
        """
        { "Schema": "elblab/lb-config/v1", "Type": "application", "Name": "web", "DNSName": "web.test",
          "Nodes": [{ "AvailabilityZone": "ap-northeast-2a", "Address": "127.50.1.4" }],
          "Listeners": [{
            "Port": \(port), "Protocol": "\(`protocol`)", \(listener)
            "DefaultActions": [{ "Type": "forward", "TargetGroupArn": "g" }],
            "Rules": [{ "Priority": 1, "Conditions": [{ "Field": "path-pattern", "Values": ["/*"] }], \(rule)
              "Actions": [{ "Type": "forward", "TargetGroupArn": "g" }] }]
          }],
          "TargetGroups": [{ "Name": "g", "Protocol": "HTTP", "Port": 80, "TargetType": "ip" }] }
        """
    }

    private static func read(_ text: String) throws(DiagnosticsError) -> Listener? {
        try SubjectConfigurationReader.read(Array(text.utf8), file: "lb.json").loadBalancer.listeners.first
    }

    private static func errors(_ text: String) -> [String] {
        do throws(DiagnosticsError) {
            _ = try self.read(text)
            return []
        } catch {
            return error.diagnostics.map(\.message)
        }
    }

    private static let rewrite = #"{ "Rewrites": [{ "Regex": "^/a", "Replace": "/b" }] }"#

    @Test(.covers("ALB-XFRM-002", "ALB-HMOD-004")) func `carry transforms and response headers`() throws {
        let text = Self.subject(
            listener: """
                "ListenerAttributes": [
                  { "Key": "routing.http.response.server.enabled", "Value": "false" },
                  { "Key": "routing.http.response.x_frame_options.header_value", "Value": "DENY" }],
                """,
            rule: """
                "Transforms": [
                  { "Type": "url-rewrite", "UrlRewriteConfig": \(Self.rewrite) },
                  { "Type": "host-header-rewrite", "HostHeaderRewriteConfig": \(Self.rewrite) }],
                """
        )
        let listener = try #require(try Self.read(text))
        #expect(!listener.attributes.serverHeaderEnabled)
        #expect(listener.attributes.responseHeaders == [.frameOptions: "DENY"])
        #expect(
            listener.rules.first?.transforms == [
                RuleTransform(.urlRewrite, regex: "^/a", replace: "/b"),
                RuleTransform(.hostHeaderRewrite, regex: "^/a", replace: "/b"),
            ]
        )
    }

    @Test(
        .covers("ALB-XFRM-001", "ALB-LSN-004"),
        arguments: [
            (#""Transforms": [{ "Type": "url-rewrite" }],"#, "a transform needs 'UrlRewriteConfig'"),
            (#""Transforms": [{ "Type": "rewrite", "UrlRewriteConfig": {} }],"#, "cannot be 'rewrite'"),
            (
                #""Transforms": [{ "Type": "url-rewrite", "HostHeaderRewriteConfig": \#(rewrite), "UrlRewriteConfig": \#(rewrite) }],"#,
                "does not belong to Type"
            ),
            (
                #""Transforms": [{ "Type": "url-rewrite", "UrlRewriteConfig": { "Rewrites": [{ "Regex": "(", "Replace": "/" }] } }],"#,
                "has a '(' without a ')'"
            ),
        ]
    )
    func `refuse transforms that make no sense`(rule: String, expected: String) {
        let errors = Self.errors(Self.subject(rule: rule))
        #expect(errors.contains { $0.contains(expected) }, "\(errors)")
    }

    @Test(.covers("ALB-LSN-004")) func `have no transforms and no conditions at the default rule`() {
        for property in ["Transforms", "Conditions"] {
            let errors = Self.errors(Self.subject(listener: "\"\(property)\": [],"))
            #expect(errors.count == 1 && errors[0].contains("unknown property '\(property)'"), "\(errors)")
        }
    }

    @Test(.covers("ALB-LSN-001"), arguments: ["TCP", "TLS", "UDP", "TCP_UDP", "http"])
    func `have listeners for HTTP and HTTPS only`(name: String) {
        #expect(Self.errors(Self.subject(protocol: name)).count == 1)
    }

    @Test(.covers("ALB-LSN-001"), arguments: [(0, false), (1, true), (65_535, true), (65_536, false)])
    func `have listeners on ports from 1 to 65535`(port: Int, isRight: Bool) {
        #expect(Self.errors(Self.subject(port: port)).isEmpty == isRight)
    }

    // MARK: Templates

    private static func template(group: String, target: String) -> String {
        """
        Resources:
          Subnet: { Type: AWS::EC2::Subnet, Properties: { VpcId: vpc-1, CidrBlock: 10.0.0.0/24, AvailabilityZone: ap-northeast-2b } }
          Web: { Type: AWS::EC2::Instance, Properties: { ImageId: ami-1, SubnetId: !Ref Subnet } }
          Group:
            Type: AWS::ElasticLoadBalancingV2::TargetGroup
            Properties: { Name: g, \(group)
              Targets: [\(target), { Id: !Ref Web }] }
        """
    }

    private static func group(_ text: String) throws(DiagnosticsError) -> TargetGroup? {
        let source = TemplateReader.Source(file: "t.yaml", bytes: Array(text.utf8))
        return try TemplateReader.read([source]).topology.targetGroups.first
    }

    private static func messages(_ text: String) -> [String] {
        do throws(DiagnosticsError) {
            _ = try self.group(text)
            return []
        } catch {
            return error.diagnostics.map(\.message)
        }
    }

    @Test(.covers("ALB-TG-001", "ALB-TG-003", "ALB-TG-007"))
    func `have targets of type instance by default, at the instance's address`() throws {
        let text = Self.template(
            group: "Protocol: HTTP, Port: 80, VpcId: vpc-1,",
            target: "{ Id: !Ref Web, Port: 8080 }"
        )
        let group = try #require(try Self.group(text))
        #expect(group.targetType == .instance)
        #expect(group.targets.map(\.endpoint.description) == ["127.10.2.64:8080", "127.10.2.64:80"])
        #expect(group.targets.map(\.zone) == [.b, .b])
    }

    @Test(
        .covers("ALB-TG-001", "ALB-TG-003", "ALB-TG-007", "ALB-TG-011"),
        arguments: [
            ("Protocol: HTTP, Port: 80,", "{ Id: !Ref Web, Port: 1 }", "needs 'VpcId'"),
            ("Protocol: HTTP, Port: 0, VpcId: vpc-1,", "{ Id: !Ref Web, Port: 1 }", "must be a port from 1 to 65535"),
            (
                "Protocol: HTTP, Port: 65536, VpcId: vpc-1,", "{ Id: !Ref Web, Port: 1 }",
                "must be a port from 1 to 65535"
            ),
            ("Protocol: QUIC, Port: 80, VpcId: vpc-1,", "{ Id: !Ref Web, Port: 1 }", "'QUIC'"),
            (
                "Protocol: HTTP, Port: 80, VpcId: vpc-1, TargetType: host,", "{ Id: !Ref Web, Port: 1 }",
                "cannot be 'host'"
            ),
            ("Protocol: HTTP, Port: 80, VpcId: vpc-1,", "{ Id: i-0123456789abcdef0 }", "there is no instance"),
            ("Protocol: HTTP, Port: 80, VpcId: vpc-1,", "{ Id: 127.10.1.64 }", "there is no instance"),
            (
                "Protocol: HTTP, Port: 80, VpcId: vpc-1,", "{ Id: !Ref Web, Port: 1, AvailabilityZone: all }",
                "'AvailabilityZone' cannot be specified"
            ),
        ]
    )
    func `have groups and targets as AWS has them`(group: String, target: String, expected: String) {
        let messages = Self.messages(Self.template(group: group, target: target))
        #expect(messages.contains { $0.contains(expected) }, "\(messages)")
    }

    @Test(.covers("ALB-TG-011")) func `ask where an address outside the VPC is`() {
        let text = """
            Resources:
              Group:
                Type: AWS::ElasticLoadBalancingV2::TargetGroup
                Properties: { Protocol: HTTP, Port: 80, VpcId: vpc-1, TargetType: ip, Targets: [{ Id: 10.1.2.3 }] }
            """
        #expect(Self.messages(text).map { $0.contains("an Availability Zone must be specified") } == [true])
    }
}
