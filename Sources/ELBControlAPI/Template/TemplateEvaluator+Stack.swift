import ELBModel

/// Resources as CloudFormation's API shows and compares them.
extension TemplateEvaluator {
    /// `nil` when its id cannot be told, which has been reported.
    func stackResource(_ resource: TemplateResource) -> StackResource? {
        guard let physicalID = self.physicalID(of: resource) else { return nil }
        var properties: [String: String] = [:]
        for entry in resource.properties.entries ?? [] {
            if let value = self.resolve(entry.value) { properties[entry.key] = value.canonicalText }
        }
        return StackResource(
            logicalID: resource.logicalID,
            type: resource.type.rawValue,
            physicalID: physicalID,
            properties: properties,
            metadata: resource.metadata.flatMap(self.resolve)?.canonicalText ?? "",
            isRetained: resource.isRetained
        )
    }
}

extension DocumentValue {
    /// The value as JSON in which everything that is no list and no mapping is text; equal values have equal texts.
    var canonicalText: String {
        switch self.kind {
        case .null, .unresolved: "null"
        case .scalar(let text): Self.quoted(text)
        case .list(let elements): "[\(elements.map(\.canonicalText).joined(separator: ","))]"
        case .mapping(let entries):
            "{\(entries.sorted { $0.key < $1.key }.map { "\(Self.quoted($0.key)):\($0.value.canonicalText)" }.joined(separator: ","))}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
