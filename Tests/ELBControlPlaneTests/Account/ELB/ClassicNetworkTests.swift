import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A Classic Load Balancer's network` {
    @Test(.covers("CLB-AP-008", "CLB-ST-007"))
    func `is one subnet per zone, and one at least`() throws {
        var account = TestAccount()
        try account.classicLoadBalancer()
        let (a, b, c) = (account.subnet(.a), account.subnet(.b), account.subnet(.c))
        let attach = "AttachLoadBalancerToSubnets"
        let detach = "DetachLoadBalancerFromSubnets"
        let three = try account.classic(attach, "old", "Subnets.member.1=\(c)&Subnets.member.2=\(a)")
        #expect(three["Subnets"] == .texts([a, b, c]))
        #expect(
            account.account.topology.classicLoadBalancers.first?.nodes.map(\.address.description)
                == ["127.50.1.4", "127.50.2.4", "127.50.3.4"]
        )
        let other = try account.perform(
            "Action=CreateSubnet&VpcId=\(account.vpc)&CidrBlock=127.10.200.0/24&AvailabilityZone=ap-northeast-2a",
            .ec2
        )
        let twin = try other.text("Subnet", "SubnetId")
        #expect(account.classicRefusal(attach, "old", "Subnets.member.1=\(twin)") == "InvalidConfigurationRequest")
        #expect(account.classicRefusal(attach, "old", "Subnets.member.1=subnet-1") == "SubnetNotFound")
        #expect(account.refusal("Action=DeleteSubnet&SubnetId=\(c)", .ec2) == "DependencyViolation")
        let one = try account.classic(detach, "old", "Subnets.member.1=\(a)&Subnets.member.2=\(c)")
        #expect(one["Subnets"] == .texts([b]))
        #expect(account.classicRefusal(detach, "old", "Subnets.member.1=\(b)") == "InvalidConfigurationRequest")
        #expect(account.classicRefusal(detach, "none", "Subnets.member.1=\(b)") == "LoadBalancerNotFound")
        #expect(account.account.topology.classicLoadBalancers.first?.nodes.map(\.zone) == [.b])
    }

    @Test(.covers("CLB-AP-008"))
    func `is zones of the default VPC`() throws {
        var account = TestAccount()
        try account.classic(
            "CreateLoadBalancer",
            "old",
            "\(TestAccount.listener())&AvailabilityZones.member.1=ap-northeast-2a"
        )
        #expect(try account.describe().text("Subnets", 0) == account.subnet(.a))
        let enable = "EnableAvailabilityZonesForLoadBalancer"
        let disable = "DisableAvailabilityZonesForLoadBalancer"
        func zones(_ letters: String...) -> String {
            letters.enumerated().map { "AvailabilityZones.member.\($0.offset + 1)=ap-northeast-2\($0.element)" }
                .joined(separator: "&")
        }
        let two = try account.classic(enable, "old", zones("b", "a"))
        #expect(two["AvailabilityZones"] == .texts(["ap-northeast-2a", "ap-northeast-2b"]))
        #expect(account.classicRefusal(enable, "old", zones("z")) == "ValidationError")
        let one = try account.classic(disable, "old", zones("a"))
        #expect(one["AvailabilityZones"] == .texts(["ap-northeast-2b"]))
        #expect(account.classicRefusal(disable, "old", zones("b")) == "InvalidConfigurationRequest")
    }

    @Test func `has security groups that filter`() throws {
        var account = TestAccount()
        try account.classicLoadBalancer()
        #expect(account.account.topology.classicLoadBalancers.first?.ingress == nil)
        let made = try account.perform(
            "Action=CreateSecurityGroup&GroupName=web&GroupDescription=web&VpcId=\(account.vpc)",
            .ec2
        )
        let group = try made.text("GroupId")
        let apply = "ApplySecurityGroupsToLoadBalancer"
        let list = "SecurityGroups.member.1=\(group)"
        let output = try account.classic(apply, "old", "\(list)&SecurityGroups.member.2=\(group)")
        #expect(output["SecurityGroups"] == .texts([group]))
        #expect(account.account.topology.classicLoadBalancers.first?.ingress == TrafficFilter())
        #expect(account.refusal("Action=DeleteSecurityGroup&GroupId=\(group)", .ec2) == "DependencyViolation")
        #expect(account.classicRefusal(apply, "old", "SecurityGroups.member.1=sg-1") == "InvalidSecurityGroup")
        #expect(account.classicRefusal(apply, "old", "SecurityGroups=") == "ValidationError")
        #expect(account.classicRefusal(apply, "none", list) == "LoadBalancerNotFound")
    }

    @Test func `shows as network interfaces`() throws {
        var account = TestAccount()
        try account.classicLoadBalancer()
        let output = try account.perform("Action=DescribeNetworkInterfaces", .ec2)
        #expect(try output.text("NetworkInterfaces", 0, "Description") == "ELB old")
        #expect(try output.text("NetworkInterfaces", 0, "PrivateIpAddress") == "127.10.1.4")
    }
}
