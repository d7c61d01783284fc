import ArgumentParser
import ELBFleet

/// `elblab fleet refuse`: closes the port.
struct FleetRefuseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refuse",
        abstract: "Close the port: new connections are refused.",
        discussion: "Example: elblab fleet refuse WebA"
    )

    @OptionGroup var chosen: SelectionOptions
    @OptionGroup var endpoint: EndpointOption
    @OptionGroup var data: JSONOption

    func run() async throws {
        try await FleetClient(self.endpoint).tell(.machine(self.chosen.selection, .refuse), "refusing", self.data)
    }
}
