internal import ELBFleet
internal import ELBModel

/// Records of somebody's own hosted zone that lead to a load balancer.
enum RecordSetChecks {
    static let all = [Self.alias, Self.canonicalName, Self.aliasFailover, Self.truncation]

    private static let feature = "alb.names.records"
    private static let aliases = Setting(zones: [.a, .b], names: Naming(records: .aliases))

    private static let alias = Check(
        "names.alias",
        "An alias, also at a zone's apex, is answered with the load balancer's addresses and their TTL, not with a CNAME.",
        rows: ["INT-R5-001", "INT-R5-002", "INT-R5-003"],
        feature: Self.feature,
        reference: .aliases,
        kills: [.dnsAliasAsCanonicalName],
        lookAt: "how an alias differs from a CNAME",
        setting: Self.aliases
    ) { scene in
        _ = try scene.listener(default: .answer(200, "here"))
        try await scene.start()

        let answer = try await scene.ask(Naming.hostedZone)
        try scene.expect(
            answer.addresses == scene.addresses(of: .a, .b)
                && answer.answers.allSatisfy {
                    $0.type == DNSMessage.RecordType.a.rawValue && $0.name == Naming.hostedZone && $0.timeToLive == 60
                },
            tried: "ask for \(Naming.hostedZone), an alias of type A to \(scene.dnsName)",
            expected: "\(scene.addresses(of: .a, .b).joined(separator: ", ")), under that name, for 60 s",
            actual: answer.summary
        )
        for type in [DNSMessage.RecordType.aaaa, .canonicalName] {
            let other = try await scene.ask(Naming.hostedZone, type)
            try NameChecks.expectNone(scene, "\(Naming.hostedZone), \(type)", other, "NOERROR")
        }
    }

    private static let canonicalName = Check(
        "names.cname",
        "A CNAME names the load balancer and may be remembered as long as its own TTL says.",
        rows: ["INT-R5-002", "CLB-AP-011"],
        feature: Self.feature,
        reference: .aliases,
        kills: [.dnsRecordTTLIgnored],
        lookAt: "the TTL of each record of an answer",
        setting: Self.aliases
    ) { scene in
        _ = try scene.listener(default: .answer(200, "here"))
        try await scene.start()

        let name = "www.\(Naming.hostedZone)"
        let answer = try await scene.ask(name)
        let first = answer.answers.first
        try scene.expect(
            first?.type == DNSMessage.RecordType.canonicalName.rawValue && first?.value == scene.dnsName
                && first?.timeToLive == UInt32(Naming.canonicalTimeToLive),
            tried: "ask for \(name), a CNAME with a TTL of \(Naming.canonicalTimeToLive) s",
            expected: "CNAME \(scene.dnsName) (\(Naming.canonicalTimeToLive) s)",
            actual: answer.summary
        )
        // The server may give what the name leads to besides, or leave it to the client.
        let addresses = answer.answers.dropFirst()
        try scene.expect(
            addresses.isEmpty
                || (answer.addresses == scene.addresses(of: .a, .b) && addresses.allSatisfy { $0.timeToLive == 60 }),
            tried: "ask for \(name)",
            expected: "nothing else, or the load balancer's addresses for 60 s",
            actual: answer.summary
        )
    }

    private static let aliasFailover = Check(
        "names.alias-failover",
        "An alias follows its load balancer: a zone that leaves the name leaves the alias.",
        rows: ["INT-R5-004"],
        feature: Self.feature,
        reference: .aliases,
        kills: [.dnsUnhealthyZoneKept],
        lookAt: "when an alias is looked up: with every question, not once",
        setting: Setting(zones: [.a, .b], names: Naming(records: .aliases), isTimed: true)
    ) { scene in
        let web = try await scene.zonedGroup(.http, health: NameHealthChecks.health)
        _ = try scene.listener(default: web.forward)
        try await web.backends[1].set(.fail(status: 500), scope: .health)
        try await scene.start()

        try await scene.waitForAddresses(
            Naming.hostedZone,
            scene.addresses(of: .a),
            after: "zone b's only target fails its probes"
        )
    }

    private static let truncation = Check(
        "names.truncated",
        "An answer that does not fit the client's datagram says so, and comes whole by TCP and to clients that can take more.",
        rows: ["ALB-DNS-002"],
        level: .extended,
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.dnsTruncationHidden, .dnsEDNSIgnored],
        lookAt: "the TC bit, 512 bytes, and the size that EDNS tells",
        setting: Setting(zones: [.a, .b], names: Naming(records: .long))
    ) { scene in
        _ = try scene.listener(default: .answer(200, "here"))
        try await scene.start()

        let short = try await scene.ask(Naming.longName)
        let long = try await scene.ask(Naming.longName, payloadSize: 1232)
        let whole = try await scene.askByStream([Naming.longName])[0]
        try scene.expect(
            short.isTruncated && short.size <= 512 && !long.isTruncated && long.answers.count == 1
                && !whole.isTruncated && whole.answers == long.answers,
            tried:
                "ask for a CNAME whose answer has more than 512 bytes: by UDP, by UDP with EDNS for 1232 bytes, by TCP",
            expected: "cut and marked as cut, then whole, then whole",
            actual: [short, long, whole].map {
                "\($0.size) bytes, \($0.answers.count) records\($0.isTruncated ? ", truncated" : "")"
            }.joined(separator: "; ")
        )
    }
}
