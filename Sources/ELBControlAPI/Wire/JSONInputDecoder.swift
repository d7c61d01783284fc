import FoundationEssentials

/// Reads an operation's input from JSON, as JSON 1.1 writes it. Members that the model does not know are left out, as AWS does.
struct JSONInputDecoder {
    let model: ServiceModel

    func input(_ operation: ServiceModel.Operation, _ body: [UInt8]) throws(APIError) -> WireValue {
        let tree: JSONTree
        do {
            tree = body.isEmpty ? .object([:]) : try JSONDecoder().decode(JSONTree.self, from: Data(body))
        } catch {
            throw APIError("SerializationException", "The body is not JSON")
        }
        guard let name = operation.input else { return .structure([]) }
        guard case .object = tree else { throw APIError("SerializationException", "The body is not a JSON object") }
        return try self.value(self.model.shape(name), tree, "") ?? .structure([])
    }

    private func value(
        _ shape: ServiceModel.Shape,
        _ tree: JSONTree,
        _ path: String
    ) throws(APIError) -> WireValue? {
        switch (shape.type, tree) {
        case (_, .null): return nil
        case (.structure, .object(let entries)):
            var members: [WireValue.Member] = []
            for (name, member) in (shape.members ?? [:]).sorted(by: { $0.key < $1.key }) {
                guard let child = entries[member.locationName ?? name] else { continue }
                let path = path.isEmpty ? name : "\(path).\(name)"
                if let value = try self.value(self.model.shape(member.shape), child, path) {
                    members.append(.init(name, value))
                }
            }
            return .structure(members)
        case (.list, .array(let elements)):
            guard let element = shape.member.map({ self.model.shape($0.shape) }) else { return nil }
            var values: [WireValue] = []
            for (index, child) in elements.enumerated() {
                if let value = try self.value(element, child, "\(path).\(index + 1).member") { values.append(value) }
            }
            return .list(values)
        case (.map, .object(let entries)):
            guard let value = shape.value.map({ self.model.shape($0.shape) }) else { return nil }
            var members: [WireValue.Member] = []
            for (key, child) in entries.sorted(by: { $0.key < $1.key }) {
                if let value = try self.value(value, child, "\(path).\(key)") { members.append(.init(key, value)) }
            }
            return .structure(members)
        case (.boolean, .boolean(let flag)): return .boolean(flag)
        case (.integer, .number(let number)), (.long, .number(let number)):
            guard let integer = Int(exactly: number) else { throw Self.illTyped(path) }
            return .integer(integer)
        case (.float, .number(let number)), (.double, .number(let number)): return .decimal(number)
        case (.timestamp, .number(let number)):
            return try ScalarReader.scalar("\(number)", .timestamp, path)
        case (.string, .text(let text)), (.character, .text(let text)): return .text(text)
        case (.blob, .text(let text)), (.timestamp, .text(let text)):
            return try ScalarReader.scalar(text, shape.type, path)
        default: throw Self.illTyped(path)
        }
    }

    private static func illTyped(_ path: String) -> APIError {
        APIError("SerializationException", "The value at '\(InputValidator.place(path))' has the wrong type")
    }
}

/// A JSON document as it is.
private enum JSONTree: Decodable {
    case null
    case boolean(Bool)
    case number(Double)
    case text(String)
    case array([JSONTree])
    case object([String: JSONTree])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .boolean(flag)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let elements = try? container.decode([JSONTree].self) {
            self = .array(elements)
        } else {
            self = .object(try container.decode([String: JSONTree].self))
        }
    }
}
