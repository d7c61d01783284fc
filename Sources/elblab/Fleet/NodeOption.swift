import ArgumentParser
import ELBControlPlane
import ELBFleet
import ELBModel
import FoundationEssentials

/// `--node`: a load balancer's own node in place of backends.
struct NodeOption: ParsableArguments {
    @Option(name: .long, help: "In place of backends, the node of this load balancer, in the zones of --az.")
    var node: String?

    /// What the command means for nodes; `nil` if it means backends.
    func fault(_ kind: NodeFault.Kind, _ chosen: SelectionOptions) throws -> NodeFault? {
        guard let node else { return nil }
        guard chosen.backends.isEmpty else {
            throw CommandFailure(
                "backends and --node are two commands",
                fix: "type one, then the other",
                status: .usage
            )
        }
        return NodeFault(kind, loadBalancer: node, zones: chosen.az?.zones.map(\.letter))
    }

    /// Has the lab carry it out, and says what was done to which nodes.
    func tell(_ fault: NodeFault, _ done: String, _ endpoint: EndpointOption, _ data: JSONOption) async throws {
        let reply = try await LabClient(try endpoint.resolved()).perform(fault)
        if data.json {
            StandardStream.output.printLine(String(decoding: try JSONEncoder().encode(reply), as: UTF8.self))
        } else {
            StandardStream.output.printLine("\(reply.nodes.joined(separator: ", ")): \(done)")
        }
    }
}
