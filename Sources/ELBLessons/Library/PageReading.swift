/// A page as a learner reads it in a terminal: without what is for tools, and in lines as wide as the terminal.
///
/// Drawings and commands stay as they stand; paragraphs, lists and tables are set anew. What a command prints is shown
/// with `...` wherever it differs from run to run.
package struct PageReading {
    private let width: Int
    /// Stands above commands of which the last goes on running.
    private let ownTerminal: String

    private var lines: [String] = []
    private var paragraph: Paragraph?
    private var table: [String] = []
    private var fence: Fence?

    /// Words under way, with what stands before its first line and before the others.
    private struct Paragraph {
        var first: String
        var rest: String
        var text: String
    }

    private enum Fence {
        case verbatim
        case console
        case question
    }

    /// The page's text for a terminal of `width` columns.
    package static func text(_ page: String, width: Int, ownTerminal: String) -> String {
        var reading = Self(width: max(40, min(width, 100)), ownTerminal: ownTerminal)
        for line in PageText.withoutComments(page).split(separator: "\n", omittingEmptySubsequences: false) {
            reading.take(String(line))
        }
        reading.endBlock()
        return reading.lines.joined(separator: "\n")
    }

    private init(width: Int, ownTerminal: String) {
        self.width = width
        self.ownTerminal = ownTerminal
    }

    private mutating func take(_ line: String) {
        if line.hasPrefix("```") { return self.takeFence(line) }
        switch self.fence {
        case .verbatim?: self.lines.append(line)
        case .console?: if !Self.isExitCode(line) { self.lines.append(Self.withoutCaptures(line)) }
        case .question?, nil: self.takeProse(line)
        }
    }

    private mutating func takeFence(_ line: String) {
        self.endBlock()
        if let fence = self.fence {
            if fence != .question { self.lines.append("```") }
            self.fence = nil
            return
        }
        let info = line.dropFirst(3).split(separator: " ").map(String.init)
        guard info.count > 1, info[1] == "elb" else {
            self.fence = .verbatim
            self.lines.append(line)
            return
        }
        switch info[0] {
        case "predict":
            self.fence = .question
        case "console":
            self.fence = .console
            if info.contains("background") { self.lines += Columns.wrap(self.ownTerminal, to: self.width) + [""] }
            self.lines.append("```")
        default:
            self.fence = .verbatim
            let names = info.compactMap { word in word.split(separator: "=", maxSplits: 1).last.map(String.init) }
            self.lines += ["\(names.last ?? ""):", "", "```"]
        }
    }

    private mutating func takeProse(_ line: String) {
        if line.hasPrefix("|") {
            self.endParagraph()
            return self.table.append(line)
        }
        self.endTable()
        if line.isEmpty || line.hasPrefix("#") {
            self.endParagraph()
            return self.lines.append(line)
        }
        let text = line.drop { $0 == " " }
        if let mark = Self.listMark(text) {
            self.endParagraph()
            let first = String(repeating: " ", count: line.count - text.count) + mark
            let rest = String(repeating: " ", count: first.count)
            self.paragraph = Paragraph(first: first, rest: rest, text: String(text.dropFirst(mark.count)))
        } else if self.paragraph == nil {
            self.paragraph = Paragraph(first: "", rest: "", text: String(text))
        } else {
            self.paragraph?.text += " " + text
        }
    }

    private mutating func endBlock() {
        self.endParagraph()
        self.endTable()
    }

    private mutating func endParagraph() {
        guard let paragraph = self.paragraph else { return }
        self.paragraph = nil
        let wrapped = Columns.wrap(Self.withoutRelativeLinks(paragraph.text), to: self.width - paragraph.rest.count)
        self.lines += wrapped.enumerated().map { ($0 == 0 ? paragraph.first : paragraph.rest) + $1 }
    }

    /// A table that fits stays a table; of one that does not, every row becomes an item of a list, without its links' addresses.
    private mutating func endTable() {
        guard !self.table.isEmpty else { return }
        let rows = self.table
        self.table = []
        guard rows.contains(where: { Columns.width(of: $0) > self.width }) else {
            self.lines += rows
            return
        }
        for row in rows where row.contains(where: { !"|-: ".contains($0) }) {
            self.paragraph = Paragraph(first: "- ", rest: "  ", text: Self.item(ofRow: Self.withoutLinks(row)))
            self.endParagraph()
        }
    }

    /// `a | b | c`; an empty cell, as at the head of a table's first column, keeps its place by a dash.
    private static func item(ofRow row: String) -> String {
        var cells = row.split(separator: "|", omittingEmptySubsequences: false).map { cell in
            cell.split(separator: " ").joined(separator: " ")
        }
        if cells.first?.isEmpty == true { cells.removeFirst() }
        if cells.last?.isEmpty == true { cells.removeLast() }
        return cells.map { $0.isEmpty ? "–" : $0 }.joined(separator: " | ")
    }

    /// `- `, `* ` or `1. ` at the start of a line.
    private static func listMark(_ line: Substring) -> String? {
        if line.hasPrefix("- ") || line.hasPrefix("* ") { return String(line.prefix(2)) }
        let digits = line.prefix { $0.isNumber }
        guard !digits.isEmpty, line.dropFirst(digits.count).hasPrefix(". ") else { return nil }
        return digits + ". "
    }

    /// `[text](address)` becomes `text`.
    private static func withoutLinks(_ text: String) -> String {
        text.replacing(#/\[([^\]]*)\]\([^)]*\)/#) { String($0.output.1) }
    }

    /// `[text](../../docs/page.md)` becomes `text (docs/page.md)`: a page lies two folders below the kit, its reader elsewhere.
    private static func withoutRelativeLinks(_ text: String) -> String {
        text.replacing(#/\[([^\]]*)\]\(\.\./\.\./([^)]*)\)/#) { "\($0.output.1) (\($0.output.2))" }
    }

    /// `[7]`, which tells the tools that the command ends with 7.
    private static func isExitCode(_ line: String) -> Bool { line.wholeMatch(of: #/\[[0-9]+\]/#) != nil }

    /// `<name:type>` becomes `...`.
    private static func withoutCaptures(_ line: String) -> String {
        line.hasPrefix("$ ") ? line : line.replacing(#/<[a-z][A-Za-z0-9-]*:[a-z]+>/#) { _ in "..." }
    }
}
