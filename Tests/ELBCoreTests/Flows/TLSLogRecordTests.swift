import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `The access log of a Network Load Balancer` {
    /// 2018-12-20T02:59:30Z.
    private static let began: Int64 = 1_545_274_770_000_000

    private static func record() -> TLSLogRecord {
        TLSLogRecord(
            loadBalancer: "net/my-network-loadbalancer/c6e77e28c25b2234",
            listener: "g3d4b5e8bb8464cd",
            client: .v4(IPv4Address(72, 21, 218, 154)),
            clientPort: 51341,
            destination: Endpoint(address: .v4(IPv4Address(172, 100, 100, 185)), port: 443),
            began: Self.began
        )
    }

    private static func line(_ record: TLSLogRecord) -> String {
        var output = ByteOutput()
        record.append(to: &output, ended: Self.began + 10_000_000)
        return String(decoding: output.bytes, as: UTF8.self)
    }

    @Test(.covers("NLB-MT-010")) func `has twenty-two fields, as in AWS's example`() {
        var record = Self.record()
        record.connectionTime = 5_900_000
        record.handshakeTime = 2_000_000
        record.receivedBytes = 98
        record.sentBytes = 246
        record.certificate = CertificateARN(
            rawValue: "arn:aws:acm:us-east-2:671290407336:certificate/2a108f19-aded-46b0-8493-c63eb1ef4a99"
        )
        record.cipherSuite = TLSCipherSuite(rawValue: 0xc02f)
        record.version = .v12
        record.serverName = "my-network-loadbalancer-c6e77e28c25b2234.elb.us-east-2.amazonaws.com"
        record.clientProtocol = "h2"
        record.targetProtocol = "http/1.1"
        record.offeredProtocols = ["h2", "http/1.1"]
        #expect(
            Self.line(record)
                == "tls 2.0 2018-12-20T02:59:40 net/my-network-loadbalancer/c6e77e28c25b2234 g3d4b5e8bb8464cd "
                + "72.21.218.154:51341 172.100.100.185:443 5 2 98 246 - "
                + "arn:aws:acm:us-east-2:671290407336:certificate/2a108f19-aded-46b0-8493-c63eb1ef4a99 - "
                + "ECDHE-RSA-AES128-GCM-SHA256 tlsv12 - "
                + "my-network-loadbalancer-c6e77e28c25b2234.elb.us-east-2.amazonaws.com h2 http/1.1 "
                + "\"h2\",\"http/1.1\" 2018-12-20T02:59:30\n"
        )
    }

    @Test(.covers("NLB-MT-011")) func `has a hyphen for what there is not`() {
        var record = Self.record()
        record.alert = 48
        let fields = Self.line(record).dropLast().split(separator: " ", omittingEmptySubsequences: false)
        #expect(fields.count == 22)
        #expect(fields[8] == "-")
        #expect(fields[11] == "48")
        #expect(fields[12...20].allSatisfy { $0 == "-" })
    }

    @Test(.covers("NLB-MT-010")) func `keeps a client from breaking its lines`() {
        var record = Self.record()
        record.offeredProtocols = ["a b", "\"", "x\n", "%", String(repeating: "z", count: 300)]
        let fields = Self.line(record).dropLast().split(separator: " ", omittingEmptySubsequences: false)
        #expect(fields.count == 22)
        #expect(fields[20].hasPrefix(#""a%20b","%22","x%0A","%25","zz"#))
        #expect(fields[20].utf8.count == 256)
    }

    @Test(.covers("NLB-MT-010"), arguments: TLSVersion.allCases)
    func `calls versions by small names`(version: TLSVersion) {
        var record = Self.record()
        record.version = version
        let expected = [TLSVersion.v10: "tlsv10", .v11: "tlsv11", .v12: "tlsv12", .v13: "tlsv13"][version] ?? ""
        #expect(Self.line(record).contains(" \(expected) "))
    }

    @Test(.covers("NLB-MT-009")) func `is in files without a node's address`() {
        let source = LogSource(
            kind: .access,
            delivery: LogDelivery(isEnabled: true, bucket: "logs", prefix: "p"),
            loadBalancer: "net/gate/0123456789abcdef",
            node: ""
        )
        let key = source.key(end: Self.began, random: 0)
        #expect(
            key == "logs/p/AWSLogs/123456789012/elasticloadbalancing/ap-northeast-2/2018/12/20/"
                + "123456789012_elasticloadbalancing_ap-northeast-2_net.gate.0123456789abcdef_20181220T0259Z_aaaaaaaa.log.gz"
        )
    }
}
