import ELBControlAPI
import ELBControlPlane
import ELBModel
import Testing

@Suite struct `EC2 over the API` {
    @Test func `gives a stopped instance another size`() throws {
        var account = TestAccount()
        let run = try account.perform("Action=RunInstances&ImageId=ami-1&MinCount=1&MaxCount=1", .ec2)
        let id = try run.text("Instances", 0, "InstanceId")
        let resize = "Action=ModifyInstanceAttribute&InstanceId=\(id)&InstanceType.Value=t3.large"
        #expect(account.refusal(resize, .ec2) == "IncorrectInstanceState")
        try account.perform("Action=StopInstances&InstanceId.1=\(id)", .ec2)
        try account.perform(resize, .ec2)
        try account.perform("Action=StartInstances&InstanceId.1=\(id)", .ec2)
        #expect(account.account.topology.instances.first?.type == .t3Large)
        let shown = try account.perform(
            "Action=DescribeInstanceAttribute&InstanceId=\(id)&Attribute=instanceType",
            .ec2
        )
        #expect(try shown.text("InstanceType", "Value") == "t3.large")
        let unknown = "Action=ModifyInstanceAttribute&InstanceId=\(id)&InstanceType.Value=m7i.metal"
        #expect(account.refusal(unknown, .ec2) == "InvalidParameterValue")
    }

    @Test func `makes networks in which load balancers stand`() throws {
        var account = TestAccount()
        let vpc = try account.perform("Action=CreateVpc&CidrBlock=10.0.0.0/16", .ec2).text("Vpc", "VpcId")
        var subnets: [String] = []
        for (index, zone) in ["ap-northeast-2a", "ap-northeast-2b"].enumerated() {
            let output = try account.perform(
                "Action=CreateSubnet&VpcId=\(vpc)&CidrBlock=10.0.\(index).0/24&AvailabilityZone=\(zone)",
                .ec2
            )
            subnets.append(try output.text("Subnet", "SubnetId"))
        }
        try account.perform(
            "Action=CreateLoadBalancer&Name=web&Subnets.member.1=\(subnets[0])&Subnets.member.2=\(subnets[1])"
        )
        #expect(account.refusal("Action=DeleteSubnet&SubnetId=\(subnets[0])", .ec2) == "DependencyViolation")
        #expect(account.refusal("Action=DeleteVpc&VpcId=\(vpc)", .ec2) == "DependencyViolation")
        let arn = try #require(account.account.loadBalancers.first(where: { _ in true })?.arn)
        try account.perform("Action=DeleteLoadBalancer&LoadBalancerArn=\(arn)")
        for subnet in subnets { try account.perform("Action=DeleteSubnet&SubnetId=\(subnet)", .ec2) }
        try account.perform("Action=DeleteVpc&VpcId=\(vpc)", .ec2)
        #expect(account.account == TestAccount().account)
    }

    @Test(
        arguments: [
            ("CidrBlock=10.1.0.0/24", "InvalidSubnet.Range"), ("CidrBlock=10.0.0.0/8", "InvalidSubnet.Range"),
            ("CidrBlock=10.0.0.128/25", "InvalidSubnet.Conflict"), ("CidrBlock=ten", "InvalidParameterValue"),
            ("CidrBlock=10.0.9.0/24&AvailabilityZone=us-east-1a", "InvalidParameterValue"),
        ]
    )
    func `refuses subnets that do not fit`(form: String, code: String) throws {
        var account = TestAccount()
        let vpc = try account.perform("Action=CreateVpc&CidrBlock=10.0.0.0/16", .ec2).text("Vpc", "VpcId")
        try account.perform("Action=CreateSubnet&VpcId=\(vpc)&CidrBlock=10.0.0.0/24", .ec2)
        #expect(account.refusal("Action=CreateSubnet&VpcId=\(vpc)&\(form)", .ec2) == code)
    }

    @Test func `keeps tags on everything that has an id`() throws {
        var account = TestAccount()
        let subnet = account.subnet(.a)
        try account.perform(
            "Action=CreateTags&ResourceId.1=\(account.vpc)&ResourceId.2=\(subnet)&Tag.1.Key=team&Tag.1.Value=shop",
            .ec2
        )
        let shown = try account.perform(
            "Action=DescribeTags&Filter.1.Name=resource-id&Filter.1.Value.1=\(subnet)",
            .ec2
        )
        #expect(try shown.text("Tags", 0, "Value") == "shop")
        #expect(
            account.refusal("Action=CreateTags&ResourceId.1=\(subnet)&ResourceId.2=i-0&Tag.1.Key=x", .ec2)
                == "InvalidID"
        )
        try account.perform("Action=DeleteTags&ResourceId.1=\(subnet)&Tag.1.Key=team", .ec2)
        #expect(account.account.subnets[subnet]?.tags.isEmpty == true)
    }

    @Test func `hands out addresses, five at most`() throws {
        var account = TestAccount()
        var ids: [String] = []
        for _ in 0..<5 {
            ids.append(try account.perform("Action=AllocateAddress&Domain=vpc", .ec2).text("AllocationId"))
        }
        #expect(Set(account.account.addresses.map(\.address)).count == 5)
        #expect(account.refusal("Action=AllocateAddress", .ec2) == "AddressLimitExceeded")
        try account.perform("Action=ReleaseAddress&AllocationId=\(ids[0])", .ec2)
        let again = "Action=ReleaseAddress&AllocationId=\(ids[0])"
        #expect(account.refusal(again, .ec2) == "InvalidAllocationID.NotFound")
    }

    @Test func `shows load balancers' network interfaces with both addresses`() throws {
        var account = TestAccount()
        _ = try account.loadBalancer()
        let balancer = try #require(account.account.loadBalancers.first(where: { _ in true })?.balancer)
        let shown = try account.perform(
            "Action=DescribeNetworkInterfaces&Filter.1.Name=description&Filter.1.Value.1=ELB%20\(balancer.fullName)",
            .ec2
        )
        #expect(try shown.text("NetworkInterfaces", 0, "PrivateIpAddress") == "\(balancer.nodes[0].privateAddress)")
        #expect(
            try shown.text("NetworkInterfaces", 0, "Association", "PublicIp") == "\(balancer.nodes[0].address)"
        )
    }
}
