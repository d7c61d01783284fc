import ELBModel

/// A listener's rules as flat arrays, in the order they are tested.
///
///     rules       gate | first condition, count | action, priority      one per rule, lowest priority first
///     conditions  kind | first value, count | header name               the rules' conditions, back to back
///     patterns    tokens of values, header names and query keys         see PatternTable
///     networks    the CIDR blocks of source-ip conditions
///
/// A rule's gate is the literal start that its path or host condition demands, as two words. Most rules of a long
/// list are refused by comparing them with the first sixteen bytes of the request's path or host, without looking
/// further.
struct RuleTable: Sendable {
    struct Rule: Sendable {
        var gate: Gate
        var firstCondition: UInt32
        var conditionCount: UInt16
        /// Index of the listener's compiled actions.
        var action: UInt32
        var priority: UInt32
    }

    /// What the first sixteen bytes of a subject must be, where the masks have ones.
    struct Gate: Sendable {
        var isHost = false
        var mask: (UInt64, UInt64) = (0, 0)
        var value: (UInt64, UInt64) = (0, 0)

        /// Lets everything through.
        static let open = Self()
    }

    enum Kind: UInt8, Sendable {
        case host
        case path
        case header
        case method
        /// Its patterns stand in pairs: key, value.
        case query
        case sourceIP
    }

    struct Condition: Sendable {
        var kind: Kind
        /// Index of the first pattern, or of the first network.
        var first: UInt32
        /// Values; a query's key and value count as one.
        var count: UInt16
        /// For `header`, the index of the name's pattern.
        var name: UInt32 = 0
    }

    var rules: [Rule] = []
    var conditions: [Condition] = []
    var patterns = PatternTable()
    var networks: [CIDRBlock] = []
    /// The deliberate deviations that change how rules are compared; empty on an honest balancer.
    let deviations: Deviations

    init(deviations: Deviations = []) {
        self.deviations = deviations
    }
}

extension RuleTable {
    /// Deviations of matching that cannot be written into the rules themselves; each is one bit test where it acts.
    struct Deviations: OptionSet, Sendable {
        let rawValue: UInt16

        static let anyConditionSuffices = Self(rawValue: 1 << 0)
        static let hostCaseSensitive = Self(rawValue: 1 << 1)
        static let hostPortCompared = Self(rawValue: 1 << 2)
        static let methodCaseInsensitive = Self(rawValue: 1 << 3)
        static let pathCaseInsensitive = Self(rawValue: 1 << 4)
        static let pathWithQuery = Self(rawValue: 1 << 5)
        static let queryCaseSensitive = Self(rawValue: 1 << 6)
        static let queryKeyIgnored = Self(rawValue: 1 << 7)
        static let sourceIPFromXFF = Self(rawValue: 1 << 8)
        static let headerFirstInstanceOnly = Self(rawValue: 1 << 9)
        static let headerCaseSensitive = Self(rawValue: 1 << 10)
        static let starStopsAtSlash = Self(rawValue: 1 << 11)
        static let questionMarkOptional = Self(rawValue: 1 << 12)
    }

    /// Adds a rule behind the ones that are there.
    ///
    /// - Throws: `ValidationError` if a regular expression cannot be compiled.
    mutating func append(_ rule: ListenerRule, action: Int) throws(ModelError) {
        let first = self.conditions.count
        var gate = Gate.open
        for condition in rule.conditions {
            try self.append(condition)
            if let candidate = self.gate(of: self.conditions[self.conditions.count - 1]),
                candidate.weight > gate.weight
            {
                gate = candidate
            }
        }
        self.rules.append(
            Rule(
                gate: self.deviations.isEmpty ? gate : .open,
                firstCondition: UInt32(first),
                conditionCount: UInt16(clamping: self.conditions.count - first),
                action: UInt32(action),
                priority: UInt32(clamping: rule.priority)
            )
        )
    }

    private mutating func append(_ condition: RuleCondition) throws(ModelError) {
        switch condition {
        case .hostHeader(let values):
            let first = self.patterns.patterns.count
            try self.append(values, foldsCase: !self.deviations.contains(.hostCaseSensitive))
            self.append(.host, from: first)
        case .pathPattern(let values):
            let first = self.patterns.patterns.count
            try self.append(values, foldsCase: self.deviations.contains(.pathCaseInsensitive))
            self.append(.path, from: first)
        case .httpHeader(let name, let values):
            let nameIndex = self.patterns.patterns.count
            self.patterns.add(literal: name, foldsCase: true)
            try self.append(values, foldsCase: !self.deviations.contains(.headerCaseSensitive))
            self.append(.header, from: nameIndex + 1, name: nameIndex)
        case .httpRequestMethod(let methods):
            let first = self.patterns.patterns.count
            for method in methods {
                self.patterns.add(literal: method, foldsCase: self.deviations.contains(.methodCaseInsensitive))
            }
            self.append(.method, from: first)
        case .queryString(let values):
            let first = self.patterns.patterns.count
            for value in values { try self.append(value) }
            self.conditions.append(
                Condition(kind: .query, first: UInt32(first), count: UInt16(clamping: values.count))
            )
        case .sourceIP(let blocks):
            self.conditions.append(
                Condition(
                    kind: .sourceIP,
                    first: UInt32(self.networks.count),
                    count: UInt16(clamping: blocks.count)
                )
            )
            self.networks += blocks
        }
    }

    private mutating func append(_ kind: Kind, from first: Int, name: Int = 0) {
        self.conditions.append(
            Condition(
                kind: kind,
                first: UInt32(first),
                count: UInt16(clamping: self.patterns.patterns.count - first),
                name: UInt32(name)
            )
        )
    }

    private mutating func append(_ value: RuleCondition.QueryStringValue) throws(ModelError) {
        let foldsCase = !self.deviations.contains(.queryCaseSensitive)
        let key = self.deviations.contains(.queryKeyIgnored) ? nil : value.key
        try self.append(.patterns([key ?? "*", value.value]), foldsCase: foldsCase)
    }

    private mutating func append(_ values: RuleCondition.MatchValues, foldsCase: Bool) throws(ModelError) {
        switch values {
        case .patterns(let texts):
            let style = PatternStyle(
                starStopsAtSlash: self.deviations.contains(.starStopsAtSlash),
                questionMarkIsOptional: self.deviations.contains(.questionMarkOptional)
            )
            for text in texts {
                if style.isAWS {
                    self.patterns.add(wildcards: text, foldsCase: foldsCase)
                } else {
                    self.patterns.add(regex: style.regularExpression(for: text, foldsCase: foldsCase))
                }
            }
        case .regexes(let texts):
            for text in texts { self.patterns.add(regex: try RegularExpression(text, foldsCase: foldsCase)) }
        }
    }
}

extension RuleTable {
    /// The gate that a host or path condition justifies: the start that all its values have in common.
    private func gate(of condition: Condition) -> Gate? {
        guard condition.kind == .host || condition.kind == .path, condition.count > 0 else { return nil }
        var common = self.patterns.literalPrefix(of: Int(condition.first))
        for index in 1..<max(1, Int(condition.count)) {
            let other = self.patterns.literalPrefix(of: Int(condition.first) + index)
            common = common.prefix(zip(common, other).prefix { $0 == $1 }.count)
        }
        guard !common.isEmpty else { return nil }
        var gate = Gate.open
        gate.isHost = condition.kind == .host
        for (index, byte) in common.prefix(16).enumerated() {
            let shift = UInt64(8 * (index % 8))
            if index < 8 {
                gate.mask.0 |= 0xff << shift
                gate.value.0 |= UInt64(byte) << shift
            } else {
                gate.mask.1 |= 0xff << shift
                gate.value.1 |= UInt64(byte) << shift
            }
        }
        return gate
    }
}

extension RuleTable.Gate {
    /// How many bytes it looks at.
    var weight: Int {
        (self.mask.0.nonzeroBitCount + self.mask.1.nonzeroBitCount) / 8
    }
}
