import ELBControlAPI
import ELBModel

/// `--foreign-ids accept`: ids that look as AWS's do and that nobody here has made count as existing from their first sight, so that
/// scripts and examples written for somebody's real account run unchanged. What a call that changes something names is taken into
/// the account, with a tag that says so; ill-formed ids fail as ever.
struct ForeignIDs {
    /// Marks what was made up.
    static let tag = ResourceTag(key: "elblab:foreign", value: "true")
    /// A call that names more is not somebody's script.
    static let most = 200

    private let ids: [String]

    /// - Parameter input: an operation's parameters.
    init(_ input: WireValue) {
        var ids: [String] = []
        Self.collect(input, into: &ids)
        self.ids = Array(ids.prefix(Self.most))
    }

    private static func collect(_ value: WireValue, into ids: inout [String]) {
        switch value {
        case .text(let text):
            if Kind(text) != nil, !ids.contains(text) { ids.append(text) }
        case .list(let elements):
            for element in elements { self.collect(element, into: &ids) }
        case .structure(let members):
            for member in members { self.collect(member.value, into: &ids) }
        case .integer, .decimal, .boolean, .timestamp, .blob: break
        }
    }

    /// Makes up what the account does not have. VPCs first, because the rest belongs to one.
    func adopt(_ transaction: inout Transaction) {
        for kind in Kind.allCases {
            for id in self.ids where Kind(id) == kind { Self.adopt(id, kind, &transaction) }
        }
    }

    private static func adopt(_ id: String, _ kind: Kind, _ transaction: inout Transaction) {
        let account = transaction.account
        switch kind {
        case .vpc:
            guard account.vpcs[id] == nil else { return }
            let record = VPCRecord(id: id, block: "\(LabAddresses.vpc)", isDefault: false, tags: [Self.tag])
            transaction.save(.vpc(record))
        case .subnet:
            guard account.subnets[id] == nil else { return }
            // In turn, so that two of them make a load balancer.
            let known = account.subnets.count { $0.tags.contains(Self.tag) }
            let zone = AvailabilityZone.allCases[known % 3]
            let block = "\(LabAddresses.subnet(of: zone))"
            let vpc = account.foreignVPC
            let record = SubnetRecord(id: id, vpc: vpc, zone: zone, block: block, isDefault: false, tags: [Self.tag])
            transaction.save(.subnet(record))
        case .securityGroup:
            guard account.securityGroups[id] == nil else { return }
            // Nobody here knows its rules, so it has none that keep anybody out.
            let record = SecurityGroupRecord(
                id: id,
                name: id.replacing("sg-", with: "foreign-"),
                detail: "known from its id only",
                vpc: account.foreignVPC,
                tags: [Self.tag],
                ingress: [.everything(id: transaction.makeID("sgr"))],
                egress: [.everything(id: transaction.makeID("sgr"))]
            )
            transaction.save(.securityGroup(record))
        case .instance: Self.adopt(instance: id, &transaction)
        case .certificate:
            guard account.certificates[id] == nil else { return }
            var record = CertificateRecord(
                owner: .api,
                created: transaction.now,
                certificate: Certificate(
                    arn: CertificateARN(rawValue: id),
                    source: .issued(names: ["foreign.test"], keyAlgorithm: .rsa2048)
                )
            )
            record.tags = [Self.tag]
            transaction.save(.certificate(record))
        }
    }

    /// A running backend, so that there is something behind the target.
    private static func adopt(instance id: String, _ transaction: inout Transaction) {
        let account = transaction.account
        guard account.instances[id] == nil else { return }
        let vpc = account.foreignVPC
        let zone = AvailabilityZone.allCases[account.instances.count { $0.tags.contains(Self.tag) } % 3]
        let subnet = account.subnets.first { $0.vpc == vpc && $0.zone == zone } ?? account.defaultSubnet(in: zone)
        guard let address = account.freeInstanceAddress(in: zone) else { return }
        var record = InstanceRecord(
            owner: .api,
            launched: transaction.now,
            subnet: subnet.id,
            vpc: vpc,
            securityGroups: account.securityGroups.filter { $0.vpc == vpc && $0.name == "default" }.map(\.id),
            image: "ami-0" + StableHash.hexadecimal(of: "elblab/image"),
            reservation: transaction.makeID("r"),
            instance: Instance(
                id: InstanceID(rawValue: id),
                name: id,
                zone: zone,
                address: address,
                ports: [EC2.usualPort]
            )
        )
        record.tags = [Self.tag]
        transaction.save(.instance(record))
    }

    /// What can be made up, in the order in which it is.
    private enum Kind: CaseIterable {
        case vpc, subnet, securityGroup, instance, certificate

        init?(_ id: String) {
            if let kind = Self.allCases.first(where: { $0.prefix.map(id.hasPrefix) ?? false }), let prefix = kind.prefix
            {
                let digits = id.utf8.dropFirst(prefix.utf8.count)
                let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) }
                guard [8, 17].contains(digits.count), digits.allSatisfy(isDigit) else { return nil }
                self = kind
                return
            }
            let parts = id.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
            guard parts.count == 6, parts[0] == "arn", parts[4].utf8.count == 12,
                parts[2] == "acm" && parts[5].hasPrefix("certificate/")
                    || parts[2] == "iam" && parts[5].hasPrefix("server-certificate/")
            else { return nil }
            self = .certificate
        }

        private var prefix: String? {
            switch self {
            case .vpc: "vpc-"
            case .subnet: "subnet-"
            case .securityGroup: "sg-"
            case .instance: "i-"
            case .certificate: nil
            }
        }
    }
}

extension Account {
    /// The VPC that foreign ids belong to: the first foreign one, or the default one before there is any.
    fileprivate var foreignVPC: String {
        let foreign = self.vpcs.first { $0.tags.contains(ForeignIDs.tag) }
        return foreign?.id ?? self.defaultSubnet(in: .a).vpc
    }
}
