import ArgumentParser
import ELBFleet
import ELBModel

/// `--endpoint`: which lab a command talks to.
struct EndpointOption: ParsableArguments {
    @Option(
        name: .long,
        help: "The lab's endpoint, ADDRESS:PORT. Default: $ELBLAB_ENDPOINT, else 127.0.0.1:4566."
    )
    var endpoint: String?

    /// Where the lab listens when nothing else is said.
    static let usual = "127.0.0.1:4566"

    /// The endpoint that is meant. Never one that another machine reaches: it starts processes for whoever asks.
    func resolved() throws -> Endpoint {
        var text = self.endpoint ?? Environment.value("ELBLAB_ENDPOINT") ?? Self.usual
        // The variable may hold what `up` prints for other programs, a URL.
        if text.hasPrefix("http://") { text.removeFirst("http://".count) }
        if text.hasSuffix("/") { text.removeLast() }
        guard let endpoint = Endpoint(text) else {
            throw CommandFailure(
                "'\(text)' is not an endpoint",
                fix: "write ADDRESS:PORT, such as \(Self.usual)",
                status: .usage
            )
        }
        guard endpoint.address.isLoopback else {
            throw CommandFailure(
                "the lab's endpoint must be on loopback, and '\(text)' is not",
                fix: "choose a port of 127.0.0.1 or [::1]",
                status: .usage
            )
        }
        return endpoint
    }
}

/// Which backends a command means.
struct SelectionOptions: ParsableArguments {
    @Argument(help: "Backends, by name or instance id.")
    var backends: [String] = []

    @Option(name: .long, help: "All backends of these zones, a to d, separated by commas: a,b.")
    var az: ZoneList?

    var selection: FleetSelection {
        FleetSelection(instances: self.backends, zones: self.az?.zones.map(\.letter) ?? [])
    }
}

/// Which requests a fault meets.
struct FaultOptions: ParsableArguments {
    @Option(name: .long, help: "Meet only health probes (health) or only clients (traffic).")
    var only: FaultRule.Scope = .all

    @Option(name: .long, parsing: .unconditional, help: "Let this many requests pass first.")
    var after = 0

    @Option(
        name: .long,
        parsing: .unconditional,
        help: "Meet this many requests, then stop. Without it: until healed."
    )
    var times: Int?

    func rule(_ fault: Fault) throws -> FaultRule {
        let rule = FaultRule(fault, scope: self.only, after: self.after, count: self.times)
        if let problem = rule.problem { throw CommandFailure(problem, status: .usage) }
        return rule
    }
}

/// Zones separated by commas.
struct ZoneList: ExpressibleByArgument {
    let zones: [AvailabilityZone]

    init(zones: [AvailabilityZone]) {
        self.zones = zones
    }

    init?(argument: String) {
        var zones: [AvailabilityZone] = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let zone = AvailabilityZone(part) else { return nil }
            if !zones.contains(zone) { zones.append(zone) }
        }
        self.zones = zones
    }
}

extension FaultRule.Scope: ExpressibleByArgument {}
