/// Text in columns of a terminal, where a Korean letter takes two.
package enum Columns {
    package static func width(of text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + Self.width(of: $1) }
    }

    /// The text, filled with blanks up to `width`; longer texts stay whole.
    package static func pad(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - Self.width(of: text)))
    }

    /// As much of the beginning as fits.
    package static func clip(_ text: String, to width: Int) -> String {
        var left = width
        return String(
            text.prefix { character in
                left -= Self.width(of: String(character))
                return left >= 0
            }
        )
    }

    /// As much of the end as fits, after an ellipsis if that is not all: of a path, the end tells more.
    package static func clipStart(_ text: String, to width: Int) -> String {
        guard Self.width(of: text) > width else { return text }
        return "…" + String(Self.clip(String(text.reversed()), to: max(0, width - 1)).reversed())
    }

    /// Breaks at blanks into lines of at most `width` columns. What the first line is indented by, the others are too.
    ///
    /// - Parameter breaksWords: whether a word that fits no line is broken where the line ends; otherwise it stays whole.
    package static func wrap(_ text: String, to width: Int, breaksWords: Bool = false) -> [String] {
        guard self.width(of: text) > width else { return [text] }
        let indent = String(text.prefix { $0 == " " }.prefix(max(0, width - 1)))
        var lines: [String] = []
        var line: String?
        for word in text.dropFirst(indent.count).split(separator: " ", omittingEmptySubsequences: false) {
            var rest = String(word)
            var start = line.map { "\($0) " } ?? indent
            if line != nil, Self.width(of: start + rest) > width, !breaksWords || Self.width(of: indent + rest) <= width
            {
                lines.append(line ?? "")
                start = indent
            }
            while breaksWords, Self.width(of: start + rest) > width {
                let piece = Self.clip(rest, to: width - Self.width(of: start))
                guard !piece.isEmpty || start != indent else { break }
                lines.append(start + piece)
                rest = String(rest.dropFirst(piece.count))
                start = indent
            }
            line = start + rest
        }
        return lines + (line.map { [$0] } ?? [])
    }

    private static func width(of scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        // Marks upon the letter before, and the parts of a Korean syllable that follow its first.
        case 0x0300...0x036F, 0x1160...0x11FF, 0xD7B0...0xD7FB, 0x200B...0x200D, 0xFE00...0xFE0F: 0
        // East Asian Wide and Fullwidth, and pictures.
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            2
        default: 1
        }
    }
}
