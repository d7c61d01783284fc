import ELBCore
import ELBModel
import ELBTestSupport
import ELBWire
import Testing

@Suite struct `TLS negotiation` {
    private static let now: Int64 = 1_800_000_000
    private static let year: Int64 = 31_536_000

    private static func traits(
        _ names: String...,
        key: CertificateTraits.Key = .rsa(2048),
        hash: Int = 256,
        until: Int64 = year
    ) -> CertificateTraits {
        CertificateTraits(
            names: names,
            key: key,
            hashBits: hash,
            notBefore: Self.now - Self.year,
            notAfter: Self.now + until
        )
    }

    private static func hello(
        _ name: String? = nil,
        versions: [UInt16] = [0x0304, 0x0303],
        suites: [UInt16] = [0x1302, 0x1301, 0xc030, 0xc02f, 0xc02c, 0xc02b],
        algorithms: [UInt16] = [0x0403, 0x0503, 0x0804, 0x0401]
    ) -> ClientHello {
        var hello = ClientHello()
        hello.serverName = name
        hello.versions = versions
        hello.cipherSuites = suites
        hello.signatureAlgorithms = algorithms
        hello.supportedGroups = [29, 23, 24]
        return hello
    }

    private static func decide(
        _ hello: ClientHello,
        _ certificates: [CertificateTraits] = [],
        default usual: CertificateTraits = traits("default.example.com"),
        policy: String = "TLS13-1-2-2021-06",
        quirks: TLSQuirks = []
    ) throws -> TLSNegotiation {
        TLSNegotiation(
            hello,
            policy: try #require(SecurityPolicy.named("ELBSecurityPolicy-\(policy)")),
            defaultCertificate: usual,
            certificates: certificates,
            at: Self.now,
            quirks: quirks
        )
    }

    @Test(.covers("ALB-TLS-008", "INT-AC-004", "NLB-TL-002"))
    func `no name, and a name of no certificate in the list, get the default`() throws {
        let list = [Self.traits("shop.example.com")]
        #expect(try Self.decide(Self.hello(), list).certificate == .default)
        #expect(try Self.decide(Self.hello("other.example.com"), list).certificate == .default)
        #expect(try Self.decide(Self.hello("default.example.com"), list).certificate == .default)
        #expect(
            try Self.decide(Self.hello("other.example.com"), list, quirks: .unknownNameRefused).certificate == .none
        )
    }

    @Test(
        .covers("ALB-TLS-009", "NLB-TL-004"),
        arguments: [
            ("a.example.com", true), ("A.Example.COM", true), ("a.b.example.com", false), ("example.com", false),
            (".example.com", false), ("aexample.com", false),
        ]
    )
    func `a wildcard stands for one label`(name: String, isCovered: Bool) throws {
        let decided = try Self.decide(Self.hello(name), [Self.traits("*.example.com")])
        #expect(decided.certificate == (isCovered ? .listed(0) : .default))
    }

    @Test(.covers("ALB-TLS-007", "INT-AC-003", "NLB-TL-003"))
    func `of several certificates the best that the client can use is shown`() throws {
        let name = "shop.example.com"
        // Each beats the one before it by the next criterion.
        let ladder = [
            Self.traits(name, hash: 160), Self.traits(name, hash: 256), Self.traits(name, key: .rsa(4096)),
            Self.traits(name, key: .rsa(4096), until: 2 * Self.year),
            Self.traits(name, key: .ecdsa(256), until: -1), Self.traits(name, key: .ecdsa(256)),
        ]
        for count in 1...ladder.count {
            let list = Array(ladder[..<count])
            #expect(try Self.decide(Self.hello(name), list).certificate == .listed(count - 1))
            #expect(try Self.decide(Self.hello(name), list.reversed()).certificate == .listed(0))
        }
        let rsaOnly = Self.hello(name, algorithms: [0x0804])
        #expect(try Self.decide(rsaOnly, ladder).certificate == .listed(3))
        let oldRSA = Self.hello(name, versions: [0x0303], suites: [0xc02f])
        #expect(try Self.decide(oldRSA, ladder).certificate == .listed(3))
        #expect(try Self.decide(Self.hello(name), ladder, quirks: .rsaPreferred).certificate == .listed(3))
        let noneFits = Self.hello(name, versions: [0x0303], suites: [0xc02f])
        #expect(try Self.decide(noneFits, [Self.traits(name, key: .ecdsa(256))]).certificate == .default)
    }

    @Test(.covers("ALB-TLS-002", "NLB-TL-009")) func `the policy's order of suites decides, not the client's`() throws {
        let hello = Self.hello(versions: [0x0303])
        #expect(try Self.decide(hello).cipherSuite?.name == "ECDHE-RSA-AES128-GCM-SHA256")
        #expect(try Self.decide(hello, quirks: .clientOrder).cipherSuite?.name == "ECDHE-RSA-AES256-GCM-SHA384")
        let ecdsa = Self.traits("default.example.com", key: .ecdsa(256))
        #expect(try Self.decide(hello, default: ecdsa).cipherSuite?.name == "ECDHE-ECDSA-AES128-GCM-SHA256")
        #expect(try Self.decide(Self.hello(), default: ecdsa).cipherSuite == nil)
    }

    @Test(.covers("ALB-TLS-003")) func `the newest version of both sides is spoken`() throws {
        #expect(try Self.decide(Self.hello()).version == .v13)
        #expect(try Self.decide(Self.hello(), policy: "2016-08").version == .v12)
        let old = Self.hello(versions: [0x0302, 0x0301], suites: [0xc013, 0xc02f])
        #expect(try Self.decide(old, policy: "2016-08").version == .v11)
        #expect(try Self.decide(old, policy: "2016-08").cipherSuite?.name == "ECDHE-RSA-AES128-SHA")
        #expect(try Self.decide(old).version == nil)
        #expect(try Self.decide(old).cipherSuite == nil)
    }
}
