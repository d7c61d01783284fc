/// A JSON text as a tree: for short documents of strangers whose members come in any order, such as tokens and keys.
/// Larger ones, or those of which little matters, are better read with `JSONReader` as they come.
package indirect enum JSONValue: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// Whole numbers within `Int`; `nil` for the others.
    case number(Int?)
    case string(String)
    case array([JSONValue])
    /// In the order of the text; no name twice.
    case object([Member])

    package struct Member: Hashable, Sendable {
        package var name: String
        package var value: JSONValue
    }

    /// Reads one text, all of it. Stricter than the standard demands: a name that stands twice in an object, or bytes that are
    /// not UTF-8, would mean different things to different readers (RFC 8259, section 4; RFC 7515, section 4).
    package init(_ bytes: Span<UInt8>) throws(JSONError) {
        var reader = JSONReader()
        self = try Self.read(&reader, bytes)
        try reader.finish(bytes)
    }

    private static func read(_ reader: inout JSONReader, _ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
        switch try reader.kind(bytes) {
        case .null:
            try reader.null(bytes)
            return .null
        case .boolean: return .boolean(try reader.boolean(bytes))
        case .number:
            do throws(JSONError) {
                return .number(try reader.integer(bytes))
            } catch {
                // The reader stands behind a number that is none of `Int`'s.
                if error == .mismatch { return .number(nil) }
                throw error
            }
        case .string: return .string(try Self.text(try reader.string(bytes)))
        case .array:
            var elements: [JSONValue] = []
            try reader.enterArray(bytes)
            while try reader.nextElement(bytes) { elements.append(try Self.read(&reader, bytes)) }
            return .array(elements)
        case .object:
            var members: [Member] = []
            var names: Set<String> = []
            try reader.enterObject(bytes)
            while let key = try reader.nextKey(bytes) {
                let name = try Self.text(key)
                guard names.insert(name).inserted else { throw .malformed }
                members.append(Member(name: name, value: try Self.read(&reader, bytes)))
            }
            return .object(members)
        }
    }

    private static func text(_ bytes: [UInt8]) throws(JSONError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformed }
        return text
    }

    /// The member of that name; `nil` if there is none or this is no object.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The string, if it is one.
    package var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The whole number, if it is one.
    package var integer: Int? {
        if case .number(let number) = self { number } else { nil }
    }

    /// The elements, if it is an array.
    package var elements: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }
}
