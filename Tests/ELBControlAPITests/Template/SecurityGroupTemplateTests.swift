import ELBControlAPI
import ELBModel
import Testing

@Suite struct `Security groups of templates` {
    /// Two subnets, a load balancer in `Guard`, and more.
    private static func read(
        _ resources: String,
        balancer groups: String = "[!GetAtt Guard.GroupId]"
    ) throws -> Topology {
        let text = """
            Resources:
              A: {Type: AWS::EC2::Subnet, Properties: {VpcId: v, CidrBlock: 10.0.0.0/24, AvailabilityZone: ap-northeast-2a}}
              B: {Type: AWS::EC2::Subnet, Properties: {VpcId: v, CidrBlock: 10.0.1.0/24, AvailabilityZone: ap-northeast-2b}}
              Balancer:
                Type: AWS::ElasticLoadBalancingV2::LoadBalancer
                Properties: {Subnets: [!Ref A, !Ref B], SecurityGroups: \(groups), Tags: [{Key: team, Value: blue}]}
            \(resources)
            """
        let source = TemplateReader.Source(file: "groups.yaml", bytes: Array(text.utf8))
        return try TemplateReader.read([source]).topology
    }

    private static func mistakes(_ resources: String) -> [String] {
        do throws(any Error) {
            _ = try Self.read(resources)
            return []
        } catch {
            return (error as? DiagnosticsError)?.diagnostics.map(\.message) ?? ["\(error)"]
        }
    }

    private static let open = """
          Guard:
            Type: AWS::EC2::SecurityGroup
            Properties:
              GroupDescription: d
              SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 80, ToPort: 90, CidrIp: 10.1.0.0/16, Description: us}]
        """

    @Test func `have the rules that the template gives, and let everything out`() throws {
        let topology = try Self.read(Self.open)
        let group = try #require(topology.securityGroups.groups.first)
        #expect(group.detail == "d")
        let rule = try #require(group.ingress.first)
        #expect(rule.ipProtocol == "tcp" && rule.ports == 80...90 && rule.detail == "us")
        #expect(try rule.peer == .block(#require(CIDRBlock("10.1.0.0/16"))))
        #expect(group.egress.map(\.ipProtocol) == ["-1"])
        #expect(topology.securityGroups.members.values.map { $0 } == [[group.id]])
        #expect(topology.tags.values.map { $0 } == [[ResourceTag(key: "team", value: "blue")]])
    }

    @Test func `take rules that stand beside them; one that lets something out closes the rest`() throws {
        let topology = try Self.read(
            Self.open + """

                  Web: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: w}}
                  In:
                    Type: AWS::EC2::SecurityGroupIngress
                    Properties: {GroupId: !GetAtt Web.GroupId, IpProtocol: "-1", SourceSecurityGroupId: !GetAtt Guard.GroupId}
                  Out:
                    Type: AWS::EC2::SecurityGroupEgress
                    Properties:
                      GroupId: !GetAtt Guard.GroupId
                      IpProtocol: tcp
                      FromPort: 1
                      ToPort: 1
                      DestinationSecurityGroupId: !GetAtt Web.GroupId
                """
        )
        let groups = topology.securityGroups.groups
        #expect(groups[0].egress.map(\.peer) == [.group(groups[1].id)])
        #expect(groups[1].ingress.map(\.peer) == [.group(groups[0].id)])
        #expect(groups[1].egress.map(\.ipProtocol) == ["-1"])
    }

    @Test func `that are wrong are told with what is wrong`() {
        let rule = { (text: String) in
            Self.mistakes(
                "  Guard: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: d, SecurityGroupIngress: [{\(text)}]}}"
            )
        }
        #expect(
            rule("IpProtocol: tcp, FromPort: 80, ToPort: 80, CidrIp: 10.1.0.0/33") == [
                "'10.1.0.0/33' is not a CIDR block"
            ]
        )
        #expect(rule("IpProtocol: tcp, FromPort: 9, ToPort: 8, CidrIp: 0.0.0.0/0") == ["9 to 8 is no range of ports"])
        #expect(rule("IpProtocol: tcp, CidrIp: 0.0.0.0/0") == ["'FromPort' and 'ToPort' are missing"])
        #expect(
            rule("IpProtocol: -1") == [
                "a rule needs exactly one of 'CidrIp', 'CidrIpv6' and 'SourceSecurityGroupId'"
            ]
        )
        #expect(rule("IpProtocol: carrier-pigeon, CidrIp: 0.0.0.0/0").count == 1)
        #expect(
            rule("IpProtocol: -1, SourceSecurityGroupId: sg-1") == ["there is no security group 'sg-1'"]
        )
        #expect(Self.mistakes("  Guard: {Type: AWS::EC2::SecurityGroup}").count == 1)
    }

    @Test func `Elastic IPs have an address of their own, and keep it`() throws {
        let resources =
            Self.open + """

                  One: {Type: AWS::EC2::EIP, Properties: {Domain: vpc}}
                  Two: {Type: AWS::EC2::EIP}
                """
        let first = try Self.read(resources).addresses
        #expect(first.map(\.address.description) == ["127.50.1.64", "127.50.1.65"])
        #expect(first.allSatisfy { $0.id.hasPrefix("eipalloc-0") })
        #expect(try Self.read(resources).addresses == first)
    }
}
