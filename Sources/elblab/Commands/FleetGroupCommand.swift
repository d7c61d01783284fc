import ArgumentParser

/// `elblab fleet`: fake backends, in a lab or in front of anybody's balancer.
struct FleetGroupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet",
        abstract: "Run fake backends, break them, and see every byte that they saw.",
        discussion: """
            'fleet up' starts backends that need no lab: put any balancer in front of them. The other verbs talk to a \
            running lab ('elblab up') or to such a fleet. Choose backends by name or by --az; without either, all are meant.

            Example: elblab fleet up --count 2 --az a,b
                     elblab fleet fail WebA --status 503 --only health
                     elblab fleet cut --az a
                     elblab fleet heal
            """,
        subcommands: [
            FleetUpCommand.self,
            FleetStatusCommand.self,
            FleetLogCommand.self,
            FleetFailCommand.self,
            FleetSlowCommand.self,
            FleetHangCommand.self,
            FleetResetCommand.self,
            FleetTruncateCommand.self,
            FleetProbesCommand.self,
            FleetRefuseCommand.self,
            FleetCutCommand.self,
            FleetKillCommand.self,
            FleetHealCommand.self,
            FleetResizeCommand.self,
            FleetDownCommand.self,
        ]
    )
}
