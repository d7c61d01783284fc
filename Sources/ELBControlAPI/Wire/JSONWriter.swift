import ELBModel

/// Writes JSON by the service model. Times are seconds since 1970, blobs base64, as JSON 1.1 has them.
struct JSONWriter {
    let model: ServiceModel

    func text(_ output: WireValue, _ operation: ServiceModel.Operation) -> String {
        guard let name = operation.output else { return "{}" }
        return self.text(output, self.model.shape(name))
    }

    private func text(_ value: WireValue, _ shape: ServiceModel.Shape) -> String {
        switch value {
        case .structure(let members) where shape.type == .map:
            guard let value = shape.value.map({ self.model.shape($0.shape) }) else { return "{}" }
            return Self.object(members.map { (key: $0.name, text: self.text($0.value, value)) })
        case .structure(let members):
            return Self.object(
                members.compactMap { member in
                    guard let reference = shape.members?[member.name] else {
                        assertionFailure("the model has no member \(member.name) to answer with")
                        return nil
                    }
                    let text = self.text(member.value, self.model.shape(reference.shape))
                    return (key: reference.locationName ?? member.name, text: text)
                }
            )
        case .list(let elements):
            guard let element = shape.member.map({ self.model.shape($0.shape) }) else { return "[]" }
            return "[" + elements.map { self.text($0, element) }.joined(separator: ",") + "]"
        case .text(let text): return Self.quote(text)
        case .integer(let number): return "\(number)"
        case .decimal(let number): return "\(number)"
        case .boolean(let flag): return flag ? "true" : "false"
        case .timestamp(let time): return "\(Double(time.milliseconds) / 1000)"
        case .blob(let bytes): return Self.quote(Base64.encode(bytes))
        }
    }

    static func object(_ entries: [(key: String, text: String)]) -> String {
        "{" + entries.map { "\(Self.quote($0.key)):\($0.text)" }.joined(separator: ",") + "}"
    }

    static func quote(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
