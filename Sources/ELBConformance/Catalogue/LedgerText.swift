extension Ledger {
    /// The text of a group's file with every row's status as it is now, and nothing else changed.
    package func updating(_ text: String) -> String {
        var lines: [Substring] = []
        var row: BehaviourID?
        var dropsList = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("- id: ") { row = BehaviourID(line.dropFirst("- id: ".count)) }
            guard let row else {
                lines.append(line)
                continue
            }
            if dropsList && line.hasPrefix("  - ") { continue }
            dropsList = false
            if line.hasPrefix("  status: ") {
                lines += self.coverage(of: row).lines.map { $0[...] }
            } else if line.hasPrefix("  by:") {
                dropsList = true
            } else if !line.hasPrefix("  why: ") {
                lines.append(line)
            }
        }
        return lines.joined(separator: "\n")
    }

    /// The page that shows how much of the catalogue is covered, group by group.
    package var page: String {
        var lines = [
            "# Coverage of the behaviour catalogue", "",
            "Written by `elblab dev ledger --update`. What the words mean: [fixtures/behaviour](../fixtures/behaviour/README.md).",
            "", "| Group | About | Rows | Checked | Tested | Excepted | To do |", "|---|---|---:|---:|---:|---:|---:|",
        ]
        var total = Tally()
        for (group, (_, _, tally)) in zip(self.catalogue.groups, self.tallies()) {
            total.add(tally)
            lines.append("| [\(group.id)](../fixtures/behaviour/\(group.file)) | \(group.title) | \(tally.cells) |")
        }
        lines.append("| **All** | | \(total.cells) |")
        let exceptions = self.catalogue.behaviours.compactMap { behaviour -> String? in
            guard case .excepted(let why) = self.coverage(of: behaviour.id) else { return nil }
            return "- **\(behaviour.id)**: \(why)"
        }
        if !exceptions.isEmpty { lines += ["", "## Left out on purpose", ""] + exceptions }
        return lines.joined(separator: "\n") + "\n"
    }

    /// How the groups whose id begins like this are covered, in the catalogue's order.
    package func tallies(beginning prefix: String = "") -> [(group: String, title: String, tally: Tally)] {
        self.catalogue.groups.filter { $0.id.hasPrefix(prefix) }.map { group in
            var tally = Tally()
            for behaviour in group.behaviours { tally.count(self.coverage(of: behaviour.id).status) }
            return (group.id, group.title, tally)
        }
    }

    /// How many rows stand where.
    package struct Tally: Sendable {
        private var counts: [Coverage.Status: Int] = [:]

        mutating func count(_ status: Coverage.Status) { self.counts[status, default: 0] += 1 }

        /// Rows of this status.
        package func count(of status: Coverage.Status) -> Int { self.counts[status, default: 0] }

        mutating func add(_ other: Tally) { self.counts.merge(other.counts, uniquingKeysWith: +) }

        var cells: String {
            let columns: [Coverage.Status] = [.checked, .tested, .excepted, .todo]
            let numbers = columns.map { self.counts[$0, default: 0] }
            return ([numbers.reduce(0, +)] + numbers).map(String.init).joined(separator: " | ")
        }
    }
}

extension Coverage {
    /// The lines of a row that say how it is covered.
    fileprivate var lines: [String] {
        switch self {
        case .todo: ["  status: todo"]
        case .excepted(let why): ["  status: excepted", "  why: \(Self.quoted(why))"]
        case .tested(let by): ["  status: tested"] + Self.list(by)
        case .checked(let by): ["  status: checked"] + Self.list(by)
        }
    }

    /// On one line while it fits, else one name per line.
    private static func list(_ names: [String]) -> [String] {
        let line = "  by: [\(names.joined(separator: ", "))]"
        return line.count <= 120 ? [line] : ["  by:"] + names.map { "  - \($0)" }
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
