import ArgumentParser
import Glibc

/// Measurements of the balancer: numbers and how they were obtained. What must not depend on the machine is also checked.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "elblab-bench",
        abstract: "Measure the balancer, beside HAProxy, nginx, Envoy and Caddy where they are installed.",
        discussion: """
            Exit codes: 0 measured, and good where good is defined; 1 measured, and not good; 2 wrong usage; 4 could not be measured.
            """,
        subcommands: [
            HTTPCommand.self, TLSCommand.self, HTTP2Command.self, GRPCCommand.self, WebSocketCommand.self,
            TCPCommand.self, ConnectCommand.self, BulkCommand.self, UDPCommand.self,
            AllocationsCommand.self, RulesCommand.self, IdleCommand.self,
            LoadWebSocketsCommand.self, LoadDatagramsCommand.self, ServeBackendCommand.self, ServeBalancerCommand.self,
        ]
    )

    static func main() async {
        Leftovers.endOnSignals()
        do {
            var command = try Self.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            Self.end(with: error)
        }
    }

    /// Says what went wrong and ends the program with the code that its help promises.
    private static func end(with error: any Error) -> Never {
        let message = Self.fullMessage(for: error)
        switch Self.exitCode(for: error) {
        case .success:
            print(message)
            Glibc.exit(0)
        case .validationFailure:
            Self.complain(message)
            Glibc.exit(2)
        default:
            if error is ExitCode { Glibc.exit(1) }
            Self.complain("elblab-bench: \(error)")
            Glibc.exit(4)
        }
    }

    private static func complain(_ message: String) {
        let bytes = Array((message + "\n").utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}
