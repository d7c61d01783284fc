import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Classic Load Balancers of templates` {
    private static let instance = Instance(
        id: InstanceID(rawValue: "i-0aaaaaaaaaaaaaaaa"),
        name: "Web",
        zone: .a,
        address: .v4(IPv4Address(127, 10, 1, 64)),
        ports: [8080]
    )

    private static func topology(_ listeners: [ClassicListener] = [listener()]) -> Topology {
        var topology = Topology(
            classicLoadBalancers: [
                ClassicLoadBalancer(
                    name: LoadBalancerName(rawValue: "old"),
                    nodes: [.init(zone: .a, address: .v4(IPv4Address(127, 50, 1, 4)))],
                    listeners: listeners,
                    instances: [.init(id: Self.instance.id, address: Self.instance.address, zone: .a)],
                    dnsName: "old-1.ap-northeast-2.elb.aws.test"
                )
            ],
            instances: [Self.instance]
        )
        topology.tags = ["old": [ResourceTag(key: "team", value: "shop")]]
        return topology
    }

    private static func listener(_ port: Port = 80) -> ClassicListener {
        ClassicListener(port: port, protocol: .http, instancePort: 8080)
    }

    private func adopt(
        _ topology: Topology,
        _ account: inout TestAccount,
        owner: RecordOwner = .template,
        retained: Set<String> = []
    ) throws {
        var transaction = Transaction(
            account.account,
            now: Timestamp(milliseconds: 1),
            generator: SystemRandomNumberGenerator()
        )
        try TemplateAdoption(topology, owner: owner, retained: retained).perform(&transaction)
        account.account = transaction.account
    }

    @Test func `are described and changed like any other`() throws {
        var account = TestAccount()
        try self.adopt(Self.topology(), &account)
        let seen = try account.describe()
        #expect(try seen.text("DNSName") == "old-1.ap-northeast-2.elb.aws.test")
        #expect(try seen.text("Instances", 0, "InstanceId") == Self.instance.id.rawValue)
        #expect(account.account.instances[Self.instance.id.rawValue]?.instance.ports == [8080])
        #expect(account.account.classicLoadBalancers["old"]?.tags == [ResourceTag(key: "team", value: "shop")])
        try account.classic("CreateLoadBalancerListeners", "old", TestAccount.listener("TCP", 81))
        #expect(account.account.topology.classicLoadBalancers.first?.listeners.count == 2)
    }

    @Test func `keep what the API has added when they are read again`() throws {
        var account = TestAccount()
        try self.adopt(Self.topology([Self.listener(80), Self.listener(82)]), &account)
        let added = try account.instance()
        try account.classic("CreateLoadBalancerListeners", "old", TestAccount.listener("TCP", 81))
        try account.classic("CreateLBCookieStickinessPolicy", "old", "PolicyName=session")
        try account.classic("RegisterInstancesWithLoadBalancer", "old", "Instances.member.1.InstanceId=\(added)")
        try account.perform("Action=AddTags&LoadBalancerNames.member.1=old&Tags.member.1.Key=mine", .elb)
        // The template lets its listener of port 82 go.
        try self.adopt(Self.topology(), &account)
        let balancer = try #require(account.account.classicLoadBalancers["old"])
        #expect(balancer.balancer.listeners.map(\.port) == [80, 81])
        #expect(balancer.balancer.instances.map(\.id.rawValue) == [Self.instance.id.rawValue, added])
        #expect(balancer.balancer.policies.map(\.name) == ["session"])
        #expect(balancer.tags.map(\.key) == ["team", "mine"])
        // Nothing has changed once more.
        let before = account.account
        try self.adopt(Self.topology(), &account)
        #expect(account.account == before)
    }

    @Test func `go with their templates, unless they are retained`() throws {
        var account = TestAccount()
        try self.adopt(Self.topology(), &account)
        try self.adopt(Topology(), &account)
        #expect(account.account.classicLoadBalancers.count == 0)
        try self.adopt(Self.topology(), &account)
        try self.adopt(Topology(), &account, retained: ["old"])
        let kept = try #require(account.account.classicLoadBalancers["old"])
        #expect(kept.owner == .api)
        // Its instance has gone.
        #expect(kept.balancer.instances.isEmpty)
    }

    @Test func `cannot have a name that somebody has given`() throws {
        var account = TestAccount()
        try account.classicLoadBalancer()
        let error = #expect(throws: ModelError.self) { try self.adopt(Self.topology(), &account) }
        #expect(error?.code == .duplicateLoadBalancerName)
        #expect(account.account.classicLoadBalancers["old"]?.owner == .api)
    }

    @Test(.covers("CLB-TL-001"))
    func `bring their certificates, and AWS's policy for them`() throws {
        var account = TestAccount()
        let certificate = Certificate(
            arn: CertificateARN(rawValue: "arn:aws:acm:ap-northeast-2:123456789012:certificate/1"),
            source: .issued(names: ["www.example.com"], keyAlgorithm: .rsa2048)
        )
        let secure = ClassicListener(port: 443, protocol: .https, instancePort: 8080, certificate: certificate)
        try self.adopt(Self.topology([secure]), &account)
        #expect(account.account.certificates[certificate.arn.rawValue] != nil)
        #expect(try account.describe().text("Policies", "OtherPolicies", 0) == "ELBSecurityPolicy-2016-08")
        try self.adopt(Self.topology(), &account)
        #expect(account.account.certificates[certificate.arn.rawValue] == nil)
        #expect(account.account.classicLoadBalancers["old"]?.balancer.policies == [])
    }
}
