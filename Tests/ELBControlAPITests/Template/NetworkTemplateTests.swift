import ELBControlAPI
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Network Load Balancers of templates` {
    private static func read(
        balancer: String = "Type: network, Subnets: [!Ref A]",
        listener: String = "Protocol: TCP, Port: 80",
        group: String = "Protocol: TCP, Port: 80"
    ) throws -> TemplateReader.Result {
        let text = """
            Resources:
              A: {Type: AWS::EC2::Subnet, Properties: {VpcId: v, CidrBlock: 10.0.0.0/24, AvailabilityZone: ap-northeast-2a}}
              Net: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Name: net, \(balancer)}}
              Listener:
                Type: AWS::ElasticLoadBalancingV2::Listener
                Properties: {LoadBalancerArn: !Ref Net, \(listener), DefaultActions: [{Type: forward, TargetGroupArn: !Ref Group}]}
              Group: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {VpcId: v, TargetType: ip, \(group)}}
            Outputs:
              DNSName: {Value: !GetAtt Net.DNSName}
              FullName: {Value: !GetAtt Net.LoadBalancerFullName}
              ARN: {Value: !Ref Net}
            """
        return try TemplateReader.read([.init(file: "net.yaml", bytes: Array(text.utf8))])
    }

    private static func mistakes(
        balancer: String = "Type: network, Subnets: [!Ref A]",
        listener: String = "Protocol: TCP, Port: 80",
        group: String = "Protocol: TCP, Port: 80"
    ) -> [String] {
        do throws(any Error) {
            _ = try Self.read(balancer: balancer, listener: listener, group: group)
            return []
        } catch {
            return (error as? DiagnosticsError)?.diagnostics.map(\.message) ?? ["\(error)"]
        }
    }

    @Test(.covers("NLB-AZ-001", "NLB-AZ-003", "NLB-AZ-006", "NLB-MT-001"))
    func `stand in one zone at least and have names of their kind`() throws {
        let result = try Self.read()
        let balancer = try #require(result.topology.loadBalancers.first)
        #expect(balancer.kind == .network)
        #expect(balancer.nodes.map(\.zone) == [.a])
        #expect(balancer.dnsName == "net-\(balancer.id).elb.ap-northeast-2.aws.test")
        let outputs = Dictionary(result.outputs.map { ($0.name, $0.value) }) { first, _ in first }
        #expect(outputs["DNSName"] == balancer.dnsName)
        #expect(outputs["FullName"] == balancer.fullName)
        #expect(outputs["ARN"]?.hasSuffix(":loadbalancer/\(balancer.fullName)") == true)
        // The same file again stands at the same addresses.
        #expect(try Self.read().topology.loadBalancers.first?.nodes == balancer.nodes)
    }

    @Test(.covers("NLB-AZ-003")) func `take subnet mappings in place of subnets`() throws {
        let mapped = try Self.read(balancer: "Type: network, SubnetMappings: [{SubnetId: !Ref A}]")
        let plain = try Self.read()
        #expect(mapped.topology.loadBalancers.first?.nodes == plain.topology.loadBalancers.first?.nodes)
    }

    @Test(.covers("NLB-HC-001", "NLB-HC-004", "NLB-TO-001")) func `have their kind's defaults and attributes`() throws {
        let topology = try Self.read(
            listener: "Protocol: TCP, Port: 80, ListenerAttributes: [{Key: tcp.idle_timeout.seconds, Value: 60}]",
            group: "Protocol: TCP, Port: 80, HealthCheckProtocol: HTTP, "
                + "TargetGroupAttributes: [{Key: proxy_protocol_v2.enabled, Value: true}]"
        ).topology
        #expect(topology.loadBalancers[0].listeners[0].attributes.tcpIdleTimeoutSeconds == 60)
        let group = topology.targetGroups[0]
        #expect(group.healthCheck == .network(.http))
        #expect(group.attributes.proxyProtocolV2Enabled)
        #expect(try Self.read().topology.targetGroups[0].healthCheck == .network())
    }

    @Test(
        .covers("NLB-LS-001", "NLB-LS-004", "NLB-TL-020", "NLB-DR-010"),
        arguments: [
            ("Protocol: HTTP, Port: 80", "Protocol: TCP, Port: 80", "must be one of 'TCP, TLS, UDP, TCP_UDP'"),
            ("Protocol: QUIC, Port: 80", "Protocol: TCP, Port: 80", "'QUIC' for 'Protocol' is real at AWS"),
            ("Protocol: UDP, Port: 80", "Protocol: TCP, Port: 80", "IncompatibleProtocols"),
            ("Protocol: TCP, Port: 80, AlpnPolicy: [None]", "Protocol: TCP, Port: 80", "'AlpnPolicy' cannot be"),
            ("Protocol: TLS, Port: 80, AlpnPolicy: [HTTP3Only]", "Protocol: TCP, Port: 80", "ALPNPolicyNotFound"),
            (
                "Protocol: TCP, Port: 80", "Protocol: TCP, Port: 80, ProtocolVersion: HTTP1",
                "'ProtocolVersion' cannot be"
            ),
            ("Protocol: TCP, Port: 80", "Protocol: TCP, Port: 80, HealthCheckProtocol: UDP", "must be one of"),
            (
                "Protocol: TCP, Port: 80",
                "Protocol: TCP, Port: 80, TargetGroupAttributes: [{Key: slow_start.duration_seconds, Value: 30}]",
                "unknown attribute"
            ),
        ]
    )
    func `are refused what is not of their kind`(listener: String, group: String, expected: String) {
        let messages = Self.mistakes(listener: listener, group: group)
        #expect(messages.contains { $0.contains(expected) }, "\(messages)")
    }

    @Test(.covers("NLB-AZ-009")) func `do not share attributes with Application Load Balancers`() {
        let attribute = "LoadBalancerAttributes: [{Key: idle_timeout.timeout_seconds, Value: 60}]"
        let messages = Self.mistakes(balancer: "Type: network, Subnets: [!Ref A], \(attribute)")
        #expect(messages.contains { $0.contains("unknown attribute") }, "\(messages)")
    }

    // MARK: Application Load Balancers as targets

    private static func chain(port: Int = 80, target: String = "Id: !Ref App", more: String = "") throws -> Topology {
        let text = """
            Resources:
              A: {Type: AWS::EC2::Subnet, Properties: {VpcId: v, CidrBlock: 10.0.0.0/24, AvailabilityZone: ap-northeast-2a}}
              B: {Type: AWS::EC2::Subnet, Properties: {VpcId: v, CidrBlock: 10.0.1.0/24, AvailabilityZone: ap-northeast-2b}}
              App: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Subnets: [!Ref A, !Ref B]}}
              HTTP:
                Type: AWS::ElasticLoadBalancingV2::Listener
                Properties:
                  LoadBalancerArn: !Ref App
                  Protocol: HTTP
                  Port: \(port)
                  DefaultActions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: 404}}]
              Net: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Type: network, SubnetMappings: [{SubnetId: !Ref A}]}}
              Group:
                Type: AWS::ElasticLoadBalancingV2::TargetGroup
                Properties: {VpcId: v, TargetType: alb, Protocol: TCP, Port: 80, Targets: [{\(target)}]\(more)}
            """
        return try TemplateReader.read([.init(file: "net.yaml", bytes: Array(text.utf8))]).topology
    }

    @Test(.covers("NLB-AL-001", "NLB-AL-003")) func `have an Application Load Balancer as a target`() throws {
        let topology = try Self.chain()
        let group = try #require(topology.targetGroups.first)
        #expect(group.targetType == .alb)
        #expect(group.healthCheck == .network(.http))
        let app = try #require(topology.loadBalancers.first { $0.kind == .application })
        #expect(group.targets.map(\.id.rawValue) == [ResourceARN.loadBalancer(name: app.name, id: app.id)])
        #expect(topology.loadBalancers.first { $0.kind == .network }?.nodes.map(\.zone) == [.a])
    }

    @Test(
        .covers("NLB-AL-001", "NLB-AL-002", "NLB-AL-005", "NLB-AL-008", "NLB-DR-007"),
        arguments: [
            (81, "Id: !Ref App", "", "must have at least one listener on the target port 80 (InvalidTarget)"),
            (80, "Id: !Ref Net", "", "is not an Application Load Balancer (InvalidTarget)"),
            (80, "Id: 127.10.1.64", "", "there is no load balancer '127.10.1.64'"),
            (80, "Id: !Ref App, AvailabilityZone: all", "", "cannot be specified for targets of type alb"),
            (80, "Id: !Ref App", ", IpAddressType: ipv6", "IpAddressType"),
            (80, "Id: !Ref App", ", HealthCheckProtocol: TCP", "must be one of 'HTTP, HTTPS'"),
            (
                80, "Id: !Ref App", ", TargetGroupAttributes: [{Key: proxy_protocol_v2.enabled, Value: true}]",
                "cannot be modified"
            ),
        ]
    )
    func `are refused what no such target can be`(port: Int, target: String, more: String, expected: String) {
        do throws(any Error) {
            _ = try Self.chain(port: port, target: target, more: more)
            Issue.record("nothing was refused")
        } catch {
            let messages = (error as? DiagnosticsError)?.diagnostics.map(\.message) ?? ["\(error)"]
            #expect(messages.contains { $0.contains(expected) }, "\(messages)")
        }
    }
}
