package import ELBModel

/// Which checks notice which deviations. The suite is only as good as this table: a check that notices nothing proves
/// nothing, and a deviation that nobody notices is a hole.
package struct KillMatrix: Sendable {
    /// One check against one deviation.
    package struct Cell: Hashable, Sendable {
        package let check: String
        package let quirk: Quirk
        package let verdict: Verdict
        /// Whether the check says of itself that it notices the quirk.
        package let isDeclared: Bool

        package init(check: String, quirk: Quirk, verdict: Verdict, isDeclared: Bool) {
            self.check = check
            self.quirk = quirk
            self.verdict = verdict
            self.isDeclared = isDeclared
        }
    }

    package let cells: [Cell]

    package init(cells: [Cell]) {
        self.cells = cells
    }

    /// Checks that failed on no quirk.
    package func idleChecks(among checks: [Check]) -> [String] {
        let busy = Set(self.cells.filter { $0.verdict == .fail }.map(\.check))
        return checks.map(\.id).filter { !busy.contains($0) }
    }

    /// Quirks that no check failed on.
    package func uncaughtQuirks(among quirks: [Quirk]) -> [Quirk] {
        let caught = Set(self.cells.filter { $0.verdict == .fail }.map(\.quirk))
        return quirks.filter { !caught.contains($0) }
    }

    /// What a check says it notices, and did not.
    package var brokenPromises: [Cell] {
        self.cells.filter { $0.isDeclared && $0.verdict != .fail }
    }

    /// Runs for every quirk the checks that declare it, or all checks with `isFull`; several quirks side by side.
    package static func run(
        _ checks: [Check] = CheckLibrary.all,
        quirks: [Quirk] = Quirk.allCases,
        isFull: Bool = false,
        jobs: Int = 2,
        seed: UInt64 = 1,
        progress: @Sendable @escaping (Quirk, [Cell]) -> Void = { _, _ in }
    ) async throws(SubjectFailure) -> KillMatrix {
        // The program is found once, so that its absence is an error here and not a matrix of errors.
        var subjects: [(Quirk, SubjectCommand)] = []
        for quirk in quirks { subjects.append((quirk, try .embedded(quirks: [quirk]))) }
        let cells = await withTaskGroup(of: [Cell].self) { group in
            var rest = subjects[...]
            var cells: [Cell] = []
            let startNext = { (group: inout TaskGroup<[Cell]>) in
                guard let (quirk, subject) = rest.popFirst() else { return }
                let concerned = checks.filter { isFull || $0.kills.contains(quirk) }
                group.addTask {
                    guard !Task.isCancelled else { return [] }
                    var runner = Runner(subject: subject, seed: seed, jobs: 1)
                    // Each shows what it sees by itself.
                    runner.honoursNeeds = false
                    let report = await runner.run(concerned)
                    let found = zip(concerned, report.checks).map { check, report in
                        Cell(
                            check: check.id,
                            quirk: quirk,
                            verdict: report.verdict,
                            isDeclared: check.kills.contains(quirk)
                        )
                    }
                    progress(quirk, found)
                    return found
                }
            }
            for _ in 0..<max(1, jobs) { startNext(&group) }
            while let found = await group.next() {
                cells += found
                startNext(&group)
            }
            return cells
        }
        return KillMatrix(cells: cells.sorted { ($0.quirk.rawValue, $0.check) < ($1.quirk.rawValue, $1.check) })
    }
}

extension KillMatrix {
    /// As `elblab/kills/v1`.
    package func jsonText(checks: [Check], quirks: [Quirk]) -> String {
        let rows = self.cells.map { cell in
            JSONText.object([
                ("quirk", .string(cell.quirk.rawValue)), ("check", .string(cell.check)),
                ("verdict", .string(cell.verdict.rawValue)), ("declared", .boolean(cell.isDeclared)),
            ])
        }
        return JSONText.object([
            ("schema", "elblab/kills/v1"),
            ("checks", .number(checks.count)),
            ("quirks", .number(quirks.count)),
            ("idleChecks", .array(self.idleChecks(among: checks).map { .string($0) })),
            ("uncaughtQuirks", .array(self.uncaughtQuirks(among: quirks).map { .string($0.rawValue) })),
            ("cells", .array(rows)),
        ]).text
    }
}
