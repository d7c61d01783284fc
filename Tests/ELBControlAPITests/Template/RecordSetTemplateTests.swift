import ELBControlAPI
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Record sets of templates` {
    private static func source(_ records: String...) -> TemplateReader.Source {
        let text =
            """
            Resources:
              A: { Type: AWS::EC2::Subnet, Properties: { VpcId: vpc-1, CidrBlock: 10.0.0.0/24, AvailabilityZone: ap-northeast-2a } }
              B: { Type: AWS::EC2::Subnet, Properties: { VpcId: vpc-1, CidrBlock: 10.0.1.0/24, AvailabilityZone: ap-northeast-2b } }
              Web: { Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: { Subnets: [!Ref A, !Ref B] } }

            """
            + records.enumerated().map {
                "  R\($0): { Type: AWS::Route53::RecordSet, Properties: { HostedZoneName: shop.example., \($1) } }\n"
            }.joined()
        return TemplateReader.Source(file: "t.yaml", bytes: Array(text.utf8))
    }

    private static func errors(_ record: String) -> [String] {
        do throws(DiagnosticsError) {
            _ = try TemplateReader.read([Self.source(record)])
            return []
        } catch {
            return error.diagnostics.map(\.message)
        }
    }

    private static let target = "DNSName: !GetAtt Web.DNSName, HostedZoneId: !GetAtt Web.CanonicalHostedZoneID"

    @Test(.covers("INT-R5-001", "INT-R5-002")) func `are aliases and CNAMEs`() throws {
        let result = try TemplateReader.read([
            Self.source(
                "Name: shop.example, Type: A, AliasTarget: { \(Self.target), EvaluateTargetHealth: true }",
                "Name: WWW.shop.example., Type: CNAME, TTL: \"300\", ResourceRecords: [!GetAtt Web.DNSName]",
                "Name: d.shop.example, Type: A, "
                    + "AliasTarget: { DNSName: !Sub \"dualstack.${Web.DNSName}\", HostedZoneId: ZWKZPGTI48KDX }"
            )
        ])
        let name = try #require(result.topology.loadBalancers.first?.dnsName).lowercased()
        #expect(
            result.topology.recordSets == [
                RecordSet(name: "shop.example", zone: "shop.example", value: .alias(name)),
                RecordSet(
                    name: "www.shop.example",
                    zone: "shop.example",
                    value: .canonicalName(name, timeToLive: 300)
                ),
                RecordSet(name: "d.shop.example", zone: "shop.example", value: .alias(name)),
            ]
        )
        #expect(result.resources.last?.physicalID == "d.shop.example")
    }

    @Test(
        arguments: [
            ("Name: a.shop.example, Type: AAAA, AliasTarget: { \(Self.target) }", "real at AWS, but not in the lab"),
            ("Name: a.shop.example, Type: A, TTL: 60, ResourceRecords: [192.0.2.1]", "addresses of its own"),
            ("Name: a.shop.example, Type: A, TTL: 60, AliasTarget: { \(Self.target) }", "an alias has no 'TTL'"),
            (
                "Name: a.shop.example, Type: A, AliasTarget: { DNSName: other.aws.test, HostedZoneId: ZWKZPGTI48KDX }",
                "there is no load balancer"
            ),
            (
                "Name: a.shop.example, Type: A, AliasTarget: { DNSName: !GetAtt Web.DNSName, HostedZoneId: Z2 }",
                "hosted zone is ZWKZPGTI48KDX"
            ),
            ("Name: a.shop.example, Type: CNAME, TTL: 60, ResourceRecords: [a.b, c.d]", "one value, not 2"),
            ("Name: a.shop.example, Type: CNAME, AliasTarget: { \(Self.target) }", "CNAME with 'AliasTarget'"),
            ("Name: shop.example, Type: CNAME, TTL: 60, ResourceRecords: [a.b]", "not permitted at apex"),
            (
                "Name: a.shop.example, Type: CNAME, TTL: 60, ResourceRecords: [a.b], Weight: 1, SetIdentifier: x",
                "'Weight'"
            ),
            ("Name: a.shop.example, Type: CNAME, TTL: 60, ResourceRecords: [a.b], HostedZoneId: Z1", "'HostedZoneId'"),
        ]
    )
    func `are refused where they are something else`(record: String, message: String) {
        let errors = Self.errors(record)
        #expect(errors.contains { $0.contains(message) }, "\(errors)")
    }
}
