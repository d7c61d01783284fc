import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `The life of a load balancer` {
    private static func protect(_ balancer: String, _ more: String = "") -> String {
        "Action=ModifyLoadBalancerAttributes&LoadBalancerArn=\(balancer)"
            + "&Attributes.member.1.Key=deletion_protection.enabled&Attributes.member.1.Value=true\(more)"
    }

    @Test(.covers("ALB-LC-004", "ALB-LC-005"))
    func `begins with a name while it is being provisioned`() throws {
        var account = TestAccount()
        let create = "Action=CreateLoadBalancer&Name=web&\(account.subnets)"
        let made = try account.perform(create)
        #expect(try made.text("LoadBalancers", 0, "State", "Code") == "provisioning")
        #expect(try made.text("LoadBalancers", 0, "DNSName").hasPrefix("web-"))
        let seen = try account.perform("Action=DescribeLoadBalancers")
        #expect(try seen.text("LoadBalancers", 0, "State", "Code") == "active")
        // Asked for once more, it is the one that stands.
        #expect(try account.perform(create).text("LoadBalancers", 0, "State", "Code") == "active")
    }

    @Test(.covers("ALB-LC-001", "ALB-LC-002"))
    func `is protected by itself, its parts are not`() throws {
        var account = TestAccount()
        let balancer = try account.loadBalancer()
        let (used, spare) = try (account.targetGroup("used"), account.targetGroup("spare"))
        let listener = try account.listener(balancer, to: used)
        let rule = try account.rule(listener, priority: 1, to: spare)
        try account.perform(Self.protect(balancer))
        let delete = "Action=DeleteLoadBalancer&LoadBalancerArn=\(balancer)"
        #expect(account.refusal(delete) == "OperationNotPermitted")
        try account.perform("Action=DeleteRule&RuleArn=\(rule)")
        try account.perform("Action=DeleteListener&ListenerArn=\(listener)")
        for group in [used, spare] { try account.perform("Action=DeleteTargetGroup&TargetGroupArn=\(group)") }
        #expect(account.refusal(delete) == "OperationNotPermitted")
        #expect(account.account.loadBalancers[balancer] != nil)
    }

    @Test(.covers("ALB-LC-003")) func `ends once, however often that is asked for`() throws {
        var account = TestAccount()
        let balancer = try account.loadBalancer()
        let delete = "Action=DeleteLoadBalancer&LoadBalancerArn="
        try account.perform(delete + balancer)
        try account.perform(delete + balancer)
        try account.perform(delete + balancer.replacing("/web/", with: "/never/"))
        #expect(account.refusal("Action=DescribeLoadBalancers&Names.member.1=web") == "LoadBalancerNotFound")
    }

    @Test(.covers("ALB-LC-006")) func `has names of the shapes that scripts take apart`() throws {
        var account = TestAccount()
        let balancer = try account.loadBalancer("my-web")
        let group = try account.targetGroup("one")
        let listener = try account.listener(balancer, to: group)
        let rule = try account.rule(listener, priority: 1)
        let prefix = #"arn:aws:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:"#
        let id = "[0-9a-f]{16}"
        func fits(_ arn: String, _ pattern: String) throws -> Bool {
            try Regex(prefix + pattern).wholeMatch(in: arn) != nil
        }
        #expect(try fits(balancer, "loadbalancer/app/my-web/\(id)"))
        #expect(try fits(listener, "listener/app/my-web/\(id)/\(id)"))
        #expect(try fits(rule, "listener-rule/app/my-web/\(id)/\(id)/\(id)"))
        #expect(try fits(group, "targetgroup/one/\(id)"))
        // Each begins with what it belongs to.
        #expect(listener.hasPrefix(balancer.replacing(":loadbalancer/", with: ":listener/") + "/"))
        #expect(rule.hasPrefix(listener.replacing(":listener/", with: ":listener-rule/") + "/"))
    }

    @Test(.covers("ALB-LC-007")) func `has rules whose priorities are texts`() throws {
        var account = TestAccount()
        let listener = try account.listener(account.loadBalancer())
        _ = try account.rule(listener, priority: 10)
        let rules = try account.perform("Action=DescribeRules&ListenerArn=\(listener)")
        #expect(try rules.text("Rules", 0, "Priority") == "10")
        #expect(try rules.text("Rules", 1, "Priority") == "default")
        guard case .list(let all) = rules["Rules"] else { throw APIError.validation("no rules") }
        #expect(all.map { $0["IsDefault"] } == [.boolean(false), .boolean(true)])
    }

    @Test(.covers("ALB-LC-008")) func `is told of in pages of 400 at most, and of 20 by name`() throws {
        var account = TestAccount()
        let all = try (1...21).map { try account.loadBalancer("web-\($0)") }
        func naming(_ arns: some Sequence<String>) -> String {
            "Action=DescribeLoadBalancers"
                + arns.enumerated().map { "&LoadBalancerArns.member.\($0 + 1)=\($1)" }.joined()
        }
        #expect(try account.perform(naming(all.prefix(20))).count("LoadBalancers") == 20)
        #expect(account.refusal(naming(all)) == "ValidationError")
        for size in ["0", "401", "many"] {
            #expect(account.refusal("Action=DescribeLoadBalancers&PageSize=\(size)") == "ValidationError", "\(size)")
        }
        let first = try account.perform("Action=DescribeLoadBalancers&PageSize=20")
        #expect(first.count("LoadBalancers") == 20)
        let rest = try account.perform("Action=DescribeLoadBalancers&Marker=\(first.text("NextMarker"))")
        #expect(rest.count("LoadBalancers") == 1)
        #expect(rest["NextMarker"] == nil)
    }

    @Test(
        .covers("ALB-LC-009", "ALB-LC-010"),
        arguments: [
            ("colour", "red"), ("idle_timeout.timeout_seconds", "0"), ("idle timeout", "60"),
            (String(repeating: "a", count: 257), "60"),
            ("access_logs.s3.prefix", String(repeating: "a", count: 1025)),
        ]
    )
    func `keeps all its attributes when one of a call is wrong`(key: String, value: String) throws {
        var account = TestAccount()
        let balancer = try account.loadBalancer()
        let before = try account.perform("Action=DescribeLoadBalancerAttributes&LoadBalancerArn=\(balancer)")
        let wrong = "&Attributes.member.2.Key=\(key)&Attributes.member.2.Value=\(value)"
        let code = account.refusal(Self.protect(balancer, wrong))
        #expect(code == "ValidationError" || code == "InvalidConfigurationRequest", "\(code ?? "accepted")")
        #expect(try account.perform("Action=DescribeLoadBalancerAttributes&LoadBalancerArn=\(balancer)") == before)
    }
}
