package import ELBControlAPI
import ELBModel

extension ELBv2 {
    static let tagOperations: [any AccountCommand.Type] = [AddTags.self, RemoveTags.self, DescribeTags.self]
    /// AWS's limit.
    static let mostTags = 50
}

extension ELBv2.AddTags: AccountCommand {
    /// A key that a resource has already gets the new value.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        for arn in self.arns {
            var resource = try TaggedResource(arn, transaction.account)
            for tag in self.tags {
                if let index = resource.tags.firstIndex(where: { $0.key == tag.key }) {
                    resource.tags[index] = tag
                } else {
                    resource.tags.append(tag)
                }
            }
            guard resource.tags.count <= ELBv2.mostTags else {
                throw APIError("TooManyTags", "A resource can have at most \(ELBv2.mostTags) tags")
            }
            try resource.save(&transaction)
        }
        return [:]
    }
}

extension ELBv2.RemoveTags: AccountCommand {
    /// Keys that a resource does not have are no mistake.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        for arn in self.arns {
            var resource = try TaggedResource(arn, transaction.account)
            guard resource.tags.contains(where: { self.keys.contains($0.key) }) else { continue }
            resource.tags.removeAll { self.keys.contains($0.key) }
            try resource.save(&transaction)
        }
        return [:]
    }
}

extension ELBv2.DescribeTags: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var descriptions: [WireValue] = []
        for arn in self.arns {
            descriptions.append(.tagDescription(arn, try TaggedResource(arn, transaction.account).tags))
        }
        return ["TagDescriptions": .list(descriptions)]
    }
}

/// Something that tags can be put on, by its ARN.
private enum TaggedResource {
    case loadBalancer(LoadBalancerRecord)
    case targetGroup(TargetGroupRecord)
    case listener(ListenerRecord)
    case rule(RuleRecord)
    case trustStore(TrustStoreRecord)
    /// It is its listener's, and the lab keeps no tags for it.
    case defaultRule

    /// - Throws: the error of the kind that the ARN names.
    init(_ arn: String, _ account: Account) throws(APIError) {
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        let kind = parts.count == 6 ? parts[5].prefix { $0 != "/" } : ""
        let found: Self?
        let missing: String
        switch kind {
        case "loadbalancer": (found, missing) = (account.loadBalancers[arn].map(Self.loadBalancer), "LoadBalancer")
        case "targetgroup": (found, missing) = (account.targetGroups[arn].map(Self.targetGroup), "TargetGroup")
        case "listener": (found, missing) = (account.listeners[arn].map(Self.listener), "Listener")
        case "truststore": (found, missing) = (account.trustStores[arn].map(Self.trustStore), "TrustStore")
        case "listener-rule":
            let isDefault = account.listener(ofDefaultRule: arn) != nil
            (found, missing) = (account.rules[arn].map(Self.rule) ?? (isDefault ? .defaultRule : nil), "Rule")
        default:
            throw .validation("'\(arn.prefix(160))' is not a valid ARN of a resource that can be tagged")
        }
        guard let found else { throw APIError("\(missing)NotFound", "The resource '\(arn.prefix(160))' is not found") }
        self = found
    }

    var tags: [ResourceTag] {
        get {
            switch self {
            case .loadBalancer(let record): record.tags
            case .targetGroup(let record): record.tags
            case .listener(let record): record.tags
            case .rule(let record): record.tags
            case .trustStore(let record): record.tags
            case .defaultRule: []
            }
        }
        set {
            switch self {
            case .loadBalancer(var record):
                record.tags = newValue
                self = .loadBalancer(record)
            case .targetGroup(var record):
                record.tags = newValue
                self = .targetGroup(record)
            case .listener(var record):
                record.tags = newValue
                self = .listener(record)
            case .rule(var record):
                record.tags = newValue
                self = .rule(record)
            case .trustStore(var record):
                record.tags = newValue
                self = .trustStore(record)
            case .defaultRule: break
            }
        }
    }

    func save(_ transaction: inout Transaction) throws(APIError) {
        switch self {
        case .loadBalancer(let record): transaction.save(.loadBalancer(record))
        case .targetGroup(let record): transaction.save(.targetGroup(record))
        case .listener(let record): transaction.save(.listener(record))
        case .rule(let record): transaction.save(.rule(record))
        case .trustStore(let record): transaction.save(.trustStore(record))
        case .defaultRule: throw .notInLab("A tag on a default rule")
        }
    }
}
