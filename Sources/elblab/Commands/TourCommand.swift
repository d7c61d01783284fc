import ArgumentParser

/// `elblab tour`: the lab at work, within a minute.
struct TourCommand: EndsInOrder {
    static let configuration = CommandConfiguration(
        commandName: "tour",
        abstract: "See the lab at work, within a minute.",
        discussion: """
            A fleet in two zones, a load balancer, 200 requests, a backend killed, and nobody notices for long. Ends by \
            itself, leaves nothing behind, and ends with 0 only when everything that it shows was so. With --zones a whole \
            zone dies under load, with cross-zone load balancing and without, and failed requests are counted by the second.

            Examples:
              elblab tour --seed 4217
              elblab tour --zones
              elblab tour --zones --time-scale 1
            """
    )

    @OptionGroup var text: PlainOption

    @Flag(help: "See a zone die under load.")
    var zones = false

    @Option(help: "Decides what is up to chance, such as who is killed; the same seed plays the same tour.")
    var seed: UInt64?

    @Option(
        help: ArgumentHelp(
            "With --zones: how many times as fast as AWS's the clock runs, 1 to \(TourPlan.usualClock). Default: \(TourPlan.usualClock).",
            valueName: "factor"
        )
    )
    var timeScale: Int?

    /// Where to go from here; shown when the verb exists.
    private static let ways: [(verb: String, command: String, about: String)] = [
        ("lesson", "elblab lesson list", "learn it, step by step, in English or Korean"),
        ("up", "elblab up TEMPLATE", "run a lab from a CloudFormation template"),
        ("fleet", "elblab fleet up --count 4", "fake backends in front of which you put your own balancer"),
        ("conformance", "elblab conformance run", "judge a balancer, ours or yours"),
        ("quirks", "elblab quirks list", "ways to be wrong on purpose"),
        ("doctor", "elblab doctor", "what this machine can do"),
    ]

    func validate() throws {
        guard let timeScale = self.timeScale else { return }
        guard self.zones else { throw ValidationError("--time-scale is for --zones") }
        guard (1...TourPlan.usualClock).contains(timeScale) else {
            throw ValidationError("--time-scale is 1 to \(TourPlan.usualClock), not \(timeScale)")
        }
    }

    func run() async throws {
        let plan = TourPlan(
            seed: self.seed ?? UInt64.random(in: 1...9999),
            clock: self.timeScale ?? TourPlan.usualClock
        )
        let page = TourPage(self.text)
        page.title(
            "elblab tour    seed \(plan.seed)    clock ×\(plan.clock): an AWS second lasts \(1000 / plan.clock) ms"
        )
        let zones = self.zones
        let held = try await SignalWatch.untilTerminated {
            try await TourScene.play(plan) { scene in
                if zones { return try await ZoneTour(scene: scene, page: page).run() }
                return try await Tour(scene: scene, page: page).run()
            }
        }
        guard let held else { throw CommandFailure("interrupted; everything is stopped", status: .failure) }
        guard held else { throw CommandFailure("not everything was as it should be", status: .failure) }
        self.showWays(page)
    }

    private func showWays(_ page: TourPage) {
        let verbs = Set(Elblab.configuration.subcommands.compactMap { $0.configuration.commandName })
        let ways = Self.ways.filter { verbs.contains($0.verb) }
        if ways.isEmpty { return }
        page.step(self.zones ? 7 : 6, "Where to go from here")
        let width = ways.map(\.command.count).max() ?? 0
        for way in ways { page.fact("\(way.command.padding(to: width))  \(way.about)") }
    }
}
