import ELBModel
import ELBWire

/// One zone of DNS, without its records: where it begins, and what it says of itself.
struct NameZone: Sendable {
    let apex: DomainName
    let authority: DNSRecord
    /// Names that have no records and stand above names that have: they exist (RFC 8020).
    let branches: Set<DomainName>

    /// - Parameter names: all that have records, this zone's and others'.
    init(_ apex: DomainName, names: some Sequence<DomainName>, server: DomainName, serial: UInt32) {
        self.apex = apex
        var branches: Set<DomainName> = []
        for name in names where name.isWithin(apex) && name != apex {
            var parent = name.parent
            while let next = parent, next != apex, branches.insert(next).inserted { parent = next.parent }
        }
        self.branches = branches
        self.authority = DNSRecord(
            name: apex,
            timeToLive: NameTable.timeToLive,
            .authority(
                DNSAuthority(
                    server: server,
                    mailbox: DomainName("hostmaster.\(NameTable.suffix)") ?? apex,
                    serial: serial,
                    negativeTimeToLive: NameTable.timeToLive
                )
            )
        )
    }

    /// What the zone says of itself where its own name is asked for; `nil` for a type that a record may have.
    func ownAnswer(_ type: DNSRecordType, server: DomainName) -> DNSResponse? {
        switch type {
        case .soa, .any: DNSResponse(answers: [self.authority])
        case .ns: DNSResponse(answers: [DNSRecord(timeToLive: NameTable.timeToLive, .nameServer(server))])
        default: nil
        }
    }
}
