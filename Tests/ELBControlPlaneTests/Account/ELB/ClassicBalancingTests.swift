import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Classic Load Balancers of an account` {
    @Test(.covers("CLB-AP-011", "CLB-LS-004", "CLB-HC-002", "CLB-AP-009"))
    func `become a topology, and are described`() throws {
        var account = TestAccount()
        let name = try account.classicLoadBalancer()
        #expect(name.hasPrefix("old-1"))
        #expect(name.hasSuffix(".ap-northeast-2.elb.aws.test"))
        let balancer = try #require(account.account.topology.classicLoadBalancers.first)
        #expect(account.account.topology.validate().isEmpty)
        #expect(balancer.nodes.map(\.address.description) == ["127.50.1.4", "127.50.2.4"])
        let seen = try account.describe()
        #expect(try seen.text("ListenerDescriptions", 0, "Listener", "InstanceProtocol") == "HTTP")
        #expect(try seen.text("HealthCheck", "Target") == "TCP:80")
        #expect(try seen.text("AvailabilityZones", 1) == "ap-northeast-2b")
        #expect(try seen.text("Subnets", 0) == account.subnet(.a))
        #expect(try seen.text("Scheme") == "internet-facing")
        #expect(try seen.text("CanonicalHostedZoneName") == name)
        #expect(try seen.text("SourceSecurityGroup", "GroupName") == "default")
        #expect(seen["Policies"]?.count("OtherPolicies") == 0)
        #expect(try account.classicLoadBalancer("inner", "Scheme=internal").hasPrefix("internal-inner-"))
        #expect(try account.describe(classic: "inner")["CanonicalHostedZoneName"] == nil)
        // Another kind may have the same name, and has other addresses.
        _ = try account.loadBalancer("old")
        #expect(account.account.topology.loadBalancers.first?.nodes.first?.address.description == "127.50.1.6")
    }

    @Test(.covers("CLB-LS-015")) func `have addresses of IPv4 only, and no operation for others`() throws {
        var account = TestAccount()
        try account.classicLoadBalancer()
        let nodes = account.account.topology.classicLoadBalancers.flatMap(\.nodes)
        #expect(nodes.count == 2)
        for node in nodes {
            guard case .v4 = node.address, case .v4 = node.privateAddress else {
                Issue.record("\(node.address)")
                continue
            }
        }
        #expect(Service.elbv2.model.knows("SetIpAddressType") && !Service.elb.model.knows("SetIpAddressType"))
    }

    @Test func `are the same when made the same once more, and refused when not`() throws {
        var account = TestAccount()
        #expect(try account.classicLoadBalancer() == account.classicLoadBalancer())
        #expect(
            account.classicRefusal("CreateLoadBalancer", "old", "\(TestAccount.listener("TCP"))&\(account.subnets)")
                == "DuplicateLoadBalancerName"
        )
        for number in 1..<20 { try account.classicLoadBalancer("lb\(number)") }
        #expect(
            account.classicRefusal("CreateLoadBalancer", "more", "\(TestAccount.listener())&\(account.subnets)")
                == "TooManyLoadBalancers"
        )
    }

    @Test(.covers("CLB-AP-004", "CLB-AP-007", "CLB-AP-008", "CLB-LS-001"))
    func `are refused in AWS's words`() throws {
        var account = TestAccount()
        let (a, listener, subnets) = (account.subnet(.a), TestAccount.listener(), account.subnets)
        func refusal(_ more: String, _ name: String = "old") -> String? {
            account.classicRefusal("CreateLoadBalancer", name, more)
        }
        #expect(refusal(listener) == "ValidationError")
        #expect(refusal(subnets) == "ValidationError")
        #expect(refusal("Listeners=&\(subnets)") == "ValidationError")
        #expect(refusal("\(listener)&\(subnets)&AvailabilityZones.member.1=ap-northeast-2a") == "ValidationError")
        #expect(refusal("\(listener)&AvailabilityZones.member.1=us-west-2a") == "ValidationError")
        #expect(refusal("\(listener)&Subnets.member.1=subnet-1") == "SubnetNotFound")
        #expect(refusal("\(listener)&\(subnets)&SecurityGroups.member.1=sg-1") == "InvalidSecurityGroup")
        #expect(refusal("\(listener)&\(subnets)&Scheme=secret") == "InvalidScheme")
        #expect(refusal("\(listener)&\(subnets)", "-old") == "ValidationError")
        #expect(refusal("\(TestAccount.listener("UDP"))&\(subnets)") == "UnsupportedProtocol")
        #expect(refusal("\(TestAccount.listener("HTTP", 0))&\(subnets)") == "ValidationError")
        #expect(refusal("\(TestAccount.listener("HTTP", 65536))&\(subnets)") == "ValidationError")
        #expect(refusal("\(TestAccount.listener("HTTP", 80, nil, 65536))&\(subnets)") == "ValidationError")
        #expect(refusal("\(TestAccount.listener("HTTP", 80, "TCP"))&\(subnets)") == "InvalidConfigurationRequest")
        #expect(refusal("\(TestAccount.listener("HTTPS", 443))&\(subnets)") == "ValidationError")
        #expect(
            refusal(
                "\(TestAccount.listener("HTTPS", 443, certificate: "arn:aws:iam::1:server-certificate/x"))&\(subnets)"
            )
                == "CertificateNotFound"
        )
        #expect(refusal("\(listener)&\(TestAccount.listener("TCP", number: 2))&\(subnets)") == "DuplicateListener")
        #expect(refusal("\(listener)&\(subnets)&Tags.member.1.Key=a&Tags.member.2.Key=a") == "DuplicateTagKeys")
        #expect(refusal("\(listener)&Subnets.member.1=\(a)") == nil)
        for action in [
            "DescribeLoadBalancerAttributes", "DescribeInstanceHealth",
            "DeleteLoadBalancerListeners&LoadBalancerPorts.member.1=80",
        ] {
            #expect(account.classicRefusal(action, "none") == "LoadBalancerNotFound")
        }
        #expect(
            account.refusal("Action=DescribeLoadBalancers&LoadBalancerNames.member.1=none", .elb)
                == "LoadBalancerNotFound"
        )
    }

    @Test(.covers("CLB-AP-003"))
    func `answer 409 where AWS does`() {
        #expect(APIResponse(APIError("InvalidConfigurationRequest", ""), of: .elb, requestID: "1").status == 409)
        #expect(APIResponse(APIError("DuplicateListener", ""), of: .elb, requestID: "1").status == 400)
        #expect(APIResponse(APIError("InvalidConfigurationRequest", ""), of: .elbv2, requestID: "1").status == 400)
    }

    @Test(.covers("CLB-AP-005"))
    func `can be deleted twice`() throws {
        var account = TestAccount()
        try account.classicLoadBalancer()
        try account.classic("DeleteLoadBalancer")
        #expect(account.account.classicLoadBalancers.count == 0)
        try account.classic("DeleteLoadBalancer")
    }

    @Test(.covers("CLB-AP-009"))
    func `are described page by page`() throws {
        var account = TestAccount()
        for name in ["one", "two", "three"] { try account.classicLoadBalancer(name) }
        let first = try account.perform("Action=DescribeLoadBalancers&PageSize=2", .elb)
        #expect(first.count("LoadBalancerDescriptions") == 2)
        let marker = try first.text("NextMarker")
        let second = try account.perform("Action=DescribeLoadBalancers&PageSize=2&Marker=\(marker)", .elb)
        #expect(try second.text("LoadBalancerDescriptions", 0, "LoadBalancerName") == "three")
        #expect(second["NextMarker"] == nil)
        #expect(account.refusal("Action=DescribeLoadBalancers&Marker=x", .elb) == "ValidationError")
        #expect(account.refusal("Action=DescribeLoadBalancers&PageSize=401", .elb) == "ValidationError")
        #expect(account.refusal("Action=DescribeLoadBalancers&PageSize=0", .elb) == "ValidationError")
    }

    @Test(.covers("CLB-LS-005", "CLB-LS-003", "CLB-LS-002"))
    func `get listeners, each once`() throws {
        var account = TestAccount()
        try account.classicLoadBalancer()
        let create = "CreateLoadBalancerListeners"
        try account.classic(create, "old", TestAccount.listener("tcp", 81))
        try account.classic(create, "old", TestAccount.listener("TCP", 81))
        #expect(account.classicRefusal(create, "old", TestAccount.listener("TCP", 81, nil, 9)) == "DuplicateListener")
        #expect(
            account.classicRefusal(create, "old", TestAccount.listener("HTTP", 82, "SSL"))
                == "InvalidConfigurationRequest"
        )
        #expect(
            account.classicRefusal(create, "old", TestAccount.listener("TCP", 82, "SSL"))
                == "InvalidConfigurationRequest"
        )
        #expect(account.classicRefusal(create, "none", TestAccount.listener()) == "LoadBalancerNotFound")
        #expect(try account.describe().count("ListenerDescriptions") == 2)
        let delete = "LoadBalancerPorts.member.1=80&LoadBalancerPorts.member.2=99"
        try account.classic("DeleteLoadBalancerListeners", "old", delete)
        #expect(try account.describe().count("ListenerDescriptions") == 1)
    }

    @Test(.covers("CLB-LS-006", "CLB-TL-001", "CLB-TL-004", "INT-AC-008"))
    func `have certificates, and AWS's policy for them`() throws {
        var account = TestAccount()
        let first = try account.serverCertificate()
        let second = try account.serverCertificate("new")
        try account.classicLoadBalancer()
        let https = TestAccount.listener("HTTPS", 443, certificate: first)
        try account.classic("CreateLoadBalancerListeners", "old", https)
        // Once more is the same, also with the policy that it got.
        try account.classic("CreateLoadBalancerListeners", "old", https)
        let seen = try account.describe()
        #expect(try seen.text("ListenerDescriptions", 1, "PolicyNames", 0) == "ELBSecurityPolicy-2016-08")
        #expect(try seen.text("Policies", "OtherPolicies", 0) == "ELBSecurityPolicy-2016-08")
        #expect(account.refusal("Action=DeleteServerCertificate&ServerCertificateName=www", .iam) == "DeleteConflict")
        let set = "SetLoadBalancerListenerSSLCertificate"
        func choice(_ port: Int, _ arn: String) -> String { "LoadBalancerPort=\(port)&SSLCertificateId=\(arn)" }
        #expect(account.classicRefusal(set, "old", choice(444, second)) == "ListenerNotFound")
        #expect(account.classicRefusal(set, "old", choice(80, second)) == "InvalidConfigurationRequest")
        #expect(account.classicRefusal(set, "old", choice(443, "arn:none")) == "CertificateNotFound")
        let elliptic = try account.perform(
            json: #"{"DomainName":"ec.example.com","KeyAlgorithm":"EC_prime256v1"}"#,
            "RequestCertificate"
        )
        #expect(
            account.classicRefusal(set, "old", choice(443, try elliptic.text("CertificateArn")))
                == "InvalidConfigurationRequest"
        )
        try account.classic(set, "old", choice(443, second))
        #expect(try account.describe().text("ListenerDescriptions", 1, "Listener", "SSLCertificateId") == second)
        try account.perform("Action=DeleteServerCertificate&ServerCertificateName=www", .iam)
    }

    @Test(.covers("CLB-HC-001", "CLB-HC-003", "CLB-HC-004"))
    func `have one health check`() throws {
        var account = TestAccount()
        try account.classicLoadBalancer()
        func check(_ target: String, _ interval: Int, _ timeout: Int) -> String {
            "HealthCheck.Target=\(target)&HealthCheck.Interval=\(interval)&HealthCheck.Timeout=\(timeout)"
                + "&HealthCheck.UnhealthyThreshold=2&HealthCheck.HealthyThreshold=3"
        }
        let configure = "ConfigureHealthCheck"
        let output = try account.classic(configure, "old", check("HTTP:8080/health", 5, 2))
        #expect(try output.text("HealthCheck", "Target") == "HTTP:8080/health")
        #expect(account.account.topology.classicLoadBalancers.first?.healthCheck.healthyThreshold == 3)
        for bad in [
            check("HTTP:80", 30, 5), check("TCP:80/a", 30, 5), check("TCP:0", 30, 5), check("TCP:80", 5, 5),
            check("TCP:80", 301, 5), check("TCP:80", 30, 1), "HealthCheck.Target=TCP:80", "",
        ] {
            #expect(account.classicRefusal(configure, "old", bad) == "ValidationError", "\(bad)")
        }
        #expect(account.classicRefusal(configure, "none", check("TCP:80", 30, 5)) == "LoadBalancerNotFound")
    }
}
