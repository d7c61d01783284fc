import ArgumentParser
import ELBFleet

/// `elblab fleet fail`: answers with an error status.
struct FleetFailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fail",
        abstract: "Answer with an error status.",
        discussion: "Example: elblab fleet fail WebA --status 503 --only health"
    )

    @OptionGroup var chosen: SelectionOptions
    @Option(name: .long, help: "The status, 200 to 599; 0 to 99 is a gRPC status.")
    var status = 503
    @OptionGroup var fault: FaultOptions
    @OptionGroup var endpoint: EndpointOption
    @OptionGroup var data: JSONOption

    func run() async throws {
        let rule = try self.fault.rule(.fail(status: self.status))
        try await FleetClient(self.endpoint).tell(.fault(self.chosen.selection, rule), "\(rule)", self.data)
    }
}
