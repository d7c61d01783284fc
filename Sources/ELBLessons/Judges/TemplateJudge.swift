import ELBModel
import Yams

/// What must be true of resources of one type in the answer, read as it is written.
package struct ResourceRule: Hashable, Sendable {
    package var type: String
    /// The logical id; every resource of the type if `nil`.
    package var id: String?
    /// How many there must be; at least one if `nil` and properties are given.
    package var count: Int?
    /// By path: `Scheme`, `SecurityGroupIngress[0].SourceSecurityGroupId`, `Targets[*].Port` (any element),
    /// `TargetGroupAttributes[stickiness.enabled]` (the `Value` at that `Key`).
    package var properties: [String: Wanted]

    package enum Wanted: Hashable, Sendable {
        /// The text, a pattern.
        case text(String)
        case oneOf([String])
        case not(String)
        case range(ClosedRange<Double>)
        /// `Ref` or `GetAtt` of that resource; `*` of any.
        case reference(String)
        case absent
    }

    init(_ reader: YAMLReader) throws {
        try reader.allow(keys: ["type", "id", "count", "properties"])
        self.type = try reader.required("type").string()
        self.id = try reader.optional("id")?.string()
        self.count = try reader.optional("count")?.int()
        self.properties = [:]
        for (path, value) in try reader.optional("properties")?.entries() ?? [] {
            self.properties[path] = try Wanted(value)
        }
        if self.count == nil, self.properties.isEmpty { throw reader.error("expects nothing") }
    }
}

extension ResourceRule.Wanted {
    init(_ reader: YAMLReader) throws {
        guard reader.node.mapping != nil else {
            self = .text(try reader.string())
            return
        }
        try reader.allow(keys: ["ref", "one-of", "not", "at-least", "at-most", "absent"])
        if let reference = reader.optional("ref") {
            self = .reference(try reference.string())
        } else if let values = reader.optional("one-of") {
            self = .oneOf(try values.strings())
        } else if let value = reader.optional("not") {
            self = .not(try value.string())
        } else if let value = reader.optional("absent") {
            guard try value.bool() else { throw value.error("must be true") }
            self = .absent
        } else {
            let least = try reader.optional("at-least")?.double() ?? -Double.greatestFiniteMagnitude
            let most = try reader.optional("at-most")?.double() ?? Double.greatestFiniteMagnitude
            guard least <= most else { throw reader.error("'at-least' is above 'at-most'") }
            self = .range(least...most)
        }
    }

    func fits(_ value: TemplateValue?) -> Bool {
        switch (self, value) {
        case (.absent, nil): true
        case (.absent, _), (_, nil): false
        case (.text(let pattern), .text(let text)?): Pattern.matches(text, pattern)
        case (.oneOf(let texts), .text(let text)?): texts.contains(text)
        case (.not(let pattern), .text(let text)?): !Pattern.matches(text, pattern)
        case (.not, .reference?): true
        case (.range(let range), .text(let text)?): Double(text).map { range.contains($0) } ?? false
        case (.reference(let wanted), .reference(let found)?): wanted == "*" || wanted == found
        case (_, _): false
        }
    }
}

/// A property's value as far as rules look at it.
enum TemplateValue: Hashable {
    case text(String)
    /// Of the resource of that id.
    case reference(String)
    /// A list, a mapping, or a function of another kind.
    case other

    init(_ reader: YAMLReader) {
        let tag = "\(reader.node.tag)"
        if let text = reader.node.scalar?.string {
            switch tag {
            case "!Ref": self = .reference(text)
            case "!GetAtt": self = .reference(String(text.prefix { $0 != "." }))
            case "!Sub", "!ImportValue", "!Base64": self = .other
            default: self = .text(text)
            }
        } else if let name = reader.optional("Ref"), let text = try? name.string() {
            self = .reference(text)
        } else if let name = reader.optional("Fn::GetAtt") {
            let parts = (try? name.oneOrMore()) ?? []
            self = parts.first.map { .reference(String($0.prefix { $0 != "." })) } ?? .other
        } else {
            self = .other
        }
    }

    var description: String {
        switch self {
        case .text(let text): text
        case .reference(let id): "!Ref \(id)"
        case .other: "…"
        }
    }
}

enum TemplateJudge {
    static func judge(_ text: String, file: String, _ rules: [ResourceRule]) throws -> Judgement {
        let root = try YAMLReader(text: text, file: file)
        let resources = try root.required("Resources").entries().filter { $0.value.optional("Type") != nil }
        for rule in rules {
            let found = try resources.filter { id, value in
                try value.required("Type").string() == rule.type && (rule.id == nil || rule.id == id)
            }
            let name = rule.id.map { "\($0) (\(rule.type))" } ?? rule.type
            if let count = rule.count, found.count != count {
                return Self.fail(name, "Resources", "\(found.count)")
            }
            if rule.count == nil, found.isEmpty { return Self.fail(name, "Resources", "0") }
            for (id, value) in found {
                for (path, wanted) in rule.properties.sorted(by: { $0.key < $1.key }) {
                    let values = value.optional("Properties")?.values(at: path[...]) ?? []
                    let fits = values.isEmpty ? wanted.fits(nil) : values.contains { wanted.fits($0) }
                    guard !fits else { continue }
                    let actual = values.isEmpty ? "–" : values.map(\.description).joined(separator: ", ")
                    return Self.fail("\(id) (\(rule.type))", path, actual)
                }
            }
        }
        return .pass
    }

    /// Says which property it is and never what it should be: that would be the answer.
    private static func fail(_ resource: String, _ path: String, _ found: String) -> Judgement {
        .fail(
            LessonFinding(
                tried: Message("template.tried", ["resource": resource]),
                expected: Message("template.wanted", ["path": path]),
                actual: Message("template.value", ["path": path, "value": found])
            )
        )
    }
}

extension YAMLReader {
    /// The values at a path such as `A.B[0].C`, `A[*].C` or `A[key]`.
    func values(at path: Substring) -> [TemplateValue] {
        guard !path.isEmpty else { return [TemplateValue(self)] }
        if path.first == "[" {
            guard let close = path.firstIndex(of: "]") else { return [] }
            let index = path[path.index(after: path.startIndex)..<close]
            var rest = path[path.index(after: close)...]
            if rest.first == "." { rest = rest.dropFirst() }
            let elements = (try? self.list()) ?? []
            if index == "*" { return elements.flatMap { $0.values(at: rest) } }
            if let number = Int(index) {
                return elements.indices.contains(number) ? elements[number].values(at: rest) : []
            }
            let entry = elements.first { (try? $0.optional("Key")?.string()) == String(index) }
            return entry?.optional("Value")?.values(at: rest) ?? []
        }
        let name = path.prefix { $0 != "." && $0 != "[" }
        var rest = path[name.endIndex...]
        if rest.first == "." { rest = rest.dropFirst() }
        return self.optional(String(name))?.values(at: rest) ?? []
    }
}

/// Attributes of a load balancer or a target group, with AWS's defaults where the answer says nothing.
package struct AttributeRule: Hashable, Sendable {
    package var kind: Kind
    /// The `Name` in the template; the only one of its kind if `nil`.
    package var name: String?
    package var values: [String: ResourceRule.Wanted]

    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case loadBalancer = "load-balancer"
        case targetGroup = "target-group"
    }

    init(_ reader: YAMLReader) throws {
        try reader.allow(keys: ["kind", "name", "values"])
        self.kind = try reader.required("kind").choice(of: Kind.self)
        self.name = try reader.optional("name")?.string()
        self.values = [:]
        for (key, value) in try reader.required("values").entries() { self.values[key] = try .init(value) }
    }

    private typealias Values = [(name: String, values: [(key: String, value: String)])]

    private static func all(_ topology: Topology, _ kind: Kind) -> Values {
        switch kind {
        case .loadBalancer: topology.loadBalancers.map { ($0.name.rawValue, $0.attributes.values(of: $0.kind)) }
        case .targetGroup: topology.targetGroups.map { ($0.name.rawValue, $0.attributeValues) }
        }
    }

    /// The value of one attribute; `nil` if there is none.
    static func value(_ topology: Topology, _ kind: Kind, _ name: String?, _ key: String) -> String? {
        Self.all(topology, kind).first { name == nil || $0.name == name }?.values.first { $0.key == key }?.value
    }

    static func judge(_ topology: Topology, _ rules: [AttributeRule]) -> Judgement {
        for rule in rules {
            let all = Self.all(topology, rule.kind)
            let found = all.filter { rule.name == nil || rule.name == $0.name }
            let what = "\(rule.kind.rawValue) \(rule.name ?? "")"
            guard !found.isEmpty else { return Self.fail(what, "Name", "–") }
            for one in found {
                for (key, wanted) in rule.values.sorted(by: { $0.key < $1.key }) {
                    let value = one.values.first { $0.key == key }?.value
                    guard !wanted.fits(value.map { .text($0) }) else { continue }
                    return Self.fail("\(rule.kind.rawValue) \(one.name)", key, value ?? "–")
                }
            }
        }
        return .pass
    }

    private static func fail(_ what: String, _ key: String, _ found: String) -> Judgement {
        .fail(
            LessonFinding(
                tried: Message("template.tried", ["resource": what]),
                expected: Message("template.wanted", ["path": key]),
                actual: Message("template.value", ["path": key, "value": found])
            )
        )
    }
}
