import ArgumentParser
import ELBConformance
import ELBModel

/// `elblab conformance`: judges any balancer.
struct ConformanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conformance",
        abstract: "Judge a balancer by what clients and targets see.",
        discussion: "Example: elblab conformance run --only 'routing.*'",
        subcommands: [
            ConformanceCoverageCommand.self, ConformanceExplainCommand.self, ConformanceListCommand.self,
            ConformanceRunCommand.self,
        ]
    )
}

/// `elblab conformance list`.
struct ConformanceListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the checks.",
        discussion: "Example: elblab conformance list 'health.*'"
    )

    @Argument(help: "Ids, * for any characters; all without one.")
    var patterns: [String] = []

    func run() throws {
        let checks = try ConformanceRunCommand.checks(self.patterns)
        let width = checks.map(\.id.count).max() ?? 0
        for check in checks {
            StandardStream.output.printLine(
                "\(check.id.padding(to: width))  \(check.level.rawValue.padding(to: 11))  \(check.rule)"
            )
        }
        StandardStream.output.printLine("\(checks.count) checks")
    }
}

/// `elblab conformance explain`.
struct ConformanceExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say what a check judges, and by which rule.",
        discussion: "Example: elblab conformance explain health.first-pass"
    )

    @Argument(help: "The check's id.")
    var id: String

    func run() throws {
        guard let check = CheckLibrary.check(self.id) else {
            throw CommandFailure(
                "no check is called \(self.id)",
                fix: "elblab conformance list shows them all",
                status: .usage
            )
        }
        let parts = [
            ("check", check.id), ("rule", check.rule), ("level", check.level.rawValue),
            ("feature", ([check.feature] + check.furtherFeatures).joined(separator: ", ")),
            ("rows", check.rows.joined(separator: ", ")), ("read", check.reference),
            ("needs", check.needs.joined(separator: ", ")),
            ("notices", check.kills.map(\.rawValue).joined(separator: ", ")), ("look at", check.lookAt),
        ]
        for (name, value) in parts where !value.isEmpty {
            StandardStream.output.printLine("\(name.padding(to: 8)) \(value)")
        }
    }
}
