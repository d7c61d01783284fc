internal import ELBModel

/// What a load balancer's name stands for, and how its name server speaks.
enum NameChecks {
    static let all = [
        Self.zones, Self.zonal, Self.timeToLive, Self.order, Self.noData, Self.unknown, Self.foreign, Self.letters,
        Self.extensions, Self.stream, Self.internalScheme, Self.network, Self.affinity, Self.classic,
    ]

    private static let feature = "alb.names"
    private static let named = Setting(zones: [.a, .b], names: Naming())

    /// A load balancer without targets, of which every zone is as good as the other.
    private static func start(_ scene: Scene) async throws {
        _ = try scene.listener(default: .answer(200, "here"))
        try await scene.start()
    }

    private static let zones = Check(
        "names.zones",
        "The name stands for the node of every enabled zone.",
        rows: ["ALB-DNS-002"],
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.dnsOneAddress],
        lookAt: "which nodes' addresses the name stands for",
        setting: Self.named
    ) { scene in
        try await Self.start(scene)
        try await Self.expectAddresses(scene, of: scene.dnsName, scene.addresses(of: .a, .b))
    }

    private static let zonal = Check(
        "names.zonal",
        "Each zone has a name of its own, which stands for its node alone.",
        rows: ["ALB-DNS-004"],
        feature: Self.feature,
        reference: .loadBalancers,
        kills: [.dnsZonalNameAllZones],
        lookAt: "names that begin with a zone's",
        setting: Self.named
    ) { scene in
        try await Self.start(scene)
        for zone in [AvailabilityZone.a, .b] {
            try await Self.expectAddresses(scene, of: "\(zone.name).\(scene.dnsName)", scene.addresses(of: zone))
        }
    }

    private static let timeToLive = Check(
        "names.ttl",
        "Answers may be remembered for 60 seconds.",
        rows: ["ALB-DNS-007"],
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.dnsTTLLong],
        lookAt: "the TTL of address records",
        setting: Self.named
    ) { scene in
        try await Self.start(scene)
        for name in [scene.dnsName, "\(AvailabilityZone.a.name).\(scene.dnsName)"] {
            try Self.expectTimeToLive(scene, try await scene.ask(name), 60)
        }
    }

    private static let order = Check(
        "names.order",
        "Clients spread over the nodes: no address always comes first.",
        rows: ["ALB-DNS-008"],
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.dnsOrderFixed],
        lookAt: "the order of several addresses",
        setting: Self.named
    ) { scene in
        try await Self.start(scene)
        var first: [String: Int] = [:]
        for _ in 0..<50 { first[try await scene.ask(scene.dnsName).answers.first?.value ?? "none", default: 0] += 1 }
        // By chance the same fifty times in a row: less than once in 10^14 runs.
        try scene.expect(
            first.count > 1,
            tried: "50 questions for \(scene.dnsName)",
            expected: "now this address first, now that one",
            actual: first.map { "\($0.key) first \($0.value) times" }.joined(separator: ", ")
        )
    }

    private static let noData = Check(
        "names.no-data",
        "A name that is there, without a record of that type, is answered with no record and without an error.",
        rows: ["ALB-DNS-012"],
        feature: Self.feature,
        reference: .loadBalancers,
        kills: [.dnsNoDataAsNameError],
        lookAt: "questions for AAAA of a load balancer that has IPv4 addresses only",
        setting: Self.named
    ) { scene in
        try await Self.start(scene)
        try Self.expectNone(scene, scene.dnsName, try await scene.ask(scene.dnsName, .aaaa), "NOERROR")
    }

    private static let unknown = Check(
        "names.unknown",
        "A name that no load balancer has does not exist.",
        rows: ["ALB-DNS-003"],
        feature: Self.feature,
        reference: .loadBalancers,
        kills: [.dnsNameErrorAsNoData],
        lookAt: "questions for names beside the load balancer's own",
        setting: Self.named
    ) { scene in
        try await Self.start(scene)
        let name = "nobody-\(scene.dnsName)"
        try Self.expectNone(scene, name, try await scene.ask(name), "NXDOMAIN")
    }

    private static let foreign = Check(
        "names.foreign",
        "Names of other zones are refused: the server neither knows nor denies them.",
        rows: ["ALB-DNS-003"],
        feature: Self.feature,
        reference: .loadBalancers,
        kills: [.dnsForeignAnswered],
        lookAt: "questions for names that the server does not answer for",
        setting: Self.named
    ) { scene in
        try await Self.start(scene)
        let answer = try await scene.ask("www.example.com")
        try scene.expect(
            answer.codeName == "REFUSED" && answer.answers.isEmpty && !answer.isAuthoritative,
            tried: "ask for www.example.com",
            expected: "REFUSED, and no word of authority",
            actual: answer.summary + (answer.isAuthoritative ? ", with authority" : "")
        )
    }

    private static let letters = Check(
        "names.letters",
        "The question comes back letter by letter, capitals too, and capitals mean nothing.",
        rows: ["ALB-DNS-002"],
        level: .extended,
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.dnsCaseLowered],
        lookAt: "what is copied into the answer: clients mix capitals in to tell true answers from forged ones",
        setting: Self.named
    ) { scene in
        try await Self.start(scene)
        let mixed = String(scene.dnsName.enumerated().map { $0 % 2 == 0 ? Character($1.uppercased()) : $1 })
        let answer = try await scene.ask(mixed)
        try scene.expect(
            answer.question == mixed && answer.addresses == scene.addresses(of: .a, .b),
            tried: "ask for \(mixed)",
            expected: "the same question back, with \(scene.addresses(of: .a, .b).joined(separator: ", "))",
            actual: "the question \(answer.question), with \(answer.summary)"
        )
    }

    private static let extensions = Check(
        "names.edns",
        "A client that speaks EDNS is answered with it, and no other client is.",
        rows: ["ALB-DNS-002"],
        level: .extended,
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.dnsEDNSIgnored],
        lookAt: "the OPT record of the question and of the answer",
        setting: Self.named
    ) { scene in
        try await Self.start(scene)
        let plain = try await scene.ask(scene.dnsName)
        let extended = try await scene.ask(scene.dnsName, payloadSize: 1232)
        let size = extended.payloadSize ?? 0
        try scene.expect(
            plain.payloadSize == nil && size >= 512 && extended.addresses == plain.addresses,
            tried: "ask for \(scene.dnsName) without an OPT record, and with one",
            expected: "the same addresses, with an OPT record the second time only",
            actual:
                "\(plain.summary); OPT \(plain.payloadSize.map { "\($0)" } ?? "missing"); then \(extended.summary); "
                + "OPT \(extended.payloadSize.map { "\($0)" } ?? "missing")"
        )
    }

    private static let stream = Check(
        "names.tcp",
        "Names are answered by TCP as by UDP, several on one connection.",
        rows: ["ALB-DNS-002"],
        level: .extended,
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.dnsTCPMissing],
        lookAt: "questions on connections, each with its length before it",
        setting: Self.named
    ) { scene in
        try await Self.start(scene)
        let zonal = "\(AvailabilityZone.b.name).\(scene.dnsName)"
        let answers = try await scene.askByStream([scene.dnsName, zonal])
        let expected = [scene.addresses(of: .a, .b), scene.addresses(of: .b)]
        try scene.expect(
            answers.map(\.addresses) == expected,
            tried: "ask for \(scene.dnsName) and \(zonal) on one connection",
            expected: expected.map { $0.joined(separator: ", ") }.joined(separator: "; "),
            actual: answers.map(\.summary).joined(separator: "; ")
        )
    }

    private static let internalScheme = Check(
        "names.internal",
        "The name of an internal load balancer stands for private addresses, whoever asks.",
        rows: ["ALB-DNS-010"],
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.dnsInternalPublic],
        lookAt: "which addresses an internal load balancer's nodes have",
        setting: Setting(zones: [.a, .b], names: Naming(scheme: .internal))
    ) { scene in
        try await Self.start(scene)
        try await Self.expectAddresses(scene, of: scene.dnsName, scene.addresses(of: .a, .b))
        let outside = try await scene.ask(scene.dnsName, from: scene.client(11))
        try scene.expect(
            outside.addresses == scene.addresses(of: .a, .b),
            tried: "ask for \(scene.dnsName) from \(scene.client(11)), a client on the internet",
            expected: scene.addresses(of: .a, .b).joined(separator: ", "),
            actual: outside.summary
        )
    }

    private static let network = Check(
        "network.names",
        "A Network Load Balancer's name stands for its address in every zone, for 60 s, and zonal names for one each.",
        rows: ["NLB-AZ-006", "NLB-AZ-007", "NLB-AZ-008"],
        feature: "nlb.names",
        reference: .networkLoadBalancers,
        kills: [.dnsOneAddress, .dnsZonalNameAllZones, .dnsTTLLong],
        lookAt: "which nodes' addresses the names stand for",
        setting: Setting(kind: .network, zones: [.a, .b], names: Naming())
    ) { scene in
        _ = try scene.listener(.tcp, default: try await scene.zonedGroup(.tcp).forward)
        try await scene.start()

        try await scene.waitForAddresses(scene.dnsName, scene.addresses(of: .a, .b), after: "all targets are healthy")
        for zone in [AvailabilityZone.a, .b] {
            try await Self.expectAddresses(scene, of: "\(zone.name).\(scene.dnsName)", scene.addresses(of: zone))
        }
        try Self.expectTimeToLive(scene, try await scene.ask(scene.dnsName), 60)
    }

    private static let affinity = Check(
        "network.names.affinity",
        "With availability_zone_affinity a client in the VPC is told its own zone's address, others are told all.",
        rows: ["NLB-AZ-012"],
        level: .extended,
        feature: "nlb.names",
        reference: .networkLoadBalancers,
        kills: [.dnsOneAddress],
        lookAt: "where the question comes from",
        setting: Setting(kind: .network, zones: [.a, .b], names: Naming()) { $0.clientRoutingPolicy = .affinity }
    ) { scene in
        _ = try scene.listener(.tcp, default: try await scene.zonedGroup(.tcp).forward)
        try await scene.start()

        try await scene.waitForAddresses(scene.dnsName, scene.addresses(of: .a, .b), after: "all targets are healthy")
        for zone in [AvailabilityZone.a, .b] {
            let client = LabAddresses.privateAddress(zone, host: LabAddresses.instanceHosts.upperBound)
            var told: Set<[String]> = []
            for _ in 0..<10 { told.insert(try await scene.ask(scene.dnsName, from: client).addresses) }
            try scene.expect(
                told == [scene.addresses(of: zone)],
                tried: "ask ten times for \(scene.dnsName) from \(client), in zone \(zone.letter)",
                expected: scene.addresses(of: zone).joined(separator: ", "),
                actual: told.map { $0.joined(separator: ", ") }.joined(separator: "; ")
            )
        }
    }

    private static let classic = Check(
        "classic.names",
        "A Classic Load Balancer's name stands for IPv4 addresses, for 60 s.",
        rows: ["CLB-AP-011", "CLB-LS-015", "CLB-RT-005"],
        feature: "clb.names",
        reference: .howItWorks,
        kills: [.dnsTTLLong, .dnsNoDataAsNameError],
        lookAt: "which nodes' addresses the name stands for",
        setting: Setting(kind: .classic, names: Naming())
    ) { scene in
        _ = try await scene.classic()
        try await scene.start()

        try await Self.expectAddresses(scene, of: scene.dnsName, scene.addresses(of: .a))
        try Self.expectTimeToLive(scene, try await scene.ask(scene.dnsName), 60)
        try Self.expectNone(scene, scene.dnsName, try await scene.ask(scene.dnsName, .aaaa), "NOERROR")
    }

    // MARK: Expectations

    static func expectAddresses(_ scene: Scene, of name: String, _ expected: [String]) async throws {
        let answer = try await scene.ask(name)
        try scene.expect(
            answer.codeName == "NOERROR" && answer.isAuthoritative && answer.addresses == expected,
            tried: "ask for \(name)",
            expected: expected.joined(separator: ", "),
            actual: answer.summary
        )
    }

    static func expectTimeToLive(_ scene: Scene, _ answer: DNSAnswer, _ seconds: UInt32) throws {
        try scene.expect(
            !answer.answers.isEmpty && answer.answers.allSatisfy { $0.timeToLive == seconds },
            tried: "ask for \(answer.question)",
            expected: "addresses with a TTL of \(seconds) s",
            actual: answer.summary
        )
    }

    /// Expects no record, and the zone's own word for it, so that the answer may be remembered.
    static func expectNone(_ scene: Scene, _ name: String, _ answer: DNSAnswer, _ code: String) throws {
        try scene.expect(
            answer.codeName == code && answer.answers.isEmpty && answer.hasAuthority,
            tried: "ask for \(name)",
            expected: "\(code), no record, and the zone's SOA",
            actual: answer.summary + (answer.hasAuthority ? ", with the SOA" : ", without an SOA")
        )
    }
}
