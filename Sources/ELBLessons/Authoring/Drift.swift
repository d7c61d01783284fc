/// Tells which parts of a translation were made from an English text that has changed since.
///
/// A part is a section's text before its first step, and each step with the prose that follows it. The translated page
/// keeps, in one comment, a hash of the English prose of every part: `<!-- elb made-from idea=1f00… step:up=… -->`.
package enum Drift {
    /// One hash per part, in the page's order. Sections are counted, because headings are translated.
    package static func hashes(of page: LessonPage) -> [(part: String, hash: String)] {
        var parts: [(name: String, text: String)] = []
        for (index, section) in page.sections.enumerated() {
            parts.append(("section:\(index + 1)", section.heading))
            for block in section.blocks {
                switch block {
                case .prose(let prose): parts[parts.count - 1].text += "\n" + Self.handwritten(prose.text)
                case .console(let step): parts.append(("step:\(step.id)", ""))
                case .file(let file): parts[parts.count - 1].text += "\n" + file.text
                case .predict(let prediction):
                    parts[parts.count - 1].text += "\n" + prediction.question
                    parts[parts.count - 1].text += prediction.options.joined(separator: "\n")
                }
            }
        }
        return parts.map { ($0.name, Self.hash($0.text)) }
    }

    /// What a translated page says it was made from.
    package static func record(in text: String) -> [String: String] {
        guard let open = text.firstRange(of: Self.opening), let close = text[open.upperBound...].firstRange(of: "-->")
        else {
            return [:]
        }
        let words = text[open.upperBound..<close.lowerBound].split(whereSeparator: \.isWhitespace)
        let pairs = words.compactMap { word -> (String, String)? in
            let parts = word.split(separator: "=", maxSplits: 1)
            return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
        }
        return Dictionary(pairs) { first, _ in first }
    }

    /// The translated page's text, recorded as made from the English page as it is now.
    package static func recording(_ english: LessonPage, in text: String) -> String {
        let record =
            Self.opening + "\n" + Self.hashes(of: english).map { "\($0.part)=\($0.hash)" }.joined(separator: "\n")
        let comment = record + "\n-->\n"
        guard let open = text.firstRange(of: Self.opening), let close = text[open.upperBound...].firstRange(of: "-->\n")
        else {
            return text + (text.hasSuffix("\n") ? "" : "\n") + "\n" + comment
        }
        return String(text[..<open.lowerBound]) + comment + text[close.upperBound...]
    }

    package enum Finding: Hashable, Sendable {
        /// The English page has a part of which the translation knows nothing.
        case missing(part: String)
        /// The English part has changed since it was translated.
        case stale(part: String)
    }

    /// What of the English page the translation lacks or has from an older text; in the page's order.
    package static func findings(english: LessonPage, translationText: String) -> [Finding] {
        let record = Self.record(in: translationText)
        return Self.hashes(of: english).compactMap { part, hash in
            guard let known = record[part] else { return .missing(part: part) }
            return known == hash ? nil : .stale(part: part)
        }
    }

    private static let opening = "<!-- elb made-from"

    /// The text without what tools write into pages: the record and the generated table.
    private static func handwritten(_ text: String) -> String {
        let marks = [(Self.opening, "-->"), (CheckedSection.opening, CheckedSection.closing)]
        return marks.reduce(text) { text, mark in
            guard let open = text.firstRange(of: mark.0),
                let close = text[open.upperBound...].firstRange(of: mark.1)
            else { return text }
            return String(text[..<open.lowerBound] + text[close.upperBound...])
        }
    }

    /// FNV-1a over the words, so that a line broken elsewhere is not a change. It guards against slips, not against people.
    private static func hash(_ text: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for word in text.split(whereSeparator: \.isWhitespace) {
            for byte in word.utf8 + [0x20] {
                hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
            }
        }
        let text = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}
