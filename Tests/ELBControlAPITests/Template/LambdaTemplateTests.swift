import ELBControlAPI
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Templates with Lambda functions` {
    private static func read(_ text: String) throws -> Topology {
        try TemplateReader.read([TemplateReader.Source(file: "lambda.yaml", bytes: Array(text.utf8))]).topology
    }

    private static func errors(_ text: String) -> [String] {
        do {
            _ = try Self.read(text)
            return []
        } catch let error as DiagnosticsError {
            return error.diagnostics.map(\.message)
        } catch {
            return ["\(error)"]
        }
    }

    private static let function = """
          F:
            Type: AWS::Lambda::Function
            Properties:
              FunctionName: hello
              Role: arn:aws:iam::123456789012:role/lambda
              Runtime: python3.13
              Handler: index.handler
              Timeout: 7
              Environment: { Variables: { A: b } }
              Code: { ZipFile: "def handler(e, c): return 1" }
          P:
            Type: AWS::Lambda::Permission
            Properties:
              FunctionName: !Ref F
              Action: lambda:InvokeFunction
              Principal: elasticloadbalancing.amazonaws.com
              SourceArn: !Ref G

        """

    private static func template(_ group: String, function: String = Self.function) -> String {
        """
        Resources:
        \(function)
          G:
            Type: AWS::ElasticLoadBalancingV2::TargetGroup
            Properties:
              Name: g
        \(group)
        """
    }

    private static let group = """
              TargetType: lambda
              Targets: [{ Id: !GetAtt F.Arn }]
        """

    @Test(.covers("ALB-LMB-001", "ALB-TG-003"))
    func `make a function, its API's place, and a target`() throws {
        let topology = try Self.read(Self.template(Self.group))
        let function = try #require(topology.functions.first)
        let group = try #require(topology.targetGroups.first)
        #expect(function.arn == "arn:aws:lambda:ap-northeast-2:123456789012:function:hello")
        #expect(function.endpoint.description == "127.10.1.64:3001")
        #expect(function.timeoutSeconds == 7)
        #expect(function.environment == ["A": "b"])
        #expect(
            function.code == .inline(source: "def handler(e, c): return 1", runtime: .python, handler: "index.handler")
        )
        #expect(function.permissions == [.init(sourceARN: group.id.rawValue)])
        #expect(group.targetType == .lambda)
        #expect(group.healthCheck == .lambda)
        #expect(group.targets.map(\.id.rawValue) == [function.arn])
        #expect(group.targets.map(\.endpoint) == [function.endpoint])
        #expect(group.targets.map(\.zone) == [nil])
    }

    @Test func `may name a program of this machine in place of code`() throws {
        let function = """
              F:
                Type: AWS::Lambda::Function
                Metadata: { elblab: { Command: [jq, "."] } }
                Properties:
                  Role: arn:aws:iam::123456789012:role/lambda
                  Code: { S3Bucket: b, S3Key: k }
            """
        #expect(
            try Self.read(Self.template(Self.group, function: function)).functions.map(\.code) == [
                .command(["jq", "."])
            ]
        )
    }

    @Test(
        .covers("ALB-TG-003", "ALB-TG-011", "ALB-TG-013", "ALB-LMB-030"),
        arguments: [
            ("Protocol: HTTP", "'Protocol' cannot be specified"), ("Port: 80", "'Port' cannot be specified"),
            ("VpcId: vpc-1", "'VpcId' cannot be specified"), ("ProtocolVersion: GRPC", "'ProtocolVersion' cannot be"),
            ("ProtocolVersion: HTTP2", "'ProtocolVersion' cannot be"),
            ("HealthCheckPort: '80'", "'HealthCheckPort' cannot"),
            ("IpAddressType: ipv6", "cannot hold a Lambda function"),
            ("TargetGroupAttributes: [{ Key: deregistration_delay.timeout_seconds, Value: '1' }]", "is not supported"),
            ("TargetGroupAttributes: [{ Key: load_balancing.cross_zone.enabled, Value: 'false' }]", "cannot be off"),
        ]
    )
    func `cannot say what functions do not have`(line: String, message: String) {
        let errors = Self.errors(Self.template("\(Self.group)\n      \(line)"))
        #expect(errors.count == 1)
        #expect(errors.first?.contains(message) == true)
    }

    @Test(
        .covers("ALB-LMB-001", "ALB-TG-001"),
        arguments: [
            ("[{ Id: !GetAtt F.Arn, AvailabilityZone: ap-northeast-2a }]", "the only Availability Zone"),
            ("[{ Id: !GetAtt F.Arn }, { Id: !Sub '${F.Arn}:1' }]", "at most one target"),
            ("[{ Id: 127.0.0.1 }]", "there is no Lambda function"),
            ("[{ Id: 'arn:aws:lambda:ap-northeast-2:123456789012:function:other' }]", "there is no Lambda function"),
            ("[{ Id: !GetAtt F.Arn, Port: 80 }]", "unknown property 'Port'"),
        ]
    )
    func `register one function that exists`(targets: String, message: String) {
        let errors = Self.errors(Self.template("      TargetType: lambda\n      Targets: \(targets)"))
        #expect(errors.count == 1)
        #expect(errors.first?.contains(message) == true)
    }

    @Test(.covers("ALB-LMB-005", "ALB-LMB-026", "ALB-HC-033"))
    func `have attributes and health checks of their own`() throws {
        let group = """
            \(Self.group)
                  HealthCheckEnabled: true
                  HealthCheckPath: /health
                  TargetGroupAttributes: [{ Key: lambda.multi_value_headers.enabled, Value: "true" }]
            """
        let read = try #require(try Self.read(Self.template(group)).targetGroups.first)
        #expect(read.attributes.lambdaMultiValueHeadersEnabled)
        #expect(read.healthCheck.isEnabled)
        #expect(read.healthCheck.intervalSeconds == 35)
        #expect(read.healthCheck.timeoutSeconds == 30)
    }

    @Test(.covers("ALB-HC-033"))
    func `alone may turn health checks off`() {
        let group = """
                  TargetType: ip
                  Protocol: HTTP
                  Port: 80
                  VpcId: vpc-1
                  HealthCheckEnabled: false
            """
        let errors = Self.errors(Self.template(group))
        #expect(errors.count == 1)
        #expect(errors.first?.contains("Health check enabled must be true") == true)
    }

    @Test(arguments: [
        ("Timeout: 7", "Timeout: 901", "'Timeout' must be 1 to 900"),
        ("Runtime: python3.13", "Runtime: go1.x", "'Runtime'"),
        ("Handler: index.handler", "Handler: app.handler", "index.NAME"),
        ("FunctionName: !Ref F", "FunctionName: x", "no function"),
        ("Code: { ZipFile: \"def handler(e, c): return 1\" }", "Code: { S3Bucket: b, S3Key: k }", "'ZipFile'"),
    ])
    func `are refused with what is wrong`(good: String, bad: String, message: String) {
        let text = Self.template(Self.group, function: Self.function.replacing(good, with: bad))
        #expect(Self.errors(text).contains { $0.contains(message) })
    }

    @Test func `give no permission to others than load balancers`() throws {
        for (good, bad) in [
            ("elasticloadbalancing.amazonaws.com", "s3.amazonaws.com"), ("lambda:InvokeFunction", "lambda:GetFunction"),
        ] {
            let text = Self.template(Self.group, function: Self.function.replacing(good, with: bad))
            #expect(try Self.read(text).functions.map(\.permissions) == [[]])
        }
    }
}
