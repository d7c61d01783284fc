extension Topology {
    /// Everything that Route 53 would refuse of the records, one by one and about how they stand to each other.
    func validateRecordSets(_ validator: inout Validator) {
        validator.each("RecordSets", self.recordSets) { $1.validate(&$0) }
        var known: [String: String] = [:]
        for (index, record) in self.recordSets.enumerated() {
            guard let type = known.updateValue(record.type, forKey: record.name) else { continue }
            let message =
                type == record.type
                ? "Tried to create resource record set [name='\(record.name).', type='\(type)'] but it already exists"
                // A CNAME stands alone (RFC 1034, section 3.6.2).
                : "RRSet of type \(record.type) with DNS name \(record.name). is not permitted because a conflicting RRSet "
                    + "with the same DNS name already exists in zone \(record.zone)."
            validator.report(.invalidChangeBatch, message, at: "RecordSets[\(index)].Name")
        }
    }
}

extension RecordSet {
    fileprivate func validate(_ validator: inout Validator) {
        for (key, name) in [("Name", self.name), ("HostedZoneName", self.zone)] {
            if let problem = Self.problem(name) { validator.report(.invalidChangeBatch, problem, at: key) }
        }
        if !Self.isName(self.name, within: self.zone) {
            validator.report(
                .invalidChangeBatch,
                "RRSet with DNS name \(self.name). is not permitted in zone \(self.zone).",
                at: "Name"
            )
        }
        if Self.isName(self.name, within: Self.balancerZone) {
            validator.report(
                .invalidChangeBatch,
                "\(Self.balancerZone) holds the load balancers' own names, and nobody else's",
                at: "Name"
            )
        }
        guard case .canonicalName(let target, let timeToLive) = self.value else { return }
        if self.name == self.zone {
            validator.report(
                .invalidChangeBatch,
                "RRSet of type CNAME with DNS name \(self.name). is not permitted at apex in zone \(self.zone).",
                at: "Type"
            )
        }
        if let problem = Self.problem(target) {
            validator.report(.invalidChangeBatch, problem, at: "ResourceRecords[0]")
        }
        validator.require(timeToLive, in: 0...2_147_483_647, "TTL", unit: "seconds")
    }

    /// What is wrong with a name, in words.
    private static func problem(_ name: String) -> String? {
        if name.hasPrefix("*.") {
            return "'\(name.prefix(60))' is a wildcard, which is real at AWS, but not in the lab"
        }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        let isAllowed = Characters.alphanumerics(and: "-_")
        // RFC 1035, section 2.3.4; a length before each label, and the root.
        guard labels.allSatisfy({ (1...63).contains($0.utf8.count) && $0.utf8.allSatisfy(isAllowed) }),
            name.utf8.count + 2 <= 255
        else { return "'\(name.prefix(60))' is not a domain name" }
        return nil
    }
}
