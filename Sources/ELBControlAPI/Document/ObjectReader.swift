import ELBModel

/// Reads the properties of one mapping and remembers which were asked for, so that `finish()` can name those that
/// nobody knows. Every mistake is reported to the collector; what is returned is only what can be used.
struct ObjectReader {
    let value: DocumentValue
    /// What the mapping describes, for messages: `AWS::EC2::Subnet`, `a rule condition`.
    let what: String
    let collector: DiagnosticCollector
    private var known: Set<String> = []

    /// Reports and returns `nil` when the value is no mapping.
    init?(_ value: DocumentValue, as what: String, _ collector: DiagnosticCollector) {
        guard value.entries != nil else {
            if !value.isUnresolved {
                collector.error("\(what) must be a mapping, not \(value.noun)", at: value.location)
            }
            return nil
        }
        self.value = value
        self.what = what
        self.collector = collector
    }

    var location: SourceLocation { self.value.location }

    /// Reports each of these that is missing.
    func requires(_ keys: String...) {
        for key in keys where self.value[key] == nil {
            self.collector.error("\(self.what) needs '\(key)'", at: self.location)
        }
    }

    /// Accepts keys without reading them: their effect is only at AWS.
    mutating func accepts(_ keys: String...) {
        self.known.formUnion(keys)
    }

    /// Reports every key that was never asked for. `notInLab` are keys that AWS knows.
    func finish(notInLab: Set<String> = []) {
        for entry in self.value.entries ?? [] where !self.known.contains(entry.key) {
            if notInLab.contains(entry.key) {
                self.collector.error(
                    "'\(entry.key)' of \(self.what) is real at AWS, but not in the lab",
                    at: entry.keyLocation,
                    suggestion: "remove it here"
                )
            } else {
                self.collector.error(
                    "unknown property '\(entry.key.prefix(80))' of \(self.what)",
                    at: entry.keyLocation,
                    suggestion: Suggestion.didYouMean(entry.key, among: self.known.union(notInLab))
                )
            }
        }
    }

    // MARK: Values

    /// `nil` when the key is absent; an empty value is reported.
    mutating func value(_ key: String) -> DocumentValue? {
        self.known.insert(key)
        guard let value = self.value[key] else { return nil }
        guard value.kind != .null else {
            self.collector.error("'\(key)' of \(self.what) has no value", at: value.location)
            return nil
        }
        return value.isUnresolved ? nil : value
    }

    /// Text, numbers and booleans as they are written.
    mutating func text(_ key: String) -> Located<String>? {
        self.value(key).flatMap { self.text(of: $0, key) }
    }

    mutating func integer(_ key: String) -> Located<Int>? {
        guard let text = self.text(key) else { return nil }
        guard text.value.utf8.count <= 18, let number = Int(text.value) else {
            self.collector.error("'\(key)' must be a whole number, not '\(text.value.prefix(40))'", at: text.location)
            return nil
        }
        return Located(value: number, location: text.location)
    }

    mutating func boolean(_ key: String) -> Located<Bool>? {
        guard let text = self.text(key) else { return nil }
        switch text.value {
        case "true", "True", "TRUE": return Located(value: true, location: text.location)
        case "false", "False", "FALSE": return Located(value: false, location: text.location)
        default:
            self.collector.error("'\(key)' must be true or false, not '\(text.value.prefix(40))'", at: text.location)
            return nil
        }
    }

    mutating func port(_ key: String) -> Port? {
        guard let number = self.integer(key) else { return nil }
        guard let port = Port(number.value) else {
            self.collector.error("'\(key)' must be a port from 1 to 65535, not \(number.value)", at: number.location)
            return nil
        }
        return port
    }

    /// One of an enumeration's raw values. `notInLab` are values that AWS knows.
    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String,
        as type: Choice.Type = Choice.self,
        notInLab: [String] = []
    ) -> Choice? {
        guard let text = self.text(key) else { return nil }
        let allowed = Choice.allCases.map(\.rawValue)
        if let choice = Choice(rawValue: text.value), !notInLab.contains(text.value) { return choice }
        self.refuse(text, for: key, allowed: allowed.filter { !notInLab.contains($0) }, notInLab: notInLab)
        return nil
    }

    /// Reports a value that is none of those allowed.
    func refuse(_ text: Located<String>, for key: String, allowed: [String], notInLab: [String] = []) {
        let choices = "the lab has \(allowed.joined(separator: ", "))"
        if notInLab.contains(text.value) {
            self.collector.error(
                "'\(text.value)' for '\(key)' is real at AWS, but not in the lab",
                at: text.location,
                suggestion: choices
            )
        } else {
            self.collector.error(
                "'\(key)' of \(self.what) cannot be '\(text.value.prefix(40))'",
                at: text.location,
                suggestion: Suggestion.didYouMean(text.value, among: allowed + notInLab) ?? choices
            )
        }
    }

    mutating func list(_ key: String) -> [DocumentValue]? {
        guard let value = self.value(key) else { return nil }
        guard case .list(let elements) = value.kind else {
            self.collector.error("'\(key)' of \(self.what) must be a list, not \(value.noun)", at: value.location)
            return nil
        }
        return elements
    }

    mutating func texts(_ key: String) -> [Located<String>]? {
        self.list(key)?.compactMap { self.text(of: $0, key) }
    }

    mutating func object(_ key: String, as what: String) -> ObjectReader? {
        self.value(key).flatMap { ObjectReader($0, as: what, self.collector) }
    }

    mutating func objects(_ key: String, as what: String) -> [ObjectReader]? {
        self.list(key)?.compactMap { ObjectReader($0, as: what, self.collector) }
    }

    private func text(of value: DocumentValue, _ key: String) -> Located<String>? {
        switch value.kind {
        case .scalar(let text): return Located(value: text, location: value.location)
        case .unresolved: return nil
        case .null, .list, .mapping:
            self.collector.error("'\(key)' of \(self.what) must be text, not \(value.noun)", at: value.location)
            return nil
        }
    }
}
