import ELBConformance

/// Comma-separated values (RFC 4180), as spreadsheets write and read them.
package enum CSVText {
    /// Lines of cells. A cell that a spreadsheet would take for a formula gets an apostrophe in front, which it takes for a sign that
    /// text follows.
    package static func text(_ rows: [[String]]) -> String {
        rows.map { $0.map(Self.cell).joined(separator: ",") + "\n" }.joined()
    }

    private static func cell(_ text: String) -> String {
        var safe = PlainText.line(text)
        if let first = safe.first, "=+-@".contains(first) { safe = "'" + safe }
        guard safe.contains(where: { $0 == "," || $0 == "\"" || $0 == " " || $0 == "'" || $0 == ";" }) else {
            return safe
        }
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }

    /// A line of a file and its cells.
    struct Row {
        /// From 1; of its first line, when a cell has several.
        var line: Int
        var cells: [String]
    }

    /// Reads a file's text; empty lines are left out.
    static func rows(_ text: String) -> [Row] {
        var rows: [Row] = []
        var cells: [String] = []
        var cell = ""
        var isQuoted = false
        var (line, first) = (1, 1)
        let end = {
            cells.append(cell)
            if cells != [""] { rows.append(Row(line: first, cells: cells)) }
            (cells, cell) = ([], "")
        }
        var characters = text.unicodeScalars.drop { $0 == "\u{FEFF}" }
        while let scalar = characters.popFirst() {
            switch scalar {
            case "\"" where isQuoted && characters.first == "\"":
                cell += "\""
                characters.removeFirst()
            case "\"" where isQuoted: isQuoted = false
            case "\"" where cell.isEmpty: isQuoted = true
            case "," where !isQuoted:
                cells.append(cell)
                cell = ""
            case "\r" where !isQuoted: continue
            case "\n":
                line += 1
                if isQuoted {
                    cell += "\n"
                } else {
                    end()
                    first = line
                }
            default: cell.unicodeScalars.append(scalar)
            }
        }
        end()
        return rows
    }
}
