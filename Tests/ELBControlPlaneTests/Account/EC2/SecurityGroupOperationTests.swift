import ELBControlAPI
import ELBControlPlane
import ELBModel
import Testing

@Suite struct `Security groups over the API` {
    private static let web = "IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=80&IpPermissions.1.ToPort=8080"

    private static func group(_ account: inout TestAccount, _ name: String = "web") throws -> String {
        try account.perform("Action=CreateSecurityGroup&GroupName=\(name)&GroupDescription=d", .ec2).text("GroupId")
    }

    /// What the data plane is told of the account's one load balancer.
    private static func balancer(_ account: TestAccount) throws -> LoadBalancer {
        try #require(account.account.topology.loadBalancers.first)
    }

    private static func client(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    @Test func `let in what a rule allows, and nothing else`() throws {
        var account = TestAccount()
        let group = try Self.group(&account)
        try account.perform(
            "Action=CreateLoadBalancer&Name=web&\(account.subnets)&SecurityGroups.member.1=\(group)"
        )
        let closed = try #require(try Self.balancer(account).ingress)
        #expect(closed.rules.isEmpty)
        #expect(try Self.balancer(account).egress == nil)

        try account.perform(
            "Action=AuthorizeSecurityGroupIngress&GroupId=\(group)&\(Self.web)&IpPermissions.1.IpRanges.1.CidrIp=127.200.0.0/16",
            .ec2
        )
        let filter = try #require(try Self.balancer(account).ingress)
        #expect(filter.admits(try Self.client("127.200.0.9"), port: 8080))
        #expect(!filter.admits(try Self.client("127.200.0.9"), port: 8081))
        #expect(!filter.admits(try Self.client("127.201.0.9"), port: 8080))

        try account.perform(
            "Action=AuthorizeSecurityGroupIngress&GroupId=\(group)&IpProtocol=-1&CidrIp=0.0.0.0/0",
            .ec2
        )
        #expect(try Self.balancer(account).ingress == nil)
    }

    @Test func `know the private addresses of other groups' members`() throws {
        var account = TestAccount()
        let front = try Self.group(&account, "front")
        let back = try Self.group(&account, "back")
        try account.perform(
            "Action=CreateLoadBalancer&Name=web&\(account.subnets)&SecurityGroups.member.1=\(front)"
        )
        try account.perform(
            "Action=AuthorizeSecurityGroupIngress&GroupId=\(back)&\(Self.web)&IpPermissions.1.Groups.1.GroupId=\(front)",
            .ec2
        )
        try account.perform(
            "Action=RunInstances&ImageId=ami-1&MinCount=1&MaxCount=1&SecurityGroupId.1=\(back)",
            .ec2
        )
        let filter = try #require(account.account.topology.instances.first?.ingress)
        let nodes = try Self.balancer(account).nodes
        #expect(filter.rules.count == 2)
        for node in nodes {
            #expect(filter.admits(node.privateAddress, port: 8080))
            #expect(!filter.admits(node.address, port: 8080))
        }
        #expect(account.refusal("Action=DeleteSecurityGroup&GroupId=\(front)", .ec2) == "DependencyViolation")
    }

    @Test func `have no rule twice, and lose those that are named`() throws {
        var account = TestAccount()
        let group = try Self.group(&account)
        let rule = "GroupId=\(group)&IpProtocol=tcp&FromPort=80&ToPort=80&CidrIp=127.200.0.0/16"
        let added = try account.perform("Action=AuthorizeSecurityGroupIngress&\(rule)", .ec2)
        let id = try added.text("SecurityGroupRules", 0, "SecurityGroupRuleId")
        #expect(account.refusal("Action=AuthorizeSecurityGroupIngress&\(rule)", .ec2) == "InvalidPermission.Duplicate")
        try account.perform("Action=RevokeSecurityGroupIngress&GroupId=\(group)&SecurityGroupRuleId.1=\(id)", .ec2)
        #expect(account.refusal("Action=RevokeSecurityGroupIngress&\(rule)", .ec2) == "InvalidPermission.NotFound")
        #expect(account.account.securityGroups[group]?.ingress.isEmpty == true)
        try account.perform("Action=DeleteSecurityGroup&GroupId=\(group)", .ec2)
        #expect(account.account.securityGroups[group] == nil)
    }

    @Test(
        arguments: [
            ("IpProtocol=tcp&FromPort=80&ToPort=70&CidrIp=0.0.0.0/0", "InvalidParameterValue"),
            ("IpProtocol=tcp&CidrIp=0.0.0.0/0", "InvalidParameterValue"),
            ("IpProtocol=tcp&FromPort=80&ToPort=70000&CidrIp=0.0.0.0/0", "InvalidParameterValue"),
            ("IpProtocol=cats&CidrIp=0.0.0.0/0", "InvalidParameterValue"),
            ("IpProtocol=tcp&FromPort=1&ToPort=2&CidrIp=everywhere", "InvalidParameterValue"),
            ("IpProtocol=tcp&FromPort=1&ToPort=2", "MissingParameter"),
        ]
    )
    func `refuse rules that are none`(rule: String, code: String) throws {
        var account = TestAccount()
        let group = try Self.group(&account)
        #expect(account.refusal("Action=AuthorizeSecurityGroupIngress&GroupId=\(group)&\(rule)", .ec2) == code)
    }

    @Test func `have names, one of each kind in a VPC`() throws {
        var account = TestAccount()
        _ = try Self.group(&account)
        let again = "Action=CreateSecurityGroup&GroupName=web&GroupDescription=d"
        #expect(account.refusal(again, .ec2) == "InvalidGroup.Duplicate")
        let vpc = try account.perform("Action=CreateVpc&CidrBlock=10.1.0.0/16", .ec2).text("Vpc", "VpcId")
        #expect(account.refusal("\(again)&VpcId=\(vpc)", .ec2) == nil)
        let base = try #require(account.account.securityGroups.first { $0.name == "default" })
        #expect(account.refusal("Action=DeleteSecurityGroup&GroupId=\(base.id)", .ec2) == "CannotDelete")
    }

    @Test func `change on a running instance`() throws {
        var account = TestAccount()
        let group = try Self.group(&account)
        let run = try account.perform("Action=RunInstances&ImageId=ami-1&MinCount=1&MaxCount=1", .ec2)
        let id = try run.text("Instances", 0, "InstanceId")
        #expect(account.account.topology.instances.first?.ingress == nil)
        try account.perform("Action=ModifyInstanceAttribute&InstanceId=\(id)&GroupId.1=\(group)", .ec2)
        #expect(account.account.topology.instances.first?.ingress == TrafficFilter())
    }
}
