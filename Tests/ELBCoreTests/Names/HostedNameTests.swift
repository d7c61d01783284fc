import ELBCore
import ELBModel
import ELBTestSupport
import ELBWire
import Testing

@Suite struct `Names of hosted zones` {
    private static let balancer = "web-1.ap-northeast-2.elb.aws.test"

    private static let records = [
        RecordSet(name: "shop.example", zone: "shop.example", value: .alias(Self.balancer)),
        RecordSet(
            name: "WWW.shop.example.",
            zone: "shop.example.",
            value: .canonicalName(Self.balancer, timeToLive: 300)
        ),
        RecordSet(
            name: "away.shop.example",
            zone: "shop.example",
            value: .canonicalName("far.example.org", timeToLive: 5)
        ),
        RecordSet(name: "a.shop.example", zone: "shop.example", value: .canonicalName("b.shop.example", timeToLive: 1)),
        RecordSet(name: "b.shop.example", zone: "shop.example", value: .canonicalName("a.shop.example", timeToLive: 1)),
        RecordSet(name: "deep.in.shop.example", zone: "in.shop.example", value: .alias("dualstack.\(Self.balancer)")),
        RecordSet(name: "gone.shop.example", zone: "shop.example", value: .alias("old-1.ap-northeast-2.elb.aws.test")),
    ]

    private static func table(published: Set<AvailabilityZone> = [.a, .b], quirks: Set<Quirk> = []) -> NameTable {
        let balancer = NameTable.Balancer(
            dnsName: Self.balancer,
            nodes: [.a: .v4(IPv4Address(127, 50, 1, 4)), .b: .v4(IPv4Address(127, 50, 2, 4))],
            published: published
        )
        return NameTable(
            [balancer],
            recordSets: Self.records,
            nameServer: .v4(IPv4Address(127, 0, 0, 1)),
            serial: 1,
            quirks: quirks
        )
    }

    private static func query(_ name: String, _ type: DNSRecordType) throws -> DNSQuery {
        DNSQuery(
            id: 1,
            recursionDesired: true,
            name: try #require(DomainName(name)),
            type: type,
            class: 1,
            question: []
        )
    }

    private static func answer(
        _ name: String,
        _ type: DNSRecordType = .a,
        published: Set<AvailabilityZone> = [.a, .b],
        quirks: Set<Quirk> = []
    ) throws -> DNSResponse {
        var generator = SplitMix64(seed: 1)
        return Self.table(published: published, quirks: quirks).answer(
            to: try Self.query(name, type),
            using: &generator
        )
    }

    private static func addresses(_ response: DNSResponse) -> [String] {
        response.answers.compactMap { if case .address(let address) = $0.value { "\(address)" } else { nil } }.sorted()
    }

    @Test(.covers("INT-R5-001", "INT-R5-002", "INT-R5-003"))
    func `an alias has its target's addresses and time to live, also at the apex`() throws {
        let response = try Self.answer("Shop.example")
        #expect(response.code == .noError && response.isAuthoritative)
        #expect(Self.addresses(response) == ["127.50.1.4", "127.50.2.4"])
        #expect(response.answers.allSatisfy { $0.name == nil && $0.timeToLive == 60 })
        for type in [DNSRecordType.aaaa, .cname] {
            let other = try Self.answer("shop.example", type)
            #expect(other.code == .noError && other.answers.isEmpty && other.authorities.count == 1)
        }
        #expect(Self.addresses(try Self.answer("deep.in.shop.example")).count == 2)
    }

    @Test(.covers("INT-R5-004")) func `an alias follows its target's zones`() throws {
        #expect(Self.addresses(try Self.answer("shop.example", published: [.b])) == ["127.50.2.4"])
    }

    @Test func `an alias of what is gone has no address`() throws {
        let response = try Self.answer("gone.shop.example")
        #expect(response.code == .noError && response.answers.isEmpty && response.authorities.count == 1)
    }

    @Test func `a CNAME has its own time to live, and what it leads to follows`() throws {
        let response = try Self.answer("www.shop.example")
        let target = try #require(DomainName(Self.balancer))
        #expect(response.answers.first == DNSRecord(timeToLive: 300, .alias(target)))
        #expect(response.answers.dropFirst().allSatisfy { $0.name == target && $0.timeToLive == 60 })
        #expect(Self.addresses(response).count == 2)
        #expect(try Self.answer("www.shop.example", .cname).answers.count == 1)
    }

    @Test func `a CNAME that leads away is all there is`() throws {
        let response = try Self.answer("away.shop.example")
        #expect(response.code == .noError && response.answers.count == 1 && response.authorities.isEmpty)
    }

    @Test func `a circle of CNAMEs ends`() throws {
        #expect(try Self.answer("a.shop.example").answers.count < 20)
    }

    @Test func `a hosted zone speaks for itself and denies what it has not`() throws {
        let denied = try Self.answer("nobody.shop.example")
        #expect(denied.code == .nameError)
        #expect(denied.authorities.first?.name == DomainName("shop.example"))
        #expect(try Self.answer("shop.example", .soa).answers.count == 1)
        #expect(try Self.answer("shop.example", .ns).answers.count == 1)
        // A zone of its own below it answers for its names.
        #expect(try Self.answer("nobody.in.shop.example").authorities.first?.name == DomainName("in.shop.example"))
        #expect(try Self.answer("example").code == .refused)
    }

    @Test(
        arguments: [
            (.dnsAliasAsCanonicalName, "shop.example"), (.dnsRecordTTLIgnored, "www.shop.example"),
            (.dnsTTLLong, "shop.example"), (.dnsOneAddress, "shop.example"),
        ] as [(Quirk, String)]
    )
    func `a quirk changes the answer`(quirk: Quirk, name: String) throws {
        #expect(try Self.answer(name, quirks: [quirk]) != Self.answer(name))
    }

    @Test func `the question goes back letter by letter, but for the quirk`() throws {
        var query = try Self.query("shop.example", .a)
        // ShOp.example, type 65 to tell letters from numbers.
        query.question = [4] + Array("ShOp".utf8) + [7] + Array("example".utf8) + [0, 0, 65, 0, 1]
        for (quirks, expected) in [([], "ShOp"), ([.dnsCaseLowered], "shop")] as [(Set<Quirk>, String)] {
            var generator = SplitMix64(seed: 1)
            let message = Self.table(quirks: quirks).reply(to: query, byDatagram: true, using: &generator)
            #expect(String(decoding: message[13..<17], as: UTF8.self) == expected)
            #expect(Array(message[26..<30]) == [0, 65, 0, 1])
        }
    }
}
