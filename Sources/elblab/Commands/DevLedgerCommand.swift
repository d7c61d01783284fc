import ArgumentParser
import ELBConformance

/// `elblab dev ledger`: which rows of the behaviour catalogue are covered, and by what.
struct DevLedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Join the behaviour catalogue with the tests and checks that cover it.",
        discussion: """
            Without an option, counts the rows by status. Runs in the project's folder, or where ELBLAB_HOME says.

            Example: elblab dev ledger --update
            """
    )

    @Flag(help: "Write the statuses into fixtures/behaviour, docs/coverage.md and docs/coverage.json.")
    var update = false

    @Flag(help: "End with 1 when they are out of date, or when a row that was covered no longer is.")
    var check = false

    func validate() throws {
        if self.update && self.check { throw ValidationError("--update and --check exclude each other") }
    }

    func run() async throws {
        guard let root = ProjectFiles.root() else {
            throw CommandFailure(
                "the project's files are not here",
                fix: "run in its folder, or set ELBLAB_HOME",
                status: .usage
            )
        }
        let ledger = try LedgerFiles(root: root, checks: CheckCitations().checks)
        if self.update {
            for file in try ledger.update() { StandardStream.output.printLine("updated \(file)") }
        }
        if self.check {
            let problems = try ledger.problems()
            for problem in problems { StandardStream.error.printLine(problem) }
            if !problems.isEmpty {
                throw CommandFailure("the ledger is not up to date", fix: "run `make ledger`", status: .failure)
            }
        }
        self.printCounts(ledger.counts)
    }

    private func printCounts(_ counts: [Coverage.Status: Int]) {
        let words = Coverage.Status.allCases.reversed().map { "\(counts[$0, default: 0]) \($0.rawValue)" }
        let total = counts.values.reduce(0, +)
        StandardStream.output.printLine("\(total) rows: \(words.joined(separator: ", "))")
    }
}
