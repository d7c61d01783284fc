import ELBModel
import FoundationEssentials

extension TemplateEvaluator {
    /// `Fn::Sub`: a text, or a text and a mapping of further names.
    func sub(_ argument: DocumentValue) -> DocumentValue.Kind? {
        var text = argument
        var names: [String: DocumentValue] = [:]
        if case .list(let parts) = argument.kind {
            guard parts.count == 2, let entries = parts[1].entries else {
                self.collector.error("'Fn::Sub' takes a text, or a text and a mapping", at: argument.location)
                return nil
            }
            text = parts[0]
            for entry in entries { names[entry.key] = self.resolve(entry.value) }
        }
        guard let template = text.text else {
            self.collector.error("'Fn::Sub' takes a text, not \(text.noun)", at: text.location)
            return nil
        }
        return self.substitute(template, names: names, at: text.location)
    }

    private func substitute(
        _ template: String,
        names: [String: DocumentValue],
        at location: SourceLocation
    ) -> DocumentValue.Kind? {
        var result = ""
        var rest = Substring(template)
        var isWhole = true
        while let start = rest.firstRange(of: "${") {
            result += rest[..<start.lowerBound]
            rest = rest[start.upperBound...]
            guard let end = rest.firstIndex(of: "}") else {
                self.collector.error("'${' is not closed by '}'", at: location)
                return nil
            }
            let name = String(rest[..<end]).trimmed
            rest = rest[rest.index(after: end)...]
            if name.hasPrefix("!") {
                result += "${\(name.dropFirst())}"
            } else if let text = self.text(ofName: name, names: names, at: location) {
                result += text
                guard result.utf8.count <= Self.maximumText else { return self.tooLong("Fn::Sub", at: location) }
            } else {
                isWhole = false
            }
        }
        return isWhole ? .scalar(result + rest) : nil
    }

    private func text(ofName name: String, names: [String: DocumentValue], at location: SourceLocation) -> String? {
        let kind: DocumentValue.Kind?
        if let own = names[name] {
            kind = own.kind
        } else if let dot = name.firstIndex(of: ".") {
            kind = self.attribute(String(name[name.index(after: dot)...]), of: String(name[..<dot]), at: location)
        } else {
            kind = self.reference(to: name, at: location)
        }
        guard let kind, kind != .unresolved else { return nil }
        guard case .scalar(let text) = kind else {
            self.collector.error("'${\(name)}' is not a text", at: location)
            return nil
        }
        return text
    }

    /// `Fn::Join`: `[delimiter, [text, …]]`.
    func join(_ argument: DocumentValue) -> DocumentValue.Kind? {
        guard let parts = self.arguments(2, of: "Fn::Join", argument, form: "[delimiter, [text, …]]") else {
            return nil
        }
        guard let delimiter = parts[0].text, let elements = parts[1].elements else {
            return self.wrongForm("Fn::Join", argument, form: "[delimiter, [text, …]]")
        }
        guard !elements.contains(where: \.isUnresolved) else { return nil }
        let texts = elements.compactMap(\.text)
        guard texts.count == elements.count else {
            return self.wrongForm("Fn::Join", argument, form: "[delimiter, [text, …]]")
        }
        // The length is known before the text is made.
        let length = texts.reduce(0) { $0 + $1.utf8.count + delimiter.utf8.count }
        guard length <= Self.maximumText else { return self.tooLong("Fn::Join", at: argument.location) }
        return .scalar(texts.joined(separator: delimiter))
    }

    /// `Fn::Select`: `[index, [value, …]]`.
    func select(_ argument: DocumentValue) -> DocumentValue.Kind? {
        guard let parts = self.arguments(2, of: "Fn::Select", argument, form: "[index, [value, …]]") else { return nil }
        guard let index = parts[0].text.flatMap({ Int($0) }), let elements = parts[1].elements else {
            return self.wrongForm("Fn::Select", argument, form: "[index, [value, …]]")
        }
        guard elements.indices.contains(index) else {
            self.collector.error(
                "'Fn::Select' asks for element \(index) of a list of \(elements.count)",
                at: parts[0].location,
                suggestion: elements.isEmpty ? nil : "count from 0 to \(elements.count - 1)"
            )
            return nil
        }
        return elements[index].isUnresolved ? nil : elements[index].kind
    }

    /// `Fn::Split`: `[delimiter, text]`.
    func split(_ argument: DocumentValue) -> DocumentValue.Kind? {
        guard let parts = self.arguments(2, of: "Fn::Split", argument, form: "[delimiter, text]") else { return nil }
        guard let delimiter = parts[0].text, !delimiter.isEmpty, let text = parts[1].text else {
            return self.wrongForm("Fn::Split", argument, form: "[delimiter, text]")
        }
        return .list(
            text.split(separator: delimiter, omittingEmptySubsequences: false).map {
                DocumentValue(.scalar(String($0)), at: argument.location)
            }
        )
    }

    /// `Fn::GetAZs`: the lab's zones. The empty text and the lab's own region mean the same.
    func getAZs(_ argument: DocumentValue) -> DocumentValue.Kind? {
        guard let value = self.resolve(argument), !value.isUnresolved else { return nil }
        guard value.text == "" || value.text == AvailabilityZone.region || value.kind == .null else {
            self.collector.error(
                "'Fn::GetAZs' of \(value.noun): the lab has one region",
                at: argument.location,
                suggestion: "write '' or \(AvailabilityZone.region)"
            )
            return nil
        }
        return .list(AvailabilityZone.allCases.map { DocumentValue(.scalar($0.name), at: argument.location) })
    }

    func base64(_ argument: DocumentValue) -> DocumentValue.Kind? {
        guard let value = self.resolve(argument), !value.isUnresolved else { return nil }
        guard let text = value.text else {
            return self.wrongForm("Fn::Base64", argument, form: "text")
        }
        return .scalar(Data(text.utf8).base64EncodedString())
    }

    /// The resolved arguments of a function that takes a list; `nil` also when one cannot be resolved.
    private func arguments(_ count: Int, of name: String, _ argument: DocumentValue, form: String) -> [DocumentValue]? {
        guard let parts = argument.elements, parts.count == count else {
            _ = self.wrongForm(name, argument, form: form)
            return nil
        }
        let resolved = parts.compactMap(self.resolve)
        return resolved.count == count && !resolved.contains(where: \.isUnresolved) ? resolved : nil
    }

    private func tooLong(_ name: String, at location: SourceLocation) -> DocumentValue.Kind? {
        self.collector.error("'\(name)' makes a text of more than \(Self.maximumText) bytes", at: location)
        return nil
    }

    private func wrongForm(_ name: String, _ argument: DocumentValue, form: String) -> DocumentValue.Kind? {
        self.collector.error("'\(name)' takes \(form)", at: argument.location)
        return nil
    }
}
