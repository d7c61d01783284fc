/// Text in columns of a terminal, where a Korean letter takes two.
enum Columns {
    static func width(of text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + (Self.isWide($1) ? 2 : 1) }
    }

    /// The text, filled with blanks up to `width`; longer texts stay whole.
    static func pad(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - Self.width(of: text)))
    }

    /// Breaks at blanks into lines of at most `width` columns; a longer word stays whole.
    static func wrap(_ text: String, to width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if line.isEmpty {
                line = String(word)
            } else if Self.width(of: line) + 1 + Self.width(of: String(word)) <= width {
                line += " " + word
            } else {
                lines.append(line)
                line = String(word)
            }
        }
        return lines + [line]
    }

    /// East Asian Wide and Fullwidth, as far as Korean texts use them.
    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6:
            true
        default: false
        }
    }
}
