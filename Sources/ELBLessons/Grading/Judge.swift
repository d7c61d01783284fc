/// How a check finds out. Each judge asks one kind of question of the running answer; `with` in `checks.yaml` gives its
/// parameters.
package enum Judge: Hashable, Sendable {
    /// The template's balancer is reachable: every zone node answers with 200 from a server of the fleet.
    case reachable(zones: Int)
    /// Every server of the fleet is registered, each once.
    case registeredOnce
    /// `rounds` requests per server land evenly, to the request, on every node.
    case evenSpread(rounds: Int)
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

    init(name: YAMLReader, parameters: YAMLReader?) throws {
        let given = { (key: String) throws -> YAMLReader in
            guard let parameters else { throw name.error("'with' is missing") }
            return try parameters.required(key)
        }
        switch try name.string() {
        case "reachable": self = .reachable(zones: try given("zones").int())
        case "registered-once": self = .registeredOnce
        case "even-spread": self = .evenSpread(rounds: try given("rounds").int())
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
                percent: Double(try given("percent").int()),
                tolerance: Double(try given("tolerance").int()),
                requests: try given("requests").int()
            )
        case let other: throw name.error("'\(other)' is not a judge")
        }
    }
}

/// One request, and what must become of it.
package struct RouteCase: Hashable, Sendable {
    package var request: Request
    package var outcome: Outcome
    /// Whether it stands just outside a rule; half of the cases should.
    package var isNearMiss: Bool

    package struct Request: Hashable, Sendable {
        package var method = "GET"
        package var host: String?
        /// Path and query as they stand on the request line.
        package var target = "/"
        package var headers: [String: String] = [:]
        /// Source address of the connection.
        package var client: String?
    }

    package enum Outcome: Hashable, Sendable {
        /// Answered by one of these servers.
        case servers([String])
        /// Answered by the balancer itself with this status and, if given, a body containing this text.
        case fixed(status: Int, body: String?)
        case redirect(status: Int, location: String)
    }

    init(_ reader: YAMLReader) throws {
        try reader.allow(keys: ["request", "servers", "fixed", "body", "redirect", "location", "near-miss"])
        self.request = try Request(try reader.required("request"))
        self.isNearMiss = try reader.optional("near-miss")?.string() == "true"
        if let servers = reader.optional("servers") {
            self.outcome = .servers(try servers.strings())
        } else if let redirect = reader.optional("redirect") {
            self.outcome = .redirect(
                status: try redirect.int(),
                location: try reader.required("location").string()
            )
        } else {
            let body = try reader.optional("body")?.string()
            self.outcome = .fixed(status: try reader.required("fixed").int(), body: body)
        }
    }
}

extension RouteCase.Request {
    /// Reads `GET /path`, or a mapping with method, host, target, headers and client.
    init(_ reader: YAMLReader) throws {
        try reader.allow(keys: ["method", "host", "target", "headers", "client"])
        if let method = reader.optional("method") { self.method = try method.string() }
        self.host = try reader.optional("host")?.string()
        if let target = reader.optional("target") { self.target = try target.string() }
        for (name, value) in try reader.optional("headers")?.entries() ?? [] {
            self.headers[name] = try value.string()
        }
        self.client = try reader.optional("client")?.string()
    }
}

extension RouteCase.Request: CustomStringConvertible {
    /// As a person would say it: `GET www.example.com/api?x=1 from 127.200.0.9 (X-Env: canary)`.
    package var description: String {
        let from = self.client.map { " from \($0)" } ?? ""
        let headers = self.headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
        return "\(self.method) \(self.host ?? "")\(self.target)\(from)" + (headers.isEmpty ? "" : " (\(headers))")
    }
}
