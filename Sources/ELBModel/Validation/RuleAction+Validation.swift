extension Validator {
    /// Judges a list of actions in the order they run: exactly one routing action, the last one (ALB-RULE-014), on HTTPS
    /// listeners at most one other before it (ALB-RULE-016), and each by itself.
    mutating func validate(actions: [RuleAction], _ property: String, listenerProtocol: Listener.Proto) {
        guard let last = actions.last else {
            self.report(.validationError, "An action must be given", at: property)
            return
        }
        if !last.isRouting {
            self.report(
                .invalidLoadBalancerAction,
                "The last action must be a forward, redirect or fixed-response action, not \(last.type)",
                at: "\(property)[\(actions.count - 1)]"
            )
        }
        for (index, action) in actions.enumerated().dropLast() where action.isRouting {
            self.report(
                .invalidLoadBalancerAction,
                "There can be only one forward, redirect or fixed-response action, and it must be the last",
                at: "\(property)[\(index + 1)]"
            )
        }
        let questions = actions.indices.filter { !actions[$0].isRouting }
        if questions.count > 1 {
            self.report(
                .invalidLoadBalancerAction,
                "There can be only one authenticate-oidc, authenticate-cognito or jwt-validation action",
                at: "\(property)[\(questions[1])]"
            )
        }
        self.each(property, actions) { validator, action in
            if !action.isRouting, listenerProtocol != .https {
                validator.report(
                    .invalidLoadBalancerAction,
                    "An action of type \(action.type) is possible on HTTPS listeners only",
                    at: "Type"
                )
            }
            if listenerProtocol.kind == .network, action.isRouting { validator.requireForward(action) }
            switch action {
            case .authenticateOIDC(let oidc):
                validator.at("AuthenticateOidcConfig") { oidc.validate(&$0) }
            case .authenticateCognito(let cognito):
                validator.at("AuthenticateCognitoConfig") { cognito.validate(&$0) }
            case .jwtValidation(let validation):
                validator.at("JwtValidationConfig") { validation.validate(&$0) }
            case .forward(let forward):
                validator.at("ForwardConfig") { forward.validate(&$0, listenerProtocol: listenerProtocol) }
            case .redirect(let redirect):
                validator.at("RedirectConfig") { redirect.validate(&$0, listenerProtocol: listenerProtocol) }
            case .fixedResponse(let response):
                validator.at("FixedResponseConfig") { response.validate(&$0) }
            }
        }
    }
}

extension RuleAction {
    /// ALB-RULE-015.
    package static let orders = 1...50_000

    /// The actions in ascending `Order` (ALB-RULE-015). One alone needs no order; of several each needs its own.
    ///
    /// - Parameter entries: the actions as listed, with the order that each states.
    /// - Throws: what AWS would refuse, at `[index].Order`.
    package static func sequence(_ entries: [(action: RuleAction, order: Int?)]) throws(ModelError) -> [RuleAction] {
        var seen: Set<Int> = []
        for (index, entry) in entries.enumerated() {
            guard let order = entry.order else {
                if entries.count == 1 { continue }
                throw ModelError(
                    .validationError,
                    "Each of several actions must have an Order",
                    at: "[\(index)].Order"
                )
            }
            guard Self.orders.contains(order) else {
                throw ModelError(
                    .validationError,
                    "Order must be between \(Self.orders.lowerBound) and \(Self.orders.upperBound), not \(order)",
                    at: "[\(index)].Order"
                )
            }
            guard seen.insert(order).inserted else {
                throw ModelError(.validationError, "Two actions have the Order \(order)", at: "[\(index)].Order")
            }
        }
        return entries.sorted { ($0.order ?? 0) < ($1.order ?? 0) }.map(\.action)
    }
}

extension ForwardAction {
    /// Groups per action (ALB-FWD-002).
    package static let mostTargetGroups = 5
    /// ALB-FWD-003.
    package static let weights = 0...999

    func validate(_ validator: inout Validator, listenerProtocol: Listener.Proto) {
        if self.targetGroups.isEmpty {
            validator.report(.validationError, "A forward action must name a target group", at: "TargetGroups")
        }
        if self.targetGroups.count > Self.mostTargetGroups {
            validator.report(
                .tooManyUniqueTargetGroupsPerLoadBalancer,
                "A forward action can name at most \(Self.mostTargetGroups) target groups",
                at: "TargetGroups"
            )
        }
        validator.each("TargetGroups", self.targetGroups) { $0.require($1.weight, in: Self.weights, "Weight") }
        var seen: Set<TargetGroupID> = []
        for (index, entry) in self.targetGroups.enumerated() where !seen.insert(entry.targetGroup).inserted {
            validator.report(
                .validationError,
                "The target group '\(entry.targetGroup)' is named twice",
                at: "TargetGroups[\(index)].TargetGroupArn"
            )
        }
        switch listenerProtocol.kind {
        case .network: self.stickiness.validateNetwork(&validator, listenerProtocol: listenerProtocol)
        case .application, .gateway, .classic: self.stickiness.validate(&validator)
        }
    }
}

extension ForwardAction.Stickiness {
    /// ALB-FWD-010.
    package static let durations = 1...604_800

    fileprivate func validate(_ validator: inout Validator) {
        validator.at("TargetGroupStickinessConfig") { validator in
            if let seconds = self.durationSeconds {
                validator.require(seconds, in: Self.durations, "DurationSeconds", unit: "seconds")
            } else if self.isEnabled {
                validator.report(
                    .validationError,
                    "DurationSeconds must be given when target group stickiness is enabled",
                    at: "DurationSeconds"
                )
            }
        }
    }
}

extension RedirectAction {
    /// The placeholders each part may use (ALB-RDR-007).
    private static let protocolPlaceholders: Set = ["protocol"]
    private static let hostPlaceholders: Set = ["host"]
    private static let portPlaceholders: Set = ["port"]
    private static let pathPlaceholders: Set = ["host", "port", "path"]
    private static let queryPlaceholders: Set = ["protocol", "host", "port", "path", "query"]

    func validate(_ validator: inout Validator, listenerProtocol: Listener.Proto) {
        self.validateProtocol(&validator, listenerProtocol: listenerProtocol)
        if let host = self.host {
            validator.require(length: 1...128, of: host, what: "A redirect's host", at: "Host")
            Self.require(Self.hostPlaceholders, in: host, "Host", &validator)
        }
        if let port = self.port { Self.validate(port: port, &validator) }
        if let path = self.path {
            validator.require(length: 1...128, of: path, what: "A redirect's path", at: "Path")
            if !path.hasPrefix("/") {
                validator.report(.validationError, "A redirect's path must start with '/'", at: "Path")
            }
            Self.require(Self.pathPlaceholders, in: path, "Path", &validator)
        }
        if let query = self.query {
            validator.require(length: 0...128, of: query, what: "A redirect's query", at: "Query")
            Self.require(Self.queryPlaceholders, in: query, "Query", &validator)
        }
        self.validateLoop(&validator)
    }

    /// ALB-RDR-004, -005.
    private func validateProtocol(_ validator: inout Validator, listenerProtocol: Listener.Proto) {
        guard let scheme = self.protocol else { return }
        guard ["HTTP", "HTTPS", "#{protocol}"].contains(scheme) else {
            validator.report(
                .validationError,
                "A redirect's protocol must be HTTP, HTTPS or #{protocol}, not '\(scheme)'",
                at: "Protocol"
            )
            return
        }
        if listenerProtocol == .https, scheme == "HTTP" {
            validator.report(.invalidLoadBalancerAction, "HTTPS cannot be redirected to HTTP", at: "Protocol")
        }
    }

    /// ALB-RDR-006.
    private static func validate(port: String, _ validator: inout Validator) {
        guard port != "#{port}" else { return }
        let isNumber = !port.isEmpty && port.utf8.allSatisfy(ByteSet.digits.contains)
        guard isNumber, let number = Int(port), Port(number) != nil else {
            validator.report(
                .validationError,
                "A redirect's port must be from 1 to 65535 or #{port}, not '\(port)'",
                at: "Port"
            )
            return
        }
    }

    /// A Location that is the request's own URL, or differs in the query only, would be followed for ever
    /// (ALB-RDR-003).
    private func validateLoop(_ validator: inout Validator) {
        let keepsAll =
            [nil, "#{protocol}"].contains(self.protocol) && [nil, "#{host}"].contains(self.host)
            && [nil, "#{port}"].contains(self.port) && [nil, "/#{path}"].contains(self.path)
        guard keepsAll else { return }
        validator.report(
            .invalidLoadBalancerAction,
            "The redirect would loop: it must change the protocol, host, port or path"
        )
    }

    /// Control characters and spaces would end the header line or the URL; other bytes pass as written (ALB-RDR-011).
    private static func require(
        _ allowed: Set<String>,
        in template: String,
        _ property: String,
        _ validator: inout Validator
    ) {
        validator.require(characters: { $0 > 0x20 && $0 < 0x7f }, of: template, what: "A redirect", at: property)
        for part in template.split(separator: "#{", omittingEmptySubsequences: false).dropFirst() {
            guard let end = part.firstIndex(of: "}") else {
                validator.report(.validationError, "The placeholder '#{\(part)' has no '}'", at: property)
                continue
            }
            let name = String(part[..<end])
            guard !allowed.contains(name) else { continue }
            validator.report(
                .validationError,
                "The placeholder '#{\(name)}' cannot be used in a redirect's \(property.lowercased())",
                at: property
            )
        }
    }
}

extension FixedResponseAction {
    /// ALB-FIX-003.
    package static let contentTypes = [
        "text/plain", "text/css", "text/html", "application/javascript", "application/json",
    ]

    func validate(_ validator: inout Validator) {
        if ![2, 4, 5].contains(self.statusCode / 100) || !(100...599).contains(self.statusCode) {
            validator.report(
                .validationError,
                "A fixed response's status code must be 2xx, 4xx or 5xx, not \(self.statusCode)",
                at: "StatusCode"
            )
        }
        if let type = self.contentType, !Self.contentTypes.contains(type) {
            let allowed = Self.contentTypes.joined(separator: ", ")
            validator.report(
                .invalidLoadBalancerAction,
                "A fixed response's content type must be one of \(allowed), not '\(type)'",
                at: "ContentType"
            )
        }
        if let body = self.messageBody {
            validator.require(length: 0...1024, of: body, what: "A fixed response's body", at: "MessageBody")
        }
    }
}
