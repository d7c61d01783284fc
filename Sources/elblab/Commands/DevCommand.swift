import ArgumentParser

/// `elblab dev`: for people who write lessons, checks and the lab itself.
struct DevCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Work on lessons, checks and the catalogue.",
        discussion: "Example: elblab dev ledger --check",
        subcommands: [
            // One line each, in alphabetical order.
            DevCheckCommand.self,
            DevHostileCommand.self,
            DevKillsCommand.self,
            DevLedgerCommand.self,
            DevNewCommand.self,
            DevOperationsCommand.self,
        ]
    )
}
