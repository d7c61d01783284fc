/// The `{AttributeName, AttributeValue}` pairs of a policy, asked for by name; what nobody asked for is refused.
package struct ClassicPolicyAttributes {
    private let values: [(name: String, value: String)]
    private var known: Set<String> = []

    package init(_ values: [(name: String, value: String)]) { self.values = values }

    init(_ input: inout CommandInput) throws(APIError) {
        var values: [(name: String, value: String)] = []
        for var attribute in input.structures("PolicyAttributes") ?? [] {
            values.append((try attribute.required("AttributeName"), attribute.text("AttributeValue") ?? ""))
            try attribute.finish()
        }
        self.values = values
    }

    /// Every name that is given.
    var names: [String] { self.values.map(\.name) }

    /// What is given of a name, in order.
    mutating func all(_ name: String) -> [String] {
        self.known.insert(name)
        return self.values.filter { $0.name == name }.map(\.value)
    }

    /// `nil` if it is not given.
    mutating func one(_ name: String) throws(APIError) -> String? {
        let all = self.all(name)
        guard all.count <= 1 else { throw Self.invalid("The attribute '\(name.prefix(80))' can be given once only") }
        return all.first
    }

    mutating func required(_ name: String) throws(APIError) -> String {
        guard let value = try self.one(name) else { throw Self.invalid("The attribute '\(name)' must be specified") }
        return value
    }

    /// `nil` if it is not given.
    mutating func boolean(_ name: String) throws(APIError) -> Bool? {
        switch try self.one(name)?.lowercased() {
        case nil: return nil
        case "true": return true
        case "false": return false
        case .some(let value):
            throw Self.invalid("The attribute '\(name.prefix(80))' must be true or false, not '\(value.prefix(80))'")
        }
    }

    /// - Throws: when an attribute is given that the policy's type does not have.
    package func finish() throws(APIError) {
        for (name, _) in self.values where !self.known.contains(name) {
            throw Self.invalid("Policies of this type have no attribute '\(name.prefix(80))'")
        }
    }

    static func invalid(_ message: String) -> APIError { APIError("InvalidConfigurationRequest", message) }
}
