internal import ELBModel

// What all engines need of a configuration, in their terms: real time, regular expressions, and a fixed order of rules.

extension SubjectConfiguration {
    /// So many seconds of the configuration in milliseconds of real time; never none.
    func milliseconds(_ seconds: Int) -> Int { max(1, seconds * 1000 / max(1, self.timeScale)) }

    /// How long a connection to a target may take to come about: 10 s, and no setting.
    var connectMilliseconds: Int { self.milliseconds(10) }

    var idleMilliseconds: Int { self.milliseconds(self.loadBalancer.attributes.idleTimeoutSeconds) }

    /// How old a client's connection may become.
    var clientKeepAliveMilliseconds: Int { self.milliseconds(self.loadBalancer.attributes.clientKeepAliveSeconds) }

    func group(_ id: TargetGroupID) throws(Inexpressible) -> TargetGroup {
        guard let group = self.targetGroups.first(where: { $0.id == id }) else {
            throw Inexpressible("no group is called \(id)")
        }
        return group
    }

    /// What an engine calls the group: ARNs have characters that are not for names.
    func name(_ id: TargetGroupID) throws(Inexpressible) -> String { try self.group(id).name.rawValue }

    /// Refuses what no adapter has: other kinds of load balancers, and targets that are no HTTP/1.1 servers.
    /// What there are words for beyond that is the caller's to say.
    func requireHTTP(orHTTPS writesTLS: Bool = false, bindsClients: Bool = false) throws(Inexpressible) {
        guard self.classic == nil, self.loadBalancer.kind == .application else {
            throw Inexpressible("only Application Load Balancers can be exported")
        }
        for listener in self.loadBalancer.listeners {
            guard listener.protocol == .http || writesTLS else {
                throw Inexpressible("HTTPS listeners are not exported")
            }
            guard listener.tls?.mutualAuthentication.mode ?? .off == .off else {
                throw Inexpressible("certificates of clients are not exported")
            }
            guard listener.attributes.settings.isEmpty else {
                throw Inexpressible("listener attributes are not exported")
            }
            for rule in listener.rules where !rule.transforms.isEmpty {
                throw Inexpressible("transforms are not exported (rule \(rule.priority) on port \(listener.port))")
            }
        }
        for group in self.targetGroups { try group.requireHTTP(orHTTPS: writesTLS, bindsClients: bindsClients) }
    }
}

extension TargetGroup {
    /// Whether every engine has words for it.
    var isPlainHTTP: Bool { (try? self.requireHTTP(orHTTPS: false, bindsClients: false)) != nil }

    fileprivate func requireHTTP(orHTTPS writesTLS: Bool, bindsClients: Bool) throws(Inexpressible) {
        guard self.targetType != .lambda else {
            throw Inexpressible("Lambda functions are not exported (\(self.name))")
        }
        guard self.protocol == .http || writesTLS, self.protocolVersion == .http1 else {
            throw Inexpressible(
                "targets of \(self.protocol.rawValue) and \(self.protocolVersion.rawValue) are not exported"
            )
        }
        guard !self.attributes.stickiness.isEnabled || bindsClients else {
            throw Inexpressible("stickiness is not exported: its cookies are not like AWS's (\(self.name))")
        }
        guard !self.attributes.stickiness.isEnabled || self.attributes.stickiness.type == .loadBalancerCookie else {
            throw Inexpressible("stickiness by an application's cookie is not exported (\(self.name))")
        }
    }
}

extension Listener {
    /// Rules as they are tested, and the default action last, which has no conditions.
    func cases() throws(Inexpressible) -> [ListenerCase] {
        var cases: [ListenerCase] = []
        for rule in self.rules.sorted(by: { $0.priority < $1.priority }) {
            cases.append(ListenerCase(conditions: rule.conditions, action: try Self.routing(rule.actions)))
        }
        return cases + [ListenerCase(conditions: [], action: try Self.routing(self.defaultActions))]
    }

    private static func routing(_ actions: [RuleAction]) throws(Inexpressible) -> RuleAction {
        guard actions.count == 1, let action = actions.first, action.isRouting else {
            throw Inexpressible("actions that ask who sent a request are not exported")
        }
        return action
    }
}

/// Conditions, all of which must hold, and what is done then.
struct ListenerCase {
    var conditions: [RuleCondition]
    var action: RuleAction
}

extension RuleCondition.MatchValues {
    /// Regular expressions without anchors, each for a whole text.
    ///
    /// - Parameter any: what stands for one character of any kind, such as `[^?]` where a query may follow.
    func expressions(any: String = ".") -> [String] {
        switch self {
        case .patterns(let patterns): patterns.map { Wildcards.expression($0, any: any) }
        case .regexes(let expressions): expressions
        }
    }
}

/// AWS's wildcards as regular expressions of the kind that everybody has.
enum Wildcards {
    static func expression(_ pattern: String, any: String) -> String {
        var expression = ""
        var isEscaped = false
        for character in pattern {
            if isEscaped {
                expression += Self.literal(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                expression += character == "*" ? any + "*" : character == "?" ? any : Self.literal(character)
            }
        }
        return expression
    }

    static func literal(_ text: String) -> String { text.map { Self.literal($0) }.joined() }

    private static func literal(_ character: Character) -> String {
        // A class needs no backslash, which every one of these files has its own rules for.
        if "^\\".contains(character) { return "\\\(character)" }
        return ".[]()|+*?${}".contains(character) ? "[\(character)]" : String(character)
    }

    /// One key and value of a query string, wherever it stands there.
    static func query(_ value: RuleCondition.QueryStringValue) -> String {
        let key = value.key.map { Self.expression($0, any: "[^&=]") } ?? "[^&=]*"
        return "(^|&)\(key)=\(Self.expression(value.value, any: "[^&]"))(&|$)"
    }
}

extension ForwardAction {
    /// Groups that get a share, and how much of it, in parts of the sum.
    func shares() throws(Inexpressible) -> (groups: [WeightedTargetGroup], sum: Int) {
        guard !self.stickiness.isEnabled else { throw Inexpressible("stickiness of target groups is not exported") }
        let groups = self.targetGroups.count == 1 ? self.targetGroups : self.targetGroups.filter { $0.weight > 0 }
        guard !groups.isEmpty else {
            throw Inexpressible("a forward whose groups all have the weight 0 is not exported")
        }
        return (groups, groups.reduce(0) { $0 + $1.weight })
    }
}

extension RedirectAction {
    /// The address as a text of which some parts are the request's.
    ///
    /// - Parameter part: how the engine writes a part of the request.
    func location(listener: Listener, part: (RequestPart) -> String) -> String {
        func expand(_ text: String) -> String {
            var rest = text[...]
            var result = ""
            while let start = rest.firstRange(of: "#{"), let end = rest[start.upperBound...].firstIndex(of: "}") {
                result += rest[..<start.lowerBound]
                let name = String(rest[start.upperBound..<end])
                result += RequestPart(rawValue: name).map { self.known($0, listener) ?? part($0) } ?? "#{\(name)}"
                rest = rest[rest.index(after: end)...]
            }
            return result + rest
        }
        let scheme = expand((self.protocol ?? "#{protocol}").lowercased())
        let port = expand(self.port ?? "#{port}")
        let standard = scheme == "https" ? "443" : "80"
        let query =
            switch self.query ?? "#{query}" {
            case "": ""
            // A request without a query gets no question mark.
            case "#{query}": part(.queryWithMark)
            case let template: "?\(expand(template))"
            }
        return scheme + "://" + expand(self.host ?? "#{host}") + (port == standard ? "" : ":\(port)")
            + expand(self.path ?? "/#{path}") + query
    }

    private func known(_ part: RequestPart, _ listener: Listener) -> String? {
        switch part {
        case .protocol: listener.protocol == .https ? "https" : "http"
        case .port: "\(listener.port)"
        case .host, .path, .query, .queryWithMark: nil
        }
    }

    /// Parts of a request that a redirect can keep; the raw values are AWS's keywords.
    enum RequestPart: String {
        case `protocol`
        case host
        case port
        /// Without its leading slash.
        case path
        case query
        /// Not AWS's: the query with a question mark before it, or nothing.
        case queryWithMark
    }
}

extension Endpoint {
    /// `127.50.1.4:80`, or with brackets.
    var hostAndPort: String { "\(self)" }
}

extension HealthCheckSettings.ProbePort {
    var number: Port? {
        switch self {
        case .trafficPort: nil
        case .fixed(let port): port
        }
    }
}
