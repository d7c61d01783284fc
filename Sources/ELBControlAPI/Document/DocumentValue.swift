/// A value of a YAML or JSON document that knows where it stands. YAML's short function tags have become the long form:
/// `!Ref A` is the mapping `{Ref: A}`.
struct DocumentValue: Hashable, Sendable {
    var kind: Kind
    var location: SourceLocation

    init(_ kind: Kind, at location: SourceLocation) {
        self.kind = kind
        self.location = location
    }

    enum Kind: Hashable, Sendable {
        case null
        case scalar(String)
        case list([DocumentValue])
        case mapping([Entry])
        /// A function whose evaluation failed and was reported; readers take it for any value and stay silent.
        case unresolved
    }

    struct Entry: Hashable, Sendable {
        var key: String
        var keyLocation: SourceLocation
        var value: DocumentValue
    }

    /// What the value is, for messages: `a mapping`.
    var noun: String {
        switch self.kind {
        case .null: "empty"
        case .scalar(let text): "'\(text.prefix(40))'"
        case .list: "a list"
        case .mapping: "a mapping"
        case .unresolved: "a function"
        }
    }

    var isUnresolved: Bool { self.kind == .unresolved }

    var entries: [Entry]? {
        guard case .mapping(let entries) = self.kind else { return nil }
        return entries
    }

    var elements: [DocumentValue]? {
        guard case .list(let elements) = self.kind else { return nil }
        return elements
    }

    var text: String? {
        guard case .scalar(let text) = self.kind else { return nil }
        return text
    }

    /// The value of a mapping's key.
    subscript(key: String) -> DocumentValue? {
        self.entries?.first { $0.key == key }?.value
    }

    /// Where the property of that path stands, `Conditions[0].PathPatternConfig.Values[1]`; where a part is missing, the
    /// place of the last part that is there. A mapping's member counts from its key.
    func location(ofProperty path: String) -> SourceLocation {
        var value = self
        var location = self.location
        for part in path.split(whereSeparator: { $0 == "." || $0 == "[" }) {
            if part.hasSuffix("]") {
                guard case .list(let elements) = value.kind, let index = Int(part.dropLast()),
                    elements.indices.contains(index)
                else { return location }
                value = elements[index]
                location = value.location
            } else {
                guard let entry = value.entries?.first(where: { $0.key == part }) else { return location }
                value = entry.value
                location = entry.keyLocation
            }
        }
        return location
    }
}

/// A decoded value and the place where it was written.
struct Located<Value> {
    var value: Value
    var location: SourceLocation
}
