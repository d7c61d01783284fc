/// The page's table 'What is checked', made from `checks.yaml` so that it cannot lie.
package enum CheckedSection {
    package static let opening = "<!-- elb checks -->"
    package static let closing = "<!-- elb checks end -->"

    /// The table of a lesson's exercises in one language.
    package static func table(_ exercises: [Exercise], _ messages: Messages, in language: Language) -> String {
        let heads = ["checked.check", "checked.rule", "checked.points"].map { messages.text($0, in: language) }
        var lines = ["| \(heads.joined(separator: " | ")) |", "|---|---|---|"]
        for check in exercises.flatMap(\.checks.shown) {
            let rule = check.rule(messages, in: language)
            lines.append("| `\(check.id)` | [\(rule)](\(check.reference)) | \(check.points) |")
        }
        return lines.joined(separator: "\n")
    }

    /// The page with the present table between the two marks; `nil` when the marks are not there.
    package static func updated(_ page: String, table: String) -> String? {
        guard let open = page.firstRange(of: Self.opening),
            let close = page[open.upperBound...].firstRange(of: Self.closing)
        else { return nil }
        return page[..<open.upperBound] + "\n" + table + "\n" + page[close.lowerBound...]
    }
}
