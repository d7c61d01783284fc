import ELBModel

/// Reads rule conditions in CloudFormation's shape: `Field` and the configuration that belongs to it, or the older
/// `Values` for host-header and path-pattern.
enum ConditionReader {
    private static let configurations: KeyValuePairs = [
        "host-header": "HostHeaderConfig",
        "http-header": "HttpHeaderConfig",
        "http-request-method": "HttpRequestMethodConfig",
        "path-pattern": "PathPatternConfig",
        "query-string": "QueryStringConfig",
        "source-ip": "SourceIpConfig",
    ]

    static func condition(_ source: ObjectReader) -> RuleCondition? {
        var reader = source
        reader.requires("Field")
        let values = reader.texts("Values")
        let condition = reader.text("Field").flatMap { self.condition($0, values: values, &reader) }
        for (_, configuration) in self.configurations { reader.accepts(configuration) }
        reader.finish(notInLab: ["RegexValues"])
        return condition
    }

    private static func condition(
        _ field: Located<String>,
        values: [Located<String>]?,
        _ reader: inout ObjectReader
    ) -> RuleCondition? {
        guard let name = self.configurations.first(where: { $0.key == field.value })?.value else {
            reader.refuse(field, for: "Field", allowed: self.configurations.map(\.key))
            return nil
        }
        for (other, configuration) in self.configurations where configuration != name {
            if let stray = reader.value[configuration] {
                reader.collector.error(
                    "'\(configuration)' belongs to Field '\(other)', and this Field is '\(field.value)'",
                    at: stray.location
                )
            }
        }
        guard var configuration = reader.object(name, as: name) else {
            return self.shortForm(field, values: values, configuration: name, reader)
        }
        if values != nil {
            reader.collector.error("'Values' and '\(name)' are both given", at: field.location, suggestion: "keep one")
        }
        defer { configuration.finish() }
        switch field.value {
        case "host-header": return self.matchValues(&configuration).map { .hostHeader($0) }
        case "path-pattern": return self.matchValues(&configuration).map { .pathPattern($0) }
        case "http-header":
            configuration.requires("HttpHeaderName")
            let values = self.matchValues(&configuration)
            guard let name = configuration.text("HttpHeaderName"), let values else { return nil }
            return .httpHeader(name: name.value, values)
        case "http-request-method":
            configuration.requires("Values")
            return configuration.texts("Values").map { .httpRequestMethod($0.map(\.value)) }
        case "query-string": return self.queryString(&configuration)
        default: return self.sourceIP(&configuration)
        }
    }

    private static func shortForm(
        _ field: Located<String>,
        values: [Located<String>]?,
        configuration: String,
        _ reader: ObjectReader
    ) -> RuleCondition? {
        guard let values else {
            if reader.value["Values"] == nil { reader.requires(configuration) }
            return nil
        }
        let patterns = RuleCondition.MatchValues.patterns(values.map(\.value))
        switch field.value {
        case "host-header", "path-pattern":
            // ALB-COND-034: the older form takes one value.
            if values.count > 1 {
                reader.collector.error(
                    "'Values' beside 'Field' takes one value, not \(values.count)",
                    at: values[1].location,
                    suggestion: "write '\(configuration)'"
                )
            }
            return field.value == "host-header" ? .hostHeader(patterns) : .pathPattern(patterns)
        default:
            reader.collector.error(
                "'Values' is for host-header and path-pattern only",
                at: field.location,
                suggestion: "write '\(configuration)'"
            )
            return nil
        }
    }

    private static func matchValues(_ reader: inout ObjectReader) -> RuleCondition.MatchValues? {
        let patterns = reader.texts("Values")
        let regexes = reader.texts("RegexValues")
        switch (patterns, regexes) {
        case (let patterns?, nil): return .patterns(patterns.map(\.value))
        case (nil, let regexes?): return .regexes(regexes.map(\.value))
        case (_?, _?):
            reader.collector.error(
                "'Values' and 'RegexValues' cannot both be given",
                at: reader.location,
                suggestion: "use two conditions, or one kind of value"
            )
            return nil
        case (nil, nil):
            if reader.value["RegexValues"] == nil { reader.requires("Values") }
            return nil
        }
    }

    private static func queryString(_ reader: inout ObjectReader) -> RuleCondition? {
        reader.requires("Values")
        guard let readers = reader.objects("Values", as: "a query-string value") else { return nil }
        let values = readers.compactMap { source -> RuleCondition.QueryStringValue? in
            var reader = source
            reader.requires("Value")
            let key = reader.text("Key")
            let value = reader.text("Value")
            reader.finish()
            return value.map { .init(key: key?.value, value: $0.value) }
        }
        return .queryString(values)
    }

    private static func sourceIP(_ reader: inout ObjectReader) -> RuleCondition? {
        reader.requires("Values")
        guard let values = reader.texts("Values") else { return nil }
        return .sourceIP(
            values.compactMap { text in
                if let block = CIDRBlock(text.value) { return block }
                reader.collector.error(
                    "'\(text.value.prefix(60))' is not a CIDR block",
                    at: text.location,
                    suggestion: "write an address and a prefix length, such as 192.0.2.0/24"
                )
                return nil
            }
        )
    }
}
