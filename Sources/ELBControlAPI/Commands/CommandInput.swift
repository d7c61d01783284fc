/// Reads an operation's input, member by member, and remembers which were asked for, so that `finish` can refuse what AWS has and
/// the lab has not. The service model has judged types and ranges already; what is asked for with the wrong type is as if absent.
package struct CommandInput {
    let value: WireValue
    /// What the structure is, for messages: `CreateRule`.
    let what: String
    private var known: Set<String> = []

    package init(_ value: WireValue, what: String) {
        self.value = value
        self.what = what
    }

    package mutating func value(_ name: String) -> WireValue? {
        self.known.insert(name)
        return self.value[name]
    }

    package mutating func text(_ name: String) -> String? {
        guard case .text(let text) = self.value(name) else { return nil }
        return text
    }

    package mutating func integer(_ name: String) -> Int? {
        guard case .integer(let number) = self.value(name) else { return nil }
        return number
    }

    package mutating func boolean(_ name: String) -> Bool? {
        guard case .boolean(let flag) = self.value(name) else { return nil }
        return flag
    }

    package mutating func blob(_ name: String) -> [UInt8]? {
        guard case .blob(let bytes) = self.value(name) else { return nil }
        return bytes
    }

    /// `nil` when the list is absent; a list that is given may be empty.
    package mutating func list(_ name: String) -> [WireValue]? {
        guard case .list(let elements) = self.value(name) else { return nil }
        return elements
    }

    package mutating func texts(_ name: String) -> [String]? {
        self.list(name)?.compactMap {
            guard case .text(let text) = $0 else { return nil }
            return text
        }
    }

    package mutating func integers(_ name: String) -> [Int]? {
        self.list(name)?.compactMap {
            guard case .integer(let number) = $0 else { return nil }
            return number
        }
    }

    package mutating func structures(_ name: String) -> [CommandInput]? {
        self.list(name)?.map { CommandInput($0, what: name) }
    }

    package mutating func structure(_ name: String) -> CommandInput? {
        self.value(name).map { CommandInput($0, what: name) }
    }

    /// A text that the model requires.
    package mutating func required(_ name: String) throws(APIError) -> String {
        guard let text = self.text(name) else { throw .validation("\(self.what) needs '\(name)'") }
        return text
    }

    /// Accepts members whose effect is only at AWS.
    package mutating func accepts(_ names: String...) { self.known.formUnion(names) }

    /// Accepts a member only with the one value that the lab has.
    package mutating func only(_ name: String, _ allowed: String) throws(APIError) {
        guard let text = self.text(name), text != allowed else { return }
        throw .notInLab("'\(text.prefix(80))' for \(name) (the lab has '\(allowed)')")
    }

    /// - Throws: when a member is given that was never asked for.
    package func finish() throws(APIError) {
        guard case .structure(let members) = self.value else { return }
        for member in members where !self.known.contains(member.name) {
            throw .notInLab("'\(member.name)' of \(self.what)")
        }
    }
}
