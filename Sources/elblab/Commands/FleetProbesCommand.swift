import ArgumentParser
import ELBFleet

/// `elblab fleet probes`: answers the next probes one by one as told.
struct FleetProbesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probes",
        abstract: "Script the answers to the next health probes.",
        discussion: "Example: elblab fleet probes WebA --answer 200,500,timeout,200"
    )

    @OptionGroup var chosen: SelectionOptions
    @Option(name: .customLong("answer"), help: "One per probe: a status, timeout, reset, close or late:MS.")
    var answers: String
    @OptionGroup var endpoint: EndpointOption
    @OptionGroup var data: JSONOption

    func run() async throws {
        let script = try self.answers.split(separator: ",", omittingEmptySubsequences: false).map { text in
            guard let answer = ProbeAnswer(text) else {
                throw CommandFailure(
                    "'\(text)' is not an answer to a probe",
                    fix: "write a status, timeout, reset, close or late:MS",
                    status: .usage
                )
            }
            return answer
        }
        try await FleetClient(self.endpoint).tell(
            .script(self.chosen.selection, script),
            "next \(script.count) probes scripted",
            self.data
        )
    }
}
