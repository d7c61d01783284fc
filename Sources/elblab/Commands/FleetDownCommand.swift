import ArgumentParser
import ELBFleet

/// `elblab fleet down`: stops backends in order.
struct FleetDownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Stop backends and forget them.",
        discussion: "Example: elblab fleet down WebA"
    )

    @OptionGroup var chosen: SelectionOptions
    @OptionGroup var endpoint: EndpointOption
    @OptionGroup var data: JSONOption

    func run() async throws {
        try await FleetClient(self.endpoint).tell(.down(self.chosen.selection), "down", self.data)
    }
}
