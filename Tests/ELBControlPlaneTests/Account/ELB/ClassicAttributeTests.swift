import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Attributes of a Classic Load Balancer` {
    private static let modify = "ModifyLoadBalancerAttributes"

    private func attributes(_ account: inout TestAccount) throws -> WireValue {
        try account.classic("DescribeLoadBalancerAttributes")["LoadBalancerAttributes"] ?? [:]
    }

    private static func set(_ settings: String...) -> String {
        settings.map { "LoadBalancerAttributes.\($0)" }.joined(separator: "&")
    }

    private static func mode(_ mode: String, key: String = "elb.http.desyncmitigationmode") -> String {
        let prefix = "AdditionalAttributes.member.1"
        return "\(prefix).Key=\(key)&LoadBalancerAttributes.\(prefix).Value=\(mode)"
    }

    @Test(.covers("CLB-RT-006", "CLB-DR-001", "CLB-TO-001", "CLB-DS-001", "CLB-LG-001"))
    func `begin as AWS's do`() throws {
        var account = TestAccount()
        try account.classicLoadBalancer()
        let seen = try self.attributes(&account)
        #expect(seen["CrossZoneLoadBalancing"] == ["Enabled": false])
        #expect(seen["AccessLog"] == ["Enabled": false])
        #expect(seen["ConnectionDraining"] == ["Enabled": false, "Timeout": 300])
        #expect(seen["ConnectionSettings"] == ["IdleTimeout": 60])
        #expect(seen["AdditionalAttributes"] == [["Key": "elb.http.desyncmitigationmode", "Value": "defensive"]])
    }

    @Test(.covers("CLB-RT-007", "CLB-DR-001", "CLB-TO-001", "CLB-DS-001"))
    func `change one by one`() throws {
        var account = TestAccount()
        try account.classicLoadBalancer()
        let output = try account.classic(Self.modify, "old", Self.set("CrossZoneLoadBalancing.Enabled=true"))
        // What the call names, and nothing else.
        #expect(output["LoadBalancerAttributes"] == ["CrossZoneLoadBalancing": ["Enabled": true]])
        #expect(try output.text("LoadBalancerName") == "old")
        try account.classic(Self.modify, "old", Self.set("ConnectionDraining.Enabled=true"))
        #expect(try self.attributes(&account)["ConnectionDraining"] == ["Enabled": true, "Timeout": 300])
        try account.classic(
            Self.modify,
            "old",
            Self.set(
                "ConnectionDraining.Enabled=true",
                "ConnectionDraining.Timeout=60",
                "ConnectionSettings.IdleTimeout=3600",
                "AccessLog.Enabled=true",
                "AccessLog.S3BucketName=logs",
                "AccessLog.EmitInterval=5",
                Self.mode("strictest")
            )
        )
        let attributes = account.account.topology.classicLoadBalancers.first?.attributes
        #expect(attributes?.crossZoneEnabled == true)
        #expect(attributes?.connectionDrainingSeconds == 60)
        #expect(attributes?.idleTimeoutSeconds == 3600)
        #expect(attributes?.accessLog.delivery.bucket == "logs")
        #expect(attributes?.accessLog.intervalMinutes == 5)
        #expect(attributes?.desyncMitigationMode == .strictest)
    }

    @Test(.covers("CLB-TO-001", "CLB-DR-001", "CLB-DS-001"))
    func `are refused out of AWS's ranges`() throws {
        var account = TestAccount()
        try account.classicLoadBalancer()
        func refusal(_ settings: String...) -> String? {
            account.classicRefusal(
                Self.modify,
                "old",
                settings.map { "LoadBalancerAttributes.\($0)" }.joined(separator: "&")
            )
        }
        #expect(refusal("ConnectionSettings.IdleTimeout=0") == "ValidationError")
        #expect(refusal("ConnectionSettings.IdleTimeout=3601") == "ValidationError")
        #expect(
            refusal("ConnectionDraining.Enabled=true", "ConnectionDraining.Timeout=0") == "InvalidConfigurationRequest"
        )
        #expect(
            refusal("ConnectionDraining.Enabled=true", "ConnectionDraining.Timeout=3601")
                == "InvalidConfigurationRequest"
        )
        #expect(refusal("ConnectionDraining.Timeout=60") == "ValidationError")
        #expect(refusal("AccessLog.Enabled=true") == "InvalidConfigurationRequest")
        #expect(
            refusal("AccessLog.Enabled=true", "AccessLog.S3BucketName=logs", "AccessLog.EmitInterval=7")
                == "InvalidConfigurationRequest"
        )
        #expect(refusal(Self.mode("lenient")) == "InvalidConfigurationRequest")
        #expect(refusal(Self.mode("monitor", key: "elb.http.other")) == "LoadBalancerAttributeNotFound")
        #expect(account.classicRefusal(Self.modify) == "ValidationError")
        #expect(
            account.classicRefusal(Self.modify, "none", Self.set("CrossZoneLoadBalancing.Enabled=true"))
                == "LoadBalancerNotFound"
        )
    }

    @Test(.covers("CLB-AP-010"))
    func `keep to limits that AWS tells`() throws {
        var account = TestAccount()
        let output = try account.perform("Action=DescribeAccountLimits", .elb)
        #expect(
            output["Limits"] == [
                ["Name": "classic-load-balancers", "Max": "20"], ["Name": "classic-listeners", "Max": "100"],
                ["Name": "classic-registered-instances", "Max": "1000"],
            ]
        )
        let page = try account.perform("Action=DescribeAccountLimits&PageSize=1", .elb)
        #expect(try page.text("NextMarker") == "classic-load-balancers")
    }

    @Test(.covers("CLB-AP-010", "CLB-AP-004"))
    func `stand beside tags`() throws {
        var account = TestAccount()
        try account.classicLoadBalancer("old", "Tags.member.1.Key=team&Tags.member.1.Value=shop")
        let names = "LoadBalancerNames.member.1=old"
        func tags() throws -> WireValue? {
            let output = try account.perform("Action=DescribeTags&\(names)", .elb)
            guard case .list(let all) = output["TagDescriptions"] else { return nil }
            return all.first?["Tags"]
        }
        let add = "Action=AddTags&\(names)"
        try account.perform("\(add)&Tags.member.1.Key=team&Tags.member.1.Value=blog&Tags.member.2.Key=b", .elb)
        #expect(try tags() == [["Key": "team", "Value": "blog"], ["Key": "b", "Value": ""]])
        try account.perform("Action=RemoveTags&\(names)&Tags.member.1.Key=b&Tags.member.2.Key=c", .elb)
        #expect(try tags() == [["Key": "team", "Value": "blog"]])
        let many = (1...10).map { "Tags.member.\($0).Key=k\($0)" }.joined(separator: "&")
        #expect(account.refusal("\(add)&\(many)", .elb) == "TooManyTags")
        #expect(account.refusal("\(add)&\(many)&Tags.member.11.Key=k11", .elb) == "TooManyTags")
        #expect(account.refusal("\(add)&Tags.member.1.Key=a&Tags.member.2.Key=a", .elb) == "DuplicateTagKeys")
        #expect(
            account.refusal("\(add)&LoadBalancerNames.member.2=other&Tags.member.1.Key=a", .elb) == "ValidationError"
        )
        #expect(
            account.refusal("Action=AddTags&LoadBalancerNames.member.1=none&Tags.member.1.Key=a", .elb)
                == "LoadBalancerNotFound"
        )
        #expect(
            account.refusal("Action=DescribeTags&\(names)&LoadBalancerNames.member.2=none", .elb)
                == "LoadBalancerNotFound"
        )
    }
}
