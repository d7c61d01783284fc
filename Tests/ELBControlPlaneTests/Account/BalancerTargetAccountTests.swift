import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Application Load Balancers as targets over the API` {
    private func group(_ account: inout TestAccount, _ name: String = "apps", _ more: String = "") throws -> String {
        let output = try account.perform(
            "Action=CreateTargetGroup&Name=\(name)&TargetType=alb&Protocol=TCP&Port=80&VpcId=\(account.vpc)\(more)"
        )
        return try output.text("TargetGroups", 0, "TargetGroupArn")
    }

    private func register(_ group: String, _ target: String, _ more: String = "") -> String {
        "Action=RegisterTargets&TargetGroupArn=\(group)&Targets.member.1.Id=\(target)\(more)"
    }

    /// An Application Load Balancer that listens on port 80, a group with it, and a Network Load Balancer before both.
    private func chain(_ account: inout TestAccount) throws -> (app: String, listener: String, group: String) {
        let app = try account.loadBalancer("app")
        let listener = try account.listener(app)
        let group = try self.group(&account)
        try account.perform(self.register(group, app))
        let net = try account.perform("Action=CreateLoadBalancer&Name=net&Type=network&\(account.subnets)")
            .text("LoadBalancers", 0, "LoadBalancerArn")
        try account.perform(
            "Action=CreateListener&LoadBalancerArn=\(net)&Protocol=TCP&Port=80&\(TestAccount.actions(group))"
        )
        return (app, listener, group)
    }

    @Test(.covers("NLB-AL-003", "NLB-AL-001")) func `are in groups that are checked by HTTP`() throws {
        var account = TestAccount()
        let create = "Action=CreateTargetGroup&Name=a&TargetType=alb&Port=80&VpcId=\(account.vpc)&Protocol="
        let output = try account.perform(create + "TCP")
        #expect(try output.text("TargetGroups", 0, "TargetType") == "alb")
        #expect(try output.text("TargetGroups", 0, "HealthCheckProtocol") == "HTTP")
        #expect(try output.text("TargetGroups", 0, "Matcher", "HttpCode") == "200-399")
        for proto in ["HTTP", "TLS", "UDP"] {
            let other = create.replacing("Name=a", with: "Name=b") + proto
            #expect(account.refusal(other) == "ValidationError")
        }
        #expect(account.refusal(create + "TCP&IpAddressType=ipv6") != nil)
        #expect(account.refusal(create + "TCP&HealthCheckProtocol=TCP") != nil)
    }

    @Test(.covers("NLB-AL-001", "NLB-AL-002", "NLB-DR-007"))
    func `are registered by their ARN when they listen on the port`() throws {
        var account = TestAccount()
        let group = try self.group(&account)
        let app = try account.loadBalancer("app")
        #expect(account.refusal(self.register(group, app)) == "InvalidTarget")
        _ = try account.listener(app)
        #expect(account.refusal(self.register(group, app, "&Targets.member.1.Port=81")) == "InvalidTarget")
        #expect(account.refusal(self.register(group, "127.10.1.64")) == "InvalidTarget")
        #expect(account.refusal(self.register(group, app + "0")) == "InvalidTarget")
        let zone = "&Targets.member.1.AvailabilityZone=all"
        #expect(account.refusal(self.register(group, app, zone)) == "ValidationError")
        try account.perform(self.register(group, app))
        try account.perform(self.register(group, app))
        let other = try account.loadBalancer("other")
        _ = try account.listener(other)
        #expect(account.refusal(self.register(group, other)) == "TooManyTargets")
    }

    @Test(.covers("NLB-AL-001")) func `are of the group's VPC`() throws {
        var account = TestAccount()
        let vpc = try account.perform("Action=CreateVpc&CidrBlock=10.0.0.0/16", .ec2).text("Vpc", "VpcId")
        let group = try account.perform(
            "Action=CreateTargetGroup&Name=apps&TargetType=alb&Protocol=TCP&Port=80&VpcId=\(vpc)"
        ).text("TargetGroups", 0, "TargetGroupArn")
        let app = try account.loadBalancer("app")
        _ = try account.listener(app)
        #expect(account.refusal(self.register(group, app)) == "InvalidTarget")
    }

    @Test(.covers("NLB-AL-004")) func `are in two groups at most`() throws {
        var account = TestAccount()
        let app = try account.loadBalancer("app")
        _ = try account.listener(app)
        let groups = try ["a", "b", "c"].map { try self.group(&account, $0) }
        try account.perform(self.register(groups[0], app))
        try account.perform(self.register(groups[1], app))
        #expect(account.refusal(self.register(groups[2], app)) == "TooManyRegistrationsForTargetId")
        try account.perform("Action=DeregisterTargets&TargetGroupArn=\(groups[0])&Targets.member.1.Id=\(app)")
        try account.perform(self.register(groups[2], app))
    }

    @Test(.covers("NLB-AL-005")) func `leave their group's attributes alone`() throws {
        var account = TestAccount()
        let group = try self.group(&account)
        let modify = "Action=ModifyTargetGroupAttributes&TargetGroupArn=\(group)&Attributes.member.1.Key="
        let code = account.refusal(modify + "deregistration_delay.timeout_seconds&Attributes.member.1.Value=5")
        #expect(code == "InvalidConfigurationRequest")
        let values = account.account.targetGroups[group]?.group.attributeValues ?? []
        #expect(values.first { $0.key == "preserve_client_ip.enabled" }?.value == "true")
    }

    @Test(.covers("NLB-AL-006")) func `stay for as long as they are registered`() throws {
        var account = TestAccount()
        let chain = try self.chain(&account)
        let delete = "Action=DeleteLoadBalancer&LoadBalancerArn=\(chain.app)"
        #expect(account.refusal(delete) == "ResourceInUse")
        // A listener may go: the target is unhealthy then.
        try account.perform("Action=DeleteListener&ListenerArn=\(chain.listener)")
        #expect(account.refusal(delete) == "ResourceInUse")
        try account.perform("Action=DeregisterTargets&TargetGroupArn=\(chain.group)&Targets.member.1.Id=\(chain.app)")
        try account.perform(delete)
    }

    @Test(.covers("NLB-AL-001")) func `are each of their nodes to the data plane`() throws {
        var account = TestAccount()
        let chain = try self.chain(&account)
        let topology = account.account.topology
        let app = try #require(topology.loadBalancers.first { $0.kind == .application })
        #expect(app.isTarget == true)
        let targets = topology.targetGroups.first?.targets ?? []
        #expect(targets.map(\.endpoint.address) == app.nodes.map(\.address))
        #expect(targets.map(\.zone) == app.nodes.map(\.zone))
        #expect(targets.allSatisfy { $0.key.registration == targets[0].key.registration })
        #expect(Set(targets.map(\.key)).count == 2)
        #expect(topology.validate() == [])
        // What it has in more zones is in use at once.
        try account.perform(
            "Action=SetSubnets&LoadBalancerArn=\(chain.app)&\(account.subnets)&Subnets.member.3=\(account.subnet(.c))"
        )
        #expect(account.account.topology.targetGroups.first?.targets.count == 3)
    }

    @Test(.covers("NLB-AL-003", "NLB-HC-014")) func `are one target whose health is what all nodes in use see`() throws
    {
        var account = TestAccount()
        let chain = try self.chain(&account)
        let targets = account.account.topology.targetGroups.first?.targets ?? []
        let describe = "Action=DescribeTargetHealth&TargetGroupArn=\(chain.group)"
        let healthy = TargetHealth(state: .healthy)
        let unhealthy = TargetHealth(state: .unhealthy, reason: .failedHealthChecks)
        let unused = TargetHealth(state: .unused, reason: .notInUse)
        for (states, expected) in [
            ([healthy, healthy], "healthy"), ([healthy, unhealthy], "unhealthy"), ([healthy, unused], "healthy"),
            ([unused, unused], "unused"),
        ] {
            account.targetHealth = zip(targets, states).map {
                LabTargetHealth(targetGroup: TargetGroupID(rawValue: chain.group), target: $0, health: $1, node: .a)
            }
            let output = try account.perform(describe)
            #expect(output.count("TargetHealthDescriptions") == 1)
            #expect(try output.text("TargetHealthDescriptions", 0, "Target", "Id") == chain.app)
            #expect(try output.text("TargetHealthDescriptions", 0, "HealthCheckPort") == "80")
            #expect(try output.text("TargetHealthDescriptions", 0, "TargetHealth", "State") == expected)
        }
    }

    @Test(.covers("NLB-SG-004")) func `let in whom the Network Load Balancer does when they let its group in`() throws {
        var account = TestAccount()
        func group(_ name: String, _ rule: String) throws -> String {
            let id = try account.perform(
                "Action=CreateSecurityGroup&GroupName=\(name)&GroupDescription=g&VpcId=\(account.vpc)",
                .ec2
            ).text("GroupId")
            try account.perform(
                "Action=AuthorizeSecurityGroupIngress&GroupId=\(id)&IpPermissions.1.IpProtocol=tcp"
                    + "&IpPermissions.1.FromPort=80&IpPermissions.1.ToPort=80&IpPermissions.1.\(rule)",
                .ec2
            )
            return id
        }
        let net = try group("net", "IpRanges.1.CidrIp=127.200.0.0/16")
        let app = try group("app", "Groups.1.GroupId=\(net)")
        let chain = try self.chain(&account)
        try account.perform(
            "Action=SetSecurityGroups&LoadBalancerArn=\(chain.app)&SecurityGroups.member.1=\(app)"
        )
        func admits(_ address: String) throws -> Bool? {
            let balancer = account.account.topology.loadBalancers.first { $0.kind == .application }
            return balancer?.ingress?.admits(try #require(IPAddress(address)), port: 80)
        }
        // The Network Load Balancer of the chain has no groups.
        #expect(try admits("127.200.0.9") == false)
        let guarded = try account.perform(
            "Action=CreateLoadBalancer&Name=guarded&Type=network&\(account.subnets)&SecurityGroups.member.1=\(net)"
        ).text("LoadBalancers", 0, "LoadBalancerArn")
        let second = try self.group(&account, "second")
        try account.perform(self.register(second, chain.app))
        try account.perform(
            "Action=CreateListener&LoadBalancerArn=\(guarded)&Protocol=TCP&Port=80&\(TestAccount.actions(second))"
        )
        #expect(try admits("127.200.0.9") == true)
        #expect(try admits("127.201.0.9") == false)
        let nodes = account.account.topology.loadBalancers.first { $0.name.rawValue == "guarded" }?.nodes ?? []
        #expect(try admits("\(nodes[0].privateAddress)") == true)
    }
}
