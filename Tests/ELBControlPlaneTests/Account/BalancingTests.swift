import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Load balancers of an account` {
    @Test func `become a topology`() throws {
        var account = TestAccount()
        let balancer = try account.loadBalancer()
        let group = try account.targetGroup()
        let listener = try account.listener(balancer, port: 8000, to: group)
        _ = try account.rule(listener, priority: 20)
        _ = try account.rule(listener, priority: 10)
        let topology = account.account.topology
        #expect(topology.validate().isEmpty)
        let made = try #require(topology.loadBalancers.first)
        #expect(made.nodes.map(\.address.description) == ["127.50.1.4", "127.50.2.4"])
        #expect(made.listeners.map(\.port.rawValue) == [8000])
        #expect(made.listeners.first?.rules.map(\.priority) == [10, 20])
        #expect(balancer == "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:loadbalancer/\(made.fullName)")
        #expect(made.dnsName.hasPrefix("web-1"))
    }

    @Test(.covers("ALB-TG-019")) func `are the same when made the same once more, and refused when not`() throws {
        var account = TestAccount()
        #expect(try account.loadBalancer() == account.loadBalancer())
        #expect(
            account.refusal("Action=CreateLoadBalancer&Name=web&Scheme=internal&\(account.subnets)")
                == "DuplicateLoadBalancerName"
        )
        #expect(try account.targetGroup() == account.targetGroup())
        #expect(
            account.refusal("Action=CreateTargetGroup&Name=one&Protocol=HTTP&Port=81&VpcId=\(account.vpc)")
                == "DuplicateTargetGroupName"
        )
    }

    @Test(.covers("ALB-DNS-003", "ALB-DNS-005", "ALB-DNS-006", "ALB-DNS-010"))
    func `have names of their own, and DNS names after them`() throws {
        var account = TestAccount()
        func dnsName(_ more: String) throws -> String {
            try account.perform("Action=CreateLoadBalancer&\(account.subnets)&\(more)")
                .text("LoadBalancers", 0, "DNSName")
        }
        let longest = String(repeating: "a", count: 31) + "1"
        for name in ["web", "Web-2", longest] {
            let pattern = try Regex("\(name)-[0-9]+\\.ap-northeast-2\\.elb\\.aws\\.test")
            #expect(try dnsName("Name=\(name)").wholeMatch(of: pattern) != nil)
        }
        #expect(try dnsName("Name=inner&Scheme=internal").hasPrefix("internal-inner-"))
        for name in ["internal-web", "-web", "web-", "we_b", "we.b", longest + "1"] {
            #expect(
                account.refusal("Action=CreateLoadBalancer&\(account.subnets)&Name=\(name)") == "ValidationError",
                "\(name)"
            )
        }
        // Of public addresses, or of those of the zones' subnets; nothing changes it later.
        let nodes = account.account.topology.loadBalancers.map { $0.nodes.map(\.address.description) }
        #expect(nodes.first?.first?.hasPrefix("127.50.") == true)
        #expect(nodes.last?.first?.hasPrefix("127.10.") == true)
    }

    @Test(.covers("ALB-DNS-014")) func `keep an internet gateway's IPv6 away when they are internal`() throws {
        var account = TestAccount()
        func value(_ scheme: String) throws -> String? {
            let made = try account.perform(
                "Action=CreateLoadBalancer&Name=lb-\(scheme)&Scheme=\(scheme)&\(account.subnets)"
            )
            let arn = try made.text("LoadBalancers", 0, "LoadBalancerArn")
            let shown = try account.perform("Action=DescribeLoadBalancerAttributes&LoadBalancerArn=\(arn)")
            guard case .list(let attributes) = shown["Attributes"] else { return nil }
            return try attributes.first { $0["Key"] == "ipv6.deny_all_igw_traffic" }?.text("Value")
        }
        #expect(try value("internet-facing") == "false")
        #expect(try value("internal") == "true")
    }

    @Test(.covers("ALB-DNS-016", "ALB-LC-011")) func `can leave a zone, whose targets stay registered`() throws {
        var account = TestAccount()
        let balancer = try account.loadBalancer()
        let group = try account.targetGroup("one", "&TargetType=ip")
        _ = try account.listener(balancer, to: group)
        try account.perform("Action=RegisterTargets&TargetGroupArn=\(group)&Targets.member.1.Id=127.10.1.70")
        try account.perform(
            "Action=SetSubnets&LoadBalancerArn=\(balancer)&Subnets.member.1=\(account.subnet(.b))"
                + "&Subnets.member.2=\(account.subnet(.c))"
        )
        let topology = account.account.topology
        #expect(topology.loadBalancers.first?.nodes.map(\.zone) == [.b, .c])
        #expect(topology.targetGroups.first?.targets.map(\.zone) == [.a])
        let shown = try account.perform("Action=DescribeLoadBalancers")
        #expect(try shown.text("LoadBalancers", 0, "AvailabilityZones", 1, "ZoneName") == "ap-northeast-2c")
    }

    @Test(.covers("ALB-DNS-018")) func `need subnets of some size`() throws {
        var account = TestAccount()
        let vpc = try account.perform("Action=CreateVpc&CidrBlock=10.0.0.0/16", .ec2).text("Vpc", "VpcId")
        func subnet(_ block: String, _ zone: String) throws -> String {
            try account.perform(
                "Action=CreateSubnet&VpcId=\(vpc)&CidrBlock=\(block)&AvailabilityZone=ap-northeast-2\(zone)",
                .ec2
            )
            .text("Subnet", "SubnetId")
        }
        let (large, other, small) = try (
            subnet("10.0.0.0/27", "a"), subnet("10.0.1.0/27", "b"), subnet("10.0.2.0/28", "b")
        )
        func refusal(_ second: String, _ more: String = "") -> String? {
            account.refusal(
                "Action=CreateLoadBalancer&Name=web\(more)&Subnets.member.1=\(large)&Subnets.member.2=\(second)"
            )
        }
        #expect(refusal(small) == "InvalidSubnet")
        #expect(refusal(other) == nil)
        // Network Load Balancers do with less.
        #expect(refusal(small, "2&Type=network") == nil)
    }

    @Test(.covers("ALB-DNS-001")) func `stand in two zones`() throws {
        var account = TestAccount()
        let (a, b) = (account.subnet(.a), account.subnet(.b))
        let create = "Action=CreateLoadBalancer&Name=web"
        #expect(account.refusal(create) == "ValidationError")
        #expect(account.refusal("\(create)&Subnets.member.1=\(a)") == "ValidationError")
        #expect(
            account.refusal("\(create)&Subnets.member.1=\(a)&Subnets.member.2=\(a)") == "InvalidConfigurationRequest"
        )
        #expect(account.refusal("\(create)&Subnets.member.1=\(a)&Subnets.member.2=subnet-1") == "SubnetNotFound")
        #expect(
            account.refusal("\(create)&\(account.subnets)&SecurityGroups.member.1=sg-1") == "InvalidSecurityGroup"
        )
        let arn = try account.loadBalancer()
        let moved =
            "Action=SetSubnets&LoadBalancerArn=\(arn)&Subnets.member.1=\(b)&Subnets.member.2=\(account.subnet(.c))"
        try account.perform(moved)
        let nodes = account.account.loadBalancers[arn]?.balancer.nodes.map(\.address.description)
        #expect(nodes == ["127.50.2.4", "127.50.3.4"])
    }

    @Test func `of kinds that the lab has not are refused, not stored`() throws {
        var account = TestAccount()
        let form = "Action=CreateLoadBalancer&Name=net&\(account.subnets)"
        #expect(account.refusal("\(form)&Type=gateway") == "OperationNotPermitted")
        #expect(account.refusal("\(form)&IpAddressType=dualstack") == "OperationNotPermitted")
        #expect(account.refusal("\(form)&EnablePrefixForIpv6SourceNat=on") == "OperationNotPermitted")
    }

    @Test(.covers("ALB-LSN-001", "ALB-LSN-002"))
    func `listen on a port once`() throws {
        var account = TestAccount()
        let balancer = try account.loadBalancer()
        let listener = try account.listener(balancer)
        #expect(try account.listener(balancer) == listener)
        let create = "Action=CreateListener&LoadBalancerArn=\(balancer)"
        let other = TestAccount.actions(nil).replacing("404", with: "403")
        #expect(account.refusal("\(create)&Protocol=HTTP&Port=80&\(other)") == "DuplicateListener")
        #expect(account.refusal("\(create)&Protocol=TCP&Port=81&\(other)") == "ValidationError")
        #expect(account.refusal("\(create)&Protocol=HTTP&Port=0&\(other)") == "ValidationError")
        #expect(account.refusal("\(create)&Protocol=HTTP&Port=65536&\(other)") == "ValidationError")
        #expect(account.refusal("\(create)&Protocol=HTTPS&Port=443&\(other)") == "ValidationError")
    }

    @Test(.covers("ALB-LSN-001", "NLB-LS-001"), arguments: [("application", "TLS"), ("network", "HTTPS")])
    func `say what they speak before they ask for a certificate`(kind: String, protocol proto: String) throws {
        var account = TestAccount()
        let balancer = try account.perform("Action=CreateLoadBalancer&Name=web&Type=\(kind)&\(account.subnets)")
            .text("LoadBalancers", 0, "LoadBalancerArn")
        let form =
            "Action=CreateListener&LoadBalancerArn=\(balancer)&Protocol=\(proto)&Port=443&\(TestAccount.actions(nil))"
        let error = #expect(throws: APIError.self) { try account.perform(form) }
        #expect(error?.message.hasPrefix("Listener protocol '\(proto)' must be one of '") == true)
    }

    @Test(.covers("ALB-LSN-004"))
    func `have a default rule that stays`() throws {
        var account = TestAccount()
        let listener = try account.listener(account.loadBalancer())
        _ = try account.rule(listener, priority: 1)
        let rules = try account.perform("Action=DescribeRules&ListenerArn=\(listener)")
        #expect(rules.count("Rules") == 2)
        #expect(try rules.text("Rules", 1, "Priority") == "default")
        let arn = try rules.text("Rules", 1, "RuleArn")
        #expect(account.refusal("Action=DeleteRule&RuleArn=\(arn)") == "OperationNotPermitted")
        #expect(
            account.refusal(
                "Action=SetRulePriorities&RulePriorities.member.1.RuleArn=\(arn)&RulePriorities.member.1.Priority=5"
            ) == "OperationNotPermitted"
        )
        #expect(account.refusal("Action=DeleteRule&RuleArn=\(arn)0") == "RuleNotFound")
    }

    @Test(.covers("ALB-LSN-009"))
    func `keep what a change does not name`() throws {
        var account = TestAccount()
        let group = try account.targetGroup()
        let listener = try account.listener(account.loadBalancer(), port: 8000, to: group)
        try account.perform("Action=ModifyListener&ListenerArn=\(listener)&Port=8001")
        let changed = try #require(account.account.listeners[listener]?.listener)
        #expect(changed.port == 8001)
        #expect(changed.targetGroups.map(\.rawValue) == [group])
        let rule = try account.rule(listener, priority: 7)
        try account.perform("Action=ModifyRule&RuleArn=\(rule)&\(TestAccount.actions(group, "Actions"))")
        let after = try #require(account.account.rules[rule]?.rule)
        #expect(after.conditions == [.pathPattern(.patterns(["/7"]))])
        #expect(after.actions == [.forward(ForwardAction(to: TargetGroupID(rawValue: group)))])
    }

    @Test func `change priorities all at once`() throws {
        var account = TestAccount()
        let listener = try account.listener(account.loadBalancer())
        let one = try account.rule(listener, priority: 1)
        let two = try account.rule(listener, priority: 2)
        func set(_ pairs: [(String, Int)]) -> String {
            "Action=SetRulePriorities"
                + pairs.enumerated().map { index, pair in
                    "&RulePriorities.member.\(index + 1).RuleArn=\(pair.0)"
                        + "&RulePriorities.member.\(index + 1).Priority=\(pair.1)"
                }
                .joined()
        }
        #expect(account.refusal(set([(one, 2)])) == "PriorityInUse")
        try account.perform(set([(one, 2), (two, 1)]))
        #expect(account.account.rules(of: listener).map(\.arn) == [two, one])
    }

    @Test(.covers("ALB-LSN-011", "ALB-TG-018"))
    func `go with listeners and rules, and without groups`() throws {
        var account = TestAccount()
        let balancer = try account.loadBalancer()
        let group = try account.targetGroup()
        let listener = try account.listener(balancer, to: group)
        _ = try account.rule(listener, priority: 1, to: group)
        #expect(account.refusal("Action=DeleteTargetGroup&TargetGroupArn=\(group)") == "ResourceInUse")
        try account.perform("Action=DeleteLoadBalancer&LoadBalancerArn=\(balancer)")
        #expect(Array(account.account.listeners).isEmpty)
        #expect(Array(account.account.rules).isEmpty)
        #expect(account.account.targetGroups[group] != nil)
        try account.perform("Action=DeleteTargetGroup&TargetGroupArn=\(group)")
        // Gone already.
        try account.perform("Action=DeleteTargetGroup&TargetGroupArn=\(group)")
        try account.perform("Action=DeleteLoadBalancer&LoadBalancerArn=\(balancer)")
        #expect(account.account.topology == Topology())
    }

    @Test(.covers("ALB-LSN-012", "ALB-QTA-002"))
    func `share no target group`() throws {
        var account = TestAccount()
        let group = try account.targetGroup()
        let first = try account.loadBalancer("first")
        _ = try account.listener(first, port: 80, to: group)
        _ = try account.listener(first, port: 81, to: group)
        let second = try account.loadBalancer("second")
        let form = "Action=CreateListener&LoadBalancerArn=\(second)&Protocol=HTTP&Port=80"
        #expect(account.refusal("\(form)&\(TestAccount.actions(group))") == "TargetGroupAssociationLimit")
        #expect(account.refusal("\(form)&\(TestAccount.actions("arn:none"))") == "TargetGroupNotFound")
    }

    @Test(.covers("ALB-QTA-001", "ALB-QTA-010"))
    func `end at AWS's quotas`() throws {
        var account = TestAccount()
        let listener = try account.listener(account.loadBalancer("web-0"))
        for number in 1..<50 { _ = try account.loadBalancer("web-\(number)") }
        #expect(
            account.refusal("Action=CreateLoadBalancer&Name=more&\(account.subnets)") == "TooManyLoadBalancers"
        )
        for priority in 1...100 { _ = try account.rule(listener, priority: priority) }
        let form =
            "Action=CreateRule&ListenerArn=\(listener)&Priority=101&Conditions.member.1.Field=path-pattern"
            + "&Conditions.member.1.Values.member.1=/x&\(TestAccount.actions(nil, "Actions"))"
        #expect(account.refusal(form) == "TooManyRules")
    }

    @Test func `are described page by page`() throws {
        var account = TestAccount()
        for name in ["a", "b", "c"] { _ = try account.loadBalancer(name) }
        var names: [String] = []
        var marker: String? = ""
        while let next = marker {
            let page = try account.perform(
                "Action=DescribeLoadBalancers&PageSize=2" + (next.isEmpty ? "" : "&Marker=\(next)")
            )
            for index in 0..<page.count("LoadBalancers") {
                names.append(try page.text("LoadBalancers", index, "LoadBalancerName"))
            }
            marker = page["NextMarker"] == nil ? nil : try page.text("NextMarker")
        }
        #expect(names == ["a", "b", "c"])
        #expect(account.refusal("Action=DescribeLoadBalancers&Marker=x") == "ValidationError")
        #expect(account.refusal("Action=DescribeLoadBalancers&Names.member.1=d") == "LoadBalancerNotFound")
    }
}
