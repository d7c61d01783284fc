import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Log files` {
    private static func source(_ kind: LogKind = .access, prefix: String = "") -> LogSource {
        LogSource(
            kind: kind,
            delivery: LogDelivery(isEnabled: true, bucket: "my-bucket", prefix: prefix),
            loadBalancer: "app/my-lb/1234567890abcdef",
            node: "127.50.1.4"
        )
    }

    /// 15 February 2014, 23:40 UTC.
    private static let end: Int64 = 1_392_507_600_000_000

    @Test(
        .covers("ALB-LOG-003", "ALB-CLOG-001", "ALB-HLOG-001"),
        arguments: [
            (.access, "", "my-bucket/AWSLogs/", ""), (.access, "team/web", "my-bucket/team/web/AWSLogs/", ""),
            (.connection, "", "my-bucket/AWSLogs/", "conn_log_"),
            (.healthCheck, "p", "my-bucket/p/AWSLogs/", "health_check_log_"),
        ] as [(LogKind, String, String, String)]
    )
    func `are called as AWS calls them`(kind: LogKind, prefix: String, start: String, name: String) {
        #expect(
            Self.source(kind, prefix: prefix).key(end: Self.end, random: 0)
                == start + "123456789012/elasticloadbalancing/ap-northeast-2/2014/02/15/" + name
                + "123456789012_elasticloadbalancing_ap-northeast-2_app.my-lb.1234567890abcdef_20140215T2340Z_127.50.1.4_"
                + "aaaaaaaa.log.gz"
        )
    }

    @Test func `of one interval differ`() {
        let keys = Set((0..<1000).map { Self.source().key(end: Self.end, random: $0 &* 0x9e37_79b9_7f4a_7c15) })
        #expect(keys.count == 1000)
    }

    @Test(.covers("ALB-LOG-002"), arguments: [1.0, 20, 60])
    func `hold five minutes of AWS time`(scale: Double) {
        let length = Int64(300_000_000 / scale)
        var generator = SplitMix64(seed: 1)
        var file = LogFile(Self.source(), interval: UInt64(length) * 1000)
        let begin = Self.end - Self.end % length
        #expect(file.append(Array("a\n".utf8), now: begin, using: &generator).isEmpty)
        #expect(file.tick(now: begin + length / 2, using: &generator).isEmpty)
        #expect(file.append(Array("b\n".utf8), now: begin + length - 1, using: &generator).isEmpty)
        let objects = file.tick(now: begin + length, using: &generator)
        #expect(objects.map { String(decoding: $0.chunks.joined(), as: UTF8.self) } == ["a\nb\n"])
        #expect(file.tick(now: begin + 2 * length, using: &generator).isEmpty)
        #expect(file.finish(using: &generator).isEmpty)
    }

    @Test func `are closed by the first line of the next interval`() throws {
        var generator = SplitMix64(seed: 1)
        var file = LogFile(Self.source(), interval: 300_000_000_000)
        #expect(file.append(Array("a\n".utf8), now: Self.end - 1, using: &generator).isEmpty)
        let objects = file.append(Array("b\n".utf8), now: Self.end, using: &generator)
        let object = try #require(objects.first)
        #expect(objects.count == 1)
        #expect(object.key.contains("_20140215T2340Z_"))
        #expect(String(decoding: object.chunks.joined(), as: UTF8.self) == "a\n")
        let last = try #require(file.finish(using: &generator).first)
        #expect(last.key.contains("_20140215T2345Z_"))
        #expect(String(decoding: last.chunks.joined(), as: UTF8.self) == "b\n")
    }

    @Test(.covers("ALB-LOG-002")) func `are closed early when there is much to tell`() {
        var generator = SplitMix64(seed: 1)
        var file = LogFile(Self.source(), interval: 300_000_000_000)
        let lines = Array(repeating: UInt8(ascii: "\n"), count: LogFile.limit / 2)
        #expect(file.append(lines, now: Self.end, using: &generator).isEmpty)
        let first = file.append(lines, now: Self.end + 1, using: &generator)
        #expect(first.map { $0.chunks.joined().count } == [LogFile.limit])
        #expect(file.append(lines, now: Self.end + 2, using: &generator).isEmpty)
        #expect(file.finish(using: &generator).map(\.key) != first.map(\.key))
    }

    @Test func `survive a clock that is set back`() {
        var generator = SplitMix64(seed: 1)
        var file = LogFile(Self.source(), interval: 300_000_000_000)
        _ = file.append([0x0a], now: Self.end, using: &generator)
        #expect(file.append([0x0a], now: 5, using: &generator).count == 1)
        #expect(file.append([0x0a], now: -5, using: &generator).isEmpty)
        #expect(file.finish(using: &generator).first?.key.contains("_19700101T0005Z_") == true)
    }
}
