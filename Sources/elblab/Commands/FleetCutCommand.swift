import ArgumentParser
import ELBControlPlane
import ELBFleet

/// `elblab fleet cut`: a power cut, of a zone for example, or of a load balancer's own node.
struct FleetCutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cut",
        abstract: "Fall silent, as in a power cut: nothing answers, nothing is refused.",
        discussion: """
            With --node it is not backends that are cut but a load balancer's node, in the zones of --az: its address answers \
            nobody, and after 30 s of AWS time the name server gives it out no more.

            Example: elblab fleet cut --az a
                     elblab fleet cut --node web --az a
            """
    )

    @OptionGroup var chosen: SelectionOptions
    @OptionGroup var node: NodeOption
    @OptionGroup var endpoint: EndpointOption
    @OptionGroup var data: JSONOption

    func run() async throws {
        if let fault = try self.node.fault(.cut, self.chosen) {
            guard fault.zones != nil else {
                throw CommandFailure("no node chosen to cut", fix: "say in which zone, with --az", status: .usage)
            }
            return try await self.node.tell(fault, "cut", self.endpoint, self.data)
        }
        guard self.chosen.selection != .all else {
            throw CommandFailure("nothing chosen to cut", fix: "name backends, or a zone with --az", status: .usage)
        }
        try await FleetClient(self.endpoint).tell(.machine(self.chosen.selection, .cut), "cut", self.data)
    }
}
