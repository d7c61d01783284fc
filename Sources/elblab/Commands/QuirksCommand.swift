import ArgumentParser
import ELBConformance
import ELBModel

/// `elblab quirks`: the deviations that the balancer can be started with.
struct QuirksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quirks",
        abstract: "Deliberate deviations: what each is, what it breaks, who notices it.",
        discussion: "Example: elblab quirks explain xff.replaced",
        subcommands: [QuirksExplainCommand.self, QuirksListCommand.self]
    )
}

/// `elblab quirks list`.
struct QuirksListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the quirks.",
        discussion: "Example: elblab quirks list"
    )

    func run() {
        let quirks = Quirk.allCases.sorted { $0.rawValue < $1.rawValue }
        let width = quirks.map(\.rawValue.count).max() ?? 0
        for quirk in quirks {
            StandardStream.output.printLine("\(quirk.rawValue.padding(to: width))  \(quirk.summary)")
        }
    }
}

/// `elblab quirks explain`.
struct QuirksExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say what a quirk does, which rows it breaks, and which checks notice it.",
        discussion: "Example: elblab quirks explain health.threshold-minus-one"
    )

    @Argument(help: "The quirk's name.")
    var quirk: String

    func run() throws {
        guard let quirk = Quirk(rawValue: self.quirk) else {
            throw CommandFailure(
                "no quirk is called \(self.quirk)",
                fix: "elblab quirks list shows them all",
                status: .usage
            )
        }
        let checks = CheckLibrary.all.filter { $0.kills.contains(quirk) }.map(\.id)
        for (name, value) in [
            ("quirk", quirk.rawValue), ("does", quirk.summary), ("breaks", quirk.rows.joined(separator: ", ")),
            ("noticed", checks.joined(separator: ", ")),
        ] {
            StandardStream.output.printLine("\(name.padding(to: 8)) \(value)")
        }
    }
}
