/// Finds an operation, and the parts of its input that are not in the body, where a service has a path for each of them.
enum RESTPath {
    typealias Found = (name: String, operation: ServiceModel.Operation, parts: [String: String])

    /// The operation of that method and path, and what stands in the places of the model's `{name}`.
    static func operation(_ method: String, _ path: String, _ model: ServiceModel) -> Found? {
        let given = path.split(separator: "/")
        for (name, operation) in model.operations {
            guard let http = operation.http, http.method == method,
                let parts = Self.parts(given, http.requestUri.split(separator: "/"))
            else { continue }
            return (name, operation, parts)
        }
        return nil
    }

    private static func parts(_ given: [Substring], _ pattern: [Substring]) -> [String: String]? {
        guard given.count == pattern.count else { return nil }
        var parts: [String: String] = [:]
        for (text, pattern) in zip(given, pattern) {
            if pattern.hasPrefix("{"), pattern.hasSuffix("}") {
                guard let decoded = Self.decoded(text) else { return nil }
                parts[String(pattern.dropFirst().dropLast())] = decoded
            } else if text != pattern {
                return nil
            }
        }
        return parts
    }

    /// The whole input: the body's members, and those that path and query string hold.
    static func input(
        _ body: WireValue,
        _ parts: [String: String],
        query: String,
        _ operation: ServiceModel.Operation,
        _ model: ServiceModel
    ) throws(APIError) -> WireValue {
        guard let name = operation.input, case .structure(var members) = body else { return body }
        let form = try FormParameters(query.utf8)
        for (name, member) in (model.shape(name).members ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard let location = member.location else { continue }
            let wireName = member.locationName ?? name
            let text: String?
            switch location {
            case .uri: text = parts[wireName]
            case .querystring: text = form.root.children[wireName]?.value
            // No operation that the lab has keeps anything there.
            case .header, .headers, .statusCode: text = nil
            }
            // What stands elsewhere does not count in the body.
            members.removeAll { $0.name == name }
            guard let text else { continue }
            members.append(.init(name, try ScalarReader.scalar(text, model.shape(member.shape).type, name)))
        }
        return .structure(members)
    }

    /// A part of a path without its escapes; `nil` if they are none.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
