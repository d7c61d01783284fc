/// A JSON value with members in the order written, for files that people read and golden files compare.
package indirect enum JSONText: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    case object([(String, JSONText)])
    case array([JSONText])
    case string(String)
    case number(Int)
    case boolean(Bool)
    case null

    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .number(value) }

    /// An object's member; `nil` if there is none, and for what is no object.
    subscript(name: String) -> JSONText? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.0 == name }?.1
    }

    /// An array's; none of anything else.
    var elements: [JSONText] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }

    /// A text's; empty for anything else.
    var string: String {
        guard case .string(let text) = self else { return "" }
        return text
    }

    /// The members of an object with these names, in its order.
    func members(_ names: Set<String>) -> [(String, JSONText)] {
        guard case .object(let members) = self else { return [] }
        return members.filter { names.contains($0.0) }
    }

    /// Pretty-printed with two spaces and a line break at the end.
    package var text: String {
        var output = ""
        self.write(into: &output, indent: "")
        output.append("\n")
        return output
    }

    /// On one line, for files of many like rows.
    var line: String {
        switch self {
        case .object(let members):
            let parts = members.map { "\(JSONText.string($0.0).line): \($0.1.line)" }
            return parts.isEmpty ? "{}" : "{ \(parts.joined(separator: ", ")) }"
        case .array(let elements): return "[\(elements.map(\.line).joined(separator: ", "))]"
        case .string, .number, .boolean, .null:
            var text = ""
            self.write(into: &text, indent: "")
            return text
        }
    }

    private func write(into output: inout String, indent: String) {
        switch self {
        case .object(let members):
            Self.write(members, "{", "}", into: &output, indent: indent) { member, output, indent in
                Self.write(string: member.0, into: &output)
                output.append(": ")
                member.1.write(into: &output, indent: indent)
            }
        case .array(let elements):
            Self.write(elements, "[", "]", into: &output, indent: indent) { element, output, indent in
                element.write(into: &output, indent: indent)
            }
        case .string(let text): Self.write(string: text, into: &output)
        case .number(let number): output.append(String(number))
        case .boolean(let flag): output.append(flag ? "true" : "false")
        case .null: output.append("null")
        }
    }

    private static func write<Item>(
        _ items: [Item],
        _ open: String,
        _ close: String,
        into output: inout String,
        indent: String,
        each: (Item, inout String, String) -> Void
    ) {
        output.append(open)
        let inner = indent + "  "
        for (index, item) in items.enumerated() {
            output.append(index == 0 ? "\n" : ",\n")
            output.append(inner)
            each(item, &output, inner)
        }
        if !items.isEmpty { output.append("\n" + indent) }
        output.append(close)
    }

    private static func write(string text: String, into output: inout String) {
        output.append("\"")
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output.append("\\\"")
            case "\\": output.append("\\\\")
            case "\n": output.append("\\n")
            case "\r": output.append("\\r")
            case "\t": output.append("\\t")
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                output.append("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
            default: output.unicodeScalars.append(scalar)
            }
        }
        output.append("\"")
    }
}
