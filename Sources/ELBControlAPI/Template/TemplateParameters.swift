import ELBModel

/// A template's parameters with their values: the caller's, or the defaults.
struct TemplateParameters {
    private(set) var values: [String: DocumentValue.Kind] = [:]
    /// Declared, whether or not a value could be found.
    private(set) var names: Set<String> = []
    /// In the order of the text, with their values.
    private(set) var used: [StackParameter] = []

    private static let types = ["String", "Number", "CommaDelimitedList", "List<Number>", "List<String>"]

    init(_ section: DocumentValue?, given: [String: String], _ collector: DiagnosticCollector) {
        guard let section, section.kind != .null else { return }
        guard let entries = section.entries else {
            collector.error("'Parameters' must be a mapping, not \(section.noun)", at: section.location)
            return
        }
        for entry in entries {
            self.names.insert(entry.key)
            guard let reader = ObjectReader(entry.value, as: "parameter '\(entry.key)'", collector) else { continue }
            let value = Self.value(reader, given: given[entry.key])
            self.values[entry.key] = value
            guard let value else { continue }
            let isSecret = ["true", "True", "TRUE"].contains(entry.value["NoEcho"]?.text)
            self.used.append(StackParameter(key: entry.key, value: Self.text(value), isSecret: isSecret))
        }
    }

    /// A list's elements with commas between them, as they are given.
    private static func text(_ value: DocumentValue.Kind) -> String {
        switch value {
        case .scalar(let text): text
        case .list(let elements): elements.compactMap(\.text).joined(separator: ",")
        case .null, .mapping, .unresolved: ""
        }
    }

    private static func value(_ source: ObjectReader, given: String?) -> DocumentValue.Kind? {
        var reader = source
        reader.requires("Type")
        reader.accepts("Description", "ConstraintDescription", "NoEcho")
        let type = reader.text("Type")
        let declared = reader.text("Default")
        let constraints = Constraints(&reader)
        reader.finish()
        guard let type else { return nil }
        let isAWS = type.value.hasPrefix("AWS::") || type.value.hasPrefix("List<AWS::")
        guard isAWS || self.types.contains(type.value) else {
            reader.refuse(type, for: "Type", allowed: self.types)
            return nil
        }
        guard let text = given ?? declared?.value else {
            // An empty default is a value.
            if let empty = reader.value["Default"], empty.kind == .null { return .scalar("") }
            reader.collector.error(
                "\(reader.what) has no value",
                at: reader.location,
                suggestion: "give it a 'Default', or say --parameter NAME=VALUE"
            )
            return nil
        }
        let place = given == nil ? (declared?.location ?? reader.location) : reader.location
        let isList = type.value.hasPrefix("List<") || type.value == "CommaDelimitedList"
        let parts =
            isList
            ? text.split(separator: ",", omittingEmptySubsequences: false).map { String($0).trimmed } : [text]
        let isNumber = type.value == "Number" || type.value == "List<Number>"
        for part in parts {
            if isNumber, Double(part) == nil {
                reader.collector.error("\(reader.what) must be a number, not '\(part.prefix(40))'", at: place)
            }
            constraints.check(part, isNumber: isNumber, of: reader, at: place)
        }
        return isList ? .list(parts.map { DocumentValue(.scalar($0), at: place) }) : .scalar(text)
    }

    /// What a parameter's value must satisfy.
    private struct Constraints {
        private let allowed: [String]?
        private let pattern: Located<String>?
        private let length: (least: Int?, most: Int?)
        private let number: (least: Double?, most: Double?)

        init(_ reader: inout ObjectReader) {
            self.allowed = reader.texts("AllowedValues")?.map(\.value)
            self.pattern = reader.text("AllowedPattern")
            self.length = (reader.integer("MinLength")?.value, reader.integer("MaxLength")?.value)
            self.number = (
                reader.text("MinValue").flatMap { Double($0.value) },
                reader.text("MaxValue").flatMap { Double($0.value) }
            )
        }

        func check(_ text: String, isNumber: Bool, of reader: ObjectReader, at place: SourceLocation) {
            if let allowed, !allowed.contains(text) {
                reader.collector.error(
                    "\(reader.what) cannot be '\(text.prefix(40))'",
                    at: place,
                    suggestion: Suggestion.didYouMean(text, among: allowed)
                        ?? "allowed: \(allowed.joined(separator: ", "))"
                )
            }
            if let pattern {
                guard let regex = try? Regex(pattern.value) else {
                    reader.collector.error("'AllowedPattern' is no regular expression", at: pattern.location)
                    return
                }
                if (try? regex.wholeMatch(in: text)) == nil {
                    reader.collector.error(
                        "\(reader.what) cannot be '\(text.prefix(40))': it must match \(pattern.value)",
                        at: place
                    )
                }
            }
            let value = isNumber ? Double(text) : nil
            let tooShort = text.count < self.length.least ?? 0 || value.map { $0 < self.number.least ?? $0 } ?? false
            let tooLong =
                text.count > self.length.most ?? .max || value.map { $0 > self.number.most ?? $0 } ?? false
            if tooShort || tooLong {
                let bound = tooShort ? "below its minimum" : "above its maximum"
                reader.collector.error("\(reader.what) is \(bound): '\(text.prefix(40))'", at: place)
            }
        }
    }
}

extension String {
    /// Without spaces at either end.
    var trimmed: String {
        String(self.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
