import ArgumentParser
import ELBFleet

/// `elblab fleet heal`: ends all faults.
struct FleetHealCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "heal",
        abstract: "End all faults; start again what was killed.",
        discussion: "Example: elblab fleet heal --az a"
    )

    @OptionGroup var chosen: SelectionOptions
    @OptionGroup var endpoint: EndpointOption
    @OptionGroup var data: JSONOption

    func run() async throws {
        try await FleetClient(self.endpoint).tell(.heal(self.chosen.selection), "healed", self.data)
    }
}
