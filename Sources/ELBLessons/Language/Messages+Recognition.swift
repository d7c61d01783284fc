// The readers of templates, the suite and the system say in English what is wrong. What of that a learner meets often is known here by its
// English text, so that it can be said in the learner's language; the rest stays as it was said.
extension Messages {
    /// Messages whose English text is what other parts of the program say.
    static let recognised = "said."

    /// A sentence of another part of the program in `language`; `nil` when it is not known there.
    func recognised(_ sentence: String, in language: Language) -> String? {
        var best: (id: String, values: [String: String], weight: Int)?
        for (id, template) in self.texts[.en] ?? [:] where id.hasPrefix(Self.recognised) {
            let pattern = SentencePattern(template)
            guard self.has(id, in: language), pattern.weight > best?.weight ?? 0, let values = pattern.match(sentence)
            else { continue }
            best = (id, values, pattern.weight)
        }
        guard let best else { return nil }
        // Values may be sentences of their own: what somebody should have written, for example.
        let values = best.values.mapValues { $0 == sentence ? $0 : self.recognised($0, in: language) ?? $0 }
        return self.text(best.id, values, in: language)
    }

    /// A line as for an editor (`answer.yaml:12:7: error: …; …`) or a sentence alone, in `language` as far as it is known there.
    package func line(_ line: String, in language: Language) -> String {
        guard language != .en else { return line }
        if let known = self.sentences(line, in: language) { return known }
        for mark in [": error: ", ": "] {
            guard let end = line.firstRange(of: mark) else { continue }
            guard let known = self.sentences(String(line[end.upperBound...]), in: language) else { continue }
            return "\(line[..<end.lowerBound]): \(known)"
        }
        return line
    }

    /// Several, and, where some are as they were said, a remark that they are.
    package func lines(_ lines: [String], in language: Language) -> [String] {
        guard language != .en else { return lines }
        let known = lines.map { self.line($0, in: language) }
        return zip(lines, known).contains { $0 == $1 } ? known + [self.text("console.as-said", in: language)] : known
    }

    /// A sentence, with AWS's code for it in brackets or advice behind a semicolon.
    private func sentences(_ text: String, in language: Language) -> String? {
        for mark in text.ranges(of: "; ") {
            guard let known = self.sentence(String(text[..<mark.lowerBound]), in: language) else { continue }
            let advice = String(text[mark.upperBound...])
            return "\(known) (\(self.recognised(advice, in: language) ?? advice))"
        }
        return self.sentence(text, in: language)
    }

    private func sentence(_ text: String, in language: Language) -> String? {
        if text.last == ")", let open = text.lastIndex(of: "("), text[..<open].last == " ",
            text[open...].dropFirst().dropLast().allSatisfy({ $0.isASCII && $0.isLetter }),
            let known = self.recognised(String(text[..<open].dropLast()), in: language)
        {
            return "\(known) \(text[open...])"
        }
        return self.recognised(text, in: language)
    }
}

/// A message's text with its parameters as gaps, to be found again in what was said.
private struct SentencePattern {
    private var literals: [Substring] = []
    private var names: [String] = []

    init(_ template: String) {
        var rest = template[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            self.literals.append(rest[..<open])
            self.names.append(String(rest[rest.index(after: open)..<close]))
            rest = rest[rest.index(after: close)...]
        }
        self.literals.append(rest)
    }

    /// How much of it is certain: of two that match, the one that says more is meant.
    var weight: Int { self.literals.reduce(0) { $0 + $1.count } }

    /// The parameters, none of them empty; `nil` when the text is another one.
    func match(_ text: String) -> [String: String]? {
        guard text.hasPrefix(self.literals[0]) else { return nil }
        var rest = text[...].dropFirst(self.literals[0].count)
        var values: [String: String] = [:]
        for (index, name) in self.names.enumerated() {
            let literal = self.literals[index + 1]
            let end: Range<Substring.Index>
            if index == self.names.count - 1 {
                guard rest.hasSuffix(literal), rest.count > literal.count else { return nil }
                end = rest.index(rest.endIndex, offsetBy: -literal.count)..<rest.endIndex
            } else {
                guard let found = rest.firstRange(of: literal), found.lowerBound > rest.startIndex else { return nil }
                end = found
            }
            values[name] = String(rest[..<end.lowerBound])
            rest = rest[end.upperBound...]
        }
        return rest.isEmpty ? values : nil
    }
}
