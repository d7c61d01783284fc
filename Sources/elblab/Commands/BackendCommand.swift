import ArgumentParser
import ELBFleet

/// `elblab backend`: the child process that the fleet launches. It is commanded by JSON lines on its standard input, and
/// ends when that ends; people use `elblab fleet`.
struct BackendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backend",
        abstract: "Be one backend, commanded on standard input.",
        discussion: """
            Reads fleet commands as JSON lines (docs/fleet.md), answers each with one line, and ends with its input.

            Example: echo '{"launch":{"backends":[{"name":"a","ports":[0]}]}}' | elblab backend
            """,
        shouldDisplay: false
    )

    func run() async throws {
        do {
            try await ControlProgram.run(input: 0, output: 1)
        } catch {
            throw CommandFailure("the control channel failed: \(error)")
        }
    }
}
