/// Several runs side by side: checks down, subjects across.
package struct ResultMatrix: Sendable {
    /// The runs, in the order given.
    package let runs: [ResultFile]
    /// Checks of one feature, in the order of the files.
    package let sections: [Section]

    /// Checks under one heading.
    package struct Section: Sendable {
        package let feature: String
        package let checks: [Row]
    }

    /// One check at all subjects.
    package struct Row: Sendable {
        package let id: String
        package let title: String
        package let level: String
        package let rows: [String]
        package let reference: String?
        /// One for each run; `nil` where the run does not have the check.
        package let results: [ResultFile.CheckResult?]
    }

    package init(_ runs: [ResultFile]) {
        self.runs = runs
        var order: [String] = []
        var found: [[String: ResultFile.CheckResult]] = []
        var known: Set<String> = []
        for run in runs {
            found.append(Dictionary(run.checks.map { ($0.id, $0) }) { first, _ in first })
            for check in run.checks where known.insert(check.id).inserted { order.append(check.id) }
        }
        var features: [String] = []
        var rows: [String: [Row]] = [:]
        for id in order {
            let results = found.map { $0[id] }
            guard let first = results.compactMap(\.self).first else { continue }
            let feature = first.feature ?? id
            if rows[feature] == nil { features.append(feature) }
            rows[feature, default: []].append(
                Row(
                    id: id,
                    title: first.title ?? id,
                    level: first.level ?? "",
                    rows: first.rows ?? [],
                    reference: first.ref,
                    results: results
                )
            )
        }
        self.sections = features.sorted().map { Section(feature: $0, checks: rows[$0] ?? []) }
    }

    /// How often a run has that verdict, and of how many.
    package func count(_ status: Verdict, in run: Int) -> Int {
        self.runs[run].checks.count { $0.status == status.rawValue }
    }

    /// What is counted for the whole: everything but provisional checks.
    package func summary(of run: Int) -> [(verdict: Verdict, count: Int)] {
        Verdict.allCases.compactMap { verdict in
            let count = self.count(verdict, in: run)
            return count == 0 ? nil : (verdict, count)
        }
    }

    /// The command that repeats one cell.
    package func replay(_ check: String, in run: Int) -> String {
        let file = self.runs[run]
        // As the run was asked for: a subject's name is not its file's.
        let words = file.replay?.split(separator: " ") ?? []
        let named = words.firstIndex(of: "--subject").flatMap { words.dropFirst($0 + 1).first }
        let name = named.map { String($0) } ?? file.subject.id
        let subject = name == "embedded" ? "" : " --subject \(name)"
        let quirks = (file.quirks ?? []).map { " --quirk \($0)" }.joined()
        let seed = file.seed.map { " --seed \($0)" } ?? ""
        return "elblab conformance run\(subject)\(quirks) --only \(check)\(seed)"
    }
}
