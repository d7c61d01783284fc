package import ELBModel

/// One thing that a balancer does, and how to find out. A check is a script, read from top to bottom: these backends, this
/// configuration, this client, these expectations.
package struct Check: Sendable {
    /// Stable and unique: `routing.path.case-sensitive`. The first part is its chapter.
    package let id: String
    /// The rule in one sentence.
    package let rule: String
    /// Rows of the behaviour catalogue that it judges.
    package let rows: [String]
    package let level: CheckLevel
    /// What a subject may decline: `alb.rules.path-pattern`.
    package let feature: String
    /// Other features without which a subject cannot be judged by this check.
    package let furtherFeatures: [String]
    /// The AWS page where the rule is written.
    package let reference: String
    /// Deviations that it must notice.
    package let kills: [Quirk]
    /// Checks without which this one says nothing.
    package let needs: [String]
    /// Where to look when it fails; never the answer.
    package let lookAt: String
    package let setting: Setting
    /// Builds the scene, calls `Scene.start` once, and throws what it finds against the subject.
    package let body: @Sendable (Scene) async throws -> Void

    package init(
        _ id: String,
        _ rule: String,
        rows: [String],
        level: CheckLevel = .core,
        feature: String,
        with furtherFeatures: [String] = [],
        reference: Reference,
        kills: [Quirk],
        needs: [String] = [],
        lookAt: String,
        setting: Setting = .init(),
        body: @Sendable @escaping (Scene) async throws -> Void
    ) {
        self.id = id
        self.rule = rule
        self.rows = rows
        self.level = level
        self.feature = feature
        self.furtherFeatures = furtherFeatures
        self.reference = reference.url
        self.kills = kills
        self.needs = needs
        self.lookAt = lookAt
        self.setting = setting
        self.body = body
    }
}

/// What a check needs of the load balancer as a whole. Checks with equal settings can share one subject.
package struct Setting: Hashable, Sendable {
    package var kind: LoadBalancer.Kind
    package var attributes: LoadBalancerAttributes
    /// One node in each.
    package var zones: [AvailabilityZone]
    /// The zone that traffic is shifted away from.
    package var shiftedZone: AvailabilityZone?
    /// What is asked of the subject's name server; `nil` needs none.
    package var names: Naming?
    /// Whether the check changes the configuration while the subject runs.
    package var reloads: Bool
    /// Whether the check's verdict rests on probes arriving in time, so that heavy traffic stays away from its subject.
    package var isTimed: Bool
    /// Whether the check has a listener that verifies its clients, of which a load balancer can have two (ALB-TLS-026).
    package var verifiesClients: Bool

    package init(
        kind: LoadBalancer.Kind = .application,
        zones: [AvailabilityZone] = [.a],
        shiftedZone: AvailabilityZone? = nil,
        names: Naming? = nil,
        reloads: Bool = false,
        isTimed: Bool = false,
        verifiesClients: Bool = false,
        attributes configure: (inout LoadBalancerAttributes) -> Void = { _ in }
    ) {
        self.attributes = LoadBalancerAttributes()
        // Twenty seconds of real time at scale 50: when the machine stalls, our own limit comes first and says so.
        self.attributes.idleTimeoutSeconds = 1000
        configure(&self.attributes)
        self.kind = kind
        self.zones = zones
        self.shiftedZone = shiftedZone
        self.names = names
        self.attributes.zonalShiftEnabled = shiftedZone != nil
        self.reloads = reloads
        self.isTimed = isTimed
        self.verifiesClients = verifiesClients
    }

    /// How many checks with this setting share a load balancer at most: few enough for AWS's quotas, which are 50 listeners and 100
    /// rules, but only 2 listeners that verify clients. What a name stands for depends on everybody's targets.
    package var checksPerSubject: Int {
        if self.kind == .classic || (self.names != nil && (self.isTimed || self.kind == .network)) { return 1 }
        return self.verifiesClients ? 2 : 14
    }

    /// A Classic Load Balancer in one zone. It has one health check and one set of instances, so no two checks share one.
    package static func classic(isTimed: Bool = false) -> Self {
        Self(kind: .classic, isTimed: isTimed)
    }
}

/// Pages of AWS's guide that checks cite.
package enum Reference: String, Sendable {
    case conditions = "rule-condition-types"
    case rules = "listener-rules"
    case ruleActions = "rule-action-types"
    case listeners = "load-balancer-listeners"
    case forwardedHeaders = "x-forwarded-headers"
    case tracing = "load-balancer-request-tracing"
    case attributes = "edit-load-balancer-attributes"
    case loadBalancers = "application-load-balancers"
    case troubleshooting = "load-balancer-troubleshooting"
    case targetGroups = "load-balancer-target-groups"
    case targetGroupAttributes = "edit-target-group-attributes"
    case healthChecks = "target-group-health-checks"
    case howItWorks = "how-elastic-load-balancing-works"
    case lambda = "lambda-functions"
    case accessLogs = "load-balancer-access-logs"
    case authentication = "listener-authenticate-users"
    case tokens = "listener-verify-jwt"
    case transforms = "rule-transforms"
    case headerModification = "header-modification"
    case zonalShift = "zonal-shift"
    case certificates = "https-listener-certificates"
    case policies = "describe-ssl-policies"
    case mutualAuthentication = "mutual-authentication"
    // Of another guide, which stands in front.
    case networkIntroduction = "network/introduction"
    case networkLoadBalancers = "network/network-load-balancers"
    case networkTargetGroupAttributes = "network/edit-target-group-attributes"
    case networkApplicationTarget = "network/application-load-balancer-target"
    case networkHealthChecks = "network/target-group-health-checks"
    case networkMetrics = "network/load-balancer-cloudwatch-metrics"
    case networkListeners = "network/load-balancer-listeners"

    // Of Route 53.
    case aliases =
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html"

    case classicListeners = "classic/elb-listener-config"
    case classicForwardedHeaders = "classic/x-forwarded-headers"
    case classicErrors = "classic/ts-elb-error-message"
    case classicStickiness = "classic/elb-sticky-sessions"
    case classicHealthChecks = "classic/elb-healthchecks"
    case classicDesync = "classic/config-desync-mitigation-mode"
    case classicProxyProtocol = "classic/enable-proxy-protocol"

    package var url: String {
        if self.rawValue.hasPrefix("https://") { return self.rawValue }
        if self.rawValue.hasPrefix("network/") || self.rawValue.hasPrefix("classic/") {
            return "https://docs.aws.amazon.com/elasticloadbalancing/latest/\(self.rawValue).html"
        }
        let guide = self == .howItWorks ? "userguide" : "application"
        return "https://docs.aws.amazon.com/elasticloadbalancing/latest/\(guide)/\(self.rawValue).html"
    }
}
