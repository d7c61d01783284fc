import ArgumentParser
import ELBFleet

/// `elblab fleet slow`: answers late, and keeps a worker busy meanwhile.
struct FleetSlowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slow",
        abstract: "Answer late.",
        discussion: "Example: elblab fleet slow WebA --by 500"
    )

    @OptionGroup var chosen: SelectionOptions
    @Option(
        name: .customLong("by"),
        parsing: .unconditional,
        help: "Milliseconds in addition to the size's service time."
    )
    var milliseconds: Int
    @OptionGroup var fault: FaultOptions
    @OptionGroup var endpoint: EndpointOption
    @OptionGroup var data: JSONOption

    func run() async throws {
        let rule = try self.fault.rule(.slow(milliseconds: self.milliseconds))
        try await FleetClient(self.endpoint).tell(.fault(self.chosen.selection, rule), "\(rule)", self.data)
    }
}
