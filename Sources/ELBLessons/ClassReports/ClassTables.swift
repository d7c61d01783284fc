import ELBConformance

/// A class as CSV. There is no time and no measured number in it: the same submissions and the same seed give the same bytes.
enum ClassTables {
    /// A row for each student and check; one for what has no checks.
    static func checks(_ report: ClassReport) -> String {
        var rows = [
            [
                "student", "name", "lesson", "exercise", "standing", "check", "verdict", "points", "max", "blocked by",
                "problem",
                "review",
            ]
        ]
        for (student, cells) in zip(report.students, report.cells) {
            for (column, cell) in zip(report.columns, cells) {
                let place = [student.id, student.name, column.lesson.id, column.exercise.id, cell.standing.rawValue]
                let review = cell.review.map(Self.review).joined(separator: "; ")
                let checks = cell.result?.checks ?? []
                if checks.isEmpty {
                    rows.append(place + ["", "", "0", "\(cell.maxPoints)", "", Self.problem(cell), review])
                }
                for check in checks {
                    let points = ["\(check.points)", "\(check.maxPoints)"]
                    rows.append(
                        place + [check.id, check.status] + points + [check.needs ?? "", Self.problem(cell), review]
                    )
                }
            }
        }
        return CSVText.text(rows)
    }

    /// A row for each student, a column for each exercise, and the sum.
    static func marks(_ report: ClassReport) -> String {
        var rows = [["student", "name"] + report.columns.map(\.name) + ["total", "max"]]
        for (index, student) in report.students.enumerated() {
            let points = report.cells[index].map { $0.standing == .missing ? "" : "\($0.points)" }
            rows.append([student.id, student.name] + points + ["\(report.points(of: index))", "\(report.maxPoints)"])
        }
        return CSVText.text(rows)
    }

    private static func problem(_ cell: ClassReport.Cell) -> String {
        switch cell.standing {
        case .pass, .fail: ""
        case .missing: "nothing was handed in"
        case .error: "an error of ours; run it again"
        case .notGradable, .timeout: PlainText.short(cell.reasons.joined(separator: "; "), 300)
        }
    }

    private static func review(_ flag: ReviewFlag) -> String {
        switch flag.kind {
        case .identical: "identical: \(flag.others.joined(separator: " "))"
        case .knownProxy: "known-proxy: \(flag.evidence.joined(separator: " | "))"
        }
    }
}
