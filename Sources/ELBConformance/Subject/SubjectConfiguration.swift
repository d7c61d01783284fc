package import ELBModel

/// What a subject is told: one load balancer, its target groups, and the clock. Written by the suite in its own way, so
/// that a mistake in the balancer's reader cannot hide in a shared writer. Form: docs/subject-contract.md.
package struct SubjectConfiguration: Hashable, Sendable {
    package var loadBalancer: LoadBalancer
    package var targetGroups: [TargetGroup]
    /// With it the subject is a Classic Load Balancer, and nothing else counts but the clock.
    package var classic: ClassicLoadBalancer?
    /// One second of any setting lasts 1/timeScale of a second.
    package var timeScale: Int
    package var seed: UInt64
    /// Where the subject answers names; `nil` answers none.
    package var nameServer: Endpoint?
    /// Records of hosted zones that the name server answers besides.
    package var recordSets: [RecordSet] = []

    package init(loadBalancer: LoadBalancer, targetGroups: [TargetGroup], timeScale: Int = 50, seed: UInt64 = 1) {
        self.loadBalancer = loadBalancer
        self.targetGroups = targetGroups
        self.timeScale = timeScale
        self.seed = seed
    }

    /// The file's text. Quirks are not part of it: they are the reference balancer's own, given on its command line.
    package var text: String { self.json.text }

    var json: JSONText {
        if let classic { return .object(self.classicMembers(classic)) }
        let balancer = self.loadBalancer
        let certificates = Self.certificates(of: balancer.listeners)
        var members: [(String, JSONText)] = [
            ("Schema", "elblab/lb-config/v1"),
            ("Type", .string(balancer.kind.rawValue)),
            ("Name", .string(balancer.name.rawValue)),
            ("DNSName", .string(balancer.dnsName)),
            ("Scheme", .string(balancer.scheme.rawValue)),
            ("TimeScale", .number(self.timeScale)),
            ("Seed", .number(Int(clamping: self.seed))),
            ("LoadBalancerAttributes", Self.keyValues(balancer.attributeSettings)),
            ("Nodes", .array(balancer.nodes.map(\.json))),
            ("Listeners", .array(balancer.listeners.map(\.json))),
            ("TargetGroups", .array(self.targetGroups.map(\.json))),
        ]
        let trustStores = Self.trustStores(of: balancer.listeners)
        if !trustStores.isEmpty { members.append(("TrustStores", .array(trustStores.map(\.json)))) }
        if !certificates.isEmpty { members.append(("Certificates", .array(certificates.map(\.json)))) }
        for (key, filter) in [("Ingress", balancer.ingress), ("Egress", balancer.egress)] {
            if let filter { members.append((key, .array(filter.texts.map { .string($0) }))) }
        }
        if let shifted = balancer.shiftedZone { members.append(("ShiftedZone", .string(shifted.name))) }
        if let providers = balancer.providerNetwork.json { members.append(("IdentityProviders", providers)) }
        members += self.nameMembers
        return .object(members)
    }

    static func keyValues(_ settings: [(String, String)]) -> JSONText {
        .array(settings.map { .object([("Key", .string($0)), ("Value", .string($1))]) })
    }
}

extension LoadBalancer {
    fileprivate var attributeSettings: [(String, String)] {
        switch self.kind {
        case .network:
            [("load_balancing.cross_zone.enabled", "\(self.attributes.crossZoneEnabled)")]
                + (self.attributes.clientRoutingPolicy == .anyAvailabilityZone
                    ? [] : [("dns_record.client_routing_policy", self.attributes.clientRoutingPolicy.rawValue)])
                + (self.attributes.zonalShiftEnabled ? [("zonal_shift.config.enabled", "true")] : [])
        case .application, .gateway, .classic: self.attributes.settings
        }
    }
}

extension LoadBalancerAttributes {
    fileprivate var settings: [(String, String)] {
        [
            ("idle_timeout.timeout_seconds", "\(self.idleTimeoutSeconds)"),
            ("routing.http2.enabled", "\(self.http2Enabled)"),
            ("client_keep_alive.seconds", "\(self.clientKeepAliveSeconds)"),
            ("routing.http.xff_header_processing.mode", self.xffHeaderProcessingMode.rawValue),
            ("routing.http.xff_client_port.enabled", "\(self.xffClientPortEnabled)"),
            ("routing.http.preserve_host_header.enabled", "\(self.preserveHostHeaderEnabled)"),
            ("routing.http.drop_invalid_header_fields.enabled", "\(self.dropInvalidHeaderFieldsEnabled)"),
            ("routing.http.desync_mitigation_mode", self.desyncMitigationMode.rawValue),
        ]
            + (self.tlsVersionAndCipherSuiteEnabled
                ? [("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "true")] : [])
            + (self.zonalShiftEnabled ? [("zonal_shift.config.enabled", "true")] : [])
    }
}

extension TargetGroupAttributes {
    fileprivate var settings: [(String, String)] {
        let minimum = "target_group_health.unhealthy_state_routing.minimum_healthy_targets"
        let usual = [
            ("deregistration_delay.timeout_seconds", "\(self.deregistrationDelaySeconds)"),
            ("load_balancing.algorithm.type", self.algorithm.rawValue),
            ("load_balancing.cross_zone.enabled", self.crossZone.rawValue),
            ("\(minimum).count", "\(self.routingMinimumHealthyCount)"),
            ("\(minimum).percentage", self.routingMinimumHealthyPercentage.map { "\($0)" } ?? "off"),
        ]
        return usual + self.settingsInUse
    }

    /// What most checks leave at AWS's default is not mentioned then, so that simple subjects need not know it.
    private var settingsInUse: [(String, String)] {
        let normal = TargetGroupAttributes()
        let minimum = "target_group_health.dns_failover.minimum_healthy_targets"
        var settings: [(String, String)] = []
        if self.anomalyMitigation { settings.append(("load_balancing.algorithm.anomaly_mitigation", "on")) }
        if self.slowStartSeconds != 0 { settings.append(("slow_start.duration_seconds", "\(self.slowStartSeconds)")) }
        if self.dnsMinimumHealthyCount != normal.dnsMinimumHealthyCount {
            settings.append(("\(minimum).count", self.dnsMinimumHealthyCount.map { "\($0)" } ?? "off"))
        }
        if let percentage = self.dnsMinimumHealthyPercentage {
            settings.append(("\(minimum).percentage", "\(percentage)"))
        }
        guard self.stickiness.isEnabled else { return settings }
        settings += [("stickiness.enabled", "true"), ("stickiness.type", self.stickiness.type.rawValue)]
        switch self.stickiness.type {
        case .loadBalancerCookie:
            settings.append(("stickiness.lb_cookie.duration_seconds", "\(self.stickiness.loadBalancerCookieSeconds)"))
        case .applicationCookie:
            settings += [
                ("stickiness.app_cookie.cookie_name", self.stickiness.applicationCookieName),
                ("stickiness.app_cookie.duration_seconds", "\(self.stickiness.applicationCookieSeconds)"),
            ]
        }
        return settings
    }
}

extension LoadBalancer.Node {
    fileprivate var json: JSONText {
        .object([("AvailabilityZone", .string(self.zone.name)), ("Address", .string("\(self.address)"))])
    }
}

extension Listener {
    fileprivate var json: JSONText {
        var members: [(String, JSONText)] = [
            ("Port", .number(Int(self.port.rawValue))),
            ("Protocol", .string(self.protocol.rawValue)),
            ("DefaultActions", .array(self.defaultActions.inOrder)),
            ("Rules", .array(self.rules.map(\.json))),
        ]
        let settings = self.attributes.settings
        if let tls = self.tls { members += tls.members }
        if !settings.isEmpty {
            members.append(("ListenerAttributes", SubjectConfiguration.keyValues(settings.map { ($0.key, $0.value) })))
        }
        return .object(members)
    }
}

extension ListenerRule {
    fileprivate var json: JSONText {
        var members: [(String, JSONText)] = [
            ("Priority", .number(self.priority)),
            ("Conditions", .array(self.conditions.map(\.json))),
            ("Actions", .array(self.actions.inOrder)),
        ]
        if !self.transforms.isEmpty { members.append(("Transforms", .array(self.transforms.map(\.json)))) }
        return .object(members)
    }
}

extension RuleTransform {
    fileprivate var json: JSONText {
        let name =
            switch self.kind {
            case .hostHeaderRewrite: "HostHeaderRewriteConfig"
            case .urlRewrite: "UrlRewriteConfig"
            }
        let rewrites = self.rewrites.map {
            JSONText.object([("Regex", .string($0.regex)), ("Replace", .string($0.replace))])
        }
        return .object([("Type", .string(self.kind.rawValue)), (name, .object([("Rewrites", .array(rewrites))]))])
    }
}

extension RuleCondition {
    fileprivate var json: JSONText {
        let (name, members): (String, [(String, JSONText)]) =
            switch self {
            case .hostHeader(let values): ("HostHeaderConfig", [values.member])
            case .pathPattern(let values): ("PathPatternConfig", [values.member])
            case .httpHeader(let name, let values):
                ("HttpHeaderConfig", [("HttpHeaderName", .string(name)), values.member])
            case .httpRequestMethod(let methods):
                ("HttpRequestMethodConfig", [("Values", .array(methods.map { .string($0) }))])
            case .queryString(let values): ("QueryStringConfig", [("Values", .array(values.map(\.json)))])
            case .sourceIP(let blocks):
                ("SourceIpConfig", [("Values", .array(blocks.map { .string("\($0)") }))])
            }
        return .object([("Field", .string(self.field)), (name, .object(members))])
    }
}

extension RuleCondition.MatchValues {
    fileprivate var member: (String, JSONText) {
        switch self {
        case .patterns(let values): ("Values", .array(values.map { .string($0) }))
        case .regexes(let values): ("RegexValues", .array(values.map { .string($0) }))
        }
    }
}

extension RuleCondition.QueryStringValue {
    fileprivate var json: JSONText {
        .object((self.key.map { [("Key", .string($0))] } ?? []) + [("Value", .string(self.value))])
    }
}

extension [RuleAction] {
    /// Several actions state their order, one alone needs none (ALB-RULE-015).
    fileprivate var inOrder: [JSONText] {
        guard self.count > 1 else { return self.map { .object($0.members) } }
        return self.enumerated().map { .object($1.members + [("Order", .number($0 + 1))]) }
    }
}

extension RuleAction {
    fileprivate var members: [(String, JSONText)] {
        let (name, members): (String, [(String, JSONText)]) =
            switch self {
            case .authenticateOIDC(let action): ("AuthenticateOidcConfig", action.members)
            case .authenticateCognito(let action): ("AuthenticateCognitoConfig", action.members)
            case .jwtValidation(let action): ("JwtValidationConfig", action.members)
            case .forward(let action): ("ForwardConfig", action.members)
            case .redirect(let action): ("RedirectConfig", action.members)
            case .fixedResponse(let action): ("FixedResponseConfig", action.members)
            }
        return [("Type", .string(self.type)), (name, .object(members))]
    }
}

extension ForwardAction {
    fileprivate var members: [(String, JSONText)] {
        let groups = self.targetGroups.map { group in
            JSONText.object([
                ("TargetGroupArn", .string(group.targetGroup.rawValue)), ("Weight", .number(group.weight)),
            ])
        }
        guard self.stickiness.isEnabled else { return [("TargetGroups", .array(groups))] }
        let seconds = self.stickiness.durationSeconds.map { [("DurationSeconds", JSONText.number($0))] } ?? []
        let stickiness = JSONText.object([("Enabled", .boolean(true))] + seconds)
        return [("TargetGroups", .array(groups)), ("TargetGroupStickinessConfig", stickiness)]
    }
}

extension RedirectAction {
    fileprivate var members: [(String, JSONText)] {
        let parts = [
            ("Protocol", self.protocol), ("Host", self.host), ("Port", self.port), ("Path", self.path),
            ("Query", self.query), ("StatusCode", self.statusCode.rawValue),
        ]
        return parts.compactMap { name, value in value.map { (name, .string($0)) } }
    }
}

extension FixedResponseAction {
    fileprivate var members: [(String, JSONText)] {
        let parts = [
            ("StatusCode", String(self.statusCode)), ("ContentType", self.contentType),
            ("MessageBody", self.messageBody),
        ]
        return parts.compactMap { name, value in value.map { (name, .string($0)) } }
    }
}

extension TargetGroup {
    fileprivate var json: JSONText {
        switch self.targetType {
        case .lambda: self.functionJSON
        case .instance, .ip, .alb: self.kind == .network ? self.networkJSON : self.serverJSON
        }
    }

    /// Functions have no protocol and no port, and few attributes.
    private var functionJSON: JSONText {
        let check = self.healthCheck
        let isMultiValue = self.attributes.lambdaMultiValueHeadersEnabled
        return .object([
            ("Name", .string(self.name.rawValue)),
            ("TargetType", .string(self.targetType.rawValue)),
            ("HealthCheckEnabled", .string("\(check.isEnabled)")),
            ("HealthCheckPath", .string(check.path)),
            ("HealthCheckIntervalSeconds", .number(check.intervalSeconds)),
            ("HealthCheckTimeoutSeconds", .number(check.timeoutSeconds)),
            ("HealthyThresholdCount", .number(check.healthyThresholdCount)),
            ("UnhealthyThresholdCount", .number(check.unhealthyThresholdCount)),
            ("Matcher", .object([("HttpCode", .string("\(check.matcher)"))])),
            (
                "TargetGroupAttributes",
                SubjectConfiguration.keyValues([("lambda.multi_value_headers.enabled", "\(isMultiValue)")])
            ),
            ("Targets", .array(self.targets.map(\.json))),
        ])
    }

    private var serverJSON: JSONText {
        let check = self.healthCheck
        let probePort =
            switch check.port {
            case .trafficPort: "traffic-port"
            case .fixed(let port): "\(port)"
            }
        return .object([
            ("Name", .string(self.name.rawValue)),
            ("Protocol", .string(self.protocol.rawValue)),
            ("ProtocolVersion", .string(self.protocolVersion.rawValue)),
            ("Port", .number(Int(self.port.rawValue))),
            ("TargetType", .string(self.targetType.rawValue)),
            ("HealthCheckProtocol", .string(check.protocol.rawValue)),
            ("HealthCheckPort", .string(probePort)),
            ("HealthCheckPath", .string(check.path)),
            ("HealthCheckIntervalSeconds", .number(check.intervalSeconds)),
            ("HealthCheckTimeoutSeconds", .number(check.timeoutSeconds)),
            ("HealthyThresholdCount", .number(check.healthyThresholdCount)),
            ("UnhealthyThresholdCount", .number(check.unhealthyThresholdCount)),
            ("Matcher", self.matcher),
            ("TargetGroupAttributes", SubjectConfiguration.keyValues(self.attributes.settings)),
            ("Targets", .array(self.targets.map(\.json))),
        ])
    }
}

extension TargetGroup {
    fileprivate var matcher: JSONText {
        switch self.protocolVersion {
        case .http1, .http2: .object([("HttpCode", .string("\(self.healthCheck.matcher)"))])
        case .grpc: .object([("GrpcCode", .string("\(self.healthCheck.grpcMatcher)"))])
        }
    }
}

extension Target {
    var json: JSONText {
        var members: [(String, JSONText)] = [
            ("Id", .string(self.id.rawValue)), ("Port", .number(Int(self.endpoint.port.rawValue))),
            ("AvailabilityZone", .string(self.zone?.name ?? "all")),
        ]
        let address = "\(self.endpoint.address)"
        if address != self.id.rawValue { members.append(("Address", .string(address))) }
        return .object(members)
    }
}
