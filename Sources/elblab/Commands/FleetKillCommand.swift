import ArgumentParser
import ELBFleet

/// `elblab fleet kill`: kills, as a crash does; `heal` starts it again.
struct FleetKillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kill",
        abstract: "Kill the process (SIGKILL).",
        discussion: "Example: elblab fleet kill WebA"
    )

    @OptionGroup var chosen: SelectionOptions
    @OptionGroup var endpoint: EndpointOption
    @OptionGroup var data: JSONOption

    func run() async throws {
        guard self.chosen.selection != .all else {
            throw CommandFailure("nothing chosen to kill", fix: "name backends, or a zone with --az", status: .usage)
        }
        try await FleetClient(self.endpoint).tell(.kill(self.chosen.selection), "killed", self.data)
    }
}
