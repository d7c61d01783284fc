import ELBModel

/// The ledger for programs, as `docs/coverage.json` holds it: of every row what shows that it holds, and which deviations of it would be
/// noticed.
struct CoverageTable: Decodable {
    let rows: [Row]

    /// What a reader needs of a row to see whether it has fallen.
    struct Row: Decodable {
        let id: String
        let status: Coverage.Status
    }
}

extension Ledger {
    /// The table's text, one row a line, so that two of them can be compared line by line.
    package var table: String {
        var lines = ["{", "  \"schema\": \"elblab/coverage/v1\",", "  \"groups\": ["]
        lines += Self.joined(
            self.tallies().map { group, title, tally in
                let counts = Coverage.Status.allCases.reversed().map {
                    ($0.rawValue, JSONText.number(tally.count(of: $0)))
                }
                return .object([("id", .string(group)), ("title", .string(title))] + counts)
            }
        )
        lines += ["  ],", "  \"rows\": ["]
        lines += Self.joined(self.catalogue.behaviours.map { self.row($0) })
        return (lines + ["  ]", "}"]).joined(separator: "\n") + "\n"
    }

    private func row(_ behaviour: Behaviour) -> JSONText {
        let coverage = self.coverage(of: behaviour.id)
        let checks = Set(self.checks[behaviour.id] ?? []).sorted()
        let quirks = Set(checks.compactMap { CheckLibrary.check($0) }.flatMap(\.kills).map(\.rawValue)).sorted()
        var members: [(String, JSONText)] = [
            ("id", .string(behaviour.id.description)), ("status", .string(coverage.status.rawValue)),
        ]
        for (name, list) in [
            ("checks", checks), ("tests", Set(self.tests[behaviour.id] ?? []).sorted()), ("quirks", quirks),
        ] where !list.isEmpty {
            members.append((name, .array(list.map { .string($0) })))
        }
        if case .excepted(let why) = coverage { members.append(("exception", .string(why))) }
        return .object(members)
    }

    private static func joined(_ rows: [JSONText]) -> [String] {
        rows.enumerated().map { "    \($1.line)\($0 + 1 == rows.count ? "" : ",")" }
    }
}
