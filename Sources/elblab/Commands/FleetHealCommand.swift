import ArgumentParser
import ELBControlPlane
import ELBFleet

/// `elblab fleet heal`: ends all faults.
struct FleetHealCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "heal",
        abstract: "End all faults; start again what was killed.",
        discussion: """
            With --node a load balancer's node has its power back; without --az, all of its nodes have.

            Example: elblab fleet heal --az a
                     elblab fleet heal --node web
            """
    )

    @OptionGroup var chosen: SelectionOptions
    @OptionGroup var node: NodeOption
    @OptionGroup var endpoint: EndpointOption
    @OptionGroup var data: JSONOption

    func run() async throws {
        if let fault = try self.node.fault(.heal, self.chosen) {
            return try await self.node.tell(fault, "healed", self.endpoint, self.data)
        }
        // A fleet without a lab has no nodes, and says so.
        if self.chosen.selection == .all {
            _ = try? await LabClient(try self.endpoint.resolved()).perform(NodeFault(.heal))
        }
        try await FleetClient(self.endpoint).tell(.heal(self.chosen.selection), "healed", self.data)
    }
}
