import ArgumentParser
import ELBFleet

/// `elblab fleet resize`: gives instances another size.
struct FleetResizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resize",
        abstract: "Change the size: how many requests at once.",
        discussion: "Example: elblab fleet resize WebA --to t3.large"
    )

    @OptionGroup var chosen: SelectionOptions
    @Option(name: .customLong("to"), help: "The size, t3.nano to t3.2xlarge.")
    var type: String
    @OptionGroup var endpoint: EndpointOption
    @OptionGroup var data: JSONOption

    func run() async throws {
        try await FleetClient(self.endpoint).tell(
            .resize(self.chosen.selection, self.type),
            "resized to \(self.type)",
            self.data
        )
    }
}
