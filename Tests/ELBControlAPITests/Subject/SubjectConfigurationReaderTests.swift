import ELBControlAPI
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Subject configuration files` {
    private static let good = """
        {
          "Schema": "elblab/lb-config/v1", "Type": "application", "Name": "web",
          "DNSName": "web-1.ap-northeast-2.elb.aws.test", "Scheme": "internet-facing", "TimeScale": 50, "Seed": 1,
          "LoadBalancerAttributes": [{ "Key": "idle_timeout.timeout_seconds", "Value": "61" }],
          "Nodes": [{ "AvailabilityZone": "ap-northeast-2a", "Address": "127.50.1.4" }],
          "Listeners": [{
            "Port": 18080, "Protocol": "HTTP",
            "DefaultActions": [{ "Type": "fixed-response", "FixedResponseConfig": {
              "StatusCode": "404", "ContentType": "text/plain", "MessageBody": "no" } }],
            "Rules": [{
              "Priority": 10,
              "Conditions": [
                { "Field": "path-pattern", "PathPatternConfig": { "Values": ["/api/*"] } },
                { "Field": "http-header", "HttpHeaderConfig": { "HttpHeaderName": "X-Env", "Values": ["canary"] } },
                { "Field": "query-string", "QueryStringConfig": { "Values": [{ "Key": "v", "Value": "1" }] } },
                { "Field": "source-ip", "SourceIpConfig": { "Values": ["127.200.0.0/16"] } }
              ],
              "Actions": [{ "Type": "forward", "ForwardConfig": { "TargetGroups": [
                { "TargetGroupArn": "api", "Weight": 9 }] } }]
            }]
          }],
          "TargetGroups": [{
            "Name": "api", "Protocol": "HTTP", "Port": 80, "TargetType": "ip",
            "HealthCheckProtocol": "HTTP", "HealthCheckPort": "traffic-port", "HealthCheckPath": "/health",
            "HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 2, "HealthyThresholdCount": 2,
            "UnhealthyThresholdCount": 3, "Matcher": { "HttpCode": "200-299" },
            "TargetGroupAttributes": [{ "Key": "load_balancing.algorithm.type", "Value": "round_robin" }],
            "Targets": [{ "Id": "127.10.1.64", "Port": 9001, "AvailabilityZone": "ap-northeast-2a" }]
          }]
        }
        """

    private static func read(_ text: String) throws(DiagnosticsError) -> SubjectConfiguration {
        try SubjectConfigurationReader.read(Array(text.utf8), file: "lb.json")
    }

    private static func errors(_ text: String) -> [String] {
        do throws(DiagnosticsError) {
            _ = try self.read(text)
            return []
        } catch {
            return error.diagnostics.map(\.description)
        }
    }

    @Test func `reads the contract's example`() throws {
        let configuration = try Self.read(Self.good)
        #expect(configuration.timeScale == 50)
        #expect(configuration.seed == 1)
        #expect(configuration.loadBalancer.attributes.idleTimeoutSeconds == 61)
        #expect(configuration.loadBalancer.nodes.map(\.address.description) == ["127.50.1.4"])
        let listener = try #require(configuration.loadBalancer.listeners.first)
        #expect(listener.port == 18080)
        let answer = FixedResponseAction(statusCode: 404, contentType: "text/plain", messageBody: "no")
        #expect(listener.defaultActions == [.fixedResponse(answer)])
        let rule = try #require(listener.rules.first)
        let clients = try #require(CIDRBlock("127.200.0.0/16"))
        #expect(
            rule.conditions == [
                .pathPattern(.patterns(["/api/*"])), .httpHeader(name: "X-Env", .patterns(["canary"])),
                .queryString([.init(key: "v", value: "1")]), .sourceIP([clients]),
            ]
        )
        #expect(
            rule.actions == [
                .forward(ForwardAction(targetGroups: [.init(TargetGroupID(rawValue: "api"), weight: 9)]))
            ]
        )
        let group = try #require(configuration.targetGroups.first)
        #expect(group.healthCheck.path == "/health")
        #expect(group.healthCheck.unhealthyThresholdCount == 3)
        #expect(group.healthCheck.matcher == StatusMatcher(ranges: [200...299]))
        #expect(group.targets.map(\.endpoint.description) == ["127.10.1.64:9001"])
        #expect(group.targets.map(\.zone) == [.a])
    }

    @Test(arguments: [
        (
            "\"TargetGroupArn\": \"api\"", "\"TargetGroupArn\": \"apy\"",
            "lb.json:19:29: error: there is no target group 'apy'; did you mean 'api'?"
        ),
        (
            "\"Port\": 18080", "\"Port\": 0",
            "lb.json:7:13: error: 'Port' must be a port from 1 to 65535, not 0"
        ),
        (
            "\"HealthCheckPath\"", "\"HealthChekPath\"",
            "lb.json:24:71: error: unknown property 'HealthChekPath' of a target group; "
                + "did you mean 'HealthCheckPath'?"
        ),
        (
            "\"Value\": \"61\"", "\"Value\": \"0\"",
            "lb.json:4:80: error: attribute 'idle_timeout.timeout_seconds' cannot be '0'; allowed: 1 to 4000"
        ),
        (
            "\"127.200.0.0/16\"", "\"127.200.0.0\"",
            "lb.json:16:64: error: '127.200.0.0' is not a CIDR block; "
                + "write an address and a prefix length, such as 192.0.2.0/24"
        ),
        (
            "elblab/lb-config/v1", "elblab/lb-config/v2",
            "lb.json:2:13: error: 'Schema' of the configuration cannot be 'elblab/lb-config/v2'; "
                + "did you mean 'elblab/lb-config/v1'?"
        ),
        (
            "\"Schema\": \"elblab/lb-config/v1\", ", "",
            "lb.json:1:1: error: the configuration needs 'Schema'"
        ),
    ])
    func `names place and fix of a mistake`(original: String, mistake: String, expected: String) {
        #expect(Self.errors(Self.good.replacing(original, with: mistake)) == [expected])
    }

    @Test(
        .covers("ALB-COND-031", "ALB-COND-034"),
        arguments: [
            (#""path-pattern", "Values": ["/img/*"]"#, nil), (#""host-header", "Values": ["a.example"]"#, nil),
            (#""path-pattern", "Values": ["/a", "/b"]"#, "'Values' beside 'Field' takes one value, not 2"),
            (#""http-request-method", "Values": ["GET"]"#, "'Values' is for host-header and path-pattern only"),
            (
                #""path-pattern", "PathPatternConfig": { "Values": ["/a"], "RegexValues": ["^/b"] }"#,
                "'Values' and 'RegexValues' cannot both be given"
            ),
            (#""path-pattern", "PathPatternConfig": { "RegexValues": ["^/b"] }"#, nil),
        ]
    )
    func `takes one kind of values, and the older form with a single one`(condition: String, problem: String?) {
        let usual = #""path-pattern", "PathPatternConfig": { "Values": ["/api/*"] }"#
        let errors = Self.errors(Self.good.replacing(usual, with: condition))
        #expect(errors.count == (problem == nil ? 0 : 1))
        #expect(errors.first?.contains(problem ?? "") ?? (problem == nil))
    }

    @Test(
        .covers("ALB-FWD-001"),
        arguments: [
            (#""TargetGroupArn": "api""#, true),
            (#""ForwardConfig": { "TargetGroups": [{ "TargetGroupArn": "api" }] }"#, true),
            (#""TargetGroupArn": "api", "ForwardConfig": { "TargetGroups": [{ "TargetGroupArn": "api" }] }"#, true),
            (#""TargetGroupArn": "other", "ForwardConfig": { "TargetGroups": [{ "TargetGroupArn": "api" }] }"#, false),
        ]
    )
    func `takes a forward action's group in either form, both only when they agree`(
        action: String,
        isAllowed: Bool
    ) throws {
        let other = #""TargetGroups": [{ "Name": "other", "Protocol": "HTTP", "Port": 80, "TargetType": "ip" }, {"#
        let text = Self.good.replacing("\"TargetGroups\": [{\n    \"Name\"", with: other + "\n    \"Name\"")
            .replacing(Self.forward, with: action)
        if isAllowed {
            let rule = try #require(try Self.read(text).loadBalancer.listeners.first?.rules.first)
            #expect(rule.actions == [.forward(ForwardAction(to: TargetGroupID(rawValue: "api")))])
        } else {
            let errors = Self.errors(text)
            #expect(errors.count == 1)
            #expect(
                errors.first?.contains("'TargetGroupArn' and 'ForwardConfig' name different target groups") == true
            )
        }
    }

    private static let forward = """
        "ForwardConfig": { "TargetGroups": [
                { "TargetGroupArn": "api", "Weight": 9 }] }
        """

    @Test func `collects every mistake of a file, in the order of the text`() {
        let text = Self.good.replacing("\"Port\": 18080", with: "\"Port\": 99999")
            .replacing("\"Weight\": 9", with: "\"Weight\": \"nine\"")
            .replacing("\"TargetType\": \"ip\"", with: "\"TargetType\": \"address\"")
        let lines = Self.errors(text)
        #expect(lines.count == 3)
        #expect(lines == lines.sorted { Self.line(of: $0) < Self.line(of: $1) })
    }

    private static func line(of diagnostic: String) -> Int {
        diagnostic.split(separator: ":").dropFirst().first.flatMap { Int($0) } ?? 0
    }
}
