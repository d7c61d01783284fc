import ELBModel

/// Writes XML elements by the service model: names from `locationName`, lists as `<member>` (or `<item>` in EC2) or flat.
struct XMLWriter {
    let model: ServiceModel
    private(set) var text = ""

    init(_ model: ServiceModel) {
        self.model = model
    }

    /// A whole answer. Query: `<OpResponse><OpResult>…</OpResult><ResponseMetadata>`; clients need the result element also where
    /// it is empty. EC2: no wrapper.
    static func response(
        _ output: WireValue,
        of name: String,
        model: ServiceModel,
        requestID: String
    ) -> String {
        var writer = XMLWriter(model)
        let operation = model.operations[name]
        let shape = operation?.output.map(model.shape)
        let namespace = model.metadata.xmlNamespace ?? ""
        writer.text = #"<\#(name)Response xmlns="\#(namespace)">"#
        if model.metadata.protocol == .ec2 {
            writer.element("requestId", text: requestID)
            if let shape { writer.members(output, shape) }
        } else {
            let wrapper = operation?.resultWrapper ?? "\(name)Result"
            writer.open(wrapper)
            if let shape { writer.members(output, shape) }
            writer.close(wrapper)
            writer.open("ResponseMetadata")
            writer.element("RequestId", text: requestID)
            writer.close("ResponseMetadata")
        }
        writer.close("\(name)Response")
        return writer.text
    }

    // MARK: By the model

    private mutating func members(_ value: WireValue, _ shape: ServiceModel.Shape) {
        guard case .structure(let members) = value else { return }
        for member in members {
            guard let reference = shape.members?[member.name] else {
                assertionFailure("the model has no member \(member.name) to answer with")
                continue
            }
            self.element(reference.locationName ?? member.name, member.value, reference)
        }
    }

    private mutating func element(_ name: String, _ value: WireValue, _ reference: ServiceModel.Member) {
        let shape = self.model.shape(reference.shape)
        switch value {
        case .list(let elements):
            guard let element = shape.member else { return }
            if shape.flattened == true || reference.flattened == true {
                for value in elements { self.element(element.locationName ?? name, value, element) }
            } else {
                self.open(name)
                for value in elements { self.element(element.locationName ?? "member", value, element) }
                self.close(name)
            }
        case .structure(let entries) where shape.type == .map:
            guard let value = shape.value else { return }
            self.open(name)
            for entry in entries {
                self.open("entry")
                self.element(shape.key?.locationName ?? "key", text: entry.name)
                self.element(value.locationName ?? "value", entry.value, value)
                self.close("entry")
            }
            self.close(name)
        case .structure:
            self.open(name)
            self.members(value, shape)
            self.close(name)
        case .text(let text): self.element(name, text: text)
        case .integer(let number): self.element(name, text: "\(number)")
        case .decimal(let number): self.element(name, text: "\(number)")
        case .boolean(let flag): self.element(name, text: flag ? "true" : "false")
        case .timestamp(let time): self.element(name, text: time.iso8601)
        case .blob(let bytes): self.element(name, text: Base64.encode(bytes))
        }
    }

    // MARK: Elements

    mutating func open(_ name: String) { self.text += "<\(name)>" }
    mutating func close(_ name: String) { self.text += "</\(name)>" }

    mutating func element(_ name: String, text: String) {
        self.open(name)
        self.text += Self.escape(text)
        self.close(name)
    }

    /// Escapes markup; characters that XML 1.0 cannot carry become U+FFFD.
    static func escape(_ text: String) -> String {
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\r": escaped += "&#13;"
            case "\t", "\n": escaped.unicodeScalars.append(scalar)
            case "\u{0}"..<" ", "\u{FFFE}", "\u{FFFF}": escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
