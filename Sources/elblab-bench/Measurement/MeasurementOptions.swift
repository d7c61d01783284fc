import ArgumentParser

/// What is the same for every measurement of proxies: which, for how long, how often, and how good is good enough.
struct MeasurementOptions: ParsableArguments {
    @Option(help: "Seconds per measurement.")
    var seconds = 5

    @Option(help: "Measurements per proxy, in turns; the best of each is shown.")
    var rounds = 2

    @Option(name: .customLong("only"), help: "Measure only this proxy; may be repeated.")
    var only: [Rival] = []

    @Option(
        name: .customLong("at-most"),
        help: "Fail if our CPU time is above this many times that of the best of the others."
    )
    var goal: Double?

    func validate() throws {
        guard self.seconds > 0, self.rounds > 0 else { throw ValidationError("--seconds and --rounds are 1 or more") }
    }

    /// How every command's numbers come about; part of its help.
    static let method = """
        Every proxy has one worker and the same backend and load, in turns. Proxies are pinned to one core and everything else to \
        the others where taskset is installed. Ours runs with 100 rules, health checks, metrics and access log; the others \
        (HAProxy, nginx, Envoy, Caddy, where installed) with what they need to forward. CPU is user plus system time of the \
        proxy's process. Exit codes: 0 measured; 1 ours answered with errors or missed --at-most; 2 wrong usage; \
        4 could not be measured.
        """
}
