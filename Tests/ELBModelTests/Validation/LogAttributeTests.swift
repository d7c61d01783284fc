import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Attributes of logs` {
    @Test(.covers("ALB-LOG-001", "ALB-CLOG-001", "ALB-HLOG-001"), arguments: LogKind.allCases)
    func `are off until somebody names a bucket`(log: LogKind) throws {
        var attributes = LoadBalancerAttributes()
        #expect(attributes[log] == LogDelivery(isEnabled: false, bucket: "", prefix: ""))
        try attributes.set("\(log.rawValue).s3.bucket", to: "my-logs")
        try attributes.set("\(log.rawValue).s3.prefix", to: "team/web")
        try attributes.set("\(log.rawValue).s3.enabled", to: "true")
        #expect(attributes[log] == LogDelivery(isEnabled: true, bucket: "my-logs", prefix: "team/web"))
        for other in LogKind.allCases where other != log { #expect(!attributes[other].isEnabled) }
    }

    @Test(.covers("ALB-LOG-001"), arguments: LogKind.allCases)
    func `need a bucket once they are on`(log: LogKind) {
        var balancer = LoadBalancer(
            name: LoadBalancerName(rawValue: "web"),
            nodes: [.init(zone: .a, address: LabAddresses.publicAddress(.a, host: 4))],
            dnsName: "web-1.ap-northeast-2.elb.aws.test"
        )
        balancer.attributes[log].isEnabled = true
        #expect(balancer.validate().map(\.code) == [.invalidConfigurationRequest])
        #expect(balancer.validate().first?.message.contains("\(log.rawValue).s3.bucket") == true)
        balancer.attributes[log].bucket = "my-logs"
        #expect(balancer.validate().isEmpty)
    }

    @Test(
        .covers("ALB-LOG-001"),
        arguments: [
            ("bucket", "My-Logs"), ("bucket", "ab"), ("bucket", String(repeating: "a", count: 64)), ("bucket", "a..b"),
            ("bucket", "-ab"), ("bucket", "a/b"), ("bucket", "ab."), ("prefix", "AWSLogs"), ("prefix", "x/AWSLogs/y"),
            ("prefix", "/x"), ("prefix", "x/"), ("prefix", "../x"), ("prefix", "x/./y"), ("prefix", "a\u{0}b"),
            ("enabled", "yes"), ("enabled", ""), ("retention", "1"),
        ]
    )
    func `refuse what could not be a place`(name: String, value: String) {
        var attributes = LoadBalancerAttributes()
        #expect(throws: ModelError.self) { try attributes.set("access_logs.s3.\(name)", to: value) }
        #expect(attributes == LoadBalancerAttributes())
    }

    @Test(arguments: ["abc", "my.logs-2", String(repeating: "a", count: 63)])
    func `take names of buckets`(name: String) throws {
        var attributes = LoadBalancerAttributes()
        try attributes.set("access_logs.s3.bucket", to: name)
        #expect(attributes.accessLogs.bucket == name)
    }
}
