package import ELBModel
package import ELBWire

/// The names of one zone of DNS and what they stand for; immutable, so that a change swaps one for another. Answers for this zone
/// and for nothing else.
package struct NameTable: Sendable {
    /// Stands for `amazonaws.com`.
    package static let suffix = "aws.test"

    /// How long an answer may be remembered (ALB-DNS-007).
    package static let timeToLive: UInt32 = 60

    private let apex: DomainName
    private let server: DomainName
    private let authority: DNSRecord
    private let addresses: [DomainName: [IPAddress]]
    /// Of the names whose answers depend on who asks (NLB-AZ-012).
    private let affinities: [DomainName: ZoneAffinity]
    private struct ZoneAffinity: Sendable {
        /// Of the zones that are published.
        var addresses: [AvailabilityZone: IPAddress]
        var percentage: Int
    }

    /// Names that have no records and stand above names that have: they exist (RFC 8020).
    private let branches: Set<DomainName>

    /// - Parameters:
    ///   - addresses: what each name stands for. Names outside the zone and names that DNS cannot carry are left out.
    ///   - nameServer: where this zone is answered.
    ///   - serial: another one for every table.
    package init(_ addresses: [String: [IPAddress]], nameServer: IPAddress, serial: UInt32) {
        self.init(addresses, affinities: [:], nameServer: nameServer, serial: serial)
    }

    private init(
        _ addresses: [String: [IPAddress]],
        affinities: [String: ZoneAffinity],
        nameServer: IPAddress,
        serial: UInt32
    ) {
        self.affinities = Dictionary(
            affinities.compactMap { text, affinity in DomainName(text).map { ($0, affinity) } }
        ) {
            first,
            _ in first
        }
        let apex = DomainName(Self.suffix) ?? .root
        self.apex = apex
        self.server = DomainName("ns.\(Self.suffix)") ?? apex
        var known: [DomainName: [IPAddress]] = [self.server: [nameServer]]
        for (text, addresses) in addresses {
            if let name = DomainName(text), name.isWithin(self.apex) { known[name] = addresses }
        }
        var branches: Set<DomainName> = []
        for name in known.keys {
            var parent = name.parent
            while let next = parent, next != self.apex, branches.insert(next).inserted { parent = next.parent }
        }
        self.addresses = known
        self.branches = branches
        self.authority = DNSRecord(
            name: self.apex,
            timeToLive: Self.timeToLive,
            .authority(
                DNSAuthority(
                    server: self.server,
                    mailbox: DomainName("hostmaster.\(Self.suffix)") ?? apex,
                    serial: serial,
                    negativeTimeToLive: Self.timeToLive
                )
            )
        )
    }

    /// What the zone says. Several addresses come in another order each time, so that clients spread over them (ALB-DNS-008).
    ///
    /// - Parameter client: who asks; `nil` is somebody outside the VPC.
    package func answer(
        to query: DNSQuery,
        from client: IPAddress? = nil,
        using generator: inout some RandomNumberGenerator
    ) -> DNSResponse {
        if let extensions = query.extensions, extensions.version > 0 {
            return DNSResponse(.badVersion, isAuthoritative: false)
        }
        guard query.class == 1 || query.class == 255, query.name.isWithin(self.apex), query.type != .axfr,
            query.type != .ixfr
        else { return DNSResponse(.refused, isAuthoritative: false) }
        guard query.name != self.apex else { return self.answerOfApex(query.type) }
        guard let addresses = self.addresses[query.name] else {
            let exists = self.branches.contains(query.name)
            return DNSResponse(exists ? .noError : .nameError, authorities: [self.authority])
        }
        let told = self.ownZoneAddress(query.name, client, using: &generator).map { [$0] } ?? addresses
        let answers = told.filter { Self.matches($0, query.type) }.shuffled(using: &generator)
        guard !answers.isEmpty else { return DNSResponse(authorities: [self.authority]) }
        return DNSResponse(answers: answers.map { DNSRecord(timeToLive: Self.timeToLive, .address($0)) })
    }

    /// The address of the client's own zone, where it shall hear of no other; `nil` where its zone has none that is published.
    private func ownZoneAddress(
        _ name: DomainName,
        _ client: IPAddress?,
        using generator: inout some RandomNumberGenerator
    ) -> IPAddress? {
        guard let affinity = self.affinities[name], let client, LabAddresses.vpc.contains(client),
            let address = LabAddresses.zone(of: client).flatMap({ affinity.addresses[$0] }),
            generator.next(upperBound: UInt64(100)) < UInt64(max(0, affinity.percentage))
        else { return nil }
        return address
    }

    private func answerOfApex(_ type: DNSRecordType) -> DNSResponse {
        switch type {
        case .soa, .any: DNSResponse(answers: [self.authority])
        case .ns:
            DNSResponse(answers: [DNSRecord(timeToLive: Self.timeToLive, .nameServer(self.server))])
        default: DNSResponse(authorities: [self.authority])
        }
    }

    private static func matches(_ address: IPAddress, _ type: DNSRecordType) -> Bool {
        switch address {
        case .v4: type == .a || type == .any
        case .v6: type == .aaaa || type == .any
        }
    }
}

extension NameTable {
    /// A load balancer as the zone shows it.
    package struct Balancer: Hashable, Sendable {
        package var dnsName: String
        /// The address of each zone's node.
        package var nodes: [AvailabilityZone: IPAddress]
        /// The zones whose addresses the name stands for (ALB-DNS-009).
        package var published: Set<AvailabilityZone>
        /// How many of a hundred answers to clients in the VPC name their own zone alone (NLB-AZ-012).
        package var ownZonePercentage: Int

        package init(
            dnsName: String,
            nodes: [AvailabilityZone: IPAddress],
            published: Set<AvailabilityZone>,
            ownZonePercentage: Int = 0
        ) {
            self.ownZonePercentage = ownZonePercentage
            self.dnsName = dnsName
            self.nodes = nodes
            self.published = published
        }
    }

    /// The names of these load balancers: each one's own, and one per zone, `ap-northeast-2a.NAME`, which always has its node's
    /// address (ALB-DNS-002, ALB-DNS-004).
    package init(_ balancers: some Sequence<Balancer>, nameServer: IPAddress, serial: UInt32) {
        var addresses: [String: [IPAddress]] = [:]
        var affinities: [String: ZoneAffinity] = [:]
        for balancer in balancers {
            let published = balancer.nodes.filter { balancer.published.contains($0.key) }
            addresses[balancer.dnsName] = published.values.sorted { $0.description < $1.description }
            if balancer.ownZonePercentage > 0 {
                affinities[balancer.dnsName] = ZoneAffinity(
                    addresses: published,
                    percentage: balancer.ownZonePercentage
                )
            }
            for (zone, address) in balancer.nodes { addresses["\(zone.name).\(balancer.dnsName)"] = [address] }
        }
        self.init(addresses, affinities: affinities, nameServer: nameServer, serial: serial)
    }
}
