import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Groups of a Network Load Balancer over the API` {
    private func group(_ account: inout TestAccount, _ name: String = "tcp", _ more: String = "") throws -> String {
        try account.perform(
            "Action=CreateTargetGroup&Name=\(name)&Protocol=TCP&Port=8080&VpcId=\(account.vpc)\(more)"
        ).text("TargetGroups", 0, "TargetGroupArn")
    }

    private func balancer(_ account: inout TestAccount, _ name: String = "net") throws -> String {
        try account.perform("Action=CreateLoadBalancer&Name=\(name)&Type=network&\(account.subnets)")
            .text("LoadBalancers", 0, "LoadBalancerArn")
    }

    private func listen(_ balancer: String, _ group: String, port: Int = 80) -> String {
        "Action=CreateListener&LoadBalancerArn=\(balancer)&Protocol=TCP&Port=\(port)&\(TestAccount.actions(group))"
    }

    private func register(_ group: String, _ target: String, _ more: String = "") -> String {
        "Action=RegisterTargets&TargetGroupArn=\(group)&Targets.member.1.Id=\(target)\(more)"
    }

    private func health(_ account: inout TestAccount, _ group: String, _ more: String = "") throws -> [String] {
        let output = try account.perform("Action=DescribeTargetHealth&TargetGroupArn=\(group)\(more)")
        return try (0..<output.count("TargetHealthDescriptions")).map { number in
            let state = try output.text("TargetHealthDescriptions", number, "TargetHealth", "State")
            return state + " " + (try output.text("TargetHealthDescriptions", number, "TargetHealth", "Reason"))
        }
    }

    @Test(.covers("NLB-LS-003", "NLB-LS-002")) func `are behind a listener that is there once, however often one asks`()
        throws
    {
        var account = TestAccount()
        let (balancer, group) = (try self.balancer(&account), try self.group(&account))
        let first = try account.perform(self.listen(balancer, group)).text("Listeners", 0, "ListenerArn")
        let again = try account.perform(self.listen(balancer, group)).text("Listeners", 0, "ListenerArn")
        #expect(first == again)
        #expect(account.account.listeners.count == 1)
        let other = try self.group(&account, "other")
        #expect(account.refusal(self.listen(balancer, other)) == "DuplicateListener")
    }

    @Test(.covers("NLB-DR-004", "NLB-DR-008")) func `take instances that run, and let go of whom they do not know`()
        throws
    {
        var account = TestAccount()
        let group = try self.group(&account)
        let instance = try account.instance()
        try account.perform(self.register(group, instance))
        let deregister = "Action=DeregisterTargets&TargetGroupArn=\(group)&Targets.member.1.Id="
        try account.perform(deregister + "i-00000000000000000")
        #expect(account.account.targetGroups[group]?.group.targets.count == 1)
        try account.perform(deregister + instance)
        try account.perform(deregister + instance)
        try account.perform("Action=StopInstances&InstanceId.1=\(instance)", .ec2)
        #expect(account.refusal(self.register(group, instance)) == "InvalidTarget")
        let vpc = try account.perform("Action=CreateVpc&CidrBlock=10.0.0.0/16", .ec2).text("Vpc", "VpcId")
        let elsewhere = try account.perform(
            "Action=CreateTargetGroup&Name=elsewhere&Protocol=TCP&Port=8080&VpcId=\(vpc)"
        ).text("TargetGroups", 0, "TargetGroupArn")
        try account.perform("Action=StartInstances&InstanceId.1=\(instance)", .ec2)
        #expect(account.refusal(self.register(elsewhere, instance)) == "InvalidTarget")
    }

    @Test(.covers("NLB-DR-007")) func `know where addresses of the VPC are, and are told of others`() throws {
        var account = TestAccount()
        let group = try self.group(&account, "ips", "&TargetType=ip")
        try account.perform(self.register(group, "127.10.2.70"))
        #expect(account.account.targetGroups[group]?.group.targets.map(\.zone) == [.b])
        #expect(account.refusal(self.register(group, "10.0.0.1")) == "ValidationError")
        try account.perform(self.register(group, "10.0.0.1", "&Targets.member.1.AvailabilityZone=all"))
        let instances = try self.group(&account)
        let instance = try account.instance()
        let zone = "&Targets.member.1.AvailabilityZone=ap-northeast-2a"
        #expect(account.refusal(self.register(instances, instance, zone)) == "ValidationError")
    }

    @Test(.covers("NLB-DR-012", "NLB-DR-009")) func `stay while they are used, and by one load balancer`() throws {
        var account = TestAccount()
        let (balancer, group) = (try self.balancer(&account), try self.group(&account))
        let listener = try account.perform(self.listen(balancer, group)).text("Listeners", 0, "ListenerArn")
        let delete = "Action=DeleteTargetGroup&TargetGroupArn=\(group)"
        #expect(account.refusal(delete) == "ResourceInUse")
        let second = try self.balancer(&account, "second")
        #expect(account.refusal(self.listen(second, group)) == "TargetGroupAssociationLimit")
        try account.perform("Action=DeleteListener&ListenerArn=\(listener)")
        try account.perform(delete)
    }

    @Test(.covers("NLB-HC-019")) func `are probed otherwise whenever one likes`() throws {
        var account = TestAccount()
        let (balancer, group) = (try self.balancer(&account), try self.group(&account))
        try account.perform(self.listen(balancer, group))
        let modify = "Action=ModifyTargetGroup&TargetGroupArn=\(group)"
        let output = try account.perform(
            modify + "&HealthCheckProtocol=HTTP&HealthCheckPort=9000&HealthCheckPath=/up&HealthCheckIntervalSeconds=5"
                + "&HealthCheckTimeoutSeconds=2&HealthyThresholdCount=3&UnhealthyThresholdCount=4&Matcher.HttpCode=200-599"
        )
        #expect(try output.text("TargetGroups", 0, "HealthCheckProtocol") == "HTTP")
        #expect(try output.text("TargetGroups", 0, "HealthCheckPort") == "9000")
        #expect(try output.text("TargetGroups", 0, "Matcher", "HttpCode") == "200-599")
        let check = try #require(account.account.targetGroups[group]?.group.healthCheck)
        #expect(check.path == "/up")
        #expect((check.intervalSeconds, check.timeoutSeconds) == (5, 2))
        #expect((check.healthyThresholdCount, check.unhealthyThresholdCount) == (3, 4))
        #expect(account.refusal(modify + "&HealthCheckProtocol=UDP") == "ValidationError")
    }

    @Test(.covers("NLB-HC-020", "NLB-ST-005")) func `do not use what is stopped, unknown, or without a listener`()
        throws
    {
        var account = TestAccount()
        let (balancer, group) = (try self.balancer(&account), try self.group(&account))
        let instance = try account.instance()
        try account.perform(self.register(group, instance))
        #expect(try self.health(&account, group) == ["unused Target.NotInUse"])
        try account.perform(self.listen(balancer, group))
        try account.perform("Action=StopInstances&InstanceId.1=\(instance)", .ec2)
        #expect(try self.health(&account, group) == ["unused Target.InvalidState"])
        let unknown = "&Targets.member.1.Id=i-00000000000000000"
        #expect(try self.health(&account, group, unknown) == ["unused Target.NotRegistered"])
    }

    @Test(.covers("NLB-QT-006")) func `are missed by AWS's names`() throws {
        var account = TestAccount()
        let arn = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:"
        let expected = [
            "Action=DescribeTargetHealth&TargetGroupArn=\(arn)targetgroup/a/1": "TargetGroupNotFound",
            "Action=ModifyListener&ListenerArn=\(arn)listener/net/a/1/2&Port=80": "ListenerNotFound",
            "Action=DescribeLoadBalancerAttributes&LoadBalancerArn=\(arn)loadbalancer/net/a/1": "LoadBalancerNotFound",
        ]
        for (request, code) in expected { #expect(account.refusal(request) == code) }
        let group = try self.group(&account, "ips", "&TargetType=ip")
        let zone = "&Targets.member.1.AvailabilityZone=all"
        #expect(account.refusal(self.register(group, "8.8.8.8", zone)) == "InvalidTarget")
        #expect(
            account.refusal("Action=CreateTargetGroup&Name=a_b&Protocol=TCP&Port=80&VpcId=\(account.vpc)")
                == "ValidationError"
        )
    }

    @Test(.covers("NLB-QT-004", "NLB-WT-001")) func `may be several in an action, though not without end`() throws {
        var account = TestAccount()
        let balancer = try self.balancer(&account)
        let groups = try (0..<6).map { try self.group(&account, "g\($0)") }
        func create(_ count: Int) -> String {
            let members = groups.prefix(count).enumerated().map { number, group in
                let path = "DefaultActions.member.1.ForwardConfig.TargetGroups.member.\(number + 1)"
                return "&\(path).TargetGroupArn=\(group)&\(path).Weight=1"
            }
            return "Action=CreateListener&LoadBalancerArn=\(balancer)&Protocol=TCP&Port=80"
                + "&DefaultActions.member.1.Type=forward" + members.joined()
        }
        #expect(account.refusal(create(6)) != nil)
        try account.perform(create(5))
    }

    @Test(.covers("NLB-TL-006")) func `are behind certificates that may be listed, the default one too, once each`()
        throws
    {
        var account = TestAccount()
        let (balancer, group) = (try self.balancer(&account), try self.group(&account))
        try account.perform(json: #"{"DomainName": "a.example"}"#, "RequestCertificate")
        let certificate = try #require(account.account.certificates.first { _ in true }).id
        let listener = try account.perform(
            "Action=CreateListener&LoadBalancerArn=\(balancer)&Protocol=TLS&Port=443&\(TestAccount.actions(group))"
                + "&Certificates.member.1.CertificateArn=\(certificate)"
        ).text("Listeners", 0, "ListenerArn")
        let add = "Action=AddListenerCertificates&ListenerArn=\(listener)&Certificates.member.1.CertificateArn="
        try account.perform(add + certificate)
        try account.perform(add + certificate)
        #expect(account.account.listeners[listener]?.listener.tls?.certificates.count == 1)
        #expect(account.refusal(add + certificate + "0") == "CertificateNotFound")
    }

    @Test(.covers("NLB-AZ-005", "NLB-AZ-004")) func `are in zones whose subnet is changed in two steps`() throws {
        var account = TestAccount()
        let balancer = try self.balancer(&account)
        let set = { (subnets: [String]) in
            "Action=SetSubnets&LoadBalancerArn=\(balancer)"
                + subnets.enumerated().map { "&Subnets.member.\($0 + 1)=\($1)" }.joined()
        }
        let before = account.account.loadBalancers[balancer]?.balancer.nodes ?? []
        #expect(before.map(\.zone) == [.a, .b])
        try account.perform(set([account.subnet(.a)]))
        #expect(account.account.loadBalancers[balancer]?.balancer.nodes == [before[0]])
        // Two subnets of one zone cannot be given at once.
        #expect(account.refusal(set([account.subnet(.a), account.subnet(.a)])) != nil)
        try account.perform(set([account.subnet(.a), account.subnet(.c)]))
        #expect(account.account.loadBalancers[balancer]?.balancer.nodes.map(\.zone) == [.a, .c])
    }
}
