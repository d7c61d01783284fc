/// Pieces of HTML. Text from outside goes through `escaped`, and there is no other way for it into a page.
package enum HTMLText {
    /// The text as characters of an element or of a quoted attribute; control characters, which a terminal or a browser may take for
    /// commands, are shown as what they are.
    package static func escaped(_ text: some StringProtocol) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                result += "\u{FFFD}"
            // Signs that turn the direction of what follows.
            case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A link where the address is one of the web's, else its text alone: nothing else may be followed from a report.
    package static func link(_ address: String?, _ text: String) -> String {
        guard let address, address.hasPrefix("https://") else { return Self.escaped(text) }
        return "<a href=\"\(Self.escaped(address))\">\(Self.escaped(text))</a>"
    }

    /// A name for an element: letters, digits, dots and hyphens of the text, others as hyphens.
    package static func anchor(_ parts: String...) -> String {
        String(
            parts.joined(separator: "--").map { character in
                character.isASCII && (character.isLetter || character.isNumber || character == "." || character == "-")
                    ? character : "-"
            }
        )
    }

    /// The look of every report: light and dark, for screen and paper, without anything from elsewhere.
    package static let style = """
        :root { color-scheme: light dark; --line: #8886; --pass: #1a7f37; --fail: #c1121f; --other: #6e5a00; --soft: #8882; }
        @media (prefers-color-scheme: dark) { :root { --pass: #56d364; --fail: #ff7b72; --other: #e3b341; } }
        body { font: 1rem/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
        table { border-collapse: collapse; margin: 1rem 0; }
        caption { text-align: left; font-weight: 600; padding: .3rem 0; }
        th, td { border: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top; }
        thead th { background: var(--soft); position: sticky; top: 0; }
        tbody th[scope=rowgroup] { background: var(--soft); font-family: ui-monospace, monospace; }
        td.number { text-align: right; }
        .scroll { overflow-x: auto; }
        .pass { color: var(--pass); } .fail, .error, .timeout, .blocked { color: var(--fail); font-weight: 600; }
        .unsupported, .skipped, .info, .absent { color: var(--other); }
        small, .rows { font-size: .85rem; }
        code, pre { font-family: ui-monospace, monospace; font-size: .9rem; }
        pre { background: var(--soft); padding: .6rem; overflow-x: auto; white-space: pre; }
        dt { font-weight: 600; } dd { margin: 0 0 .4rem 1.5rem; }
        article { border-top: 1px solid var(--line); padding-top: .5rem; }
        svg { max-width: 100%; height: auto; }
        @media print { thead th { position: static; } a { color: inherit; } }
        """

    /// A whole page.
    package static func page(title: String, language: String = "en", _ body: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="\(Self.escaped(language))">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>\(Self.escaped(title))</title>
        <style>
        \(Self.style)
        </style>
        </head>
        <body>
        \(body)
        </body>
        </html>

        """
    }
}
