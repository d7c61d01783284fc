/// Text that a learner may have had a hand in, made harmless for where it is shown: terminals obey control characters, CI obeys lines
/// of its log, and spreadsheets obey cells.
package enum PlainText {
    /// The text on one line, without control characters and without commands for a CI.
    package static func line(_ text: String) -> String {
        Self.withoutCommands(Self.withoutControls(text, keepingLines: false))
    }

    /// The same with its lines kept.
    package static func lines(_ text: String) -> String {
        Self.withoutControls(text, keepingLines: true).split(separator: "\n", omittingEmptySubsequences: false)
            .map { Self.withoutCommands(String($0)) }.joined(separator: "\n")
    }

    /// Cut to so many characters; says so by an ellipsis.
    package static func short(_ text: String, _ limit: Int) -> String {
        text.count <= limit ? text : text.prefix(limit) + "…"
    }

    private static func withoutControls(_ text: String, keepingLines: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += keepingLines ? "\n" : " "
            case "\t": result += keepingLines ? "\t" : " "
            case "\r" where keepingLines: continue
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value): result += "\u{FFFD}"
            // Other ways to end a line, and signs that turn the direction of what follows.
            case "\u{2028}", "\u{2029}", "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// GitHub's runner takes a line that begins with `::` for a command, and one with `##[` anywhere; TeamCity's is `##teamcity[`.
    private static func withoutCommands(_ line: String) -> String {
        let blanks = line.prefix { $0.isWhitespace }
        var rest = line[blanks.endIndex...]
        var result = String(blanks)
        if rest.hasPrefix("::") {
            result += ":\u{200B}:"
            rest = rest.dropFirst(2)
        }
        return result + rest.replacing("##[", with: "##\u{200B}[").replacing("##teamcity", with: "##\u{200B}teamcity")
    }

    // MARK: Markdown

    /// On one line, and taken for nothing but text.
    package static func markdown(_ text: String) -> String {
        var result = ""
        for character in Self.line(text) {
            if "\\`*_{}[]<>#|!~&".contains(character) { result += "\\" }
            result.append(character)
        }
        return result
    }

    /// The text as a block of code, behind a fence that it cannot close.
    package static func fenced(_ text: String) -> String {
        let safe = Self.lines(text)
        var longest = 2
        var run = 0
        for character in safe {
            run = character == "`" ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = String(repeating: "`", count: longest + 1)
        return "\(fence)text\n\(safe)\n\(fence)"
    }
}
