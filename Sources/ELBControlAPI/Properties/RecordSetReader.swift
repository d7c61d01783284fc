import ELBModel

/// Reads records of hosted zones: CNAMEs, and aliases of type A to load balancers. Everything else that Route 53 has is refused.
enum RecordSetReader {
    /// What Route 53 knows besides.
    static let notInLab: Set<String> = [
        "CidrRoutingConfig", "Failover", "GeoLocation", "GeoProximityLocation", "HealthCheckId", "HostedZoneId",
        "MultiValueAnswer", "Region", "SetIdentifier", "Weight",
    ]

    private enum RecordType: String, CaseIterable {
        case a = "A"
        case cname = "CNAME"

        /// Real at AWS. The lab's load balancers have no IPv6 addresses, and nothing here but a name stands for them.
        static let notInLab = [
            "AAAA", "CAA", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "SSHFP", "SVCB", "TLSA",
            "TXT",
        ]
    }

    /// - Parameter targets: what an alias may be made to, in the form of `RecordSet.normal`.
    /// - Returns: `nil` for a record that cannot be used; it has been reported.
    static func recordSet(_ reader: inout ObjectReader, targets: Set<String>) -> RecordSet? {
        reader.requires("Name", "Type", "HostedZoneName")
        // For people.
        reader.accepts("Comment")
        let name = reader.text("Name")
        let zone = reader.text("HostedZoneName")
        let type = reader.choice("Type", as: RecordType.self, notInLab: RecordType.notInLab)
        let value =
            switch type {
            case .a: Self.alias(&reader, targets)
            case .cname: Self.canonicalName(&reader)
            case nil: nil as RecordSet.Value?
            }
        if type == nil { reader.accepts("AliasTarget", "ResourceRecords", "TTL") }
        reader.finish(notInLab: Self.notInLab)
        guard let name, let zone, let value else { return nil }
        return RecordSet(name: name.value, zone: zone.value, value: value)
    }

    private static func canonicalName(_ reader: inout ObjectReader) -> RecordSet.Value? {
        if let alias = reader.value("AliasTarget") {
            reader.collector.error(
                "a CNAME with 'AliasTarget' is real at AWS, but not in the lab",
                at: alias.location,
                suggestion: "give it TTL and ResourceRecords, or make it an A record"
            )
            reader.accepts("ResourceRecords", "TTL")
            return nil
        }
        reader.requires("ResourceRecords", "TTL")
        let timeToLive = reader.integer("TTL")
        let records = reader.texts("ResourceRecords")
        guard let timeToLive, let records else { return nil }
        guard records.count == 1 else {
            reader.collector.error(
                "a CNAME has one value, not \(records.count) (InvalidChangeBatch)",
                at: reader.value.location(ofProperty: "ResourceRecords")
            )
            return nil
        }
        return .canonicalName(records[0].value, timeToLive: timeToLive.value)
    }

    /// `EvaluateTargetHealth` chooses among records of one name. Of a name that has one record, Route 53 answers that one whatever
    /// its target's health, and so the property changes nothing here.
    private static func alias(_ reader: inout ObjectReader, _ targets: Set<String>) -> RecordSet.Value? {
        reader.accepts("AliasTarget", "ResourceRecords", "TTL")
        for key in ["ResourceRecords", "TTL"] where reader.value[key] != nil {
            let isTime = key == "TTL"
            reader.collector.error(
                isTime
                    ? "an alias has no 'TTL': answers carry its target's (InvalidChangeBatch)"
                    : "an A record with addresses of its own is real at AWS, but not in the lab",
                at: reader.value.location(ofProperty: key),
                suggestion: isTime ? "remove it" : "make it an alias: AliasTarget names a load balancer"
            )
            return nil
        }
        reader.requires("AliasTarget")
        guard var target = reader.object("AliasTarget", as: "AliasTarget") else { return nil }
        target.requires("DNSName", "HostedZoneId")
        let dnsName = target.text("DNSName")
        let zone = target.text("HostedZoneId")
        _ = target.boolean("EvaluateTargetHealth")
        target.finish()
        guard let dnsName, let zone else { return nil }
        let value = RecordSet.Value.alias(dnsName.value)
        guard case .alias(let name) = RecordSet(name: "", zone: "", value: value).value, targets.contains(name) else {
            reader.collector.error(
                "there is no load balancer '\(dnsName.value.prefix(120))' (InvalidChangeBatch)",
                at: dnsName.location,
                suggestion: "refer to a load balancer with !GetAtt NAME.DNSName"
            )
            return nil
        }
        guard zone.value == LoadBalancer.hostedZone else {
            reader.collector.error(
                "load balancers' hosted zone is \(LoadBalancer.hostedZone), not '\(zone.value.prefix(40))' (InvalidChangeBatch)",
                at: zone.location,
                suggestion: "refer to it with !GetAtt NAME.CanonicalHostedZoneID"
            )
            return nil
        }
        return value
    }
}
