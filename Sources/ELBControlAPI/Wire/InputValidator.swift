/// Judges an operation's input by the service model alone: what must be there, lengths, ranges, patterns, enumerations. What only
/// the state can tell is the operation's matter.
struct InputValidator {
    let model: ServiceModel

    /// - Throws: every violation in one `ValidationError`, worded as AWS words it; EC2 names the first by a code of its own.
    func validate(_ input: WireValue, of operation: ServiceModel.Operation) throws(APIError) {
        guard let name = operation.input else { return }
        var violations: [Violation] = []
        self.check(input, self.model.shape(name), "", &violations)
        guard let first = violations.first else { return }
        switch self.model.metadata.protocol {
        case .ec2:
            throw first.isMissing
                ? APIError("MissingParameter", "The request must contain the parameter \(first.path)")
                : APIError(
                    "InvalidParameterValue",
                    "Value (\(first.shown)) for parameter \(first.path) is invalid. \(first.constraint)"
                )
        case .query, .json, .restJSON:
            let count = violations.count == 1 ? "1 validation error" : "\(violations.count) validation errors"
            let sentences = violations.map {
                let value = $0.isMissing ? "null" : "'\($0.shown)'"
                return "Value \(value) at '\(Self.place($0.path))' failed to satisfy constraint: \($0.constraint)"
            }
            throw APIError(
                self.model.metadata.protocol.isJSON ? "ValidationException" : "ValidationError",
                "\(count) detected: \(sentences.joined(separator: "; "))"
            )
        }
    }

    /// AWS writes paths with small initials: `targets.1.member.id`.
    static func place(_ path: String) -> String {
        path.split(separator: ".").map { $0.prefix(1).lowercased() + $0.dropFirst() }.joined(separator: ".")
    }

    private struct Violation {
        var path: String
        var shown: String
        var constraint: String
        var isMissing = false
    }

    /// Violations that are told; an attacker's list may have thousands.
    private static let most = 20

    private func check(
        _ value: WireValue,
        _ shape: ServiceModel.Shape,
        _ path: String,
        _ violations: inout [Violation]
    ) {
        guard violations.count < Self.most else { return }
        switch value {
        case .structure(let members) where shape.type == .structure:
            for name in shape.required ?? [] where !members.contains(where: { $0.name == name }) {
                let path = path.isEmpty ? name : "\(path).\(name)"
                violations.append(.init(path: path, shown: "", constraint: "Member must not be null", isMissing: true))
            }
            for member in members {
                guard let reference = shape.members?[member.name] else { continue }
                let path = path.isEmpty ? member.name : "\(path).\(member.name)"
                self.check(member.value, self.model.shape(reference.shape), path, &violations)
            }
        case .structure(let entries):
            guard let value = shape.value.map({ self.model.shape($0.shape) }) else { return }
            for entry in entries { self.check(entry.value, value, "\(path).\(entry.name)", &violations) }
        case .list(let elements):
            self.check(length: elements.count, shape, path, "[\(elements.count) elements]", &violations)
            guard let element = shape.member.map({ self.model.shape($0.shape) }) else { return }
            for (index, value) in elements.enumerated() {
                self.check(value, element, "\(path).\(index + 1).member", &violations)
            }
        case .text(let text):
            self.check(text: text, shape, path, &violations)
        case .integer(let number):
            self.check(number: Double(number), shape, path, "\(number)", &violations)
        case .decimal(let number):
            self.check(number: number, shape, path, "\(number)", &violations)
        case .blob(let bytes):
            self.check(length: bytes.count, shape, path, "[\(bytes.count) bytes]", &violations)
        case .boolean, .timestamp:
            return
        }
    }

    private func check(
        text: String,
        _ shape: ServiceModel.Shape,
        _ path: String,
        _ violations: inout [Violation]
    ) {
        let shown = String(text.prefix(120))
        if let allowed = shape.enum, !allowed.contains(text) {
            let set = allowed.joined(separator: ", ")
            violations.append(
                .init(path: path, shown: shown, constraint: "Member must satisfy enum value set: [\(set)]")
            )
            return
        }
        let before = violations.count
        self.check(length: text.unicodeScalars.count, shape, path, shown, &violations)
        // A text of the wrong length is not worth an expression's time.
        guard violations.count == before, let pattern = shape.pattern, !Patterns.matches(text, pattern) else { return }
        violations.append(
            .init(
                path: path,
                shown: shown,
                constraint: "Member must satisfy regular expression pattern: \(pattern)"
            )
        )
    }

    private func check(
        length: Int,
        _ shape: ServiceModel.Shape,
        _ path: String,
        _ shown: String,
        _ violations: inout [Violation]
    ) {
        if let least = shape.min, Double(length) < least {
            let constraint = "Member must have length greater than or equal to \(Int(least))"
            violations.append(.init(path: path, shown: shown, constraint: constraint))
        }
        if let most = shape.max, Double(length) > most {
            let constraint = "Member must have length less than or equal to \(Int(most))"
            violations.append(.init(path: path, shown: shown, constraint: constraint))
        }
    }

    private func check(
        number: Double,
        _ shape: ServiceModel.Shape,
        _ path: String,
        _ shown: String,
        _ violations: inout [Violation]
    ) {
        if let least = shape.min, number < least {
            let constraint = "Member must have value greater than or equal to \(Int(least))"
            violations.append(.init(path: path, shown: shown, constraint: constraint))
        }
        if let most = shape.max, number > most {
            let constraint = "Member must have value less than or equal to \(Int(most))"
            violations.append(.init(path: path, shown: shown, constraint: constraint))
        }
    }
}

/// The models' regular expressions. They are AWS's, few and simple; the texts are other people's, so long ones are cut off by the
/// models' own length limits first.
enum Patterns {
    /// Longer texts are not held against a pattern.
    private static let longest = 8192

    static func matches(_ text: String, _ pattern: String) -> Bool {
        guard text.utf8.count <= Self.longest, let expression = try? Regex(pattern) else { return true }
        return (try? expression.matchingSemantics(.unicodeScalar).wordBoundaryKind(.simple).wholeMatch(in: text)) != nil
    }
}
