/// A table for a terminal: the first column starts on the left, numbers end on the right.
struct Table {
    private var rows: [[String]]

    init(_ header: [String]) {
        self.rows = [header]
    }

    /// Cells that are left out at the end are empty.
    mutating func add(_ cells: [String]) {
        self.rows.append(cells)
    }

    var text: String {
        let widths = self.rows[0].indices.map { column in
            self.rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return self.rows.map { row in
            row.enumerated().map { column, cell in
                let blanks = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + blanks : blanks + cell
            }.joined(separator: "   ")
        }.joined(separator: "\n")
    }
}

/// Numbers as the reports print them.
enum Hundredths {
    /// Two places behind the point; the number is not negative.
    static func text(_ number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
}
