import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Records of hosted zones` {
    private static func errors(_ records: RecordSet...) -> [String] {
        var topology = Topology()
        topology.recordSets = records
        return topology.validate().map { "\($0.code.rawValue) \($0.property)" }
    }

    private static func canonicalName(_ name: String, zone: String = "shop.example", seconds: Int = 60) -> RecordSet {
        RecordSet(name: name, zone: zone, value: .canonicalName("web.aws.test", timeToLive: seconds))
    }

    private static func alias(_ name: String, zone: String = "shop.example") -> RecordSet {
        RecordSet(name: name, zone: zone, value: .alias("web.aws.test"))
    }

    @Test(.covers("INT-R5-001")) func `an alias may stand at the apex, a CNAME may not`() {
        #expect(Self.errors(Self.alias("shop.example"), Self.canonicalName("www.shop.example")).isEmpty)
        #expect(Self.errors(Self.canonicalName("shop.example")) == ["InvalidChangeBatch RecordSets[0].Type"])
    }

    @Test func `a name is there once`() {
        let twice = ["InvalidChangeBatch RecordSets[1].Name"]
        #expect(Self.errors(Self.alias("a.shop.example"), Self.alias("A.shop.example.")) == twice)
        #expect(Self.errors(Self.alias("a.shop.example"), Self.canonicalName("a.shop.example")) == twice)
    }

    @Test func `names lie in their zone, and in nobody else's`() {
        #expect(Self.errors(Self.alias("shop.example.org")) == ["InvalidChangeBatch RecordSets[0].Name"])
        #expect(Self.errors(Self.alias("workshop.example")) == ["InvalidChangeBatch RecordSets[0].Name"])
        #expect(Self.errors(Self.alias("a.aws.test", zone: "aws.test")) == ["InvalidChangeBatch RecordSets[0].Name"])
    }

    @Test(arguments: [
        "*.shop.example", "a..shop.example", "a b.shop.example", String(repeating: "a", count: 64) + ".shop.example",
    ])
    func `what is no name is refused`(name: String) {
        #expect(Self.errors(Self.alias(name)) == ["InvalidChangeBatch RecordSets[0].Name"])
    }

    @Test func `a time to live is a number of seconds`() {
        #expect(Self.errors(Self.canonicalName("a.shop.example", seconds: -1)) == ["ValidationError RecordSets[0].TTL"])
        #expect(Self.errors(Self.canonicalName("a.shop.example", seconds: 0)).isEmpty)
    }
}
