import ArgumentParser
import ELBFleet

/// `elblab fleet truncate`: sends half of what it announced.
struct FleetTruncateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "truncate",
        abstract: "Announce more than is sent, then close.",
        discussion: "Example: elblab fleet truncate WebA --times 3"
    )

    @OptionGroup var chosen: SelectionOptions
    @OptionGroup var fault: FaultOptions
    @OptionGroup var endpoint: EndpointOption
    @OptionGroup var data: JSONOption

    func run() async throws {
        let rule = try self.fault.rule(.truncate)
        try await FleetClient(self.endpoint).tell(.fault(self.chosen.selection, rule), "\(rule)", self.data)
    }
}
