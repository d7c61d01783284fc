import ELBCore
import ELBModel
import ELBTestSupport
import ELBWire
import Testing

@Suite struct `The lab's names` {
    private static let table = NameTable(
        [
            NameTable.Balancer(
                dnsName: "web-1.ap-northeast-2.elb.aws.test",
                nodes: [.a: .v4(IPv4Address(127, 50, 1, 4)), .b: .v4(IPv4Address(127, 50, 2, 4))],
                published: [.a, .b]
            ),
            NameTable.Balancer(
                dnsName: "api-2.ap-northeast-2.elb.aws.test",
                nodes: [.a: .v4(IPv4Address(127, 50, 1, 5)), .b: .v4(IPv4Address(127, 50, 2, 5))],
                published: [.b]
            ),
        ],
        nameServer: .v4(IPv4Address(127, 0, 0, 1)),
        serial: 7
    )

    private static func answer(
        _ name: String,
        _ type: DNSRecordType = .a,
        class: UInt16 = 1,
        version: UInt8? = nil
    ) throws -> DNSResponse {
        let query = DNSQuery(
            id: 1,
            recursionDesired: true,
            name: try #require(DomainName(name)),
            type: type,
            class: `class`,
            extensions: version.map { .init(payloadSize: 1232, version: $0, wantsDNSSEC: false) },
            question: []
        )
        var generator = SplitMix64(seed: 1)
        return Self.table.answer(to: query, using: &generator)
    }

    private static func addresses(_ response: DNSResponse) -> Set<String> {
        Set(
            response.answers.map { record in
                if case .address(let address) = record.value { "\(address)" } else { "no address" }
            }
        )
    }

    @Test(.covers("ALB-DNS-002", "ALB-DNS-007", "NLB-AZ-008"))
    func `stand for one address per zone, for 60 seconds`() throws {
        let response = try Self.answer("WEB-1.ap-northeast-2.elb.aws.test")
        #expect(response.code == .noError && response.isAuthoritative)
        #expect(Self.addresses(response) == ["127.50.1.4", "127.50.2.4"])
        #expect(response.answers.allSatisfy { $0.timeToLive == 60 })
    }

    @Test(.covers("ALB-DNS-009", "NLB-FO-007")) func `leave out zones that are not published`() throws {
        #expect(Self.addresses(try Self.answer("api-2.ap-northeast-2.elb.aws.test")) == ["127.50.2.5"])
    }

    @Test(.covers("ALB-DNS-004", "NLB-AZ-007")) func `have one name more for each zone, published or not`() throws {
        let name = "ap-northeast-2a.api-2.ap-northeast-2.elb.aws.test"
        #expect(Self.addresses(try Self.answer(name)) == ["127.50.1.5"])
    }

    @Test(.covers("ALB-DNS-008")) func `come in any order`() throws {
        var generator = SplitMix64(seed: 1)
        let query = DNSQuery(
            id: 1,
            recursionDesired: true,
            name: try #require(DomainName("web-1.ap-northeast-2.elb.aws.test")),
            type: .a,
            class: 1,
            question: []
        )
        let first = Set((0..<50).map { _ in Self.table.answer(to: query, using: &generator).answers.first })
        #expect(first.count == 2)
    }

    @Test(
        .covers("NLB-AZ-012"),
        arguments: [
            (.anyAvailabilityZone, [.a, .b], 0...0), (.affinity, [.a, .b], 1000...1000),
            // Eight standard deviations on either side of 850.
            (.partialAffinity, [.a, .b], 760...940),
            // Its own zone has none that is published.
            (.affinity, [.b], 0...0),
        ] as [(LoadBalancerAttributes.ClientRoutingPolicy, Set<AvailabilityZone>, ClosedRange<Int>)]
    )
    func `tell a client in the VPC its own zone's address alone, if so configured`(
        policy: LoadBalancerAttributes.ClientRoutingPolicy,
        published: Set<AvailabilityZone>,
        expected: ClosedRange<Int>
    ) throws {
        let name = "net-1.elb.ap-northeast-2.aws.test"
        let table = NameTable(
            [
                NameTable.Balancer(
                    dnsName: name,
                    nodes: [.a: .v4(IPv4Address(127, 50, 1, 4)), .b: .v4(IPv4Address(127, 50, 2, 4))],
                    published: published,
                    ownZonePercentage: policy.ownZonePercentage
                )
            ],
            nameServer: .v4(IPv4Address(127, 0, 0, 1)),
            serial: 1
        )
        let query = DNSQuery(
            id: 1,
            recursionDesired: true,
            name: try #require(DomainName(name)),
            type: .a,
            class: 1,
            question: []
        )
        var generator = SplitMix64(seed: 1)
        func own(_ client: IPv4Address) -> Int {
            (0..<1000).count { _ in
                Self.addresses(table.answer(to: query, from: .v4(client), using: &generator)) == ["127.50.1.4"]
            }
        }
        #expect(expected.contains(own(IPv4Address(127, 10, 1, 99))))
        // Elsewhere nobody asks the VPC's resolver.
        #expect(own(IPv4Address(127, 200, 0, 1)) == 0)
    }

    @Test(.covers("CLB-LS-015")) func `tell a name that is not there from one without such a record`() throws {
        let missing = try Self.answer("nobody.ap-northeast-2.elb.aws.test")
        #expect(missing.code == .nameError && missing.answers.isEmpty && missing.authorities.count == 1)
        let noRecord = try Self.answer("web-1.ap-northeast-2.elb.aws.test", .aaaa)
        #expect(noRecord.code == .noError && noRecord.answers.isEmpty && noRecord.authorities.count == 1)
        let branch = try Self.answer("elb.aws.test")
        #expect(branch.code == .noError && branch.answers.isEmpty)
        #expect(try Self.answer("a.web-1.ap-northeast-2.elb.aws.test").code == .nameError)
    }

    @Test func `say who speaks for them`() throws {
        for type in [DNSRecordType.soa, .ns, .any] {
            #expect(try Self.answer("aws.test", type).answers.count == 1)
        }
        #expect(Self.addresses(try Self.answer("ns.aws.test")) == ["127.0.0.1"])
    }

    @Test(arguments: ["example.com", "test", ".", "xaws.test", "aws.test.example.com"])
    func `are the only ones answered`(name: String) throws {
        let response = try Self.answer(name)
        #expect(response.code == .refused && !response.isAuthoritative)
    }

    @Test func `are not given away whole, nor in other classes`() throws {
        #expect(try Self.answer("aws.test", .axfr).code == .refused)
        #expect(try Self.answer("web-1.ap-northeast-2.elb.aws.test", class: 3).code == .refused)
    }

    @Test func `know the first version of EDNS only`() throws {
        #expect(try Self.answer("aws.test", version: 0).code == .noError)
        #expect(try Self.answer("aws.test", version: 1).code == .badVersion)
    }
}
