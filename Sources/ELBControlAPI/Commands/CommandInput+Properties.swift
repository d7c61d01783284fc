package import ELBModel

/// Conditions, actions, transforms and the like have the same shape in the API as in CloudFormation; the readers of templates read
/// them here as well.
extension CommandInput {
    package mutating func actions(_ name: String) throws(APIError) -> [RuleAction]? {
        guard self.list(name) != nil else { return nil }
        // Whether the groups exist is the state's matter.
        let reader = ActionReader { TargetGroupID(rawValue: $0.value) }
        return try self.properties { reader.actions($0.objects(name, as: "an action") ?? []) }
    }

    package mutating func conditions(_ name: String) throws(APIError) -> [RuleCondition]? {
        guard self.list(name) != nil else { return nil }
        return try self.properties {
            ($0.objects(name, as: "a condition") ?? []).compactMap(ConditionReader.condition)
        }
    }

    package mutating func transforms(_ name: String) throws(APIError) -> [RuleTransform]? {
        guard self.list(name) != nil else { return nil }
        return try self.properties { TransformReader.transforms(&$0) }
    }

    /// `{Key, Value}` pairs, in their order.
    package mutating func tags(_ name: String) throws(APIError) -> [ResourceTag] {
        var tags: [ResourceTag] = []
        for var tag in self.structures(name) ?? [] {
            let key = try tag.required("Key")
            guard !tags.contains(where: { $0.key == key }) else {
                throw APIError("DuplicateTagKeys", "The tag key '\(key)' is given twice")
            }
            guard !key.lowercased().hasPrefix("aws:") else {
                throw .validation("The tag key '\(key)' starts with 'aws:', which is AWS's own")
            }
            tags.append(ResourceTag(key: key, value: tag.text("Value") ?? ""))
        }
        guard tags.count <= 50 else { throw APIError("TooManyTags", "A resource can have at most 50 tags") }
        return tags
    }

    /// Runs a reader of properties over the whole input and throws the first thing that it finds wrong.
    mutating func properties<Result>(_ read: (inout ObjectReader) -> Result?) throws(APIError) -> Result {
        let collector = DiagnosticCollector(file: self.what)
        let document = DocumentValue(self.value)
        guard var reader = ObjectReader(document, as: self.what, collector) else {
            throw .validation("\(self.what) must be a structure")
        }
        let result = read(&reader)
        if let diagnostic = collector.diagnostics.first { throw APIError(diagnostic) }
        guard let result else { throw .validation("\(self.what) cannot be read") }
        return result
    }
}

extension DocumentValue {
    /// The same value without places in a text: the request has none that a person sees.
    fileprivate init(_ value: WireValue) {
        let nowhere = SourceLocation(line: 1, column: 1)
        switch value {
        case .text(let text): self.init(.scalar(text), at: nowhere)
        case .integer(let number): self.init(.scalar("\(number)"), at: nowhere)
        case .decimal(let number): self.init(.scalar("\(number)"), at: nowhere)
        case .boolean(let flag): self.init(.scalar(flag ? "true" : "false"), at: nowhere)
        case .timestamp(let time): self.init(.scalar(time.iso8601), at: nowhere)
        case .blob(let bytes): self.init(.scalar(Base64.encode(bytes)), at: nowhere)
        case .list(let elements): self.init(.list(elements.map(DocumentValue.init)), at: nowhere)
        case .structure(let members):
            self.init(
                .mapping(members.map { Entry(key: $0.name, keyLocation: nowhere, value: DocumentValue($0.value)) }),
                at: nowhere
            )
        }
    }
}

extension APIError {
    /// Readers of templates end their sentences with AWS's code in parentheses, where AWS has one.
    init(_ diagnostic: Diagnostic) {
        var message = diagnostic.message
        var code = message.contains("real at AWS, but not in the lab") ? "OperationNotPermitted" : "ValidationError"
        if message.hasSuffix(")"), let start = message.lastIndex(of: "(") {
            let inside = message[message.index(after: start)...].dropLast()
            if ModelError.Code(rawValue: String(inside)) != nil {
                code = String(inside)
                message = String(message[..<start].dropLast())
            }
        }
        self.init(code, message + (diagnostic.suggestion.map { "; \($0)" } ?? ""))
    }
}
