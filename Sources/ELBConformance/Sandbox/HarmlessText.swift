/// Words of a program that nobody vouches for, made harmless for whoever reads them: a terminal, which obeys control sequences, and the
/// log of a build server, which obeys lines of certain forms.
package enum HarmlessText {
    /// Keeps lines and tabs; every other control character is written out, and what build servers obey is broken up.
    package static func text(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { Self.line($0) }.joined(separator: "\n")
    }

    /// One line, whatever was in it.
    package static func line(_ text: some StringProtocol) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar == "\t" || !Self.isSpecial(scalar) {
                result.append(scalar)
            } else {
                result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            }
        }
        var line = String(result)
        // GitHub's old commands may stand anywhere, Azure's too; GitHub's new ones at a line's beginning.
        line = line.replacing("##[", with: "# #[").replacing("##vso", with: "# #vso")
        let first = line.prefix { $0 == " " || $0 == "\t" }.endIndex
        if line[first...].hasPrefix("::") { line.replaceSubrange(first..<line.index(first, offsetBy: 2), with: ": :") }
        return line
    }

    /// Control characters, and those that turn the direction of what follows.
    private static func isSpecial(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
