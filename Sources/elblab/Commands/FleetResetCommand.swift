import ArgumentParser
import ELBFleet

/// `elblab fleet reset`: reads, then resets the connection.
struct FleetResetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset",
        abstract: "Read requests and end the connection with a RST.",
        discussion: "Example: elblab fleet reset WebA --times 3"
    )

    @OptionGroup var chosen: SelectionOptions
    @OptionGroup var fault: FaultOptions
    @OptionGroup var endpoint: EndpointOption
    @OptionGroup var data: JSONOption

    func run() async throws {
        let rule = try self.fault.rule(.reset)
        try await FleetClient(self.endpoint).tell(.fault(self.chosen.selection, rule), "\(rule)", self.data)
    }
}
