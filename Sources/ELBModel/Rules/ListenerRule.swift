/// Conditions that must all hold, and the actions taken when they do (ALB-RULE-001, -005).
package struct ListenerRule: Hashable, Codable, Sendable {
    /// The hexadecimal digits that end its ARN; `nil` where whoever made it keeps the ARN or has none.
    package var id: String?
    /// 1 to 50000, unique within the listener, tested from the lowest (ALB-RULE-002, -003).
    package var priority: Int
    package var conditions: [RuleCondition]
    /// Ends with exactly one routing action (ALB-RULE-014).
    package var actions: [RuleAction]
    /// At most one of each kind (ALB-XFRM-001).
    package var transforms: [RuleTransform]

    package init(
        priority: Int,
        conditions: [RuleCondition],
        actions: [RuleAction],
        transforms: [RuleTransform] = [],
        id: String? = nil
    ) {
        self.id = id
        self.priority = priority
        self.conditions = conditions
        self.actions = actions
        self.transforms = transforms
    }

    /// The priorities a rule may have (ALB-RULE-002).
    package static let priorities = 1...50000
}

/// One condition; its values are alternatives (ALB-RULE-006).
package enum RuleCondition: Hashable, Codable, Sendable {
    /// Case-insensitive, port ignored (ALB-COND-004, -007).
    case hostHeader(MatchValues)
    /// Case-sensitive, the whole path, never the query (ALB-COND-010, -011).
    case pathPattern(MatchValues)
    /// Name and values case-insensitive; the instances of a repeated header are tried in order (ALB-COND-016 to -019).
    case httpHeader(name: String, MatchValues)
    /// Case-sensitive and exact (ALB-COND-022).
    case httpRequestMethod([String])
    /// Case-insensitive (ALB-COND-023).
    case queryString([QueryStringValue])
    /// The TCP peer, never X-Forwarded-For (ALB-COND-029).
    case sourceIP([CIDRBlock])

    /// The API's `Field`.
    package var field: String {
        switch self {
        case .hostHeader: "host-header"
        case .pathPattern: "path-pattern"
        case .httpHeader: "http-header"
        case .httpRequestMethod: "http-request-method"
        case .queryString: "query-string"
        case .sourceIP: "source-ip"
        }
    }

    /// What a text is compared with: patterns or regular expressions, never both in one condition (ALB-COND-031).
    package enum MatchValues: Hashable, Codable, Sendable {
        /// `*` stands for any characters, `?` for exactly one; `\` takes the next character literally.
        case patterns([String])
        case regexes([String])
    }

    /// One alternative of a query-string condition. Without a key any parameter with that value matches (ALB-COND-024).
    package struct QueryStringValue: Hashable, Codable, Sendable {
        package var key: String?
        package var value: String

        package init(key: String? = nil, value: String) {
            self.key = key
            self.value = value
        }
    }
}
