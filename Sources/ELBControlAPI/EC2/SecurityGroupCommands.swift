package import ELBModel

extension EC2 {
    package struct CreateSecurityGroup: EC2Command {
        package var name: String
        package var detail: String
        package var vpc: String?
        package var tags: [ResourceTag]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.name = try input.required("GroupName")
            self.detail = try input.required("Description")
            self.vpc = input.text("VpcId")
            self.tags = try input.tagSpecifications(for: "security-group")
            guard (1...255).contains(self.name.utf8.count), !self.name.hasPrefix("sg-") else {
                throw APIError("InvalidParameterValue", "Invalid value '\(self.name.prefix(80))' for GroupName")
            }
            try input.refuseDryRun()
        }
    }

    package struct DeleteSecurityGroup: EC2Command {
        package var group: GroupReference

        package init(_ input: inout CommandInput) throws(APIError) {
            self.group = try GroupReference(&input)
            try input.refuseDryRun()
        }
    }

    package struct AuthorizeSecurityGroupIngress: EC2Command {
        package var group: GroupReference
        package var rules: [RuleSpecification]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.group = try GroupReference(&input)
            self.rules = try RuleSpecification.all(&input)
        }
    }

    package struct AuthorizeSecurityGroupEgress: EC2Command {
        package var group: GroupReference
        package var rules: [RuleSpecification]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.group = try GroupReference(&input)
            self.rules = try RuleSpecification.all(&input)
        }
    }

    package struct RevokeSecurityGroupIngress: EC2Command {
        package var group: GroupReference
        package var rules: [RuleSpecification]
        package var ids: [String]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.group = try GroupReference(&input)
            self.ids = input.texts("SecurityGroupRuleIds") ?? []
            self.rules = try RuleSpecification.all(&input, mayBeNone: !self.ids.isEmpty)
        }
    }

    package struct RevokeSecurityGroupEgress: EC2Command {
        package var group: GroupReference
        package var rules: [RuleSpecification]
        package var ids: [String]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.group = try GroupReference(&input)
            self.ids = input.texts("SecurityGroupRuleIds") ?? []
            self.rules = try RuleSpecification.all(&input, mayBeNone: !self.ids.isEmpty)
        }
    }

    package struct DescribeSecurityGroupRules: EC2Command {
        package var ids: [String]?
        package var filters: ResourceFilters

        package init(_ input: inout CommandInput) throws(APIError) {
            self.ids = input.texts("SecurityGroupRuleIds")
            self.filters = ResourceFilters(&input)
            try input.wholeList()
        }
    }

    /// A security group by its id, or by its name in the default VPC.
    package enum GroupReference: Hashable, Sendable {
        case id(String)
        case name(String)

        init(_ input: inout CommandInput) throws(APIError) {
            let (id, name) = (input.text("GroupId"), input.text("GroupName"))
            switch (id, name) {
            case (let id?, _): self = .id(id)
            case (nil, let name?): self = .name(name)
            case (nil, nil):
                throw APIError("MissingParameter", "The request must contain the parameter GroupName or GroupId")
            }
        }
    }
}

/// A rule as a request words it.
package struct RuleSpecification: Hashable, Sendable {
    package var ipProtocol: String
    package var ports: ClosedRange<UInt16>?
    package var peer: Peer
    package var detail: String?

    package enum Peer: Hashable, Sendable {
        case block(CIDRBlock)
        case group(EC2.GroupReference)
    }

    /// The rules of `IpPermissions`, one per peer, or the one that stands in the request itself.
    static func all(_ input: inout CommandInput, mayBeNone: Bool = false) throws(APIError) -> [Self] {
        try input.refuseDryRun()
        _ = try input.tagSpecifications(for: "security-group-rule")
        var rules: [Self] = []
        for var permission in input.structures("IpPermissions") ?? [] {
            rules += try Self.rules(of: &permission)
            try permission.finish()
        }
        if let block = input.text("CidrIp") {
            let (word, ports) = try Self.traffic(&input)
            rules.append(Self(ipProtocol: word, ports: ports, peer: .block(try Self.block(block))))
        }
        guard !rules.isEmpty || mayBeNone else {
            throw APIError("MissingParameter", "The request must contain the parameter IpPermissions")
        }
        return rules
    }

    private static func rules(of permission: inout CommandInput) throws(APIError) -> [Self] {
        let (word, ports) = try Self.traffic(&permission)
        var rules: [Self] = []
        for (list, member) in [("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6")] {
            for var range in permission.structures(list) ?? [] {
                let block = try Self.block(range.text(member) ?? "")
                rules.append(
                    Self(ipProtocol: word, ports: ports, peer: .block(block), detail: range.text("Description"))
                )
                try range.finish()
            }
        }
        for var pair in permission.structures("UserIdGroupPairs") ?? [] {
            let group = try EC2.GroupReference(&pair)
            rules.append(Self(ipProtocol: word, ports: ports, peer: .group(group), detail: pair.text("Description")))
            pair.accepts("UserId", "VpcId")
            try pair.finish()
        }
        guard permission.list("PrefixListIds")?.isEmpty ?? true else { throw .notInLab("PrefixListIds") }
        return rules
    }

    private static func traffic(
        _ input: inout CommandInput
    ) throws(APIError) -> (ipProtocol: String, ports: ClosedRange<UInt16>?) {
        let word = input.text("IpProtocol")?.lowercased() ?? ""
        let (first, last) = (input.integer("FromPort"), input.integer("ToPort"))
        let isKnown =
            ["-1", "tcp", "udp", "icmp", "icmpv6"].contains(word) || Int(word).map((0...255).contains) == true
        guard isKnown else {
            throw APIError(
                "InvalidParameterValue",
                "Invalid value '\(word.prefix(40))' for IP protocol. Unknown protocol."
            )
        }
        guard ["tcp", "udp", "6", "17"].contains(word) else { return (word, nil) }
        guard let first, let last else {
            throw APIError(
                "InvalidParameterValue",
                "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."
            )
        }
        if first == -1, last == -1 { return (word, nil) }
        guard let from = UInt16(exactly: first), let to = UInt16(exactly: last), from <= to else {
            throw APIError("InvalidParameterValue", "Invalid TCP/UDP port range (\(first):\(last))")
        }
        return (word, from...to)
    }

    private static func block(_ text: String) throws(APIError) -> CIDRBlock {
        guard let block = CIDRBlock(text) else {
            throw APIError("InvalidParameterValue", "CIDR block \(text.prefix(80)) is malformed")
        }
        return block
    }
}

extension WireValue {
    package static func securityGroup(_ record: SecurityGroupRecord) -> Self {
        [
            "GroupId": .text(record.id),
            "IpPermissionsEgress": .list(Self.permissions(record.egress)),
            "Tags": record.tags.isEmpty ? nil : .tags(record.tags),
            "VpcId": .text(record.vpc),
            "OwnerId": .text(Account.number),
            "GroupName": .text(record.name),
            "Description": .text(record.detail),
            "IpPermissions": .list(Self.permissions(record.ingress)),
        ]
    }

    package static func securityGroupRule(_ rule: SecurityGroupRule, of group: String, isEgress: Bool) -> Self {
        var (ipv4, ipv6, other): (Self?, Self?, Self?) = (nil, nil, nil)
        switch rule.peer {
        case .block(let block):
            if case .v4 = block.address { ipv4 = .text("\(block)") } else { ipv6 = .text("\(block)") }
        case .group(let id): other = ["GroupId": .text(id), "UserId": .text(Account.number)]
        }
        return [
            "SecurityGroupRuleId": .text(rule.id),
            "GroupId": .text(group),
            "GroupOwnerId": .text(Account.number),
            "IsEgress": .boolean(isEgress),
            "IpProtocol": .text(rule.ipProtocol),
            "FromPort": .integer(rule.ports.map { Int($0.lowerBound) } ?? -1),
            "ToPort": .integer(rule.ports.map { Int($0.upperBound) } ?? -1),
            "CidrIpv4": ipv4,
            "CidrIpv6": ipv6,
            "ReferencedGroupInfo": other,
            "Description": rule.detail.map { .text($0) },
        ]
    }

    /// Rules for the same traffic make one permission.
    private static func permissions(_ rules: [SecurityGroupRule]) -> [Self] {
        var traffic: [SecurityGroupRule] = []
        for rule in rules
        where !traffic.contains(where: { $0.ipProtocol == rule.ipProtocol && $0.ports == rule.ports }) {
            traffic.append(rule)
        }
        return traffic.map { first in
            let same = rules.filter { $0.ipProtocol == first.ipProtocol && $0.ports == first.ports }
            return Self.permission(first, same)
        }
    }

    private static func permission(_ first: SecurityGroupRule, _ rules: [SecurityGroupRule]) -> Self {
        var (ipv4, ipv6, groups): ([Self], [Self], [Self]) = ([], [], [])
        for rule in rules {
            let detail: Self? = rule.detail.map { .text($0) }
            switch rule.peer {
            case .block(let block):
                if case .v4 = block.address {
                    ipv4.append(["CidrIp": .text("\(block)"), "Description": detail])
                } else {
                    ipv6.append(["CidrIpv6": .text("\(block)"), "Description": detail])
                }
            case .group(let id):
                groups.append(["GroupId": .text(id), "UserId": .text(Account.number), "Description": detail])
            }
        }
        return [
            "IpProtocol": .text(first.ipProtocol),
            "FromPort": first.ports.map { .integer(Int($0.lowerBound)) },
            "ToPort": first.ports.map { .integer(Int($0.upperBound)) },
            "UserIdGroupPairs": .list(groups),
            "IpRanges": .list(ipv4),
            "Ipv6Ranges": .list(ipv6),
            "PrefixListIds": [],
        ]
    }
}
