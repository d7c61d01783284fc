import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import Testing

/// What AWS refuses about a rule, asked over the wire: the form goes in, the code comes out, and nothing has changed.
@Suite(.timeLimit(.minutes(1))) struct `Rules by the API` {
    private static func condition(_ number: Int, _ field: String, _ configuration: String, _ values: [String]) -> String
    {
        let start = "&Conditions.member.\(number)"
        return "\(start).Field=\(field)"
            + values.enumerated().map { "\(start).\(configuration).Values.member.\($0 + 1)=\($1)" }.joined()
    }

    private static func path(_ values: String..., number: Int = 1) -> String {
        Self.condition(number, "path-pattern", "PathPatternConfig", values)
    }

    private static func host(_ value: String, number: Int = 1) -> String {
        Self.condition(number, "host-header", "HostHeaderConfig", [value])
    }

    private static func header(_ name: String, _ value: String = "x", number: Int = 1) -> String {
        Self.condition(number, "http-header", "HttpHeaderConfig", [value])
            + "&Conditions.member.\(number).HttpHeaderConfig.HttpHeaderName=\(name)"
    }

    private static func source(_ block: String) -> String {
        Self.condition(1, "source-ip", "SourceIpConfig", [block])
    }

    private static func fixed(_ more: String = "", status: String = "404") -> String {
        "&Actions.member.1.Type=fixed-response&Actions.member.1.FixedResponseConfig.StatusCode=\(status)\(more)"
    }

    private static func redirect(_ settings: String, status: String = "HTTP_301") -> String {
        "&Actions.member.1.Type=redirect&Actions.member.1.RedirectConfig.StatusCode=\(status)"
            + settings.split(separator: "&").map { "&Actions.member.1.RedirectConfig.\($0)" }.joined()
    }

    private static func transform(_ number: Int, _ kind: String, _ regex: String = "a") -> String {
        let configuration = kind == "url-rewrite" ? "UrlRewriteConfig" : "HostHeaderRewriteConfig"
        let start = "&Transforms.member.\(number)"
        return "\(start).Type=\(kind)&\(start).\(configuration).Rewrites.member.1.Regex=\(regex)"
            + "&\(start).\(configuration).Rewrites.member.1.Replace=b"
    }

    private func create(_ account: inout TestAccount, priority: Int = 1) throws -> String {
        let balancer = try account.loadBalancer()
        return "Action=CreateRule&ListenerArn=\(try account.listener(balancer))&Priority=\(priority)"
    }

    @Test(
        .covers("ALB-RULE-001", "ALB-RULE-002", "ALB-RULE-004", "ALB-RULE-007", "ALB-COND-001"),
        arguments: [
            Self.path("/a") + Self.fixed(), Self.host("a.example.com") + Self.fixed(),
            Self.source("10.0.0.0/8") + Self.fixed(),
            Self.header("X-A") + Self.header("x-a", "y", number: 2) + Self.fixed(),
            Self.condition(1, "http-request-method", "HttpRequestMethodConfig", ["GET"]) + Self.fixed(),
            "&Conditions.member.1.Field=query-string&Conditions.member.1.QueryStringConfig.Values.member.1.Value=a"
                + Self.fixed(),
            "&Conditions.member.1.Field=path-pattern&Conditions.member.1.Values.member.1=/img/*" + Self.fixed(),
            Self.header("bad_name") + Self.fixed(),
        ]
    )
    func `are made with each kind of condition`(form: String) throws {
        var account = TestAccount()
        let listener = try account.listener(account.loadBalancer())
        for priority in [1, 500, 50_000] {
            try account.perform("Action=CreateRule&ListenerArn=\(listener)&Priority=\(priority)\(form)")
        }
        let again = "Action=CreateRule&ListenerArn=\(listener)&Priority=500\(form)"
        #expect(account.refusal(again) == "PriorityInUse")
    }

    @Test(
        .covers(
            "ALB-RULE-001",
            "ALB-RULE-008",
            "ALB-RULE-010",
            "ALB-RULE-011",
            "ALB-RULE-012",
            "ALB-RULE-013",
            "ALB-COND-005",
            "ALB-COND-012",
            "ALB-COND-016",
            "ALB-COND-018",
            "ALB-COND-028",
            "ALB-COND-030",
            "ALB-COND-031",
            "ALB-COND-032",
            "ALB-COND-034"
        ),
        arguments: [
            "&Conditions=", Self.path("/a") + Self.path("/b", number: 2), Self.path("/1", "/2", "/3", "/4", "/5", "/6"),
            Self.path("/*/*/*/*/*/*/*"), Self.path("/%01"), Self.path(""), Self.host("localhost"),
            Self.host("10.0.0.1"),
            Self.path("/a%25"), Self.path("/a%23"), Self.header(String(repeating: "a", count: 41)), Self.header("Host"),
            Self.source("10.0.0.1"), Self.source("255.255.255.255/32"), Self.source("10.0.0.0/33"),
            "&Conditions.member.1.Field=query-string&Conditions.member.1.RegexValues.member.1=a",
            Self.path("/a") + "&Conditions.member.1.PathPatternConfig.RegexValues.member.1=/b",
            "&Conditions.member.1.Field=path-pattern&Conditions.member.1.PathPatternConfig.RegexValues.member.1=(?%3Dx)",
            "&Conditions.member.1.Field=http-request-method&Conditions.member.1.Values.member.1=GET",
            "&Conditions.member.1.Field=colour&Conditions.member.1.Values.member.1=red",
        ]
    )
    func `are refused for their conditions`(form: String) throws {
        var account = TestAccount()
        let create = try self.create(&account)
        #expect(account.refusal("\(create)\(form)\(Self.fixed())") == "ValidationError")
    }

    @Test(
        .covers(
            "ALB-RDR-001",
            "ALB-RDR-003",
            "ALB-RDR-005",
            "ALB-RDR-006",
            "ALB-RDR-007",
            "ALB-RDR-010",
            "ALB-RDR-012",
            "ALB-FIX-001",
            "ALB-FIX-002",
            "ALB-FIX-003"
        ),
        arguments: [
            Self.redirect("Host=b.example.com", status: "HTTP_307"),
            Self.redirect("Query=a=1".replacing("=1", with: "")),
            Self.redirect("Protocol=https"), Self.redirect("Port=0"), Self.redirect("Path=/%23{query}"),
            Self.redirect("Path=/" + String(repeating: "a", count: 128)), Self.redirect("Path=new"),
            Self.fixed(status: "301"), Self.fixed(status: "199"),
            Self.fixed("&Actions.member.1.FixedResponseConfig.MessageBody=" + String(repeating: "a", count: 1025)),
            Self.fixed("&Actions.member.1.FixedResponseConfig.ContentType=image/png"),
        ]
    )
    func `are refused for what their action says`(form: String) throws {
        var account = TestAccount()
        let create = try self.create(&account)
        let code = account.refusal("\(create)\(Self.path("/a"))\(form)")
        #expect(code == "ValidationError" || code == "InvalidLoadBalancerAction")
    }

    @Test(.covers("ALB-RULE-014", "ALB-RULE-015", "ALB-RULE-016", "ALB-AUTH-001", "ALB-JWT-001"))
    func `have one routing action, at the end, and logins on HTTPS only`() throws {
        var account = TestAccount()
        let create = try self.create(&account) + Self.path("/a")
        let second =
            "&Actions.member.2.Type=fixed-response&Actions.member.2.FixedResponseConfig.StatusCode=200"
        #expect(account.refusal("\(create)\(Self.fixed())\(second)") == "ValidationError")
        let ordered = "\(Self.fixed())&Actions.member.1.Order=1\(second)&Actions.member.2.Order=2"
        #expect(account.refusal(create + ordered) == "InvalidLoadBalancerAction")
        let token =
            "&Actions.member.1.Type=jwt-validation&Actions.member.1.Order=1"
            + "&Actions.member.1.JwtValidationConfig.JwksEndpoint=https://id.example.com/keys"
            + "&Actions.member.1.JwtValidationConfig.Issuer=https://id.example.com"
        #expect(account.refusal("\(create)\(token)\(second)&Actions.member.2.Order=2") == "InvalidLoadBalancerAction")
        #expect(account.refusal(create + token) == "InvalidLoadBalancerAction")
    }

    @Test(.covers("ALB-FWD-001", "ALB-FWD-002", "ALB-FWD-003", "ALB-FWD-009", "ALB-FWD-010"))
    func `forward to groups that fit`() throws {
        var account = TestAccount()
        let create = try self.create(&account) + Self.path("/a") + "&Actions.member.1.Type=forward"
        var groups: [String] = []
        for number in 0..<6 { groups.append(try account.targetGroup("group\(number)")) }
        func forward(_ count: Int, weight: Int = 1) -> String {
            (0..<count).map { index in
                let start = "&Actions.member.1.ForwardConfig.TargetGroups.member.\(index + 1)"
                return "\(start).TargetGroupArn=\(groups[index])&\(start).Weight=\(weight)"
            }
            .joined()
        }
        let stickiness = "&Actions.member.1.ForwardConfig.TargetGroupStickinessConfig"
        #expect(
            account.refusal("\(create)&Actions.member.1.TargetGroupArn=\(groups[1])\(forward(1))") == "ValidationError"
        )
        #expect(account.refusal(create + forward(6)) == "TooManyUniqueTargetGroupsPerLoadBalancer")
        #expect(account.refusal(create + forward(2, weight: 1000)) == "ValidationError")
        let seconds = "\(stickiness).DurationSeconds"
        #expect(
            account.refusal("\(create)\(forward(2))\(stickiness).Enabled=true&\(seconds)=604801") == "ValidationError"
        )
        #expect(account.refusal("\(create)\(forward(2))\(stickiness).Enabled=true") == "ValidationError")
        try account.perform(
            "Action=ModifyTargetGroupAttributes&TargetGroupArn=\(groups[0])&Attributes.member.1.Key=stickiness.enabled"
                + "&Attributes.member.1.Value=true"
        )
        #expect(account.refusal(create + forward(2)) == "InvalidConfigurationRequest")
        try account.perform("\(create)\(forward(5))\(stickiness).Enabled=true\(seconds)=10")
    }

    @Test(.covers("ALB-XFRM-001", "ALB-XFRM-002"))
    func `rewrite host and path once each`() throws {
        var account = TestAccount()
        let create = try self.create(&account) + Self.path("/a") + Self.fixed()
        let twice = Self.transform(1, "url-rewrite") + Self.transform(2, "url-rewrite")
        #expect(account.refusal(create + twice) == "ValidationError")
        #expect(account.refusal(create + Self.transform(1, "url-rewrite", "(?%3Da)")) == "ValidationError")
        let long = String(repeating: "a", count: 1025)
        #expect(account.refusal(create + Self.transform(1, "url-rewrite", long)) == "ValidationError")
        try account.perform(create + Self.transform(1, "url-rewrite") + Self.transform(2, "host-header-rewrite"))
    }

    @Test(.covers("ALB-RDR-004", "ALB-LSN-006"))
    func `redirect to HTTPS and never back`() throws {
        var account = TestAccount()
        let create = try self.create(&account) + Self.path("/a")
        try account.perform(create + Self.redirect("Protocol=HTTPS&Port=443"))
        let certificate = try account.perform(json: #"{"DomainName":"www.example.com"}"#, "RequestCertificate")
            .text("CertificateArn")
        let secure = try account.perform(
            "Action=CreateListener&LoadBalancerArn=\(account.loadBalancer())&Protocol=HTTPS&Port=443"
                + "&Certificates.member.1.CertificateArn=\(certificate)&DefaultActions.member.1.Type=redirect"
                + "&DefaultActions.member.1.RedirectConfig.StatusCode=HTTP_302"
                + "&DefaultActions.member.1.RedirectConfig.Host=other.example.com"
        )
        let listener = try secure.text("Listeners", 0, "ListenerArn")
        let back =
            "Action=CreateRule&ListenerArn=\(listener)&Priority=1\(Self.path("/a"))\(Self.redirect("Protocol=HTTP"))"
        #expect(account.refusal(back) == "InvalidLoadBalancerAction")
    }
}
