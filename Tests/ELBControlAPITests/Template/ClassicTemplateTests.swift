import ELBControlAPI
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Classic Load Balancers of templates` {
    private static func read(_ properties: String) throws -> TemplateReader.Result {
        let text = """
            Resources:
              A: {Type: AWS::EC2::Subnet, Properties: {VpcId: v, CidrBlock: 10.0.0.0/24, AvailabilityZone: ap-northeast-2a}}
              Web: {Type: AWS::EC2::Instance, Properties: {ImageId: i, SubnetId: !Ref A}}
              Shop: {Type: AWS::ElasticLoadBalancing::LoadBalancer, Properties: {LoadBalancerName: shop, Subnets: [!Ref A], \(properties)}}
            Outputs:
              Name: {Value: !Ref Shop}
              DNSName: {Value: !GetAtt Shop.DNSName}
            """
        return try TemplateReader.read([.init(file: "shop.yaml", bytes: Array(text.utf8))])
    }

    private static func mistakes(_ properties: String) -> [String] {
        do throws(any Error) {
            _ = try Self.read(properties)
            return []
        } catch {
            return (error as? DiagnosticsError)?.diagnostics.map(\.message) ?? ["\(error)"]
        }
    }

    private static let listener = "Listeners: [{Protocol: HTTP, LoadBalancerPort: '80', InstancePort: '8080'}]"

    @Test(.covers("CLB-AP-011", "CLB-AP-012", "CLB-LS-004"))
    func `have everything in one resource`() throws {
        let result = try Self.read("\(Self.listener), Instances: [!Ref Web]")
        let balancer = try #require(result.topology.classicLoadBalancers.first)
        #expect(balancer.name.rawValue == "shop")
        #expect(balancer.nodes.map(\.zone) == [.a])
        #expect(balancer.listeners == [ClassicListener(port: 80, protocol: .http, instancePort: 8080)])
        #expect(balancer.instances.map(\.address) == [LabAddresses.privateAddress(.a, host: 64)])
        let outputs = Dictionary(result.outputs.map { ($0.name, $0.value) }) { first, _ in first }
        #expect(outputs == ["Name": "shop", "DNSName": balancer.dnsName])
        #expect(balancer.dnsName.wholeMatch(of: #/shop-\d{10}\.ap-northeast-2\.elb\.aws\.test/#) != nil)
        // The instance listens where the listener expects it; nobody has asked for a health check at port 80.
        #expect(result.topology.instances.first?.ports == [8080])
    }

    @Test(.covers("CLB-DR-001", "CLB-TO-001", "CLB-LG-001"))
    func `have attributes and policies on their ports`() throws {
        let result = try Self.read(
            """
            Instances: [!Ref Web],
            Listeners: [{Protocol: TCP, LoadBalancerPort: '80', InstancePort: '8080'},
                        {Protocol: HTTP, LoadBalancerPort: '81', InstancePort: '8081', PolicyNames: [hour]}],
            HealthCheck: {Target: 'HTTP:8081/h', Interval: '10', Timeout: '3', HealthyThreshold: '4', UnhealthyThreshold: '5'},
            CrossZone: true, ConnectionDrainingPolicy: {Enabled: true}, ConnectionSettings: {IdleTimeout: 20},
            AccessLoggingPolicy: {Enabled: true, S3BucketName: logs, S3BucketPrefix: p, EmitInterval: 5},
            LBCookieStickinessPolicy: [{PolicyName: hour, CookieExpirationPeriod: '3600'}],
            Policies: [{PolicyName: proxy, PolicyType: ProxyProtocolPolicyType, InstancePorts: ['8080'],
                        Attributes: [{Name: ProxyProtocol, Value: 'true'}]}]
            """.replacing("\n", with: " ")
        )
        let balancer = try #require(result.topology.classicLoadBalancers.first)
        #expect(balancer.healthCheck.target == .init(protocol: .http, port: 8081, path: "/h"))
        #expect(balancer.healthCheck.intervalSeconds == 10 && balancer.healthCheck.unhealthyThreshold == 5)
        #expect(balancer.attributes.crossZoneEnabled)
        #expect(balancer.attributes.connectionDrainingSeconds == 300)
        #expect(balancer.attributes.idleTimeoutSeconds == 20)
        #expect(balancer.attributes.accessLog.intervalMinutes == 5)
        #expect(balancer.attributes.accessLog.delivery == LogDelivery(isEnabled: true, bucket: "logs", prefix: "p"))
        #expect(balancer.policy("hour")?.kind == .durationStickiness(seconds: 3600))
        #expect(balancer.listeners[1].policies == ["hour"])
        #expect(balancer.backendPolicies == [8080: ["proxy"]])
    }

    @Test(
        .covers("CLB-HC-001", "CLB-LS-002"),
        arguments: [
            (
                "Instances: [!Ref Web], "
                    + "Listeners: [{Protocol: HTTP, LoadBalancerPort: '80', InstancePort: '80', InstanceProtocol: TCP}]",
                "HTTP"
            ),
            ("Listeners: [{Protocol: UDP, LoadBalancerPort: '80', InstancePort: '80'}]", "UDP"),
            (
                "\(Self.listener), HealthCheck: {Target: 'HTTP:80', Interval: 10, Timeout: 3, HealthyThreshold: 4, UnhealthyThreshold: 5}",
                "HTTP:80"
            ),
            ("\(Self.listener), Instances: [i-0]", "i-0"),
            ("\(Self.listener), Colour: red", "Colour"),
        ]
    )
    func `are refused with a reason`(properties: String, named: String) {
        let mistakes = Self.mistakes(properties)
        #expect(mistakes.contains { $0.contains(named) }, "\(mistakes)")
    }
}

@Suite struct `A subject's file with a Classic Load Balancer` {
    @Test func `has CloudFormation's names`() throws {
        let text = """
            { "Schema": "elblab/lb-config/v1", "Type": "classic", "Name": "shop", "DNSName": "shop-1.elb.aws.test",
              "TimeScale": 50, "Nodes": [{ "AvailabilityZone": "ap-northeast-2a", "Address": "127.50.1.4" }],
              "Listeners": [{ "Protocol": "HTTP", "LoadBalancerPort": 18080, "InstancePort": 8080 }],
              "Instances": [{ "InstanceId": "i-1", "Address": "127.10.2.64" }], "DesyncMitigationMode": "monitor" }
            """
        guard case .classic(let subject) = try SubjectFile.read(Array(text.utf8), file: "lb.json") else {
            Issue.record("it is no Classic Load Balancer")
            return
        }
        #expect(subject.timeScale == 50)
        #expect(subject.loadBalancer.listeners.map(\.port) == [18080])
        #expect(subject.loadBalancer.instances.map(\.zone) == [.b])
        #expect(subject.loadBalancer.attributes.desyncMitigationMode == .monitor)
    }
}
