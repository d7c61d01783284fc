import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Targets of an account` {
    private func register(_ group: String, _ target: String, port: Int? = nil, zone: String? = nil) -> String {
        "Action=RegisterTargets&TargetGroupArn=\(group)&Targets.member.1.Id=\(target)"
            + (port.map { "&Targets.member.1.Port=\($0)" } ?? "")
            + (zone.map { "&Targets.member.1.AvailabilityZone=\($0)" } ?? "")
    }

    @Test(.covers("ALB-TG-004", "ALB-TG-005", "ALB-TG-020"))
    func `are known by id and port`() throws {
        var account = TestAccount()
        let group = try account.targetGroup()
        let instance = try account.instance()
        try account.perform(self.register(group, instance))
        try account.perform(self.register(group, instance))
        try account.perform(self.register(group, instance, port: 8081))
        func ports() -> [UInt16]? {
            account.account.targetGroups[group]?.group.targets.map(\.endpoint.port.rawValue)
        }
        #expect(ports() == [8080, 8081])
        // The fleet listens where the group expects it.
        #expect(account.account.instances[instance]?.instance.ports == [8080, 8081])
        let deregister = "Action=DeregisterTargets&TargetGroupArn=\(group)&Targets.member.1.Id="
        #expect(account.refusal(deregister) == "ValidationError")
        try account.perform(deregister + instance)
        #expect(ports() == [8081])
        try account.perform(deregister + "i-00000000000000000")
        try account.perform(deregister + instance + "&Targets.member.1.Port=8081")
        #expect(ports() == [])
    }

    @Test(.covers("ALB-TG-007", "ALB-TG-011"))
    func `that are instances run, where they are`() throws {
        var account = TestAccount()
        let group = try account.targetGroup()
        let instance = try account.instance()
        #expect(account.refusal(self.register(group, "web")) == "ValidationError")
        #expect(account.refusal(self.register(group, "i-0123456789abcdef0")) == "InvalidTarget")
        #expect(account.refusal(self.register(group, instance, zone: "ap-northeast-2a")) == "ValidationError")
        try account.perform("Action=StopInstances&InstanceId.1=\(instance)", .ec2)
        #expect(account.refusal(self.register(group, instance)) == "InvalidTarget")
    }

    @Test(.covers("ALB-TG-009", "ALB-TG-010", "ALB-TG-011"))
    func `that are addresses are private ones, in a zone`() throws {
        var account = TestAccount()
        let group = try account.targetGroup("ips", "&TargetType=ip")
        _ = try account.loadBalancer()
        #expect(account.refusal(self.register(group, "8.8.8.8", zone: "all")) == "InvalidTarget")
        #expect(account.refusal(self.register(group, "127.0.0.1")) == "ValidationError")
        #expect(account.refusal(self.register(group, "here")) == "ValidationError")
        #expect(account.refusal(self.register(group, "127.0.0.1", zone: "moon")) == "ValidationError")
        #expect(account.refusal(self.register(group, "127.50.1.4", zone: "all")) == "InvalidTarget")
        try account.perform(self.register(group, "127.0.0.1", zone: "all"))
        try account.perform(self.register(group, "127.10.2.70"))
        #expect(account.account.targetGroups[group]?.group.targets.map(\.zone) == [nil, .b])
    }

    @Test(.covers("ALB-TG-003")) func `are in groups with protocol, port and VPC`() throws {
        var account = TestAccount()
        let create = "Action=CreateTargetGroup&Name=one"
        #expect(account.refusal(create) == "ValidationError")
        #expect(account.refusal("\(create)&Protocol=HTTP&Port=80") == "ValidationError")
        #expect(account.refusal("\(create)&Protocol=HTTP&Port=80&VpcId=vpc-1") == "ValidationError")
        #expect(account.refusal("\(create)&Protocol=QUIC&Port=80&VpcId=\(account.vpc)") == "OperationNotPermitted")
        #expect(account.refusal("\(create)&TargetType=lambda&Port=80") == "ValidationError")
        try account.perform("\(create)&TargetType=lambda")
    }

    @Test(.covers("ALB-TG-017")) func `are unused where no action names their group`() throws {
        var account = TestAccount()
        let group = try account.targetGroup()
        try account.perform(self.register(group, account.instance()))
        let health = try account.perform("Action=DescribeTargetHealth&TargetGroupArn=\(group)")
        #expect(try health.text("TargetHealthDescriptions", 0, "TargetHealth", "State") == "unused")
        #expect(try health.text("TargetHealthDescriptions", 0, "TargetHealth", "Reason") == "Target.NotInUse")
        let unknown = try account.perform(
            "Action=DescribeTargetHealth&TargetGroupArn=\(group)&Targets.member.1.Id=i-0123456789abcdef0"
        )
        #expect(try unknown.text("TargetHealthDescriptions", 0, "TargetHealth", "Reason") == "Target.NotRegistered")
    }

    @Test(.covers("ALB-TG-001")) func `are probed as the group says, which changes in part`() throws {
        var account = TestAccount()
        let group = try account.targetGroup("one", "&HealthCheckPath=/up&HealthyThresholdCount=3")
        try account.perform(
            "Action=ModifyTargetGroup&TargetGroupArn=\(group)&HealthCheckIntervalSeconds=10&HealthCheckPort=9000"
        )
        let check = try #require(account.account.targetGroups[group]?.group.healthCheck)
        #expect(check.path == "/up")
        #expect(check.healthyThresholdCount == 3)
        #expect(check.intervalSeconds == 10)
        #expect(check.port == .fixed(9000))
        let modify = "Action=ModifyTargetGroup&TargetGroupArn=\(group)"
        #expect(account.refusal("\(modify)&HealthCheckTimeoutSeconds=10") == "ValidationError")
        #expect(account.refusal("\(modify)&HealthCheckProtocol=TCP") == "ValidationError")
    }
}

@Suite(.timeLimit(.minutes(1))) struct `Instances of an account` {
    @Test func `run, stop, start and end`() throws {
        var account = TestAccount()
        let instance = try account.instance()
        func running() -> [String] { account.account.topology.instances.map(\.id.rawValue) }
        #expect(running() == [instance])
        let stopped = try account.perform("Action=StopInstances&InstanceId.1=\(instance)", .ec2)
        #expect(try stopped.text("StoppingInstances", 0, "PreviousState", "Name") == "running")
        #expect(try stopped.text("StoppingInstances", 0, "CurrentState", "Name") == "stopping")
        #expect(running().isEmpty)
        try account.perform("Action=StartInstances&InstanceId.1=\(instance)", .ec2)
        #expect(running() == [instance])
        let group = try account.targetGroup()
        try account.perform("Action=RegisterTargets&TargetGroupArn=\(group)&Targets.member.1.Id=\(instance)")
        try account.perform("Action=TerminateInstances&InstanceId.1=\(instance)", .ec2)
        #expect(running().isEmpty)
        #expect(account.account.targetGroups[group]?.group.targets == [])
        #expect(account.refusal("Action=StartInstances&InstanceId.1=\(instance)", .ec2) == "IncorrectInstanceState")
        let seen = try account.perform("Action=DescribeInstances&InstanceId.1=\(instance)", .ec2)
        #expect(try seen.text("Reservations", 0, "Instances", 0, "State", "Name") == "terminated")
    }

    @Test func `are made once for one token`() throws {
        var account = TestAccount()
        let form = "Action=RunInstances&ImageId=ami-12345678&MinCount=2&MaxCount=2&ClientToken=t"
        let first = try account.perform(form, .ec2)
        #expect(first.count("Instances") == 2)
        #expect(try account.perform(form, .ec2) == first)
        #expect(account.account.instances.count == 2)
    }

    @Test func `are found by filters`() throws {
        var account = TestAccount()
        _ = try account.instance()
        let tagged = try account.perform(
            "Action=RunInstances&ImageId=ami-12345678&MinCount=1&MaxCount=1&SubnetId=\(account.subnet(.c))"
                + "&TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=Name"
                + "&TagSpecification.1.Tag.1.Value=shop-1",
            .ec2
        )
        let id = try tagged.text("Instances", 0, "InstanceId")
        for filter in ["tag:Name&Filter.1.Value.1=shop-*", "availability-zone&Filter.1.Value.1=ap-northeast-2c"] {
            let found = try account.perform("Action=DescribeInstances&Filter.1.Name=\(filter)", .ec2)
            #expect(found.count("Reservations") == 1)
            #expect(try found.text("Reservations", 0, "Instances", 0, "InstanceId") == id)
        }
        #expect(account.account.instances[id]?.instance.name == "shop-1")
        #expect(
            account.refusal("Action=DescribeInstances&Filter.1.Name=colour&Filter.1.Value.1=x", .ec2)
                == "InvalidParameterValue"
        )
    }

    @Test(arguments: [
        ("RunInstances&ImageId=ami-1&MinCount=1&MaxCount=1&InstanceType=m5.large", "InvalidParameterValue"),
        ("RunInstances&ImageId=x&MinCount=1&MaxCount=1", "InvalidAMIID.Malformed"),
        ("RunInstances&ImageId=ami-1&MinCount=1&MaxCount=1000", "InstanceLimitExceeded"),
        ("RunInstances&ImageId=ami-1&MinCount=1&MaxCount=1&DryRun=true", "DryRunOperation"),
        ("RunInstances&ImageId=ami-1&MinCount=1&MaxCount=1&SubnetId=subnet-1", "InvalidSubnetID.NotFound"),
        ("StopInstances&InstanceId.1=i-0123456789abcdef0", "InvalidInstanceID.NotFound"),
        ("StopInstances&InstanceId.1=web", "InvalidInstanceID.Malformed"),
        ("DescribeVpcs&VpcId.1=vpc-1", "InvalidVpcID.NotFound"),
    ])
    func `are refused in EC2's words`(form: String, code: String) {
        var account = TestAccount()
        #expect(account.refusal("Action=\(form)", .ec2) == code)
    }
}
