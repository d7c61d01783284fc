import ELBModel

// Most quirks are a change of the configuration before it is compiled, so that the data path needs to know nothing of
// them. Rules leave here in the order they are tested.

extension LoadBalancer {
    /// The load balancer with its rules sorted by priority and with the quirks that are rewritings worked in.
    func rewrittenByQuirks() -> LoadBalancer {
        var copy = self
        if self.quirks.contains(.xffModeIgnored) { copy.attributes.xffHeaderProcessingMode = .append }
        if self.quirks.contains(.hostPreservedAlways) { copy.attributes.preserveHostHeaderEnabled = true }
        if self.quirks.contains(.hostPreserveIgnored) { copy.attributes.preserveHostHeaderEnabled = false }
        if self.quirks.contains(.xffClientPortIgnored) { copy.attributes.xffClientPortEnabled = false }
        if self.quirks.contains(.tlsHeadersMissing) { copy.attributes.tlsVersionAndCipherSuiteEnabled = false }
        if self.quirks.contains(.desyncOff) { copy.attributes.desyncMitigationMode = .monitor }
        copy.listeners = self.listeners.map { $0.rewritten(by: self.quirks) }
        return copy
    }
}

extension Listener {
    fileprivate func rewritten(by quirks: Set<Quirk>) -> Listener {
        var copy = self
        copy.rules.sort { $0.priority < $1.priority }
        if quirks.contains(.mtlsIgnoreExpiryIgnored) {
            copy.tls?.mutualAuthentication.ignoreClientCertificateExpiry = false
        }
        if quirks.contains(.tlsHeaderRenameIgnored) { copy.attributes.requestHeaderNames = [:] }
        if quirks.contains(.rulesPriorityReversed) { copy.rules.reverse() }
        if quirks.contains(.rulesDefaultFirst) { copy.rules = [] }
        copy.rules = copy.rules.map { $0.rewritten(by: quirks) }
        copy.defaultActions = copy.defaultActions.map { $0.rewritten(by: quirks) }
        if quirks.contains(.headerInsertionIgnored) { copy.attributes.responseHeaders = [:] }
        if quirks.contains(.serverHeaderKept) { copy.attributes.serverHeaderEnabled = true }
        if quirks.contains(.preflightAnswered), self.attributes.responseHeaders[.accessControlAllowOrigin] != nil {
            let preflight = FixedResponseAction(statusCode: 200)
            copy.rules.insert(
                ListenerRule(
                    priority: 1,
                    conditions: [.httpRequestMethod(["OPTIONS"])],
                    actions: [.fixedResponse(preflight)]
                ),
                at: 0
            )
        }
        return copy
    }
}

extension ListenerRule {
    fileprivate func rewritten(by quirks: Set<Quirk>) -> ListenerRule {
        var copy = self
        copy.conditions = self.conditions.compactMap { $0.rewritten(by: quirks) }
        copy.actions = self.actions.map { $0.rewritten(by: quirks) }
        if quirks.contains(.transformIgnored) { copy.transforms = [] }
        if quirks.contains(.transformHostIgnored) { copy.transforms.removeAll { $0.kind == .hostHeaderRewrite } }
        return copy
    }
}

extension RuleCondition {
    /// `nil` if the quirk drops the condition.
    fileprivate func rewritten(by quirks: Set<Quirk>) -> RuleCondition? {
        var condition = quirks.contains(.rulesOnlyFirstValue) ? self.withFirstValueOnly : self
        if quirks.contains(.rulesWildcardsLiteral) { condition = condition.mappingPatterns { $0.escapingWildcards } }
        if quirks.contains(.rulesEscapeIgnored) { condition = condition.mappingPatterns { $0.filter { $0 != "\\" } } }
        switch condition {
        case .httpRequestMethod where quirks.contains(.rulesMethodIgnored):
            return nil
        case .pathPattern(.patterns(let patterns)) where quirks.contains(.rulesPathPrefix):
            return .pathPattern(.patterns(patterns.map { $0 + "*" }))
        case .hostHeader, .pathPattern, .httpHeader, .httpRequestMethod, .queryString, .sourceIP:
            return condition
        }
    }

    private var withFirstValueOnly: RuleCondition {
        switch self {
        case .hostHeader(let values): .hostHeader(values.first)
        case .pathPattern(let values): .pathPattern(values.first)
        case .httpHeader(let name, let values): .httpHeader(name: name, values.first)
        case .httpRequestMethod(let methods): .httpRequestMethod(Array(methods.prefix(1)))
        case .queryString(let values): .queryString(Array(values.prefix(1)))
        case .sourceIP(let blocks): .sourceIP(Array(blocks.prefix(1)))
        }
    }
}

extension RuleCondition {
    fileprivate func mappingPatterns(_ transform: (String) -> String) -> RuleCondition {
        switch self {
        case .hostHeader(let values): .hostHeader(values.mapping(transform))
        case .pathPattern(let values): .pathPattern(values.mapping(transform))
        case .httpHeader(let name, let values): .httpHeader(name: name, values.mapping(transform))
        case .queryString(let values):
            .queryString(values.map { .init(key: $0.key.map(transform), value: transform($0.value)) })
        case .httpRequestMethod, .sourceIP: self
        }
    }
}

extension String {
    /// Every `*` and `?` stands for itself.
    fileprivate var escapingWildcards: String {
        self.reduce(into: "") { text, character in
            if character == "*" || character == "?" { text.append("\\") }
            text.append(character)
        }
    }
}

extension RuleCondition.MatchValues {
    fileprivate func mapping(_ transform: (String) -> String) -> Self {
        switch self {
        case .patterns(let texts): .patterns(texts.map(transform))
        case .regexes: self
        }
    }

    fileprivate var first: Self {
        switch self {
        case .patterns(let texts): .patterns(Array(texts.prefix(1)))
        case .regexes(let texts): .regexes(Array(texts.prefix(1)))
        }
    }
}

extension RuleAction {
    fileprivate func rewritten(by quirks: Set<Quirk>) -> RuleAction {
        switch self {
        case .authenticateOIDC, .authenticateCognito, .jwtValidation:
            return self
        case .forward(var forward):
            for index in forward.targetGroups.indices {
                let weight = forward.targetGroups[index].weight
                if quirks.contains(.weightsEqual), weight > 0 { forward.targetGroups[index].weight = 1 }
                if quirks.contains(.weightsZeroCounts), weight == 0 { forward.targetGroups[index].weight = 1 }
            }
            if quirks.contains(.stickyGroupIgnored) { forward.stickiness = .off }
            return .forward(forward)
        case .redirect(var redirect):
            if quirks.contains(.redirectDropsQuery) { redirect.query = "" }
            if quirks.contains(.redirectKeepsPath) { redirect.path = nil }
            if quirks.contains(.redirectHostIgnored) { redirect.host = nil }
            if quirks.contains(.redirectPortIgnored) { redirect.port = nil }
            if quirks.contains(.redirectStatusSwapped) {
                redirect.statusCode = redirect.statusCode == .found ? .movedPermanently : .found
            }
            return .redirect(redirect)
        case .fixedResponse(var response):
            if quirks.contains(.fixedResponseBodyDropped) { response.messageBody = nil }
            if quirks.contains(.fixedResponseContentTypeDropped) { response.contentType = nil }
            if quirks.contains(.fixedResponseStatus200) { response.statusCode = 200 }
            return .fixedResponse(response)
        }
    }
}

extension TargetGroup {
    /// The group with the quirks that are rewritings of its settings worked in.
    func rewritten(by quirks: Set<Quirk>) -> TargetGroup {
        var copy = self
        if quirks.contains(.healthMatcherAnyResponse) { copy.healthCheck.matcher = StatusMatcher(ranges: [100...999]) }
        if quirks.contains(.healthMatcherIgnored) { copy.healthCheck.matcher = .ok }
        if quirks.contains(.healthRedirectFollowed) {
            copy.healthCheck.matcher = StatusMatcher(ranges: copy.healthCheck.matcher.ranges + [300...399])
        }
        if quirks.contains(.healthMatcherIgnored) { copy.healthCheck.grpcMatcher = .unimplemented }
        if quirks.contains(.protocolVersionIgnored) { copy.protocolVersion = .http1 }
        if quirks.contains(.healthPathIgnored) { copy.healthCheck.path = "/" }
        if quirks.contains(.healthPortIgnored) { copy.healthCheck.port = .trafficPort }
        let shift =
            (quirks.contains(.healthThresholdPlusOne) ? 1 : 0) - (quirks.contains(.healthThresholdMinusOne) ? 1 : 0)
        copy.healthCheck.healthyThresholdCount = max(1, copy.healthCheck.healthyThresholdCount + shift)
        copy.healthCheck.unhealthyThresholdCount = max(1, copy.healthCheck.unhealthyThresholdCount + shift)
        if quirks.contains(.lambdaMultiValueIgnored) { copy.attributes.lambdaMultiValueHeadersEnabled = false }
        if quirks.contains(.deregisterDelayEndless) { copy.attributes.deregistrationDelaySeconds = 3600 }
        if quirks.contains(.deregisterDelayIgnored) { copy.attributes.deregistrationDelaySeconds = 0 }
        if quirks.contains(.leastOutstandingIgnored), copy.attributes.algorithm == .leastOutstandingRequests {
            copy.attributes.algorithm = .roundRobin
        }
        if quirks.contains(.weightedRandomIsRoundRobin), copy.attributes.algorithm == .weightedRandom {
            copy.attributes.algorithm = .roundRobin
        }
        if quirks.contains(.anomalyIgnored) { copy.attributes.anomalyMitigation = false }
        if quirks.contains(.slowStartIgnored) { copy.attributes.slowStartSeconds = 0 }
        if quirks.contains(.crossZoneIgnored) { copy.attributes.crossZone = .on }
        if quirks.contains(.stickyIgnored) { copy.attributes.stickiness.isEnabled = false }
        if quirks.contains(.stickyDurationIgnored) {
            copy.attributes.stickiness.loadBalancerCookieSeconds = 604_800
            copy.attributes.stickiness.applicationCookieSeconds = 604_800
        }
        return copy
    }
}

extension RuleTable.Deviations {
    /// The quirks that change how texts are compared.
    init(_ quirks: Set<Quirk>) {
        self = []
        let table: [(Quirk, Self)] = [
            (.rulesOrInsteadOfAnd, .anyConditionSuffices), (.rulesHostCaseSensitive, .hostCaseSensitive),
            (.rulesHostPortCompared, .hostPortCompared), (.rulesMethodCaseInsensitive, .methodCaseInsensitive),
            (.rulesPathCaseInsensitive, .pathCaseInsensitive), (.rulesPathWithQuery, .pathWithQuery),
            (.rulesQueryCaseSensitive, .queryCaseSensitive), (.rulesQueryKeyIgnored, .queryKeyIgnored),
            (.rulesSourceIPFromXFF, .sourceIPFromXFF), (.rulesHeaderFirstInstanceOnly, .headerFirstInstanceOnly),
            (.rulesHeaderCaseSensitive, .headerCaseSensitive), (.rulesStarStopsAtSlash, .starStopsAtSlash),
            (.rulesQuestionMarkOptional, .questionMarkOptional),
        ]
        for (quirk, deviation) in table where quirks.contains(quirk) { self.insert(deviation) }
    }
}
