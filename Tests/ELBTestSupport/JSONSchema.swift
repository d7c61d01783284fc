import FoundationEssentials

/// As much of JSON Schema as the schemas in `fixtures/schemas` use. A keyword that it does not know is an error, so that none is
/// written and never looked at.
public struct JSONSchema {
    private let root: JSONTree

    public init(file: String) throws {
        self.root = try JSONDecoder().decode(JSONTree.self, from: Data(contentsOf: URL(filePath: file)))
    }

    /// What is wrong with a text, each with its place; empty when it fits.
    public func problems(in text: String) throws -> [String] {
        let value = try JSONDecoder().decode(JSONTree.self, from: Data(text.utf8))
        return Self.problems(value, self.root, "$")
    }

    private static let silent: Set<String> = ["$schema", "$id", "title", "description"]

    private static func problems(_ value: JSONTree, _ schema: JSONTree, _ place: String) -> [String] {
        guard case .object(let rules) = schema else { return ["\(place): the schema is no object"] }
        return rules.sorted { $0.key < $1.key }.flatMap { key, rule -> [String] in
            if Self.silent.contains(key) { return [] }
            switch (key, rule, value) {
            case ("type", _, _):
                let types = rule.strings ?? []
                return types.contains { value.fits(type: $0) } ? [] : ["\(place): is not of type \(types)"]
            case ("const", _, _): return value == rule ? [] : ["\(place): is not \(rule)"]
            case ("enum", .array(let all), _): return all.contains(value) ? [] : ["\(place): is none of \(all)"]
            case ("required", _, .object(let members)):
                return (rule.strings ?? []).filter { members[$0] == nil }.map { "\(place): has no \($0)" }
            case ("properties", .object(let known), .object(let members)):
                return members.sorted { $0.key < $1.key }.flatMap { name, member in
                    known[name].map { Self.problems(member, $0, "\(place).\(name)") } ?? []
                }
            case ("additionalProperties", .boolean(false), .object(let members)):
                guard case .object(let known)? = rules["properties"] else { return [] }
                return members.keys.filter { known[$0] == nil }.sorted().map { "\(place): '\($0)' is unknown" }
            case ("items", _, .array(let elements)):
                return elements.enumerated().flatMap { Self.problems($1, rule, "\(place)[\($0)]") }
            case ("minItems", .number(let least), .array(let elements)):
                return Double(elements.count) >= least ? [] : ["\(place): has too few elements"]
            case ("minimum", .number(let least), .number(let number)):
                return number >= least ? [] : ["\(place): is below \(least)"]
            case ("maximum", .number(let most), .number(let number)):
                return number <= most ? [] : ["\(place): is above \(most)"]
            case ("minLength", .number(let least), .string(let text)):
                return Double(text.count) >= least ? [] : ["\(place): is too short"]
            case ("required", _, _), ("properties", _, _), ("additionalProperties", _, _), ("items", _, _),
                ("minItems", _, _),
                ("minimum", _, _), ("maximum", _, _), ("minLength", _, _):
                return []
            case (_, _, _): return ["\(place): the schema's '\(key)' is not understood"]
            }
        }
    }
}

/// Any JSON.
public enum JSONTree: Decodable, Hashable, Sendable {
    case object([String: JSONTree])
    case array([JSONTree])
    case string(String)
    case number(Double)
    case boolean(Bool)
    case null

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .boolean(flag)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if let elements = try? container.decode([JSONTree].self) {
            self = .array(elements)
        } else {
            self = .object(try container.decode([String: JSONTree].self))
        }
    }

    /// One text, or a list of them.
    var strings: [String]? {
        switch self {
        case .string(let text): [text]
        case .array(let elements): elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
        case .object, .number, .boolean, .null: nil
        }
    }

    func fits(type: String) -> Bool {
        switch self {
        case .object: type == "object"
        case .array: type == "array"
        case .string: type == "string"
        case .number(let number): type == "number" || (type == "integer" && number == number.rounded())
        case .boolean: type == "boolean"
        case .null: type == "null"
        }
    }
}
