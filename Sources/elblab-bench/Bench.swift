import ArgumentParser

/// Measurements of the balancer: numbers and how they were obtained. What must not depend on the machine is also checked.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "elblab-bench",
        abstract: "Measure the balancer, beside HAProxy and nginx where they are installed.",
        subcommands: [
            HTTPCommand.self, HTTP2Command.self, AllocationsCommand.self, RulesCommand.self, IdleCommand.self,
            ServeBackendCommand.self,
            ServeBalancerCommand.self,
        ]
    )
}
