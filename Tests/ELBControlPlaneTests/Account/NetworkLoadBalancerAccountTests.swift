import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Network Load Balancers over the API` {
    private func create(_ account: inout TestAccount, _ more: String) throws -> WireValue {
        let output = try account.perform("Action=CreateLoadBalancer&Name=net&Type=network\(more)")
        return try #require(
            output["LoadBalancers"].flatMap { value in
                if case .list(let elements) = value { elements.first } else { nil }
            }
        )
    }

    @Test(.covers("NLB-AZ-003", "NLB-AZ-006", "NLB-SG-002"))
    func `need one zone only, and have no security groups by themselves`()
        throws
    {
        var account = TestAccount()
        let balancer = try self.create(&account, "&Subnets.member.1=\(account.subnet(.a))")
        let arn = try balancer.text("LoadBalancerArn")
        let id = arn.split(separator: "/").last ?? ""
        #expect(arn.contains(":loadbalancer/net/net/"))
        #expect(try balancer.text("DNSName") == "net-\(id).elb.ap-northeast-2.aws.test")
        #expect(try balancer.text("Type") == "network")
        #expect(balancer.count("SecurityGroups") == 0)
        #expect(account.account.topology.loadBalancers.first?.ingress == nil)
        #expect(
            account.refusal("Action=CreateLoadBalancer&Name=app&Subnets.member.1=\(account.subnet(.a))")
                == "ValidationError"
        )
    }

    @Test(.covers("NLB-AZ-005")) func `exchange a zone's subnet in two steps`() throws {
        var account = TestAccount()
        let (a, b) = (account.subnet(.a), account.subnet(.b))
        let vpc = account.vpc
        let other = try account.perform(
            "Action=CreateSubnet&VpcId=\(vpc)&CidrBlock=127.10.77.0/24&AvailabilityZone=ap-northeast-2a",
            .ec2
        )
        .text("Subnet", "SubnetId")
        let arn = try self.create(&account, "&Subnets.member.1=\(a)&Subnets.member.2=\(b)").text("LoadBalancerArn")
        func set(_ subnets: String...) -> String {
            "Action=SetSubnets&LoadBalancerArn=\(arn)"
                + subnets.enumerated().map { "&Subnets.member.\($0.offset + 1)=\($0.element)" }.joined()
        }
        #expect(account.refusal(set(other, b)) == "InvalidConfigurationRequest")
        try account.perform(set(b))
        try account.perform(set(other, b))
        #expect(account.account.loadBalancers[arn]?.subnets == [other, b])
    }

    @Test(.covers("NLB-AZ-002")) func `have the Elastic IPs that they are given`() throws {
        var account = TestAccount()
        let eip = try account.perform("Action=AllocateAddress", .ec2)
        let (id, address) = try (eip.text("AllocationId"), eip.text("PublicIp"))
        let mapping = { (allocation: String) in
            "&SubnetMappings.member.1.SubnetId=\(account.subnet(.b))&SubnetMappings.member.1.AllocationId=\(allocation)"
        }
        let own = mapping(id)
        let unknown = mapping("eipalloc-1")
        let balancer = try self.create(&account, own)
        #expect(try balancer.text("AvailabilityZones", 0, "LoadBalancerAddresses", 0, "IpAddress") == address)
        #expect(try balancer.text("AvailabilityZones", 0, "LoadBalancerAddresses", 0, "AllocationId") == id)
        let node = try #require(account.account.topology.loadBalancers.first?.nodes.first)
        #expect(node.zone == .b && "\(node.address)" == address)
        // What targets see is an address of the zone's subnet all the same.
        #expect(LabAddresses.subnet(of: .b).contains(node.privateAddress))
        let described = try account.perform("Action=DescribeAddresses", .ec2)
        #expect(try described.text("Addresses", 0, "PrivateIpAddress") == "\(node.privateAddress)")
        #expect(account.refusal("Action=ReleaseAddress&AllocationId=\(id)", .ec2) == "InvalidIPAddress.InUse")
        let refusal = { (account: inout TestAccount, name: String, more: String) in
            account.refusal("Action=CreateLoadBalancer&Name=\(name)&Type=network\(more)")
        }
        #expect(refusal(&account, "two", own) == "InvalidConfigurationRequest")
        #expect(refusal(&account, "two", unknown) == "AllocationIdNotFound")
        #expect(refusal(&account, "two", own + "&Scheme=internal") == "InvalidConfigurationRequest")
        try account.perform("Action=DeleteLoadBalancer&LoadBalancerArn=\(balancer.text("LoadBalancerArn"))")
        try account.perform("Action=ReleaseAddress&AllocationId=\(id)", .ec2)
    }

    @Test(.covers("NLB-AZ-002", "NLB-AZ-015")) func `have the private address that an internal one is given`() throws {
        var account = TestAccount()
        let at = { (address: String, subnet: String) in
            "&Scheme=internal&SubnetMappings.member.1.SubnetId=\(subnet)&SubnetMappings.member.1.PrivateIPv4Address=\(address)"
        }
        let subnet = account.subnet(.a)
        let balancer = try self.create(&account, at("127.10.1.20", subnet))
        #expect(
            try balancer.text("AvailabilityZones", 0, "LoadBalancerAddresses", 0, "PrivateIPv4Address") == "127.10.1.20"
        )
        for address in ["127.10.1.20", "127.10.2.21", "127.10.1.99", "nonsense"] {
            #expect(
                account.refusal("Action=CreateLoadBalancer&Name=two&Type=network" + at(address, subnet))
                    == "InvalidConfigurationRequest"
            )
        }
        // Nobody else gets it.
        let other = try account.perform("Action=CreateLoadBalancer&Name=app&Scheme=internal&\(account.subnets)")
        #expect(other.count("LoadBalancers") == 1)
        let nodes = account.account.loadBalancers.flatMap(\.balancer.nodes).map(\.address)
        #expect(Set(nodes).count == nodes.count)
    }

    @Test(.covers("NLB-SG-001")) func `take other security groups only if they were made with some`() throws {
        var account = TestAccount()
        let group = try #require(account.account.securityGroups.first { _ in true }).id
        let subnet = "&Subnets.member.1=\(account.subnet(.a))"
        let without = try self.create(&account, subnet).text("LoadBalancerArn")
        let set = { (arn: String) in
            "Action=SetSecurityGroups&LoadBalancerArn=\(arn)&SecurityGroups.member.1=\(group)"
        }
        #expect(account.refusal(set(without)) == "InvalidConfigurationRequest")
        let with = try account.perform(
            "Action=CreateLoadBalancer&Name=two&Type=network\(subnet)&SecurityGroups.member.1=\(group)"
        )
        let arn = try with.text("LoadBalancers", 0, "LoadBalancerArn")
        try account.perform(set(arn))
        #expect(account.refusal("Action=SetSecurityGroups&LoadBalancerArn=\(arn)&SecurityGroups=") == "ValidationError")
    }

    @Test(.covers("NLB-LS-004", "NLB-LS-006", "NLB-LS-015"))
    func `have listeners that forward, and change what they speak`() throws {
        var account = TestAccount()
        let arn = try self.create(&account, "&Subnets.member.1=\(account.subnet(.a))").text("LoadBalancerArn")
        let group = try account.perform(
            "Action=CreateTargetGroup&Name=tcp&Protocol=TCP&Port=8080&VpcId=\(account.vpc)"
        )
        #expect(try group.text("TargetGroups", 0, "HealthCheckProtocol") == "TCP")
        let targets = try group.text("TargetGroups", 0, "TargetGroupArn")
        let create = { (proto: String, group: String?) in
            "Action=CreateListener&LoadBalancerArn=\(arn)&Protocol=\(proto)&Port=80&\(TestAccount.actions(group))"
        }
        #expect(account.refusal(create("TCP", nil)) == "InvalidLoadBalancerAction")
        #expect(account.refusal(create("HTTP", targets)) != nil)
        #expect(account.refusal(create("UDP", targets)) == "IncompatibleProtocols")
        let listener = try account.perform(create("TCP", targets)).text("Listeners", 0, "ListenerArn")
        #expect(account.refusal("Action=ModifyListener&ListenerArn=\(listener)&Protocol=TLS") == "ValidationError")
        try account.perform(json: #"{"DomainName": "a.example"}"#, "RequestCertificate")
        let certificate = try #require(account.account.certificates.first { _ in true }).id
        let secure = try account.perform(
            "Action=ModifyListener&ListenerArn=\(listener)&Protocol=TLS&AlpnPolicy.member.1=HTTP2Optional"
                + "&Certificates.member.1.CertificateArn=\(certificate)"
        )
        #expect(try secure.text("Listeners", 0, "AlpnPolicy", 0) == "HTTP2Optional")
        try account.perform("Action=ModifyListener&ListenerArn=\(listener)&Protocol=TCP")
        #expect(account.account.listeners[listener]?.listener.tls == nil)
    }
}
