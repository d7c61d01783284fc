/// Words that nobody vouches for, a program's, a learner's or a balancer's, made harmless for where they are shown: terminals obey
/// control characters, the logs of build servers obey lines of certain forms, and Markdown obeys signs.
package enum PlainText {
    /// The text on one line: line breaks and tabs are blanks, every other control character is written out (`\u{1b}`), and what build
    /// servers obey is broken up.
    package static func line(_ text: some StringProtocol) -> String {
        Self.withoutCommands(Self.withoutControls(text.unicodeScalars, isOneLine: true))
    }

    /// The same with its lines and tabs kept; a carriage return at a line's end belongs to the break.
    package static func lines(_ text: some StringProtocol) -> String {
        // By scalars: to a string, a carriage return and the line feed behind it are one character.
        text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let end = line.last == "\r" ? line.dropLast() : line
            return Self.withoutCommands(Self.withoutControls(end, isOneLine: false))
        }.joined(separator: "\n")
    }

    /// Cut to so many characters; says so by an ellipsis.
    package static func short(_ text: String, _ limit: Int) -> String {
        text.count <= limit ? text : text.prefix(limit) + "…"
    }

    private static func withoutControls(_ scalars: some Sequence<Unicode.Scalar>, isOneLine: Bool) -> String {
        var result = String.UnicodeScalarView()
        for scalar in scalars {
            switch scalar {
            case "\n" where isOneLine, "\t" where isOneLine: result.append(" ")
            case "\t": result.append(scalar)
            case _ where Self.isObeyed(scalar):
                result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    /// Control characters, other ways to end a line, and those that turn the direction of what follows.
    private static func isObeyed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// GitHub's runner takes a line that begins with `::` for a command, and one with `##[` anywhere, as Azure does `##vso[` and TeamCity
    /// `##teamcity[`.
    private static func withoutCommands(_ line: String) -> String {
        let blanks = line.prefix(while: \.isWhitespace)
        var rest = line[blanks.endIndex...]
        var result = String(blanks)
        if rest.hasPrefix("::") {
            result += ": :"
            rest = rest.dropFirst(2)
        }
        for command in ["[", "vso", "teamcity"] { rest = rest.replacing("##" + command, with: "# #" + command)[...] }
        return result + rest
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
