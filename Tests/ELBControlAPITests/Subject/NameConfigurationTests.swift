import ELBControlAPI
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Name servers of subject files` {
    private static let name = "web-1.ap-northeast-2.elb.aws.test"

    private static func subject(_ names: String, isClassic: Bool = false) -> String {
        let rest =
            isClassic
            ? """
            "Type": "classic", "Instances": [],
            "Listeners": [{ "Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 80 }]
            """
            : """
            "Type": "application", "TargetGroups": [], "Listeners": [{ "Port": 80,
              "DefaultActions": [{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "200" } }] }]
            """
        return """
            { "Schema": "elblab/lb-config/v1", "Name": "web", "DNSName": "\(Self.name)", \(names)
              "Nodes": [{ "AvailabilityZone": "ap-northeast-2a", "Address": "127.50.1.4" }], \(rest) }
            """
    }

    private static func names(_ text: String) throws(DiagnosticsError) -> SubjectNames? {
        switch try SubjectFile.read(Array(text.utf8), file: "lb.json") {
        case .usual(let configuration): configuration.names
        case .classic(let subject): subject.names
        }
    }

    private static func errors(_ names: String) -> [String] {
        do throws(DiagnosticsError) {
            _ = try self.names(Self.subject(names))
            return []
        } catch {
            return error.diagnostics.map(\.message)
        }
    }

    private static let server = #""NameServer": { "Address": "127.50.1.4", "Port": 5353 },"#

    @Test(arguments: [false, true]) func `are read with their records`(isClassic: Bool) throws {
        #expect(try Self.names(Self.subject("", isClassic: isClassic)) == nil)
        let records = """
            "RecordSets": [
              { "Name": "shop.example", "HostedZoneName": "shop.example", "Type": "A",
                "AliasTarget": { "DNSName": "\(Self.name)", "HostedZoneId": "ZWKZPGTI48KDX" } },
              { "Name": "www.shop.example", "HostedZoneName": "shop.example", "Type": "CNAME", "TTL": 300,
                "ResourceRecords": ["\(Self.name)"] }],
            """
        let names = try #require(try Self.names(Self.subject(Self.server + records, isClassic: isClassic)))
        #expect(names.server == Endpoint("127.50.1.4:5353"))
        #expect(
            names.recordSets.map(\.value) == [.alias(Self.name), .canonicalName(Self.name, timeToLive: 300)]
        )
    }

    @Test func `are needed where there are records, and the records are judged`() {
        let apex = """
            "RecordSets": [{ "Name": "shop.example", "HostedZoneName": "shop.example", "Type": "CNAME", "TTL": 1,
              "ResourceRecords": ["a.b"] }],
            """
        #expect(Self.errors(apex).contains { $0.contains("without 'NameServer'") })
        #expect(Self.errors(Self.server + apex).contains { $0.contains("InvalidChangeBatch") })
        #expect(Self.errors(#""NameServer": { "Address": "somewhere", "Port": 0 },"#).count == 2)
    }
}
