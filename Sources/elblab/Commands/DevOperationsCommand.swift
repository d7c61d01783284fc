import ArgumentParser
import ELBControlPlane

/// `elblab dev operations`: the table of docs/aws-endpoint.md.
struct DevOperationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operations",
        abstract: "Print which of AWS's operations the lab has, in Markdown.",
        discussion: """
            The output stands behind the heading "Operations" of docs/aws-endpoint.md; a test fails while it does not.

            Example: elblab dev operations
            """
    )

    func run() async throws {
        StandardStream.output.write(OperationList.markdown)
    }
}
