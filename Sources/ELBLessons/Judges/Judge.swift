import ELBConformance

/// How a check finds out. Each judge asks one kind of question of the running answer; `with` in `checks.yaml` gives its
/// parameters.
package enum Judge: Hashable, Sendable {
    /// The template's balancer is reachable: every zone node answers with 200 from a server of the fleet.
    case reachable(zones: Int)
    /// Every server of the fleet is registered, each once.
    case registeredOnce
    /// `rounds` requests per server land evenly, to the request, on every node.
    case evenSpread(rounds: Int, RouteCase.Request, servers: [String]?)
    /// Servers see the balancer as their peer and the client in X-Forwarded-For.
    case clientAddress
    /// One server dies; no client sees an error once it has been found out, and that takes at most this many AWS seconds.
    case survivesDeath(of: String, withinSeconds: Int)
    /// By the answer's settings, a server that falls silent is out of service within so many AWS seconds, at worst.
    case detectsWithin(seconds: Int)
    /// What the health checks make of a scripted server.
    case health(HealthQuestion)
    /// Requests and what must become of each.
    case routes([RouteCase])
    /// Of `requests`, the named server's group gets `percent`, give or take `tolerance` percentage points.
    case share(RouteCase.Request, servers: [String], percent: Double, tolerance: Double, requests: Int)
    /// Requests and everything that must be true of the answer and of what a server read.
    case responses([ResponseCase])
    /// What cookies do to a client's next requests.
    case sticky(StickyJudge)
    /// What becomes of a WebSocket.
    case webSocket(WebSocketJudge)
    /// What becomes of requests when a server leaves.
    case draining(DrainingJudge)
    /// The share of a server that joins others.
    case slowStart(SlowStartJudge)
    /// Each server's share when clients spread over all nodes evenly.
    case zoneShares(ZoneSharesJudge)
    /// A zone loses its power; the others go on.
    case survivesZone(SurvivesZoneJudge)
    /// What becomes of connections and datagrams through a Network Load Balancer.
    case flows(FlowJudge)
    /// What the answer itself says, read without running it.
    case template([ResourceRule])
    /// Attributes of what the answer describes, defaults too.
    case attributes([AttributeRule])
    /// How many requests per second the servers of a group can serve, by their sizes.
    case capacity(CapacityJudge)
    /// What the learner has filled in, against what a run shows.
    case prediction(PredictionJudge)
    /// A check of the conformance suite by id, on the balancer that the learner has written.
    case conformance(String)

    /// Whether a machine that stands still may make the answer look wrong. Not where nothing runs, and not where judges see for
    /// themselves what the machine blurs.
    var trustsTheMachine: Bool {
        switch self {
        case .reachable, .evenSpread, .clientAddress, .routes, .share, .responses, .sticky, .webSocket, .draining,
            .slowStart,
            .zoneShares, .survivesZone, .flows, .prediction:
            true
        case .registeredOnce, .survivesDeath, .detectsWithin, .health, .template, .attributes, .capacity, .conformance:
            false
        }
    }

    /// Questions about one timeline of probes and requests; see `HealthTimeline`.
    package enum HealthQuestion: String, Hashable, Sendable, CaseIterable {
        /// Probes ask for the health endpoint, at the server's port, marked as AWS's.
        case probeShape = "probe-shape"
        /// The first pass puts a new target in service.
        case firstPass = "first-pass"
        /// The maintenance answer takes a target out of service.
        case maintenance
        /// One failed probe between good ones changes nothing.
        case oneBlip = "one-blip"
        /// The second failure in a row removes the target, whatever kind of failure.
        case twoFailures = "two-failures"
        /// The target returns after exactly the wanted number of good probes.
        case recovery
        /// An unhealthy target goes on being probed.
        case keepsProbing = "keeps-probing"
        /// With all targets unhealthy, all get traffic.
        case failOpen = "fail-open"
    }

    private static func with(_ name: YAMLReader, _ parameters: YAMLReader?) throws -> YAMLReader {
        guard let parameters else { throw name.error("'with' is missing") }
        return parameters
    }

    init(name: YAMLReader, parameters: YAMLReader?) throws {
        let given = { (key: String) throws -> YAMLReader in
            guard let parameters else { throw name.error("'with' is missing") }
            return try parameters.required(key)
        }
        switch try name.string() {
        case "reachable": self = .reachable(zones: try given("zones").int())
        case "registered-once": self = .registeredOnce
        case "even-spread":
            let request = try parameters?.optional("request").map { try RouteCase.Request($0) }
            let servers = try parameters?.optional("servers")?.strings()
            self = .evenSpread(rounds: try given("rounds").int(), request ?? .init(), servers: servers)
        case "client-address": self = .clientAddress
        case "survives-death":
            self = .survivesDeath(of: try given("of").string(), withinSeconds: try given("within-seconds").int())
        case "detects-within": self = .detectsWithin(seconds: try given("seconds").int())
        case "health": self = .health(try given("question").choice(of: HealthQuestion.self))
        case "routes": self = .routes(try given("cases").list().map { try RouteCase($0) })
        case "share":
            self = .share(
                try RouteCase.Request(try given("request")),
                servers: try given("servers").strings(),
                percent: try given("percent").double(),
                tolerance: try given("tolerance").double(),
                requests: try given("requests").int()
            )
        case "responses": self = .responses(try given("cases").list().map { try ResponseCase($0) })
        case "sticky": self = .sticky(try StickyJudge(try Self.with(name, parameters)))
        case "websocket": self = .webSocket(try WebSocketJudge(try Self.with(name, parameters)))
        case "draining": self = .draining(try DrainingJudge(try Self.with(name, parameters)))
        case "slow-start": self = .slowStart(try SlowStartJudge(try Self.with(name, parameters)))
        case "zone-shares": self = .zoneShares(try ZoneSharesJudge(try Self.with(name, parameters)))
        case "survives-zone": self = .survivesZone(try SurvivesZoneJudge(try Self.with(name, parameters)))
        case "flows": self = .flows(try FlowJudge(try Self.with(name, parameters)))
        case "template": self = .template(try given("resources").list().map { try ResourceRule($0) })
        case "attributes": self = .attributes(try given("of").list().map { try AttributeRule($0) })
        case "capacity": self = .capacity(try CapacityJudge(try Self.with(name, parameters)))
        case "prediction": self = .prediction(try PredictionJudge(try Self.with(name, parameters)))
        case "conformance":
            let check = try given("check")
            self = .conformance(try check.string())
            guard CheckLibrary.check(try check.string()) != nil else { throw check.error("is no check of the suite") }
        case let other: throw name.error("'\(other)' is not a judge")
        }
    }
}
