internal import ELBModel

// The rules of a listener as the routes of a virtual host, which are tried from top to bottom as rules are.
extension EnvoyResources {
    func routes(_ listener: Listener) throws(Inexpressible) -> JSONText {
        let configuration = self.configuration
        var routes: [JSONText] = []
        for rule in try listener.cases() {
            var matchers: [JSONText] = []
            var path: JSONText?
            for condition in rule.conditions {
                if case .pathPattern(let values) = condition, path == nil {
                    path = Self.regex(values.expressions())
                } else {
                    matchers.append(try Self.matcher(condition))
                }
            }
            let place: (String, JSONText) = path.map { ("safe_regex", $0) } ?? ("prefix", "/")
            routes.append(
                .object(
                    [("match", .object([place, ("headers", .array(matchers))]))]
                        + (try Self.action(rule.action, listener, configuration))
                )
            )
        }
        let told = listener.tlsHeaders(
            configuration.loadBalancer.attributes,
            version: "%DOWNSTREAM_TLS_VERSION%",
            cipherSuite: "%DOWNSTREAM_TLS_CIPHER%"
        )
        let added: [(String, String)] =
            [("X-Forwarded-Port", "\(listener.port)"), ("X-Forwarded-Proto", listener.scheme)]
            + told.compactMap { name, value in value.map { (name, $0) } }
        var host: [(String, JSONText)] = [
            ("name", "all"), ("domains", .array(["*"])), ("routes", .array(routes)),
            ("request_headers_to_add", .array(added.map { Self.header($0, $1) })),
        ]
        let isRemoved = configuration.loadBalancer.attributes.xffHeaderProcessingMode == .remove
        // Removed first, then added.
        let removed: [JSONText] =
            ["X-Envoy-External-Address"] + (isRemoved ? ["X-Forwarded-For"] : [])
            + told.compactMap { name, value in value == nil ? .string(name) : nil }
        host.append(("request_headers_to_remove", .array(removed)))
        return .object([
            Self.type("config.route.v3.RouteConfiguration"),
            ("name", .string(Self.name(listener))),
            ("virtual_hosts", .array([.object(host)])),
        ])
    }

    private static func header(_ name: String, _ value: String) -> JSONText {
        .object([
            ("header", .object([("key", .string(name)), ("value", .string(value))])),
            ("append_action", "OVERWRITE_IF_EXISTS_OR_ADD"),
        ])
    }

    private static func regex(_ expressions: [String], _ form: (String) -> String = { $0 }) -> JSONText {
        .object([("regex", .string(form("(\(expressions.joined(separator: "|")))")))])
    }

    /// What is no path is matched in the header, real or not, that holds it.
    private static func matcher(_ condition: RuleCondition) throws(Inexpressible) -> JSONText {
        let (name, regex): (String, JSONText) =
            switch condition {
            case .hostHeader(let values):
                (":authority", Self.regex(values.expressions(any: "[^:]")) { "(?i)\($0)(:[0-9]+)?" })
            case .pathPattern(let values): (":path", Self.regex(values.expressions(any: "[^?]")) { "\($0)([?].*)?" })
            // Lines of one name are joined by commas before they are looked at.
            case .httpHeader(let name, let values):
                (name, Self.regex(values.expressions()) { "(?i)(.*,)?\($0)(,.*)?" })
            case .httpRequestMethod(let methods): (":method", Self.regex(methods.map { Wildcards.literal($0) }))
            case .queryString(let values):
                (":path", Self.regex(values.map { Self.query($0) }) { "(?i)[^?]*[?](.*&)?\($0)(&.*)?" })
            case .sourceIP: throw Inexpressible("Envoy's routes do not see addresses")
            }
        return .object([("name", .string(name)), ("string_match", .object([("safe_regex", regex)]))])
    }

    private static func query(_ value: RuleCondition.QueryStringValue) -> String {
        let key = value.key.map { Wildcards.expression($0, any: "[^&=]") } ?? "[^&=]*"
        return "\(key)=\(Wildcards.expression(value.value, any: "[^&]"))"
    }

    private static func action(
        _ action: RuleAction,
        _ listener: Listener,
        _ configuration: SubjectConfiguration
    ) throws(Inexpressible) -> [(String, JSONText)] {
        switch action {
        case .fixedResponse(let fixed):
            let response = JSONText.object([
                ("status", .number(fixed.statusCode)),
                ("body", .object([("inline_string", .string(fixed.messageBody ?? ""))])),
            ])
            let type = Self.header("Content-Type", fixed.contentType ?? "text/plain")
            return [("direct_response", response), ("response_headers_to_add", .array([type]))]
        case .redirect(let redirect): return [("redirect", try Self.redirect(redirect, listener))]
        case .forward(let forward):
            let (groups, _) = try forward.shares()
            // The whole answer may take as long as it likes; silence may not.
            var route: [(String, JSONText)] = [
                ("timeout", "0s"), ("idle_timeout", Self.seconds(milliseconds: configuration.idleMilliseconds)),
            ]
            if groups.count == 1 {
                route.append(("cluster", .string(try configuration.name(groups[0].targetGroup))))
            } else {
                var clusters: [JSONText] = []
                for group in groups {
                    let name = JSONText.string(try configuration.name(group.targetGroup))
                    clusters.append(.object([("name", name), ("weight", .number(group.weight))]))
                }
                route.append(("weighted_clusters", .object([("clusters", .array(clusters))])))
            }
            return [("route", .object(route))]
        case .authenticateOIDC, .authenticateCognito, .jwtValidation:
            throw Inexpressible("actions that ask who sent a request are not exported")
        }
    }

    /// Parts that are not named stay the request's. Keywords inside a part have no counterpart.
    private static func redirect(_ redirect: RedirectAction, _ listener: Listener) throws(Inexpressible) -> JSONText {
        let parts = [
            ("protocol", redirect.protocol), ("host", redirect.host), ("port", redirect.port), ("path", redirect.path),
            ("query", redirect.query),
        ]
        var members: [(String, JSONText)] = [
            ("response_code", redirect.statusCode == .found ? "FOUND" : "MOVED_PERMANENTLY")
        ]
        for case (let name, let value?) in parts where value != (name == "path" ? "/#{path}" : "#{\(name)}") {
            guard !value.contains("#{") else { throw Inexpressible("Envoy's redirects have no keywords: \(value)") }
            switch name {
            case "protocol": members.append(("scheme_redirect", .string(value.lowercased())))
            case "host": members.append(("host_redirect", .string(value)))
            case "port":
                guard let port = Int(value) else {
                    throw Inexpressible("a redirect's port is a number for Envoy: \(value)")
                }
                members.append(("port_redirect", .number(port)))
            case "path": members.append(("path_redirect", .string(value)))
            default: throw Inexpressible("Envoy's redirects cannot set a query")
            }
        }
        // With another host it forgets the port.
        if redirect.host != nil, redirect.port == nil, redirect.protocol == nil {
            members.append(("port_redirect", .number(Int(listener.port.rawValue))))
        }
        return .object(members)
    }
}
