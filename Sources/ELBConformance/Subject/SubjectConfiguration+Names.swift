import ELBModel

// The name server in the file's form (docs/subject-contract.md).
extension SubjectConfiguration {
    var nameMembers: [(String, JSONText)] {
        guard let server = self.nameServer else { return [] }
        let place = JSONText.object([
            ("Address", .string("\(server.address)")), ("Port", .number(Int(server.port.rawValue))),
        ])
        guard !self.recordSets.isEmpty else { return [("NameServer", place)] }
        return [("NameServer", place), ("RecordSets", .array(self.recordSets.map(\.json)))]
    }
}

extension RecordSet {
    fileprivate var json: JSONText {
        let usual: [(String, JSONText)] = [
            ("Name", .string(self.name)), ("HostedZoneName", .string(self.zone)), ("Type", .string(self.type)),
        ]
        switch self.value {
        case .canonicalName(let target, let timeToLive):
            return .object(usual + [("TTL", .number(timeToLive)), ("ResourceRecords", .array([.string(target)]))])
        case .alias(let target):
            let place = JSONText.object([
                ("DNSName", .string(target)), ("HostedZoneId", .string(LoadBalancer.hostedZone)),
            ])
            return .object(usual + [("AliasTarget", place)])
        }
    }
}
