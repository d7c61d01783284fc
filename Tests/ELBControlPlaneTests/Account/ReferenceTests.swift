import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `What AWS tells of itself` {
    @Test(.covers("ALB-QTA-001"))
    func `is limits by name`() throws {
        var account = TestAccount()
        let output = try account.perform("Action=DescribeAccountLimits&PageSize=1")
        #expect(try output.text("Limits", 0, "Name") == "application-load-balancers")
        #expect(try output.text("Limits", 0, "Max") == "50")
        #expect(try output.text("NextMarker") == "application-load-balancers")
    }

    @Test(.covers("ALB-TLS-001"))
    func `is every security policy, with its suites in order`() throws {
        var account = TestAccount()
        let all = try account.perform("Action=DescribeSSLPolicies")
        #expect(all.count("SslPolicies") == SecurityPolicy.all.count)
        let one = try account.perform("Action=DescribeSSLPolicies&Names.member.1=ELBSecurityPolicy-2016-08")
        #expect(one.count("SslPolicies") == 1)
        #expect(try one.text("SslPolicies", 0, "SslProtocols", 0) == "TLSv1")
        #expect(try one.text("SslPolicies", 0, "Ciphers", 0, "Name") == "ECDHE-ECDSA-AES128-GCM-SHA256")
        #expect(account.refusal("Action=DescribeSSLPolicies&Names.member.1=mine") == "SSLPolicyNotFound")
    }

    @Test func `is no capacity that anybody reserved`() throws {
        var account = TestAccount()
        let arn = try account.loadBalancer()
        let output = try account.perform("Action=DescribeCapacityReservation&LoadBalancerArn=\(arn)")
        #expect(output["MinimumLoadBalancerCapacity"] == nil)
        #expect(account.refusal("Action=DescribeCapacityReservation&LoadBalancerArn=x") == "LoadBalancerNotFound")
    }
}

@Suite(.timeLimit(.minutes(1))) struct `A load balancer's network` {
    @Test(.covers("ALB-LC-011")) func `has security groups that can be exchanged`() throws {
        var account = TestAccount()
        let arn = try account.loadBalancer()
        var group = try #require(account.account.securityGroups.first { _ in true })
        group.id = "sg-1"
        account.account.apply(.saved(.securityGroup(group)))
        let set = "Action=SetSecurityGroups&LoadBalancerArn=\(arn)&SecurityGroups.member.1"
        let output = try account.perform("\(set)=sg-1&SecurityGroups.member.2=sg-1")
        #expect(output.count("SecurityGroupIds") == 1)
        #expect(account.account.loadBalancers[arn]?.securityGroups == ["sg-1"])
        #expect(account.refusal("\(set)=sg-2") == "InvalidSecurityGroup")
        #expect(account.refusal("Action=SetSecurityGroups&LoadBalancerArn=\(arn)&SecurityGroups=") == "ValidationError")
        #expect(
            account.refusal("\(set)=sg-1&EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic=on")
                == "OperationNotPermitted"
        )
    }

    @Test func `speaks IPv4`() throws {
        var account = TestAccount()
        let set = "Action=SetIpAddressType&LoadBalancerArn=\(try account.loadBalancer())&IpAddressType"
        try account.perform("\(set)=ipv4")
        #expect(account.refusal("\(set)=dualstack") == "OperationNotPermitted")
        #expect(account.refusal("\(set)=ipv5") == "ValidationError")
    }
}

@Suite(.timeLimit(.minutes(1))) struct `A listener's certificates` {
    private func certificate(_ number: Int, _ account: inout TestAccount) -> String {
        let arn = "arn:aws:acm:ap-northeast-2:123456789012:certificate/\(number)"
        let certificate = Certificate(
            arn: CertificateARN(rawValue: arn),
            source: .issued(names: ["www\(number).example.com"], keyAlgorithm: .ecdsaP256)
        )
        account.account.apply(
            .saved(
                .certificate(
                    CertificateRecord(owner: .api, created: Timestamp(milliseconds: 0), certificate: certificate)
                )
            )
        )
        return arn
    }

    private func listener(_ certificate: String, _ account: inout TestAccount) throws -> String {
        let balancer = try account.loadBalancer()
        let output = try account.perform(
            "Action=CreateListener&LoadBalancerArn=\(balancer)&Protocol=HTTPS&Port=443"
                + "&Certificates.member.1.CertificateArn=\(certificate)&\(TestAccount.actions(nil))"
        )
        #expect(try output.text("Listeners", 0, "SslPolicy") == "ELBSecurityPolicy-2016-08")
        return try output.text("Listeners", 0, "ListenerArn")
    }

    @Test(.covers("ALB-TLS-001", "ALB-TLS-010"))
    func `are one default and a list of up to 25`() throws {
        var account = TestAccount()
        let first = self.certificate(0, &account)
        let listener = try self.listener(first, &account)
        func form(_ operation: String, _ number: Int) -> String {
            "Action=\(operation)ListenerCertificates&ListenerArn=\(listener)&Certificates.member.1.CertificateArn="
                + self.certificate(number, &account)
        }
        for number in 1...25 { try account.perform(form("Add", number)) }
        // Once more is the same.
        try account.perform(form("Add", 25))
        #expect(account.refusal(form("Add", 26)) == "TooManyCertificates")
        let seen = try account.perform("Action=DescribeListenerCertificates&ListenerArn=\(listener)&PageSize=10")
        #expect(seen.count("Certificates") == 10)
        #expect(try seen.text("Certificates", 0, "CertificateArn") == first)
        #expect(seen["NextMarker"] != nil)
        try account.perform(form("Remove", 25))
        #expect(account.account.listeners[listener]?.listener.tls?.certificates.count == 24)
        #expect(account.refusal(form("Remove", 0)) == "OperationNotPermitted")
        #expect(account.refusal(form("Add", 27).replacing("/27", with: "/none")) == "CertificateNotFound")
        #expect(account.refusal(form("Add", 1) + "&Certificates.member.1.IsDefault=true") == "ValidationError")
    }

    @Test(.covers("ALB-LSN-007", "ALB-LSN-008"))
    func `go when it speaks HTTP, and must come back with HTTPS`() throws {
        var account = TestAccount()
        let certificate = self.certificate(0, &account)
        let listener = try self.listener(certificate, &account)
        let modify = "Action=ModifyListener&ListenerArn=\(listener)"
        let plain = try account.perform("\(modify)&Protocol=HTTP")
        #expect(plain.count("Listeners") == 1)
        #expect(account.account.listeners[listener]?.listener.tls == nil)
        #expect(account.refusal("Action=DescribeListenerCertificates&ListenerArn=\(listener)") == "ValidationError")
        #expect(account.refusal("\(modify)&Protocol=HTTPS") == "ValidationError")
        #expect(account.refusal("\(modify)&Certificates.member.1.CertificateArn=\(certificate)") == "ValidationError")
        try account.perform("\(modify)&Protocol=HTTPS&Certificates.member.1.CertificateArn=\(certificate)")
        #expect(account.account.listeners[listener]?.listener.tls?.defaultCertificate.arn.rawValue == certificate)
    }
}
