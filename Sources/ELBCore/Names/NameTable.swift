package import ELBModel
package import ELBWire

/// The names of the lab's zones of DNS and what they stand for; immutable, so that a change swaps one for another. Answers for these
/// zones and for nothing else: the load balancers' own, and the hosted zones that somebody has put records into.
package struct NameTable: Sendable {
    /// Stands for `amazonaws.com`.
    package static let suffix = RecordSet.balancerZone

    /// How long an answer may be remembered (ALB-DNS-007), unless somebody's own record says otherwise.
    package static let timeToLive: UInt32 = 60

    /// CNAMEs that are followed, one after the other. A circle of them ends here.
    static let mostCanonicalNames = 8

    let quirks: Set<Quirk>
    /// Never empty, the load balancers' own first.
    private let zones: [NameZone]
    private let server: DomainName
    private let entries: [DomainName: Entry]
    /// Of the names whose answers depend on who asks (NLB-AZ-012).
    private let affinities: [DomainName: ZoneAffinity]

    enum Entry: Sendable {
        case addresses([IPAddress])
        /// Another name's addresses, as if they were one's own (INT-R5-001).
        case alias(DomainName)
        case canonicalName(DomainName, timeToLive: UInt32)
    }

    private struct ZoneAffinity: Sendable {
        /// Of the zones that are published.
        var addresses: [AvailabilityZone: IPAddress]
        var percentage: Int
    }

    /// The names of these load balancers: each one's own, and one per zone, `ap-northeast-2a.NAME`, which always has its node's
    /// address (ALB-DNS-002, ALB-DNS-004).
    ///
    /// - Parameters:
    ///   - recordSets: of hosted zones. Names that DNS cannot carry are left out.
    ///   - nameServer: where these zones are answered.
    ///   - serial: another one for every table.
    ///   - quirks: deliberate deviations.
    package init(
        _ balancers: some Sequence<Balancer>,
        recordSets: [RecordSet] = [],
        nameServer: IPAddress,
        serial: UInt32,
        quirks: Set<Quirk> = []
    ) {
        let apex = DomainName(Self.suffix) ?? .root
        let server = DomainName("ns.\(Self.suffix)") ?? apex
        var entries: [DomainName: Entry] = [server: .addresses([nameServer])]
        var affinities: [DomainName: ZoneAffinity] = [:]
        for balancer in balancers {
            let balancer = balancer.deviating(by: quirks)
            guard let name = DomainName(balancer.dnsName), name.isWithin(apex) else { continue }
            let published = balancer.nodes.filter { balancer.published.contains($0.key) }
            var addresses = published.values.sorted { $0.description < $1.description }
            if quirks.contains(.dnsOneAddress) { addresses = Array(addresses.prefix(1)) }
            entries[name] = .addresses(addresses)
            if balancer.ownZonePercentage > 0 {
                affinities[name] = ZoneAffinity(addresses: published, percentage: balancer.ownZonePercentage)
            }
            for (zone, address) in balancer.nodes {
                guard let name = DomainName("\(zone.name).\(balancer.dnsName)") else { continue }
                let isConfused = quirks.contains(.dnsZonalNameAllZones)
                entries[name] = .addresses(isConfused ? balancer.nodes.values.map(\.self) : [address])
            }
        }
        var apexes = [apex]
        for record in recordSets {
            guard let name = DomainName(record.name), let zone = DomainName(record.zone), name.isWithin(zone),
                !name.isWithin(apex), let entry = Entry(record, quirks)
            else { continue }
            entries[name] = entry
            if !apexes.contains(zone) { apexes.append(zone) }
        }
        self.quirks = quirks
        self.server = server
        self.entries = entries
        self.affinities = affinities
        self.zones = apexes.map { NameZone($0, names: entries.keys, server: server, serial: serial) }
    }

    /// Whether connections are answered, as they have to be (RFC 7766).
    package var isAnsweredByStream: Bool { !self.quirks.contains(.dnsTCPMissing) }

    // MARK: Answering

    /// The message that goes back, and by which way.
    package func reply(
        to query: DNSQuery,
        from client: IPAddress? = nil,
        byDatagram: Bool,
        using generator: inout some RandomNumberGenerator
    ) -> [UInt8] {
        var query = query
        if self.quirks.contains(.dnsEDNSIgnored) { query.extensions = nil }
        let response = self.answer(to: query, from: client, using: &generator)
        if self.quirks.contains(.dnsCaseLowered) { query.lowerQuestion() }
        guard byDatagram else { return response.message(to: query) }
        var message = response.datagram(to: query)
        if self.quirks.contains(.dnsTruncationHidden) { message[2] &= ~0x02 }
        return message
    }

    /// What the zones say. Several addresses come in another order each time, so that clients spread over them (ALB-DNS-008).
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
        guard query.class == 1 || query.class == 255, query.type != .axfr, query.type != .ixfr else {
            return DNSResponse(.refused, isAuthoritative: false)
        }
        guard self.zone(of: query.name) != nil else {
            let pretends = self.quirks.contains(.dnsForeignAnswered)
            return pretends
                ? DNSResponse(.nameError, authorities: [self.zones[0].authority])
                : DNSResponse(.refused, isAuthoritative: false)
        }
        var response = DNSResponse()
        var owner: DomainName?
        for _ in 0...Self.mostCanonicalNames {
            let name = owner ?? query.name
            // What a CNAME leads to may be somebody else's: then the client goes on by itself.
            guard let zone = self.zone(of: name) else { return response }
            guard case .canonicalName(let target, let timeToLive) = self.entries[name] else {
                let end = self.end(name, zone, query.type, from: client, using: &generator)
                response.code = end.code
                response.authorities = end.authorities
                for var record in end.answers {
                    record.name = record.name ?? owner
                    response.answers.append(record)
                }
                return response
            }
            response.answers.append(DNSRecord(name: owner, timeToLive: timeToLive, .alias(target)))
            if query.type == .cname || query.type == .any { return response }
            owner = target
        }
        return response
    }

    /// What a zone says of a name that is no CNAME.
    private func end(
        _ name: DomainName,
        _ zone: NameZone,
        _ type: DNSRecordType,
        from client: IPAddress?,
        using generator: inout some RandomNumberGenerator
    ) -> DNSResponse {
        if name == zone.apex, let answer = zone.ownAnswer(type, server: self.server) { return answer }
        guard let entry = self.entries[name] else {
            let exists = name == zone.apex || zone.branches.contains(name)
            let isDenied = !exists && !self.quirks.contains(.dnsNameErrorAsNoData)
            return DNSResponse(isDenied ? .nameError : .noError, authorities: [zone.authority])
        }
        var target = name
        if case .alias(let other) = entry { target = other }
        let told = self.addresses(of: target, client, using: &generator).filter { Self.matches($0, type) }
        guard !told.isEmpty else {
            let isDenied = self.quirks.contains(.dnsNoDataAsNameError)
            return DNSResponse(isDenied ? .nameError : .noError, authorities: [zone.authority])
        }
        let seconds = self.quirks.contains(.dnsTTLLong) ? 5 * Self.timeToLive : Self.timeToLive
        var response = DNSResponse(answers: told.map { DNSRecord(timeToLive: seconds, .address($0)) })
        if target != name, self.quirks.contains(.dnsAliasAsCanonicalName) {
            for index in response.answers.indices { response.answers[index].name = target }
            response.answers.insert(DNSRecord(timeToLive: seconds, .alias(target)), at: 0)
        }
        return response
    }

    /// The addresses that this client is told of, in this answer's order.
    private func addresses(
        of name: DomainName,
        _ client: IPAddress?,
        using generator: inout some RandomNumberGenerator
    ) -> [IPAddress] {
        guard case .addresses(let all) = self.entries[name] else { return [] }
        if let own = self.ownZoneAddress(name, client, using: &generator) { return [own] }
        return self.quirks.contains(.dnsOrderFixed) ? all : all.shuffled(using: &generator)
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

    /// The zone that the name belongs to: of several the one with the longest name.
    private func zone(of name: DomainName) -> NameZone? {
        self.zones.filter { name.isWithin($0.apex) }.max { $0.apex.labels.count < $1.apex.labels.count }
    }

    private static func matches(_ address: IPAddress, _ type: DNSRecordType) -> Bool {
        switch address {
        case .v4: type == .a || type == .any
        case .v6: type == .aaaa || type == .any
        }
    }
}

extension NameTable.Entry {
    fileprivate init?(_ record: RecordSet, _ quirks: Set<Quirk>) {
        switch record.value {
        case .alias(let target):
            guard let name = DomainName(target) else { return nil }
            self = .alias(name)
        case .canonicalName(let target, let timeToLive):
            guard let name = DomainName(target) else { return nil }
            let isIgnored = quirks.contains(.dnsRecordTTLIgnored)
            self = .canonicalName(name, timeToLive: isIgnored ? NameTable.timeToLive : UInt32(clamping: timeToLive))
        }
    }
}

extension DNSQuery {
    /// Letters alone change: the lengths between them are less, and type and class stand behind the name.
    fileprivate mutating func lowerQuestion() {
        for index in self.question.indices.dropLast(4) where (0x41...0x5A).contains(self.question[index]) {
            self.question[index] |= 0x20
        }
    }
}

extension NameTable {
    /// What a table is made of.
    package struct Content: Hashable, Sendable {
        package var balancers: [Balancer]
        package var recordSets: [RecordSet]
        package var quirks: Set<Quirk>

        package init(balancers: [Balancer] = [], recordSets: [RecordSet] = [], quirks: Set<Quirk> = []) {
            self.balancers = balancers
            self.recordSets = recordSets
            self.quirks = quirks
        }
    }

    package init(_ content: Content, nameServer: IPAddress, serial: UInt32) {
        self.init(
            content.balancers,
            recordSets: content.recordSets,
            nameServer: nameServer,
            serial: serial,
            quirks: content.quirks
        )
    }

    /// A load balancer as its zone shows it.
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

        fileprivate func deviating(by quirks: Set<Quirk>) -> Self {
            var copy = self
            if quirks.contains(.dnsUnhealthyZoneKept) { copy.published = Set(self.nodes.keys) }
            if quirks.contains(.dnsInternalPublic) {
                copy.nodes = self.nodes.mapValues { LabAddresses.publicAddress(before: $0) ?? $0 }
            }
            return copy
        }
    }
}
