import ArgumentParser
import ELBConformance

/// `elblab conformance coverage`: how much of what AWS documents is judged or tested, group by group.
struct ConformanceCoverageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coverage",
        abstract: "Say how much of the behaviour catalogue is covered, group by group.",
        discussion: """
            Needs the project's files: run in its folder, or where ELBLAB_HOME says.

            Example: elblab conformance coverage ALB
            """
    )

    @Argument(help: "What the groups' ids begin with, such as ALB or ALB-TLS; all without one.")
    var prefix = ""

    func run() throws {
        guard let root = ProjectFiles.root() else {
            throw CommandFailure(
                "the project's files are not here",
                fix: "run in its folder, or set ELBLAB_HOME",
                status: .usage
            )
        }
        let tallies = try LedgerFiles(root: root, checks: CheckCitations().checks).ledger.tallies(
            beginning: self.prefix
        )
        guard !tallies.isEmpty else {
            throw CommandFailure(
                "no group begins with \(self.prefix)",
                fix: "docs/coverage.md lists them",
                status: .usage
            )
        }
        let statuses: [Coverage.Status] = [.checked, .tested, .excepted, .todo]
        StandardStream.output.printLine("group      checked  tested  excepted  to do  about")
        var sums = Array(repeating: 0, count: statuses.count)
        for (group, title, tally) in tallies {
            let counts = statuses.map { tally.count(of: $0) }
            for index in sums.indices { sums[index] += counts[index] }
            StandardStream.output.printLine("\(group.padding(to: 10)) \(Self.cells(counts))  \(title)")
        }
        StandardStream.output.printLine("\("all".padding(to: 10)) \(Self.cells(sums))")
    }

    private static func cells(_ counts: [Int]) -> String {
        zip(counts, [7, 6, 8, 5]).map { String($0).paddingLeft(to: $1) }.joined(separator: "  ")
    }
}
