extension ListenerRule {
    /// Condition values per rule (ALB-RULE-010). AWS also names a limit of three per condition, which its own API text
    /// contradicts; the lab takes the wider one (ALB-RULE-009).
    package static let mostValues = 5
    /// Wildcards per rule: one page says five, another six; the lab takes the wider one (ALB-RULE-011).
    package static let mostWildcards = 6

    /// Everything that AWS would refuse about the rule by itself, in the order of its properties.
    ///
    /// - Parameter listenerProtocol: What the listener speaks; redirects depend on it (ALB-RDR-004).
    package func validate(listenerProtocol: Listener.Proto = .http) -> [ModelError] {
        var validator = Validator()
        self.validate(&validator, listenerProtocol: listenerProtocol)
        return validator.errors
    }

    func validate(_ validator: inout Validator, listenerProtocol: Listener.Proto) {
        validator.require(self.priority, in: Self.priorities, "Priority")
        self.validateConditions(&validator)
        validator.validate(actions: self.actions, "Actions", listenerProtocol: listenerProtocol)
        self.validateTransforms(&validator)
    }

    private func validateConditions(_ validator: inout Validator) {
        guard !self.conditions.isEmpty else {
            validator.report(.validationError, "A rule must have at least one condition", at: "Conditions")
            return
        }
        validator.each("Conditions", self.conditions) { $1.validate(&$0) }
        for field in ["host-header", "http-request-method", "path-pattern", "source-ip"] {
            let places = self.conditions.indices.filter { self.conditions[$0].field == field }
            guard places.count > 1 else { continue }
            validator.report(
                .validationError,
                "A rule can have only one '\(field)' condition",
                at: "Conditions[\(places[1])]"
            )
        }
        let values = self.conditions.reduce(0) { $0 + $1.valueCount }
        if values > Self.mostValues {
            validator.report(
                .validationError,
                "A rule can have at most \(Self.mostValues) condition values, and this one has \(values)",
                at: "Conditions"
            )
        }
        let wildcards = self.conditions.reduce(0) { $0 + $1.wildcardCount }
        if wildcards > Self.mostWildcards {
            validator.report(
                .validationError,
                "A rule can have at most \(Self.mostWildcards) wildcards, and this one has \(wildcards)",
                at: "Conditions"
            )
        }
    }
}

extension RuleCondition {
    /// Values count once each; a query's key and value are one (ALB-RULE-010).
    package var valueCount: Int {
        switch self {
        case .hostHeader(let values), .pathPattern(let values), .httpHeader(_, let values): values.texts.count
        case .httpRequestMethod(let methods): methods.count
        case .queryString(let values): values.count
        case .sourceIP(let blocks): blocks.count
        }
    }

    /// `*` and `?` that are not escaped.
    package var wildcardCount: Int {
        switch self {
        case .hostHeader(.patterns(let texts)), .pathPattern(.patterns(let texts)),
            .httpHeader(_, .patterns(let texts)):
            texts.reduce(0) { $0 + Self.wildcards(in: $1) }
        case .queryString(let values):
            values.reduce(0) { $0 + Self.wildcards(in: $1.key ?? "") + Self.wildcards(in: $1.value) }
        case .hostHeader(.regexes), .pathPattern(.regexes), .httpHeader(_, .regexes), .httpRequestMethod, .sourceIP:
            0
        }
    }

    private static func wildcards(in text: String) -> Int {
        var count = 0
        var isEscaped = false
        for byte in text.utf8 {
            if !isEscaped, byte == UInt8(ascii: "*") || byte == UInt8(ascii: "?") { count += 1 }
            isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
        }
        return count
    }

    func validate(_ validator: inout Validator) {
        switch self {
        case .hostHeader(let values):
            validator.at("HostHeaderConfig") { Self.validate(values, &$0, Self.validate(host:_:)) }
        case .pathPattern(let values):
            validator.at("PathPatternConfig") { Self.validate(values, &$0, Self.validate(path:_:)) }
        case .httpHeader(let name, let values):
            validator.at("HttpHeaderConfig") { validator in
                Self.validate(headerName: name, &validator)
                Self.validate(values, &validator, Self.validate(headerValue:_:), foldsCase: true)
            }
        case .httpRequestMethod(let methods):
            validator.at("HttpRequestMethodConfig") { validator in
                Self.requireValues(methods.count, &validator)
                validator.each("Values", methods) { Self.validate(method: $1, &$0) }
            }
        case .queryString(let values):
            validator.at("QueryStringConfig") { validator in
                Self.requireValues(values.count, &validator)
                validator.each("Values", values) { Self.validate(query: $1, &$0) }
            }
        case .sourceIP(let blocks):
            validator.at("SourceIpConfig") { validator in
                Self.requireValues(blocks.count, &validator)
                validator.each("Values", blocks) { Self.validate(block: $1, &$0) }
            }
        }
    }

    private static func requireValues(_ count: Int, _ validator: inout Validator, _ property: String = "Values") {
        guard count == 0 else { return }
        validator.report(.validationError, "A condition must have at least one value", at: property)
    }

    private static func validate(
        _ values: MatchValues,
        _ validator: inout Validator,
        _ judge: (String, inout Validator) -> Void,
        foldsCase: Bool = false
    ) {
        switch values {
        case .patterns(let texts):
            self.requireValues(texts.count, &validator)
            validator.each("Values", texts) { judge($1, &$0) }
        case .regexes(let texts):
            self.requireValues(texts.count, &validator, "RegexValues")
            validator.each("RegexValues", texts) { validator, text in
                validator.require(length: 1...128, of: text, what: "A regular expression")
                var parser = RegexParser(text, foldsCase: foldsCase)
                do throws(ModelError) {
                    _ = try parser.parse()
                } catch {
                    validator.report(error.code, error.message)
                }
            }
        }
    }
}

extension RuleCondition {
    /// ALB-COND-004, -005. The underscore is the console's reading, wider than the guide's.
    private static func validate(host text: String, _ validator: inout Validator) {
        validator.require(length: 1...128, of: text, what: "A host pattern")
        validator.require(characters: Characters.alphanumerics(and: "-._*?"), of: text, what: "A host pattern")
        guard !text.isEmpty else { return }
        guard let dot = text.lastIndex(of: ".") else {
            validator.report(.validationError, "The host pattern '\(text)' must contain a '.'")
            return
        }
        // A wildcard may stand for what follows the last dot; anything that is written out there is a letter.
        let last = text[text.index(after: dot)...].utf8
        if last.isEmpty || !last.allSatisfy({ Characters.isLetter($0) || $0 == 0x2a || $0 == 0x3f }) {
            validator.report(
                .validationError,
                "The host pattern '\(text)' can have only letters after the last '.'"
            )
        }
    }

    /// ALB-COND-012.
    private static func validate(path text: String, _ validator: inout Validator) {
        validator.require(length: 1...128, of: text, what: "A path pattern")
        validator.require(
            characters: Characters.alphanumerics(and: "_-.$/~\"'@:+&*?"),
            of: text,
            what: "A path pattern"
        )
    }

    /// ALB-COND-016, -018; the characters are those of a token (RFC 9110, section 5.6.2).
    private static func validate(headerName name: String, _ validator: inout Validator) {
        validator.require(length: 1...40, of: name, what: "A header name", at: "HttpHeaderName")
        validator.require(
            characters: Characters.alphanumerics(and: "!#$%&'+-.^_`|~"),
            of: name,
            what: "A header name",
            at: "HttpHeaderName"
        )
        if name.lowercased() == "host" {
            validator.report(
                .validationError,
                "An http-header condition cannot name Host; use a host-header condition",
                at: "HttpHeaderName"
            )
        }
    }

    /// ALB-COND-017, ALB-RULE-012.
    private static func validate(headerValue text: String, _ validator: inout Validator) {
        validator.require(length: 1...128, of: text, what: "A header value")
        validator.require(characters: Characters.isVisible, of: text, what: "A header value")
    }

    /// ALB-COND-022.
    private static func validate(method: String, _ validator: inout Validator) {
        validator.require(length: 1...40, of: method, what: "A method")
        validator.require(
            characters: { (0x41...0x5a).contains($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") },
            of: method,
            what: "A method"
        )
    }

    /// ALB-COND-023.
    private static func validate(query: QueryStringValue, _ validator: inout Validator) {
        if let key = query.key {
            validator.require(length: 1...128, of: key, what: "A query-string key", at: "Key")
            validator.require(characters: Characters.isVisible, of: key, what: "A query-string key", at: "Key")
        }
        validator.require(length: 1...128, of: query.value, what: "A query-string value", at: "Value")
        validator.require(characters: Characters.isVisible, of: query.value, what: "A query-string value", at: "Value")
    }

    /// ALB-COND-028.
    private static func validate(block: CIDRBlock, _ validator: inout Validator) {
        guard case .v4(let address) = block.address, address.rawValue == .max, block.prefixLength == 32 else { return }
        validator.report(.validationError, "The CIDR block '\(block)' is not allowed")
    }
}

extension RuleCondition.MatchValues {
    /// Patterns or expressions, whichever there are.
    var texts: [String] {
        switch self {
        case .patterns(let texts), .regexes(let texts): texts
        }
    }
}
