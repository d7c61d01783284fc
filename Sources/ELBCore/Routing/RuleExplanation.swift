package import ELBModel
package import ELBWire

/// Why a rule took a request or let it pass by, for `elblab trace`.
package struct RuleExplanation: Hashable, Sendable {
    /// `nil` for the default rule.
    package var priority: Int?
    /// Whether the rule's conditions hold; later rules may hold too and are not asked.
    package var holds: Bool
    /// Whether this is the rule that takes the request.
    package var isTaken: Bool
    /// One per condition, in the order configured; empty for the default rule.
    package var conditions: [Condition]

    package struct Condition: Hashable, Sendable {
        /// The API's `Field`.
        package var field: String
        package var holds: Bool
        /// `path '/images/x' matches /img/* or /api/*: no`, in one line, without control characters.
        package var text: String
    }
}

extension CompiledListener {
    /// What every rule makes of the request, in the order tested, the default rule last. It asks the same code as
    /// `match`, so the two cannot disagree. Allocates freely.
    package func explain(
        _ head: borrowing RequestHead,
        bytes: Span<UInt8>,
        peer: IPAddress
    ) -> [RuleExplanation] {
        let taken = self.match(head, bytes: bytes, peer: peer)
        var explanations: [RuleExplanation] = []
        for (index, rule) in self.rules.enumerated() {
            let compiled = self.table.rules[index]
            let verdicts = self.table.verdicts(of: compiled, head, bytes: bytes, peer: peer)
            let conditions = zip(rule.conditions, verdicts).map { condition, holds in
                let seen = self.observation(for: condition, head, bytes, peer)
                return RuleExplanation.Condition(
                    field: condition.field,
                    holds: holds,
                    text: "\(seen) \(condition.expectation): \(holds ? "yes" : "no")"
                )
            }
            let isTaken = taken.action == Int(compiled.action)
            explanations.append(
                RuleExplanation(
                    priority: rule.priority,
                    holds: isTaken || verdicts.allSatisfy { $0 },
                    isTaken: isTaken,
                    conditions: conditions
                )
            )
        }
        explanations.append(
            RuleExplanation(priority: nil, holds: true, isTaken: taken.action == 0, conditions: [])
        )
        return explanations
    }

    /// What of the request the condition looks at.
    private func observation(
        for condition: RuleCondition,
        _ head: borrowing RequestHead,
        _ bytes: Span<UInt8>,
        _ peer: IPAddress
    ) -> String {
        switch condition {
        case .hostHeader:
            let host = EffectiveHost(head, bytes: bytes).name
            return host.isEmpty ? "host (none)" : "host \(Self.quoted(bytes, host))"
        case .pathPattern:
            return "path \(head.path.isEmpty ? "'/'" : Self.quoted(bytes, head.path.range))"
        case .httpHeader(let name, _):
            var values: [String] = []
            for index in head.fields.indices
            where Self.text(bytes, head.fields[index].name.range).lowercased() == name.lowercased() {
                values.append(Self.quoted(bytes, head.fields[index].value.range))
            }
            return values.isEmpty ? "header \(name) (none)" : "header \(name) \(values.joined(separator: ", "))"
        case .httpRequestMethod:
            return "method \(Self.quoted(bytes, head.method.range))"
        case .queryString:
            return head.query.map { "query \(Self.quoted(bytes, $0.range))" } ?? "query (none)"
        case .sourceIP:
            return "source \(peer)"
        }
    }

    private static func quoted(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        "'\(Self.text(bytes, range))'"
    }

    /// At most 200 bytes, what is not visible ASCII as `\xHH`: the text goes to a terminal.
    private static func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        var shown: [UInt8] = []
        for index in range.prefix(200) {
            if (0x20...0x7e).contains(bytes[index]) {
                shown.append(bytes[index])
            } else {
                shown += Array("\\x".utf8)
                shown.append(hexadecimal: UInt64(bytes[index]), digits: 2)
            }
        }
        return String(decoding: shown, as: UTF8.self) + (range.count > 200 ? "…" : "")
    }
}

extension RuleTable {
    /// Whether each condition of the rule holds.
    fileprivate func verdicts(
        of rule: Rule,
        _ head: borrowing RequestHead,
        bytes: Span<UInt8>,
        peer: IPAddress
    ) -> [Bool] {
        self.withSubject(head, bytes: bytes, peer: peer) { head, subject in
            var verdicts: [Bool] = []
            let first = Int(rule.firstCondition)
            for index in first..<(first + Int(rule.conditionCount)) {
                verdicts.append(self.holds(condition: index, head, subject))
            }
            return verdicts
        }
    }
}

extension RuleCondition {
    /// What the condition wants to see: `matches /a/* or /b/*`.
    fileprivate var expectation: String {
        switch self {
        case .hostHeader(let values), .pathPattern(let values), .httpHeader(_, let values): values.expectation
        case .httpRequestMethod(let methods): "is \(methods.joined(separator: " or "))"
        case .queryString(let values):
            "has \(values.map { "\($0.key.map { "\($0)=" } ?? "")\($0.value)" }.joined(separator: " or "))"
        case .sourceIP(let blocks): "is in \(blocks.map(\.description).joined(separator: " or "))"
        }
    }
}

extension RuleCondition.MatchValues {
    fileprivate var expectation: String {
        switch self {
        case .patterns(let texts): "matches \(texts.joined(separator: " or "))"
        case .regexes(let texts): "matches the expression \(texts.joined(separator: " or "))"
        }
    }
}
