import ArgumentParser
import ELBFleet

/// `elblab fleet hang`: reads and never answers.
struct FleetHangCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hang",
        abstract: "Read requests and never answer.",
        discussion: "Example: elblab fleet hang WebA --times 3"
    )

    @OptionGroup var chosen: SelectionOptions
    @OptionGroup var fault: FaultOptions
    @OptionGroup var endpoint: EndpointOption
    @OptionGroup var data: JSONOption

    func run() async throws {
        let rule = try self.fault.rule(.hang)
        try await FleetClient(self.endpoint).tell(.fault(self.chosen.selection, rule), "\(rule)", self.data)
    }
}
