import ELBConformance
import ELBLessons

/// A graded class on the terminal: a line for each student, what a person should look at, what is odd, and the sums last.
struct ClassSummary {
    let report: ClassReport
    let messages: Messages
    let language: Language
    let style: TextStyle

    private static let widestName = 24

    func text(written: [String]) -> String {
        var lines = self.table
        lines += self.reviews
        lines += self.report.remarks.map { "note: \($0)" }
        lines += written.map { "wrote \($0)" }
        lines.append(String(repeating: "-", count: 80))
        lines.append(self.sums)
        return lines.joined(separator: "\n") + "\n"
    }

    private var table: [String] {
        let names = self.report.students.map { PlainText.short(PlainText.line($0.name), Self.widestName) }
        let width = max(8, names.map(\.count).max() ?? 0) + 2
        let heads = self.report.columns.map(\.shortName)
        let texts = self.report.cells.map { row in row.map { self.text(of: $0) } }
        let widths = heads.indices.map { column in
            max(heads[column].count, texts.map { $0[column].count }.max() ?? 0) + 2
        }
        var lines = [Self.pad("student", width) + zip(heads, widths).map { Self.pad($0, $1) }.joined() + "total"]
        for (index, name) in names.enumerated() {
            let cells = zip(texts[index], widths).enumerated().map { column, cell in
                self.paint(self.report.cells[index][column].standing, Self.pad(cell.0, cell.1))
            }
            lines.append(
                Self.pad(name, width) + cells.joined() + "\(self.report.points(of: index))/\(self.report.maxPoints)"
            )
        }
        return lines
    }

    private func text(of cell: ClassReport.Cell) -> String {
        let flag = cell.review.isEmpty ? "" : " ?"
        switch cell.standing {
        case .pass: return "\(cell.points)/\(cell.maxPoints)\(flag)"
        case .fail: return "\(cell.points)/\(cell.maxPoints)\(flag)"
        case .notGradable, .timeout, .error, .missing: return cell.standing.rawValue + flag
        }
    }

    private func paint(_ standing: ClassReport.Standing, _ text: String) -> String {
        switch standing {
        case .pass: self.style.green(text)
        case .fail, .notGradable: self.style.red(text)
        case .timeout, .error, .missing: self.style.yellow(text)
        }
    }

    private var reviews: [String] {
        var lines: [String] = []
        for (student, cells) in zip(self.report.students, self.report.cells) {
            for (column, cell) in zip(self.report.columns, cells) {
                for flag in cell.review {
                    let others = PlainText.line(flag.others.joined(separator: ", "))
                    let what = self.messages.text(
                        "class.review.\(flag.kind.rawValue)",
                        ["others": others],
                        in: self.language
                    )
                    let evidence = flag.evidence.first.map { ": \($0)" } ?? ""
                    lines.append("look at: \(PlainText.line(student.name)), \(column.shortName): \(what)\(evidence)")
                }
            }
        }
        return lines
    }

    private var sums: String {
        let counts = ClassReport.Standing.allCases.compactMap { standing -> String? in
            let count = self.report.count(standing)
            return count == 0 ? nil : "\(count) \(standing.rawValue)"
        }
        let all = self.report.cells.joined().count
        let submitted = all - self.report.count(.missing)
        return
            "\(self.report.students.count) students · \(counts.joined(separator: ", ")) · \(self.report.judged) of \(submitted) judged now · seed \(self.report.seed)"
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
