import ArgumentParser
import ELBFleet

/// `elblab fleet cut`: a power cut, of a zone for example.
struct FleetCutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cut",
        abstract: "Fall silent, as in a power cut: nothing answers, nothing is refused.",
        discussion: "Example: elblab fleet cut --az a"
    )

    @OptionGroup var chosen: SelectionOptions
    @OptionGroup var endpoint: EndpointOption
    @OptionGroup var data: JSONOption

    func run() async throws {
        guard self.chosen.selection != .all else {
            throw CommandFailure("nothing chosen to cut", fix: "name backends, or a zone with --az", status: .usage)
        }
        try await FleetClient(self.endpoint).tell(.machine(self.chosen.selection, .cut), "cut", self.data)
    }
}
