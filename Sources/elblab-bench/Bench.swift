import ArgumentParser

/// Measurements of the balancer. Nothing here passes or fails: it prints numbers and how they were obtained.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "elblab-bench",
        abstract: "Measure the balancer, beside HAProxy and nginx where they are installed.",
        subcommands: [
            HTTPCommand.self, RulesCommand.self, IdleCommand.self, ServeBackendCommand.self, ServeBalancerCommand.self,
        ]
    )
}
