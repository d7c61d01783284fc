import ArgumentParser
import ELBFleet

/// `elblab fleet status`: every backend at this moment.
struct FleetStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show backends: state, size, load, counts, faults.",
        discussion: "Example: elblab fleet status --az a"
    )

    @OptionGroup var chosen: SelectionOptions
    @OptionGroup var endpoint: EndpointOption
    @OptionGroup var text: PlainOption
    @OptionGroup var data: JSONOption

    func run() async throws {
        let reply = try await FleetClient(self.endpoint).send(.status(self.chosen.selection))
        guard case .status(let statuses) = reply, !self.data.json else {
            StandardStream.output.write(String(decoding: try ControlLines.encode(reply), as: UTF8.self))
            return
        }
        for line in StatusTable(style: self.text.style).lines(statuses) { StandardStream.output.printLine(line) }
    }
}
