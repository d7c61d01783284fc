import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Stacks of CloudFormation` {
    /// A load balancer with one group of one instance.
    private static func template(
        port: String = "8080",
        path: String = "/health",
        more: String = "",
        outputs: String = ""
    ) -> String {
        """
        Parameters:
          Port: {Type: Number, Default: \(port)}
          Secret: {Type: String, Default: hidden, NoEcho: true}
        Resources:
          A: {Type: AWS::EC2::Subnet, Properties: {VpcId: v, CidrBlock: 10.0.0.0/24, AvailabilityZone: ap-northeast-2a}}
          B: {Type: AWS::EC2::Subnet, Properties: {VpcId: v, CidrBlock: 10.0.1.0/24, AvailabilityZone: ap-northeast-2b}}
          Web: {Type: AWS::EC2::Instance, Properties: {ImageId: ami-1, SubnetId: !Ref A}}
          Group:
            Type: AWS::ElasticLoadBalancingV2::TargetGroup
            Properties:
              Protocol: HTTP
              Port: 8080
              VpcId: v
              HealthCheckPath: \(path)
              Targets: [{Id: !Ref Web}]
          Balancer:
            Type: AWS::ElasticLoadBalancingV2::LoadBalancer
            Properties: {Subnets: [!Ref A, !Ref B]}
          HTTP:
            Type: AWS::ElasticLoadBalancingV2::Listener
            Properties:
              LoadBalancerArn: !Ref Balancer
              Port: !Ref Port
              Protocol: HTTP
              DefaultActions: [{Type: forward, TargetGroupArn: !Ref Group}]
        \(more)
        Outputs:
          Stack: {Value: !Ref AWS::StackId}
        \(outputs)
        """
    }

    private func form(_ action: String, _ stack: String, _ template: String? = nil, _ more: String = "") -> String {
        var form = "Action=\(action)&StackName=\(stack)"
        if let template { form += "&TemplateBody=\(template.utf8.map(Self.escaped).joined())" }
        return form + more
    }

    private static func escaped(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return "%" + (digits.utf8.count == 1 ? "0" : "") + digits
    }

    private func status(_ account: inout TestAccount, _ stack: String) throws -> String {
        try account.perform(self.form("DescribeStacks", stack), .cloudFormation).text("Stacks", 0, "StackStatus")
    }

    // MARK: Making

    @Test func `make what the template says, and the API shows it`() throws {
        var account = TestAccount()
        let created = try account.perform(self.form("CreateStack", "shop", Self.template()), .cloudFormation)
        let id = try created.text("StackId")
        #expect(id.hasPrefix("arn:aws:cloudformation:ap-northeast-2:123456789012:stack/shop/"))
        #expect(try self.status(&account, "shop") == "CREATE_COMPLETE")
        let stack = try account.perform(self.form("DescribeStacks", id), .cloudFormation)
        #expect(try stack.text("Stacks", 0, "Outputs", 0, "OutputValue") == id)
        #expect(try stack.text("Stacks", 0, "Parameters", 1, "ParameterValue") == "****")
        let balancers = try account.perform("Action=DescribeLoadBalancers")
        let resource = try account.perform(
            self.form("DescribeStackResource", "shop", nil, "&LogicalResourceId=Balancer"),
            .cloudFormation
        )
        #expect(
            try balancers.text("LoadBalancers", 0, "LoadBalancerArn")
                == resource.text("StackResourceDetail", "PhysicalResourceId")
        )
        #expect(account.account.instances.map(\.instance.name) == ["Web"])
        #expect(
            try account.perform(self.form("ListStackResources", "shop"), .cloudFormation).count(
                "StackResourceSummaries"
            ) == 6
        )
    }

    @Test func `stand side by side, though made from one template`() throws {
        var account = TestAccount()
        try account.perform(self.form("CreateStack", "one", Self.template()), .cloudFormation)
        try account.perform(self.form("CreateStack", "two", Self.template()), .cloudFormation)
        #expect(account.account.instances.map(\.instance.name) == ["Web", "two.Web"])
        #expect(Set(account.account.instances.map(\.instance.address)).count == 2)
        #expect(Set(account.account.loadBalancers.flatMap(\.balancer.nodes).map(\.address)).count == 4)
        let before = account.account.loadBalancers.map(\.balancer.nodes)
        // Whoever stays keeps address and name.
        try account.perform(self.form("DeleteStack", "one"), .cloudFormation)
        try account.perform(self.form("UpdateStack", "two", Self.template(path: "/other")), .cloudFormation)
        #expect(account.account.loadBalancers.map(\.balancer.nodes) == [before[1]])
        #expect(account.account.instances.map(\.instance.name) == ["two.Web"])
        #expect(
            account.refusal(self.form("CreateStack", "two", Self.template()), .cloudFormation)
                == "AlreadyExistsException"
        )
    }

    @Test func `bring security groups, which filter, and tags, which say where things are from`() throws {
        var account = TestAccount()
        let groups = """
              Guard:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: d
                  SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 80, ToPort: 80, CidrIp: 127.200.0.0/16}]
            """
        let guarded = Self.template(more: groups)
            .replacing(
                "Properties: {Subnets: [!Ref A, !Ref B]}",
                with: """
                    Properties: {Subnets: [!Ref A, !Ref B], SecurityGroups: [!GetAtt Guard.GroupId]}
                    """
            )
        try account.perform(
            self.form("CreateStack", "shop", guarded, "&Tags.member.1.Key=team&Tags.member.1.Value=blue"),
            .cloudFormation
        )
        #expect(try self.status(&account, "shop") == "CREATE_COMPLETE")
        let balancer = try #require(account.account.topology.loadBalancers.first)
        let filter = try #require(balancer.ingress)
        #expect(filter.admits(try #require(IPAddress("127.200.0.9")), port: 80))
        #expect(!filter.admits(try #require(IPAddress("127.201.0.9")), port: 80))
        let tags = try #require(account.account.loadBalancers.first { _ in true }).tags
        #expect(tags.contains(ResourceTag(key: "team", value: "blue")))
        #expect(tags.contains(ResourceTag(key: "aws:cloudformation:logical-id", value: "Balancer")))
        let group = try #require(account.account.securityGroups.first { $0.name != "default" })
        #expect(account.refusal("Action=DeleteSecurityGroup&GroupId=\(group.id)", .ec2) == "DependencyViolation")
        // Out of the group, and the group is gone: the default one remains.
        try account.perform(self.form("UpdateStack", "shop", Self.template()), .cloudFormation)
        #expect(try self.status(&account, "shop") == "UPDATE_COMPLETE")
        #expect(account.account.securityGroups.map(\.name) == ["default"])
        #expect(account.account.topology.loadBalancers.first?.ingress == nil)
    }

    @Test func `take groups with them that name each other`() throws {
        var account = TestAccount()
        let groups = """
            Resources:
              One: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: d}}
              Two: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: d}}
              In:
                Type: AWS::EC2::SecurityGroupIngress
                Properties: {GroupId: !GetAtt One.GroupId, IpProtocol: "-1", SourceSecurityGroupId: !GetAtt Two.GroupId}
              Out:
                Type: AWS::EC2::SecurityGroupEgress
                Properties: {GroupId: !GetAtt Two.GroupId, IpProtocol: "-1", DestinationSecurityGroupId: !GetAtt One.GroupId}
            """
        try account.perform(self.form("CreateStack", "net", groups), .cloudFormation)
        #expect(account.account.securityGroups.map(\.name).count == 3)
        try account.perform(self.form("DeleteStack", "net"), .cloudFormation)
        #expect(account.account.securityGroups.map(\.name) == ["default"])
    }

    @Test func `keep a security group that others use`() throws {
        var account = TestAccount()
        let group = "Resources: {Guard: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: d}}}"
        try account.perform(self.form("CreateStack", "net", group), .cloudFormation)
        let id = try #require(account.account.securityGroups.first { $0.name != "default" }).id
        let subnet = try #require(account.account.subnets.first { _ in true }).id
        try account.perform(
            "Action=RunInstances&ImageId=ami-1&MinCount=1&MaxCount=1&SubnetId=\(subnet)&SecurityGroupId.1=\(id)",
            .ec2
        )
        try account.perform(self.form("DeleteStack", "net"), .cloudFormation)
        #expect(try self.status(&account, "net") == "DELETE_FAILED")
        #expect(account.account.securityGroups[id] != nil)
    }

    @Test func `use the account's own subnets, which parameters name`() throws {
        var account = TestAccount()
        let template = """
            Parameters:
              Subnets: {Type: "List<AWS::EC2::Subnet::Id>"}
            Resources:
              Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Subnets: !Ref Subnets}}
            """
        let subnets = "\(account.subnet(.a)),\(account.subnet(.c))"
        let parameter = "&Parameters.member.1.ParameterKey=Subnets&Parameters.member.1.ParameterValue=\(subnets)"
        try account.perform(self.form("CreateStack", "mine", template, parameter), .cloudFormation)
        #expect(account.account.loadBalancers.map { $0.balancer.nodes.map(\.zone) } == [[.a, .c]])
        #expect(account.refusal(self.form("CreateStack", "other", template), .cloudFormation) == "ValidationError")
    }

    // MARK: Changing

    @Test func `are updated in place, and tell when there is nothing to update`() throws {
        var account = TestAccount()
        try account.perform(self.form("CreateStack", "shop", Self.template()), .cloudFormation)
        #expect(
            account.refusal(self.form("UpdateStack", "shop", Self.template()), .cloudFormation) == "ValidationError"
        )
        let arn = account.account.targetGroups.first { _ in true }?.id
        try account.perform(self.form("UpdateStack", "shop", Self.template(path: "/new")), .cloudFormation)
        #expect(try self.status(&account, "shop") == "UPDATE_COMPLETE")
        let group = account.account.targetGroups.first { _ in true }
        #expect(group?.id == arn)
        #expect(group?.group.healthCheck.path == "/new")
    }

    @Test func `roll back when a name is taken, and nothing has changed`() throws {
        var account = TestAccount()
        _ = try account.targetGroup("taken")
        let more = """
              Other:
                Type: AWS::ElasticLoadBalancingV2::TargetGroup
                Properties: {Name: taken, Protocol: HTTP, Port: 80, VpcId: v}
            """
        try account.perform(self.form("CreateStack", "shop", Self.template(more: more)), .cloudFormation)
        #expect(try self.status(&account, "shop") == "ROLLBACK_COMPLETE")
        #expect(account.account.loadBalancers.count == 0)
        #expect(
            account.refusal(self.form("UpdateStack", "shop", Self.template()), .cloudFormation) == "ValidationError"
        )
        try account.perform(self.form("DeleteStack", "shop"), .cloudFormation)
        try account.perform(self.form("CreateStack", "shop", Self.template()), .cloudFormation)
        let before = account.account.topology
        try account.perform(self.form("UpdateStack", "shop", Self.template(more: more)), .cloudFormation)
        #expect(try self.status(&account, "shop") == "UPDATE_ROLLBACK_COMPLETE")
        #expect(account.account.topology == before)
        let events = try account.perform(self.form("DescribeStackEvents", "shop"), .cloudFormation)
        #expect(try events.text("StackEvents", 0, "ResourceStatus") == "UPDATE_ROLLBACK_COMPLETE")
        #expect(try events.text("StackEvents", 1, "ResourceStatusReason").contains("taken"))
    }

    @Test func `roll back when the data plane cannot follow`() async throws {
        let plane = RecordingDataPlane(brokenBalancer: "broken")
        let lab = Lab(fleet: plane) { _ in RecordingDataPlane.Balancer(plane: plane) }
        let controlPlane = ControlPlane(lab, materials: TestMaterials()) { Timestamp(milliseconds: 0) }
        let template = Self.template().replacing("Properties: {Subnets", with: "Properties: {Name: broken, Subnets")
        func call(_ form: String) async -> APIResponse {
            await controlPlane.perform(APIRequest(body: Array("\(form)&Version=2010-05-15".utf8)), requestID: "1")
        }
        #expect(await call(self.form("CreateStack", "shop", template)).status == 200)
        let described = await call(self.form("DescribeStacks", "shop"))
        #expect(described.body.contains("<StackStatus>ROLLBACK_COMPLETE</StackStatus>"))
        let state = await lab.state()
        #expect(state.loadBalancers.isEmpty)
        #expect(state.instances.isEmpty)
    }

    @Test func `name the line of a template's mistake`() throws {
        var account = TestAccount()
        let template = Self.template().replacing("Protocol: HTTP\n      Port", with: "Protocol: HTPT\n      Port")
        let before = account.account
        do {
            try account.perform(self.form("CreateStack", "shop", template), .cloudFormation)
            Issue.record("the template was taken")
        } catch let error as APIError {
            #expect(error.code == "ValidationError")
            #expect(error.message.contains("line 11, column 17: "))
        }
        #expect(account.account == before)
    }

    // MARK: Change sets

    @Test func `come from change sets, which say what would happen`() throws {
        var account = TestAccount()
        let name = "&ChangeSetName=first"
        let create = self.form("CreateChangeSet", "shop", Self.template(), "\(name)&ChangeSetType=CREATE")
        let made = try account.perform(create, .cloudFormation)
        #expect(try self.status(&account, "shop") == "REVIEW_IN_PROGRESS")
        // By ARNs, as CDK asks, whose model has word boundaries at colons.
        let byARN = self.form(
            "DescribeChangeSet",
            try made.text("StackId"),
            nil,
            "&ChangeSetName=\(try made.text("Id"))"
        )
        #expect(try account.perform(byARN, .cloudFormation).text("ChangeSetName") == "first")
        #expect(account.account.loadBalancers.count == 0)
        let described = try account.perform(self.form("DescribeChangeSet", "shop", nil, name), .cloudFormation)
        #expect(try described.text("Status") == "CREATE_COMPLETE")
        #expect(described.count("Changes") == 6)
        try account.perform(self.form("ExecuteChangeSet", "shop", nil, name), .cloudFormation)
        #expect(try self.status(&account, "shop") == "CREATE_COMPLETE")
        #expect(
            account.refusal(self.form("ExecuteChangeSet", "shop", nil, name), .cloudFormation)
                == "InvalidChangeSetStatus"
        )

        let second = "&ChangeSetName=second"
        let update = Self.template(path: "/new")
        try account.perform(self.form("CreateChangeSet", "shop", update, second), .cloudFormation)
        let changes = try account.perform(self.form("DescribeChangeSet", "shop", nil, second), .cloudFormation)
        #expect(changes.count("Changes") == 1)
        #expect(try changes.text("Changes", 0, "ResourceChange", "LogicalResourceId") == "Group")
        #expect(try changes.text("Changes", 0, "ResourceChange", "Replacement") == "False")
        #expect(try changes.text("Changes", 0, "ResourceChange", "Details", 0, "Target", "Name") == "HealthCheckPath")
        try account.perform(self.form("DeleteChangeSet", "shop", nil, second), .cloudFormation)
        #expect(
            account.refusal(self.form("DescribeChangeSet", "shop", nil, second), .cloudFormation) == "ChangeSetNotFound"
        )
    }

    @Test func `refuse a change set that changes nothing, in the words that clients look for`() throws {
        var account = TestAccount()
        try account.perform(self.form("CreateStack", "shop", Self.template()), .cloudFormation)
        let name = "&ChangeSetName=empty"
        try account.perform(self.form("CreateChangeSet", "shop", Self.template(), name), .cloudFormation)
        let described = try account.perform(self.form("DescribeChangeSet", "shop", nil, name), .cloudFormation)
        #expect(try described.text("Status") == "FAILED")
        #expect(try described.text("StatusReason").contains("The submitted information didn't contain changes."))
    }

    @Test func `ask for capabilities before they make roles`() throws {
        var account = TestAccount()
        let role = "  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}"
        let template = Self.template(more: role)
        #expect(
            account.refusal(self.form("CreateStack", "shop", template), .cloudFormation)
                == "InsufficientCapabilitiesException"
        )
        let acknowledged = "&Capabilities.member.1=CAPABILITY_IAM"
        try account.perform(self.form("CreateStack", "shop", template, acknowledged), .cloudFormation)
        let summary = try account.perform(self.form("GetTemplateSummary", "shop"), .cloudFormation)
        #expect(try summary.text("Capabilities", 0) == "CAPABILITY_IAM")
        #expect(try summary.text("Parameters", 0, "ParameterKey") == "Port")
    }

    // MARK: Exports and going

    @Test func `import what others export, which then stay`() throws {
        var account = TestAccount()
        let export = "  Name: {Value: shared, Export: {Name: shop-name}}"
        try account.perform(self.form("CreateStack", "shop", Self.template(outputs: export)), .cloudFormation)
        let user = Self.template(outputs: "  Name: {Value: !ImportValue shop-name}")
        try account.perform(self.form("CreateStack", "user", user), .cloudFormation)
        let described = try account.perform(self.form("DescribeStacks", "user"), .cloudFormation)
        #expect(try described.text("Stacks", 0, "Outputs", 1, "OutputValue") == "shared")
        try account.perform(self.form("DeleteStack", "shop"), .cloudFormation)
        #expect(try self.status(&account, "shop") == "DELETE_FAILED")
        try account.perform(self.form("DeleteStack", "user"), .cloudFormation)
        try account.perform(self.form("DeleteStack", "shop"), .cloudFormation)
        #expect(account.account.instances.count == 0)
    }

    @Test func `go with all that they made, save what is retained or in use`() throws {
        var account = TestAccount()
        let template = Self.template().replacing("  Group:\n", with: "  Group:\n    DeletionPolicy: Retain\n")
        let id = try account.perform(self.form("CreateStack", "shop", template), .cloudFormation).text("StackId")
        try account.perform(self.form("DeleteStack", "shop"), .cloudFormation)
        #expect(account.refusal(self.form("DescribeStacks", "shop"), .cloudFormation) == "ValidationError")
        #expect(try self.status(&account, id) == "DELETE_COMPLETE")
        #expect(account.account.loadBalancers.count == 0)
        #expect(account.account.targetGroups.map(\.owner) == [.api])
        #expect(account.account.targetGroups.first { _ in true }?.group.targets == [])

        try account.perform(self.form("CreateStack", "used", Self.template()), .cloudFormation)
        let used = try #require(account.account.targetGroups.first { $0.owner != .api })
        let balancer = try account.loadBalancer("mine")
        // AWS lets a group serve one load balancer.
        let own = try account.perform("Action=DescribeListeners&LoadBalancerArn=\(balancer)")
        #expect(own.count("Listeners") == 0)
        let listener = try #require(account.account.listeners.first { _ in true })
        try account.perform("Action=DeleteListener&ListenerArn=\(listener.arn)")
        _ = try account.listener(balancer, to: used.id)
        try account.perform(self.form("DeleteStack", "used"), .cloudFormation)
        #expect(try self.status(&account, "used") == "DELETE_FAILED")
        #expect(account.account.targetGroups[used.id] != nil)
    }

    @Test func `stay while they are protected`() throws {
        var account = TestAccount()
        let protected = "&EnableTerminationProtection=true"
        try account.perform(self.form("CreateStack", "shop", Self.template(), protected), .cloudFormation)
        #expect(account.refusal(self.form("DeleteStack", "shop"), .cloudFormation) == "ValidationError")
        try account.perform(
            self.form("UpdateTerminationProtection", "shop", nil, "&EnableTerminationProtection=false"),
            .cloudFormation
        )
        try account.perform(self.form("DeleteStack", "shop"), .cloudFormation)
        #expect(account.account.loadBalancers.count == 0)
    }

    @Test func `stay when the lab's own templates are read again`() throws {
        var account = TestAccount()
        try account.perform(self.form("CreateStack", "shop", Self.template()), .cloudFormation)
        var transaction = Transaction(
            account.account,
            now: Timestamp(milliseconds: 0),
            generator: SystemRandomNumberGenerator()
        )
        try TemplateAdoption(Topology()).perform(&transaction)
        #expect(transaction.account == account.account)
    }
}
